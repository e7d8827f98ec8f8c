# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The source of Linux 6.12, with a place for the driver in it, and the debug kernel
# that is built from it.

. "$(dirname "${BASH_SOURCE[0]}")/stock.sh"

DEBUG_CONFIG=$TOP/tools/vm/debug.config
SOURCE_PACKAGE=linux-source-$SERIES

hook_driver() {
	local accel=$1/drivers/accel
	mkdir -p "$accel/trn"
	: >"$accel/trn/Kconfig"
	: >"$accel/trn/Makefile"
	grep -q '^source "drivers/accel/trn/' "$accel/Kconfig" ||
		sed -i '0,/^source "drivers\/accel/s//source "drivers\/accel\/trn\/Kconfig"\n&/' "$accel/Kconfig"
	grep -q '+= trn/' "$accel/Makefile" ||
		printf '%s\t\t+= %s\n' "obj-\$(CONFIG_DRM_ACCEL_TRN)" trn/ >>"$accel/Makefile"
}

build_linux() {
	local log=$2 suite
	private_apt
	suite=$(stock_suite)
	fetch "$suite" "$SOURCE_PACKAGE"
	say "unpacking the source of Linux $SERIES"
	logged "$log" "unpacking $SOURCE_PACKAGE" unpack ./*.deb unpacked
	logged "$log" "unpacking the source" tar --strip-components=1 -xf \
		"unpacked/usr/src/$SOURCE_PACKAGE.tar.xz"
	rm -r unpacked ./*.deb
	hook_driver .
}

setup_linux() {
	artefact linux "$(key "SOURCE_PACKAGE build_linux hook_driver")" 4 build_linux
}

# check_config CONFIG: every line of the fragment must have survived.
check_config() {
	local lost
	lost=$(grep '=[ym]$' "$DEBUG_CONFIG" | grep -vxFf "$1" || true)
	[ -z "$lost" ] || die "the kernel's configuration dropped: ${lost//$'\n'/, }"
}

# This text is part of the key: the debug kernel is built anew when a line of it changes.
# Descriptor 7 is the lock of the source tree, which in_tree() takes, too.
build_debug() {
	local folder=$1 log=$2 source
	source=$(readlink "$BUILD/deps/linux")
	exec 7>"$CACHE/linux-tree.lock"
	flock 7
	: >"$source/drivers/accel/trn/Makefile"
	cp "$TOP/driver/Kconfig" "$source/drivers/accel/trn/Kconfig"
	say "configuring the debug kernel"
	logged "$log" "configuring the debug kernel" make -C "$source" O="$folder/tree" tinyconfig
	(cd "$source" && logged "$log" "configuring the debug kernel" \
		scripts/kconfig/merge_config.sh -m -O "$folder/tree" "$folder/tree/.config" "$DEBUG_CONFIG")
	logged "$log" "configuring the debug kernel" make -C "$source" O="$folder/tree" olddefconfig
	check_config "$folder/tree/.config"
	say "building the debug kernel: about six minutes on two cores"
	logged "$log" "building the debug kernel" \
		make -C "$source" O="$folder/tree" -j"$(jobs_number)" bzImage modules
	make -s -C "$source" O="$folder/tree" kernelrelease >release
	logged "$log" "installing the debug kernel's modules" \
		make -C "$source" O="$folder/tree" modules_install INSTALL_MOD_PATH="$folder/installed"
	rm -rf modules
	mv "installed/lib/modules/$(cat release)" modules
	rm -rf installed modules/build
	cp tree/arch/x86/boot/bzImage image
	cp tree/.config config
	flock -u 7
}

setup_debug() {
	setup_linux
	artefact debug "$(key "build_debug" "$DEBUG_CONFIG" "$TOP/driver/Kconfig")" 3 build_debug
}
