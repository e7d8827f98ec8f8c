# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Functions that the parts of tools/setup share: the cache, messages, artefacts.
#
# An artefact is a folder of the cache, NAME-KEY, whose key is a hash of all that
# it is made from; build/deps/NAME in the checkout is a link to it. A folder is
# whole once it holds .complete: an interrupted build goes on where it stopped.
# A lock per name keeps two makes from doing the same work. What no make has used
# for a month is removed when something of its name is made anew.

set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$(realpath -ms "${TRN_BUILD:-$TOP/build}")
CACHE=$(realpath -ms "${TRN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trn}")/v1
SETUP=$TOP/tools/setup

say() {
	printf '[%4ds] %s\n' "$SECONDS" "$*" >&2
}

die() {
	printf 'setup: %s\n' "$*" >&2
	exit 1
}

# QEMU's and the kernel's makefiles split paths into words, and some at colons.
no_space_in() {
	case $1 in
	*[[:space:]:]*) die "the path '$1' has a space or a colon, which the builds cannot take: $2" ;;
	esac
}

# jobs_number: how many compilers to run at once.
jobs_number() {
	nproc
}

# key "NAME..." [FILE...]: a short hash of the inputs of an artefact: functions,
# variables and files.
key() {
	local name names=$1
	shift
	{
		for name in $names; do
			declare -f "$name" || printf '%s\n' "${!name}"
		done
		cat /dev/null "$@"
	} | sha256sum | cut -c1-12
}

# lock FILE, unlock: one process at a time works on a tree; one lock at a time is held.
lock() {
	exec {lock_fd}>"$1"
	flock "$lock_fd"
}

unlock() {
	exec {lock_fd}>&-
}

# need_space GIB WHAT: stop early rather than with half an artefact.
need_space() {
	local free
	free=$(df -Pk "$CACHE" | awk 'NR == 2 { print int($4 / 1048576) }')
	[ "$free" -ge "$1" ] ||
		die "$2 needs $1 GiB in $CACHE, which has $free: make room, or set TRN_CACHE= to another folder"
}

# logged LOG WHAT COMMAND...: run it quietly; on failure show the end of the log.
logged() {
	local log=$1 what=$2
	shift 2
	"$@" >>"$log" 2>&1 && return
	printf -- '---- end of %s ----\n' "$log" >&2
	tail -n 25 "$log" >&2
	die "$what failed; the whole log is $log"
}

# link NAME FOLDER: build/deps/NAME, for the rest of the project.
link() {
	mkdir -p "$BUILD/deps"
	[ "$(readlink "$BUILD/deps/$1")" = "$2" ] || ln -sfn "$2" "$BUILD/deps/$1"
}

# artefact NAME KEY GIB FUNCTION: see the top. FUNCTION runs inside the folder and
# gets its path and a log file.
artefact() {
	local name=$1 folder=$CACHE/$1-$2 space=$3 function=$4 artefact_fd
	if [ ! -e "$folder/.complete" ]; then
		mkdir -p "$CACHE/logs"
		exec {artefact_fd}>"$CACHE/$name.lock"
		if ! flock -n "$artefact_fd"; then
			say "another make is preparing $name; waiting for it"
			flock "$artefact_fd"
		fi
		if [ ! -e "$folder/.complete" ]; then
			need_space "$space" "$name"
			mkdir -p "$folder"
			: >"$CACHE/logs/$name.log"
			(cd "$folder" && "$function" "$folder" "$CACHE/logs/$name.log")
			touch "$folder/.complete"
			find "$CACHE" -maxdepth 2 -path "$CACHE/$name-*/.complete" -mtime +30 |
				while read -r old; do rm -rf "${old%/.complete}"; done
		fi
		exec {artefact_fd}>&-
	fi
	touch "$folder/.complete"
	link "$name" "$folder"
}
