#!/bin/sh
# SPDX-License-Identifier: MIT
# announce.sh DESTDIR LIBDIR SONAME installed|removed: tell the loader and udev of files
# that were installed or removed, or tell the user how to. With a DESTDIR this is the
# packager's task.
set -eu
destdir=$1
libdir=$2
soname=$3
event=$4

[ -z "$destdir" ] || exit 0
if [ "$(id -u)" != 0 ]; then
	[ "$event" = installed ] || exit 0
	echo "To let the loader and udev find the new files, run 'ldconfig' and 'udevadm control" \
		"--reload' as root. Without that, LD_LIBRARY_PATH=$libdir runs programs."
	exit 0
fi
# ldconfig and udevadm are not in the PATH of all users.
PATH=$PATH:/usr/sbin:/sbin
"$LDCONFIG"
if [ "$event" = installed ] && ! "$LDCONFIG" -p | grep -qF "$libdir/$soname"; then
	echo "The loader does not search $libdir. Add it to a file of /etc/ld.so.conf.d and run" \
		"'ldconfig', or set LD_LIBRARY_PATH."
fi
# A container has no running udev, which is not a failure.
if [ -e /run/udev/control ] && command -v "$UDEVADM" >/dev/null; then
	"$UDEVADM" control --reload
	"$UDEVADM" trigger --subsystem-match=accel
fi
