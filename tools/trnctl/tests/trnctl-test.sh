#!/bin/bash
# SPDX-License-Identifier: MIT
# trnctl-test.sh TRNCTL FAKE: what trnctl says and how it exits, without a device. FAKE
# is the fake kernel to preload. LD_LIBRARY_PATH leads to libtrn.
set -u

trnctl=$1
fake=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/node"

n=0
failures=0

# check NAME STATUS PATTERN WHERE: the last run ended with STATUS, and PATTERN is in
# what it printed on WHERE (out or err).
check() {
	n=$((n + 1))
	if [ "$status" -eq "$2" ] && grep -qE -- "$3" "$tmp/$4"; then
		echo "ok $n $1"
	else
		echo "not ok $n $1"
		{ echo "# exit status $status, wanted $2 and '$3' on $4"
		  sed 's/^/# out: /' "$tmp/out"; sed 's/^/# err: /' "$tmp/err"; } >&2
		failures=$((failures + 1))
	fi
}

run() {
	"$trnctl" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

# The same with the fake device; MISHAP may be "none".
run_fake() {
	FAKE_TRN=$1 LD_PRELOAD=$fake "$trnctl" "$2" --device "$tmp/node" "${@:3}" \
		>"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

json_is_good() {
	n=$((n + 1))
	if python3 -c "import json, sys; d = json.load(open(sys.argv[1])); assert $2, d" \
		"$tmp/out" 2>"$tmp/err"; then
		echo "ok $n $1"
	else
		echo "not ok $n $1"
		sed 's/^/# /' "$tmp/err" >&2
		failures=$((failures + 1))
	fi
}

usage() {
	run
	check "no command is wrong usage" 2 'a command is missing' err
	run frobnicate
	check "an unknown command is wrong usage" 2 "unknown command 'frobnicate'" err
	run --help
	check "help names the commands" 0 '^  bench ' out
	run --version
	check "version is told" 0 '^trnctl [0-9]+\.[0-9]+$' out
	run copy --help
	check "help of a command names its options" 0 '^  --verify ' out
	run copy --frob
	check "an unknown option is wrong usage" 2 "unknown option '--frob'" err
	run info --size 4K
	check "an option of another command is wrong usage" 2 "unknown option '--size'" err
	run copy --from
	check "a missing value is wrong usage" 2 "'--from' needs a value" err
	run copy
	check "copy without places is wrong usage" 2 'with --from and --to, or with --all' err
	run copy --all --from host --to hbm
	check "copy with places and --all is wrong usage" 2 'with --from and --to, or with --all' err
	run copy --from host
	check "copy with one place is wrong usage" 2 'go together' err
	run copy --all extra
	check "an extra argument is wrong usage" 2 "unexpected argument 'extra'" err
	run bench --mode fast
	check "an unknown mode is wrong usage" 2 "'fast' is not a valid value for --mode" err
	run fill --size 6
	check "fill of half words is wrong usage" 2 'multiple of 4' err
	for size in 0 -1 4X 4KB 1.5G 99999999T '' K; do
		run copy --all --size "$size"
		check "size '$size' is wrong usage" 2 "'$size' is not a valid value" err
	done
	for place in hbm: hbm:x hbm:64 mars ''; do
		run copy --from host --to "$place"
		check "place '$place' is wrong usage" 2 "'$place' is not a valid value" err
	done
}

without_device() {
	run info --device 100000
	check "a missing device is told with what to do" 1 'modprobe trn' err
	run info --device /nowhere
	check "a missing node is told with what to do" 1 'no device /nowhere' err
	run info --device /dev/null
	check "a node of something else is told" 1 'not a node of the trn driver' err
	run list --json
	check "list works without devices" 0 '"devices": \[' out
	json_is_good "list prints JSON" 'isinstance(d["devices"], list)'
	if [ -c /dev/full ]; then
		"$trnctl" --help >/dev/full 2>"$tmp/err"
		status=$?
		check "a full disk is a failure" 1 'cannot write the output' err
	fi
}

with_fake_device() {
	local ways='("host","hbm:0"),("hbm:0","hbm:0"),("hbm:0","hbm:1"),("hbm:0","host"),("host","host")'

	run_fake none info
	check "info tells the chip" 0 'Trainium3, revision 0xff \(software\)' out
	check "info groups the engines" 0 '^  3 +no core +near hbm:1, 16 of 16 queues free' out
	check "info tells what the device offers" 0 '^offers +user-mode queues, inline operations$' out
	run_fake no-user-mode info
	check "info tells of a device with little to offer" 0 '^offers +kernel-mode queues only$' out
	run_fake none info --json
	json_is_good "JSON tells capabilities and limits" \
		'd["capabilities"] == {"user_queues": True, "inline_ops": True, "priorities": False} and d["limits"]["vms"] == 4'
	json_is_good "info prints JSON" \
		'd["serial"] == "123456789abcdef0" and len(d["engines"]) == 4 and d["regions"][1]["free"] == 1 << 29'

	run_fake none copy --all --size 40000001 --json
	json_is_good "copy --all verifies every direction" \
		"[(c['from'], c['to']) for c in d['copies']] == [$ways] and all(c['verified'] for c in d['copies']) and d['ok']"
	run_fake none copy --from host --to hbm:1 --size 1M
	check "a copy that is not looked at is not called verified" 0 '1 MiB +[0-9.]+ MB/s$' out
	run_fake none copy --from hbm:1 --to host --size 4097 --random --verify --engine 2 --queue-size 128
	check "a copy in one direction is verified" 0 'hbm:1 +-> host .* verified$' out
	for mode in user kernel; do
		run_fake none copy --all --size 3145731 --mode $mode --json
		json_is_good "copy is verified in $mode mode" \
			"d['mode'] == '$mode' and len(d['copies']) == 5 and d['ok']"
		run_fake none fill --size 12K --verify --mode $mode --json
		json_is_good "fill is verified in $mode mode" "d['mode'] == '$mode' and d['verified']"
	done
	run_fake no-user-mode copy --all --size 4K --json
	json_is_good "a device without user-mode queues copies too" "d['mode'] == 'kernel' and d['ok']"
	run_fake no-user-mode copy --all --mode user
	check "a device without user-mode queues is told" 1 'no user-mode queues: use --mode kernel' err
	run_fake corrupt copy --from host --to hbm --size 131075 --verify --mode user
	check "one wrong bit at the end of a descriptor is found" 1 'wrong data at byte 65528 of 131075' err
	run_fake corrupt copy --from host --to hbm --size 131075 --verify --mode kernel
	check "one wrong bit at the end is found" 1 'wrong data at byte 131072 of 131075' err
	run_fake corrupt copy --all --size 4K --json
	check "wrong data fails --all" 1 'wrong data' err
	json_is_good "JSON tells of a failure" 'd["ok"] is False and d["copies"] == []'

	run_fake none fill --to hbm:1 --size 17M --pattern 0xdeadbeef --verify
	check "a fill is verified" 0 '0xdeadbeef -> hbm:1 .* verified$' out
	run_fake corrupt fill --size 64K --verify --mode kernel
	check "a wrong fill is found" 1 'instead of 0xa5a5a5a5 at byte 65532' err
	run_fake none bench --size 64K --runs 3 --depth 2 --json
	json_is_good "bench prints JSON" \
		'len(d["results"]) == 3 and all(r["copies_per_second_min"] <= r["copies_per_second"] <= r["copies_per_second_max"] for r in d["results"])'
	run_fake none bench --from host --to hbm --runs 1
	check "bench prints a line for every size" 0 '^64 MiB ' out

	run_fake none copy --from host --to hbm:9
	check "a missing stack is told" 1 'no HBM stack 9' err
	run_fake none copy --from host --to host --size 900T
	check "more memory than the host has is told" 1 'host has no 900.* memory free' err
	run_fake no-hbm copy --from host --to hbm
	check "full memory is told with what to do" 1 "hbm:0 has no 64 MiB free: 'trnctl info'" err
	(ulimit -l 64 && run_fake no-pin copy --from host --to hbm; exit "$status")
	status=$?
	check "the limit of locked memory is named" 1 "programs together may lock 64 KiB.*ulimit -l" err
	run_fake no-queue copy --all --engine 1
	check "a busy engine is named" 1 'engine 1 has no free queue' err
	run_fake none copy --all --engine 77
	check "an engine that is not there is told" 1 'no such queue' err
	run_fake fault copy --all
	check "a fault of the device is told" 1 'fault 7 at virtual address 0x1234' err
	run_fake fault copy --all --mode kernel
	check "a fault of the device is told in kernel mode" 1 'fault 7 at chip address 0x1234' err
	for what in "copy --from host --to hbm --verify" "copy --all" "fill --verify"; do
		# shellcheck disable=SC2086 # a command with its options
		run_fake reset-data $what --size 64K
		check "lost contents are told from wrong data: $what" 1 \
			'(copy from host to hbm:0|fill of hbm:0): the device was reset meanwhile' err
	done
	for what in "copy --all" "copy --all --mode kernel" "bench --runs 1"; do
		# shellcheck disable=SC2086 # a command with its options
		run_fake reset-work $what --size 64K
		check "cancelled work is told to be so by a reset: $what" 1 \
			'the device was reset meanwhile' err
	done
	run_fake bus copy --all
	check "memory that is taken away is told" 1 'device was reset or is gone' err
	run_fake other-driver info
	check "another driver is told" 1 'not a node of the trn driver' err
	run_fake no-info info
	check "a failed query is told" 1 'device reported an error' err
}

usage
without_device
with_fake_device
echo "1..$n"
[ "$failures" -eq 0 ]
