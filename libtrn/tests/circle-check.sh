#!/bin/sh
# SPDX-License-Identifier: MIT
# circle-check.sh OBJECT...: the files call each other in one direction only, and so do the
# folders that they are in.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C

# "symbol object" of all definitions, and of all uses.
nm -A -g --defined-only "$@" | awk '{ sub(/:[^:]*$/, "", $1); print $NF, $1 }' | sort >"$tmp/defined"
nm -A -u "$@" | awk '{ sub(/:[^:]*$/, "", $1); print $NF, $1 }' | sort >"$tmp/used"
# "caller callee"
join -o 1.2,2.2 "$tmp/used" "$tmp/defined" | awk '$1 != $2' | sort -u >"$tmp/files"
awk '{ for (i = 1; i <= 2; i++) sub(/\/[^\/]*$/, "", $i) } $1 != $2' "$tmp/files" |
	sort -u >"$tmp/folders"

status=0
n=0
echo 1..2
for kind in files folders; do
	n=$((n + 1))
	if tsort "$tmp/$kind" >/dev/null 2>"$tmp/loops"; then
		echo "ok $n no circle of $kind"
	else
		echo "not ok $n no circle of $kind"
		sed 's/^/# /' "$tmp/loops" >&2
		status=1
	fi
done
exit $status
