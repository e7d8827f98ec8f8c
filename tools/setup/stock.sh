# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The stock kernel of Debian, series 6.12: image, the few modules that a test
# wants, headers to build trn.ko against. Nothing is installed.

. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

SERIES=6.12
# Folders, under kernel/, whose modules go into the guest.
GUEST_MODULES="drivers/gpu/drm drivers/gpu/drm/scheduler drivers/gpu/drm/vgem drivers/gpu/drm/display"
# Modules that "trn-vm --module" can ask for, with their dependencies.
NAMED_MODULES="nvme virtio-iommu"

# The first suite that has the series.
stock_suite() {
	local suite
	for suite in $(kernel_suites); do
		case $(version "$suite" linux-image-amd64) in
		$SERIES.*)
			echo "$suite"
			return
			;;
		esac
	done
	die "no suite of the mirror has Linux $SERIES: set KERNEL= and KDIR= to your own"
}

# depends SUITE PACKAGE PATTERN: the dependency that matches, by name.
depends() {
	in_suite "$1" apt-cache depends --important "$2" |
		sed -n 's/^[ |]*Depends: //p' | grep -E "$3" | head -n 1
}

# The image of a bzImage without its decompressor: it boots faster (PVH).
extract_vmlinux() {
	local offset
	offset=$(LC_ALL=C grep -aboP '\x28\xb5\x2f\xfd' "$1" | head -n 1 | cut -d: -f1)
	[ -n "$offset" ] || return
	# The compressed kernel is followed by its length, which zstd complains about.
	tail -c "+$((offset + 1))" "$1" | zstd -dcq >"$2" 2>/dev/null || true
	readelf -n "$2" 2>/dev/null | grep -q Xen
}

# relocate_headers FOLDER: let Debian's tree work wherever it lies.
relocate_headers() {
	local flavour
	flavour=$(basename "$1"/usr/src/linux-headers-*-amd64)
	# shellcheck disable=SC2016 # for make
	sed -i 's,^include /usr/src/,include $(dir $(lastword $(MAKEFILE_LIST)))../,' \
		"$1/usr/src/$flavour/Makefile"
	mv "$1/usr" usr
	ln -sfn "usr/src/$flavour" headers
}

# The package's own list of dependencies would be made when it is installed.
named_modules() {
	local source=$1 release=$2 name
	depmod -b "${source%/lib/modules/*}" "$release"
	for name in $NAMED_MODULES; do
		modprobe -d "${source%/lib/modules/*}" -S "$release" --show-depends "$name"
	done | sed -n "s,^insmod .*/$release/\([^ ]*\).*,\1,p" |
		rsync -a --files-from=- "$source" "modules/lib/modules/$release"
}

guest_modules() {
	local source=$1 release=$2 folder
	rm -rf modules
	for folder in $GUEST_MODULES; do
		mkdir -p "modules/lib/modules/$release/kernel/$folder"
		find "$source/kernel/$folder" -maxdepth 1 -name '*.ko*' -exec \
			cp -t "modules/lib/modules/$release/kernel/$folder" {} +
	done
	named_modules "$source" "$release"
	find modules -name '*.ko.xz' -exec xz -d {} +
	cp "$source"/modules.builtin* "$source/modules.order" "modules/lib/modules/$release"
	depmod -b modules "$release"
	mv "modules/lib/modules/$release"/* modules
	rm -r modules/lib
}

build_stock() {
	local log=$2 suite image headers release
	private_apt
	suite=$(stock_suite)
	image=$(depends "$suite" linux-image-amd64 '^linux-image-')
	headers=$(depends "$suite" linux-headers-amd64 '^linux-headers-')
	release=${image#linux-image-}
	fetch "$suite" "$image" "$headers" "$(depends "$suite" "$headers" '^linux-headers-.*-common$')" \
		"$(depends "$suite" "$headers" '^linux-kbuild-')"
	say "unpacking Linux $release"
	rm -rf unpacked usr
	for deb in ./*.deb; do
		logged "$log" "unpacking $deb" unpack "$deb" unpacked
	done
	extract_vmlinux "unpacked/boot/vmlinuz-$release" image || cp "unpacked/boot/vmlinuz-$release" image
	cp "unpacked/boot/config-$release" config
	logged "$log" "choosing the guest's modules" guest_modules "unpacked/lib/modules/$release" "$release"
	relocate_headers unpacked
	echo "$release" >release
	rm -r unpacked ./*.deb
}

setup_stock() {
	artefact stock "$(key "SERIES GUEST_MODULES NAMED_MODULES build_stock extract_vmlinux guest_modules named_modules relocate_headers")" 2 build_stock
}
