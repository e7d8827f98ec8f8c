#!/bin/sh
# SPDX-License-Identifier: MIT
# announce.sh DESTDIR LIBDIR SONAME: what was installed is made known to the loader and
# to udev, or the user is told how. In a DESTDIR both are the packager's business.
set -eu
destdir=$1
libdir=$2
soname=$3

[ -z "$destdir" ] || exit 0
if [ "$(id -u)" != 0 ]; then
	echo "The loader and udev learn of this by 'ldconfig' and 'udevadm control --reload', as" \
		"root; without them LD_LIBRARY_PATH=$libdir runs programs."
	exit 0
fi
# Their folders are not those of all users' paths.
PATH=$PATH:/usr/sbin:/sbin
"$LDCONFIG"
"$LDCONFIG" -p | grep -qF "$libdir/$soname" ||
	echo "The loader does not look into $libdir: name it in a file of /etc/ld.so.conf.d and" \
		"run 'ldconfig', or set LD_LIBRARY_PATH."
# A container has no udev that runs, which is no failure.
if [ -e /run/udev/control ] && command -v "$UDEVADM" >/dev/null; then
	"$UDEVADM" control --reload
	"$UDEVADM" trigger --subsystem-match=accel
fi
