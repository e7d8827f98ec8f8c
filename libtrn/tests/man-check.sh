#!/bin/sh
# SPDX-License-Identifier: MIT
# man-check.sh PAGE...: every page is well formed, as mandoc sees it.
set -eu

echo "1..$#"
status=0
n=0
for page; do
	n=$((n + 1))
	name="${page##*/} is well formed"
	if ! command -v mandoc >/dev/null; then
		echo "ok $n $name # SKIP mandoc is not installed"
		continue
	fi
	# What other pages are installed is not the page's fault.
	found=$(mandoc -T lint "$page" 2>/dev/null | grep -v 'referenced manual not found' || true)
	if [ -z "$found" ]; then
		echo "ok $n $name"
	else
		echo "not ok $n $name"
		echo "$found" | sed 's/^/# /' >&2
		status=1
	fi
done
exit $status
