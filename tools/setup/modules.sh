# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# trn.ko, out of tree against headers, and in tree in the debug kernel.

. "$(dirname "${BASH_SOURCE[0]}")/linux.sh"

# compiler_of KDIR: a module wants the compiler of its kernel.
compiler_of() {
	if grep -qs '^CONFIG_CC_IS_CLANG=y' "$1/include/config/auto.conf"; then echo LLVM=1; fi
}

# out_of_tree KDIR: build/modules/RELEASE/trn.ko. The build works in a copy: nothing
# appears in the source folders.
out_of_tree() {
	local kdir=$1 release out changed compiler
	release=$(cat "$kdir/include/config/kernel.release" 2>/dev/null) ||
		die "KDIR=$kdir is not the build folder of a configured kernel"
	out=$BUILD/modules/$release
	mkdir -p "$out/source"
	lock "$out/lock"
	changed=$(rsync -rlpci --delete --exclude='*.o' --exclude='.*.cmd' --exclude='*.ko' \
		--exclude='*.mod*' --exclude='Module.symvers' --exclude='modules.order' --exclude='.*.d' \
		"$TOP/Kbuild" "$TOP/driver" "$TOP/uapi" "$out/source/")
	if [ -z "$changed" ] && [ -e "$out/trn.ko" ] &&
		[ "$(cat "$out/kdir" 2>/dev/null)" = "$(realpath "$kdir")" ]; then
		unlock
		return
	fi
	rm -f "$out/trn.ko"
	say "building trn.ko for Linux $release"
	mapfile -t compiler < <(compiler_of "$kdir")
	make -s -C "$kdir" M="$out/source" -j"$(jobs_number)" "${compiler[@]}" modules
	cp "$(find "$out/source" -name trn.ko)" "$out/trn.ko.new"
	mv "$out/trn.ko.new" "$out/trn.ko"
	realpath "$kdir" >"$out/kdir"
	unlock
}

# The driver in the place it would have upstream, checked by all of the kernel's
# own rules for that place.
in_tree() {
	local source debug release
	source=$(readlink "$BUILD/deps/linux")
	debug=$(readlink "$BUILD/deps/debug")
	release=$(cat "$debug/release")
	mkdir -p "$BUILD/modules/$release"
	lock "$CACHE/linux-tree.lock"
	rsync -rLc --delete "$TOP/driver/" "$source/drivers/accel/trn/"
	rsync -c "$TOP"/uapi/drm/trn_*.h "$source/include/uapi/drm/"
	make -s -C "$source" O="$debug/tree" -j"$(jobs_number)" modules
	cp "$debug/tree/drivers/accel/trn/trn.ko" "$BUILD/modules/$release/trn.ko"
	unlock
}

setup_module_stock() {
	if [ -n "${KDIR:-}" ]; then
		out_of_tree "$KDIR"
		return
	fi
	setup_stock
	out_of_tree "$(readlink "$BUILD/deps/stock")/headers"
}

setup_module_debug() {
	setup_debug
	in_tree
}
