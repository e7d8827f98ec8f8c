#!/bin/sh
# SPDX-License-Identifier: MIT
# aliases.sh DIR PAGE...: let every name in a page's NAME section lead to the page.
set -eu
dir=$1
shift
for page; do
	file=$(basename "$page")
	sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([a-z_]*\).*/\1/p' "$page" |
	while read -r name; do
		[ "$name.3" = "$file" ] || echo ".so man3/$file" >"$dir/$name.3"
	done
done
