# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Headers of the next kernel series that the driver is kept compiling for. Nothing
# else needs them: without them that check is skipped.

. "$(dirname "${BASH_SOURCE[0]}")/stock.sh"

NEXT_SERIES=7.3
NEXT_SUITE=trixie-backports

build_next() {
	local log=$2 headers
	# A root of its own: not every mirror has the suite.
	private_apt_root apt-next "$NEXT_SUITE"
	case $(version "$NEXT_SUITE" linux-headers-amd64) in
	"$NEXT_SERIES".*) ;;
	*) die "$NEXT_SUITE of the mirror has no Linux $NEXT_SERIES" ;;
	esac
	headers=$(depends "$NEXT_SUITE" linux-headers-amd64 '^linux-headers-')
	fetch "$NEXT_SUITE" "$headers" "${headers%-amd64}-common" \
		"$(depends "$NEXT_SUITE" "$headers" '^linux-kbuild-')"
	rm -rf unpacked usr
	for deb in ./*.deb; do
		logged "$log" "unpacking $deb" unpack "$deb" unpacked
	done
	relocate_headers unpacked
	# shellcheck disable=SC2016 # for make
	sed -i 's,^KBUILD_OUTPUT=.*,KBUILD_OUTPUT := $(dir $(abspath $(lastword $(MAKEFILE_LIST)))),' \
		headers/Makefile
	rm -r unpacked ./*.deb
}

setup_next() {
	(artefact next "$(key "NEXT_SERIES NEXT_SUITE build_next relocate_headers")" 1 build_next) && return
	say "there are no headers of Linux $NEXT_SERIES"
	rm -f "$BUILD/deps/next"
}
