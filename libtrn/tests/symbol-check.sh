#!/bin/sh
# SPDX-License-Identifier: MIT
# symbol-check.sh LIBRARY: what the library exports, what the map lists, what the headers
# declare and what the man pages describe are the same functions. Run in libtrn/.
set -eu
library=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C

nm -D --defined-only "$library" | sed -n 's/.* T \([a-z_0-9]*\).*/\1/p' | sort >"$tmp/exported"
sed -n 's/^[[:space:]]*\(trn_[a-z_0-9]*\);.*/\1/p' libtrn.map | sort >"$tmp/map"
# Comments out, then the names before a parenthesis.
cat include/*.h | gcc -fpreprocessed -dD -E -P - 2>/dev/null |
	grep -o 'trn_[a-z_0-9]*(' | tr -d '(' | sort >"$tmp/header"
sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \(trn_[a-z_0-9]*\).*/\1/p' man/*.3 | sort >"$tmp/pages"

status=0
n=0
echo 1..3
for other in map header pages; do
	n=$((n + 1))
	if diff "$tmp/exported" "$tmp/$other" >"$tmp/diff"; then
		echo "ok $n exported symbols are those of the $other"
	else
		echo "not ok $n exported symbols are those of the $other"
		sed 's/^/# /' "$tmp/diff" >&2
		status=1
	fi
done
exit $status
