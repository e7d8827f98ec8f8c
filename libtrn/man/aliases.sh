#!/bin/sh
# SPDX-License-Identifier: MIT
# aliases.sh make|remove DIR PAGE...: let every name in a page's NAME section lead to
# the page.
set -eu
action=$1
dir=$2
shift 2
# The files are for all users of the machine.
umask 022
for page; do
	file=$(basename "$page")
	sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([a-z_]*\).*/\1/p' "$page" |
	while read -r name; do
		[ "$name.3" != "$file" ] || continue
		rm -f "$dir/$name.3"
		[ "$action" = remove ] || echo ".so man3/$file" >"$dir/$name.3"
	done
done
