# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Files that QEMU loads into the VM, and the guest's user space: SeaBIOS, option ROMs,
# busybox.

. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

build_firmware() {
	local folder=$1 log=$2
	private_apt
	fetch trixie seabios qemu-system-data
	for deb in ./*.deb; do
		logged "$log" "unpacking $deb" unpack "$deb" unpacked
	done
	cp unpacked/usr/share/seabios/bios-256k.bin unpacked/usr/share/qemu/*.bin "$folder"
	rm -r unpacked ./*.deb
}

build_busybox() {
	local log=$2
	private_apt
	fetch "$(codename)" busybox-static
	logged "$log" "unpacking busybox" unpack ./*.deb unpacked
	find unpacked -name busybox -type f -exec mv {} . \;
	rm -r unpacked ./*.deb
	./busybox true || die "busybox does not run"
}

setup_firmware() {
	artefact firmware "$(key build_firmware)" 1 build_firmware
	artefact guest-tools "$(key build_busybox)" 1 build_busybox
}
