# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Objects of programs that the driver still holds, read from its files in debugfs. The
# formats are those of driver/trn_debugfs.c. No output: there is none.

DEVICES=/sys/kernel/debug/accel
# The driver keeps queue 0 of the H2T engines for clearing memory (policy/trn_clear.c).
# These engines stand after those of the cores.
FIRST_H2T_ENGINE=128

# The state of all HBM stacks ("stack N: FREE of SIZE bytes free"), if one is not all free.
hbm_in_use() {
	if sed -n 's/^stack [0-9]*: \([0-9]*\) of \([0-9]*\) bytes free$/\1 \2/p' \
		$DEVICES/*/hbm | awk '$1 != $2' | grep -q .; then
		cat $DEVICES/*/hbm
	fi
}

# Lines of queues; the first line of a file names the columns: engine, queue, ...
queues_in_use() {
	awk -v h2t=$FIRST_H2T_ENGINE 'FNR > 1 && !($1 >= h2t && $2 == 0)' $DEVICES/*/queues
}
