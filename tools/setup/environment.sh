# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A script takes these variables over from its caller's environment, and no others.
# The rest would change the build (KBUILD_OUTPUT, ARCH, CFLAGS,
# CC, MAKEFLAGS), how tools behave (TAR_OPTIONS, GIT_DIR, PYTHONPATH, LD_PRELOAD) or
# where "cd" goes (CDPATH). Scripts that read this start with "bash -p", which takes no
# functions and no startup file from the environment.

keep_environment() {
	local name
	while read -r name; do
		case $name in
		HOME | USER | LOGNAME | TERM | TMPDIR | XDG_CACHE_HOME | XDG_RUNTIME_DIR) ;;
		TRN_* | QEMU | QEMU_SRC | KDIR | KERNEL) ;;
		# To reach the mirror, and to become root.
		*_proxy | *_PROXY | APT_CONFIG | SUDO_ASKPASS | DISPLAY) ;;
		*) unset -v "$name" 2>/dev/null || true ;;
		esac
	done < <(compgen -e)
	# The tools of Debian's packages, not others earlier in the path.
	PATH=/usr/sbin:/usr/bin:/sbin:/bin
	# cron and services may have none.
	[ -n "${HOME:-}" ] || HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
	export HOME PATH LC_ALL=C.UTF-8
	# Other users may read the built files, as those of any package.
	umask 022
}

keep_environment
