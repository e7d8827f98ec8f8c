# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Debian packages: those to install, and those only to download and unpack.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

NETWORK_HELP="check the network and the mirror in /etc/apt; without one, set QEMU=, KERNEL= and KDIR= to your own"
LISTS_MAX_AGE_DAYS=7

codename() {
	# shellcheck source=/dev/null
	. /etc/os-release
	echo "${VERSION_CODENAME:-unknown}"
}

# Suites that may hold a 6.12 kernel and the tools that fit this machine's libc.
kernel_suites() {
	case $(codename) in
	bookworm) echo bookworm-backports trixie ;;
	trixie) echo trixie ;;
	*) die "this is not Debian 12 or 13: set QEMU_SRC= (or QEMU=), KERNEL= and KDIR= to your own" ;;
	esac
}

missing_packages() {
	local wanted
	mapfile -t wanted < <(sed '/^#/d; /^$/d' "$SETUP/packages.list")
	printf '%s\n' "${wanted[@]}" | grep -vxFf <(
		dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null |
			sed -n 's/ installed$//p') || true
}

# Install the packages of packages.list that the machine does not have.
install_packages() {
	local missing sudo=
	command -v dpkg-query >/dev/null ||
		die "this system has no dpkg; the packages to install are those of tools/setup/packages.list, under your system's names"
	mapfile -t missing < <(missing_packages)
	[ "${#missing[@]}" -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null ||
			die "packages are missing and sudo is not there; as root: apt-get install ${missing[*]}"
		sudo=sudo
	fi
	say "installing ${#missing[@]} packages: ${missing[*]}"
	mkdir -p "$CACHE/logs"
	: >"$CACHE/logs/packages.log"
	if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		"${missing[@]}" >>"$CACHE/logs/packages.log" 2>&1; then
		# The machine's lists may be absent, or older than its mirror.
		logged "$CACHE/logs/packages.log" "apt-get update ($NETWORK_HELP)" $sudo apt-get update
		logged "$CACHE/logs/packages.log" "installing packages" \
			$sudo env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y --no-install-recommends "${missing[@]}"
	fi
}

private_apt() {
	local suites=()
	read -ra suites <<<"$(codename) $(kernel_suites) trixie"
	private_apt_root apt "${suites[@]}"
}

# private_apt_root NAME SUITE...: options that make apt use a root of our own; see
# aptroot.py.
private_apt_root() {
	local suites=("${@:2}") options option
	APT_ROOT=$CACHE/$1
	mkdir -p "$APT_ROOT"
	mapfile -t suites < <(printf '%s\n' "${suites[@]}" | sort -u)
	options=$(python3 "$SETUP/aptroot.py" "$APT_ROOT" "$(codename)" "${suites[@]}") ||
		die "cannot find Debian's mirror in apt's sources: $NETWORK_HELP"
	APT_OPTIONS=()
	while IFS= read -r option; do
		APT_OPTIONS+=(-o "$option")
	done <<<"$options"
	if [ -z "$(find "$APT_ROOT/updated" -mtime -$LISTS_MAX_AGE_DAYS 2>/dev/null)" ]; then
		update_private_apt
	fi
}

update_private_apt() {
	say "reading the lists of the mirror"
	mkdir -p "$CACHE/logs"
	logged "$CACHE/logs/apt.log" "reaching the package mirror ($NETWORK_HELP)" \
		apt-get "${APT_OPTIONS[@]}" update
	touch "$APT_ROOT/updated"
}

# in_suite SUITE TOOL ARGS...: apt-get or apt-cache, with that suite preferred.
in_suite() {
	local suite=$1 tool=$2
	shift 2
	"$tool" "${APT_OPTIONS[@]}" -o "APT::Default-Release=$suite" "$@"
}

# fetch SUITE PACKAGE...: download into the current folder.
fetch() {
	local suite=$1
	shift
	say "downloading $* ($suite)"
	in_suite "$suite" apt-get -q download "$@" >>"$CACHE/logs/apt.log" 2>&1 && return
	# Old versions vanish from mirrors: the lists may name one.
	update_private_apt
	logged "$CACHE/logs/apt.log" "downloading $* ($NETWORK_HELP)" \
		in_suite "$suite" apt-get -q download "$@"
}

# version SUITE PACKAGE: the version in that suite, or nothing.
version() {
	in_suite "$1" apt-cache policy "$2" | sed -n 's/^  Candidate: //p'
}

# unpack DEB FOLDER
unpack() {
	dpkg-deb -x "$1" "$2"
}
