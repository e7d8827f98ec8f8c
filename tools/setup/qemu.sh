# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# QEMU with the device: Debian's source package, qemu-device/ laid over it as
# hw/misc/trn, and the patch that names that folder.
#
# The tree is shared by the checkouts of a user, so that a change of the device
# costs seconds; each build copies its result into its own checkout.

. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

PATCH=$TOP/qemu-device/qemu.patch
DEVICE_DIR=hw/misc/trn
MESON=meson/usr/lib/python3/dist-packages

# lay_device TREE: copies only files that changed, so that ninja does not rebuild more.
lay_device() {
	mkdir -p "$1/$DEVICE_DIR"
	rsync -rLc --delete --exclude=/tests --exclude='*.md' "$TOP/qemu-device/" "$1/$DEVICE_DIR/"
}

# patch_tree TREE: hunks that the tree has already are left out. The mend of migration may find
# another QEMU than it knows: the device then refuses to migrate under TCG.
patch_tree() {
	patch -d "$1" -p1 --forward --batch --reject-file=- <"$PATCH" || true
	grep -q "subdir('trn')" "$1/hw/misc/meson.build" ||
		die "qemu-device/qemu.patch does not apply to $1"
}

# configure_qemu SOURCE BUILD [VARIABLE=...]
configure_qemu() {
	mkdir -p "$2"
	cd "$2" && env "${@:3}" "$1/configure" --python=/usr/bin/python3 \
		--target-list=x86_64-softmmu --without-default-features --enable-system \
		--disable-user --enable-tcg --enable-kvm --disable-docs --disable-install-blobs \
		--disable-werror
}

build_qemu_tree() {
	local folder=$1 log=$2
	private_apt
	fetch "$(meson_suite)" meson
	logged "$log" "unpacking meson" unpack ./meson*.deb meson
	say "downloading QEMU's source (trixie)"
	logged "$log" "downloading QEMU's source ($NETWORK_HELP)" \
		apt-get "${APT_OPTIONS[@]}" -q source --download-only qemu/trixie
	rm -rf source
	logged "$log" "unpacking QEMU's source" dpkg-source --no-check -x ./*.dsc source
	rm -f ./*.deb ./*.tar.xz ./*.dsc
	logged "$log" "patching QEMU" patch_tree source
	lay_device source
	say "configuring QEMU"
	logged "$log" "configuring QEMU" configure_qemu "$folder/source" "$folder/build" \
		"PYTHONPATH=$folder/$MESON"
}

# Meson from 1.5 on; Debian 12's own is older.
meson_suite() {
	kernel_suites | cut -d' ' -f1
}

# keep_link_inputs BUILD: what the qtests link, beside the program: the tree changes when
# another checkout builds in it. Its archive only names its members.
keep_link_inputs() {
	local members link=$BUILD/qemu/link
	[ "$1/libqemuutil.a" -nt "$link/libqemuutil.a" ] || return 0
	mkdir -p "$link"
	rm -f "$link/libqemuutil.a.new"
	mapfile -t members < <(ar t "$1/libqemuutil.a")
	(cd "$1" && ar qcs "$link/libqemuutil.a.new" "${members[@]}" &&
		cp libqom.a.p/*.o libevent-loop-base.a.p/*.o "$link") &&
		mv "$link/libqemuutil.a.new" "$link/libqemuutil.a"
}

# compile SOURCE BUILD [PYTHONPATH]: into the checkout's build/qemu.
compile() {
	local log=$CACHE/logs/qemu-compile.log out=$BUILD/qemu/qemu-system-x86_64
	lock "$CACHE/qemu-tree.lock"
	lay_device "$1"
	mkdir -p "$BUILD/qemu" "$CACHE/logs"
	: >"$log"
	[ -e "$2/qemu-system-x86_64" ] || say "building QEMU: about four minutes on two cores"
	if ! PYTHONPATH=${3:-} ninja -C "$2" -j"$(jobs_number)" qemu-system-x86_64 >"$log" 2>&1; then
		grep -E -A12 'FAILED|error:|ERROR' "$log" | head -n 60 >&2
		die "building QEMU failed; the whole log is $log"
	fi
	if ! cmp -s "$2/qemu-system-x86_64" "$out"; then
		cp "$2/qemu-system-x86_64" "$out.new"
		mv "$out.new" "$out"
	fi
	logged "$log" "keeping what the qtests link" keep_link_inputs "$2"
	[ -z "${with_asan:-}" ] ||
		logged "$log" "building the device with AddressSanitizer" \
			"$SETUP/asan.py" "$2" "$BUILD/qemu-asan"
	unlock
	link qemu-source "$1"
	link qemu-build "$2"
}

# QEMU_SRC=: a tree of the user's own gets the device, and is built beside it.
own_tree() {
	local source build=$BUILD/qemu/own-tree
	source=$(cd "$QEMU_SRC" 2>/dev/null && pwd) || die "QEMU_SRC=$QEMU_SRC: there is no such folder"
	[ -x "$source/configure" ] || die "QEMU_SRC=$QEMU_SRC is not a source tree of QEMU"
	mkdir -p "$build"
	logged "$build/setup.log" "patching QEMU" patch_tree "$source"
	lay_device "$source"
	[ -e "$build/build.ninja" ] ||
		(logged "$build/setup.log" "configuring QEMU" configure_qemu "$source" "$build")
	compile "$source" "$build"
}

# In the same go: the tree has this checkout's device only while it is locked.
setup_qemu_asan() {
	local with_asan=1
	[ -z "${QEMU:-}" ] || die "QEMU= has no device to build anew: unset it"
	setup_qemu
}

setup_qemu() {
	local tree
	if [ -n "${QEMU:-}" ]; then
		[ -x "$QEMU" ] || die "QEMU=$QEMU is not a program"
		return 0
	fi
	if [ -n "${QEMU_SRC:-}" ]; then
		own_tree
		return
	fi
	artefact qemu-tree "$(key "build_qemu_tree configure_qemu" "$PATCH")" 3 build_qemu_tree
	tree=$(readlink "$BUILD/deps/qemu-tree")
	compile "$tree/source" "$tree/build" "$tree/$MESON"
}
