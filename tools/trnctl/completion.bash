# SPDX-License-Identifier: MIT
# Completion of trnctl in bash; commands and options are asked from trnctl itself.

_trnctl()
{
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words

	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$(trnctl --help 2>/dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p')
	else
		case $previous in
		--from | --to) words='host hbm' ;;
		--mode) words='kernel user' ;;
		*) words=$(trnctl "${COMP_WORDS[1]}" --help 2>/dev/null |
			sed -n 's/^  \(--[a-z-]*\) .*/\1/p') ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _trnctl trnctl
