#!/bin/sh
# SPDX-License-Identifier: MIT
# barrier-check.sh: in the machine code for several processors the doorbell comes behind
# the fence that orders it, and what is read after a record behind another. Run in libtrn/.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

status=0
n=0
echo 1..3

# The instructions of function $2 in the assembly $1.
body() {
	sed -n "/^$2:/,/^\.Lfunc_end/p" "$1" | sed 's/[#/].*//' | tr -s '\t ' ' '
}

# in_order NAME FILE FUNCTION FIRST SECOND: a line like SECOND comes behind one like FIRST.
in_order() {
	body "$2" "$3" | awk -v first="$4" -v second="$5" '
		$0 ~ first { seen = 1 }
		$0 ~ second && seen { good = 1 }
		END { exit !good }' && return
	echo "# $1: no '$5' behind '$4' in $3" >&2
	return 1
}

# compile TARGET FILE: queue/FILE.c to $tmp/FILE.s
compile() {
	# shellcheck disable=SC2046 # words
	clang "--target=$1-linux-gnu" -fexceptions -O2 -S -o "$tmp/$2.s" -D_GNU_SOURCE -I. -Iinclude \
		-I../uapi $(pkg-config --cflags libdrm) -idirafter "/usr/include/$(cc -print-multiarch)" \
		-idirafter /usr/include "queue/$2.c"
}

# check TARGET STORE-FENCE STORE LOAD LOAD-FENCE
check() {
	n=$((n + 1))
	# The headers of this machine, to which others are 32-bit ones: good enough for order.
	if ! command -v clang >/dev/null || ! clang --print-targets | grep -q "^ *$(echo "$1" | tr _ -) "; then
		echo "ok $n fences_are_right_for_$1 # SKIP no compiler for it"
		return
	fi
	if compile "$1" prep && compile "$1" point &&
		in_order "$1" "$tmp/prep.s" trn_queue_kick "$2" "$3" &&
		in_order "$1" "$tmp/point.s" trn_queue_completed "$4" "$5"; then
		echo "ok $n fences_are_right_for_$1"
	else
		echo "not ok $n fences_are_right_for_$1"
		status=1
	fi
}

check x86_64 sfence 'mov[lq] .*, [0-9]*\(%r' 'mov[lq] [0-9]*\(%r' lfence
check aarch64 'dmb oshst' 'str w' 'ldr x' 'dmb oshld'
check riscv64 'fence ow, ow' 's[wd] ' 'ld ' 'fence ir, iorw'
exit $status
