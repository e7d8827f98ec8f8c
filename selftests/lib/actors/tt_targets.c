// SPDX-License-Identifier: GPL-2.0-only
#include "tt_targets.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Of the chip's address map, typed again from its reference. */
#define CHIP_HOST (1ull << 46)
#define CHIP_DIE (1ull << 47)
#define CHIP_NEIGHBOUR (1ull << 52)
#define CHIP_HBM_RESERVED (16 * TT_MIB)
static const uint64_t chip_stacks[] = { 0, 0x4000000000, 0x800000000000, 0x804000000000 };
static const uint64_t chip_registers[] = {
	0x1000000000, 0x1002000000, 0x1004000000, 0x100c000000, 0x1200000000, 0x2000000000,
	0x2002700000, 0x8000000000, 0x8006800000, 0x8006c84000, 0x8280000000, 0x808006800000,
};

/* The kernel's own: its text, its map of all memory, a module's. */
static const uint64_t kernel_addresses[] = {
	0xffffffff81000000, 0xffff888000000000, 0xffffea0000000000, 0xffffffffa0000000,
};

static void target_add(struct tt_targets *targets, uint64_t addr)
{
	if (targets->num < TT_MAX_TARGETS)
		targets->addr[targets->num++] = addr;
}

/* An address as it is, and with each of the bits that mean something to the chip. */
static void target_add_bits(struct tt_targets *targets, uint64_t addr)
{
	target_add(targets, addr);
	target_add(targets, addr ^ CHIP_HOST);
	target_add(targets, addr ^ CHIP_DIE);
	target_add(targets, addr | CHIP_NEIGHBOUR);
	target_add(targets, addr | 1ull << 63);
}

/* Where BAR4 is, in which a processor sees all HBM. */
static int hbm_window(int fd, uint64_t *start, uint64_t *size)
{
	char path[64] = "/sys/bus/pci/devices/", text[512], *line = text;
	unsigned long long first, last;
	int ret, i;

	ret = tt_device_bdf(fd, path + strlen(path), 16);
	if (!ret)
		ret = tt_read_file(strcat(path, "/resource"), text, sizeof(text));
	for (i = 0; i < 4 && !ret; i++) {
		line = strchr(line, '\n');
		ret = line++ ? 0 : -EPROTO;
	}
	if (!ret && sscanf(line, "%llx %llx", &first, &last) != 2)
		ret = -EPROTO;
	if (ret)
		return ret;
	*start = first;
	*size = last + 1 - first;
	return 0;
}

/* Memory of HBM that is given out first, as the chip names it and as the host does. */
static int targets_add_hbm(struct tt_targets *targets, int fd)
{
	uint64_t start, size, at;
	size_t stack, i;
	int ret = hbm_window(fd, &start, &size);

	if (ret)
		return ret;
	for (stack = 0; stack < ARRAY_SIZE(chip_stacks); stack++) {
		for (i = 0; i < 16; i++) {
			at = CHIP_HBM_RESERVED + i * 128 * TT_KIB;
			target_add(targets, chip_stacks[stack] + at);
			target_add(targets, CHIP_HOST | (start + stack * size / 4 + at));
		}
		target_add_bits(targets, chip_stacks[stack]);
		target_add_bits(targets, chip_stacks[stack] + CHIP_HBM_RESERVED);
	}
	return 0;
}

int tt_targets_make(struct tt_targets *targets, const struct tt_victim *victim, int fd)
{
	size_t i;

	targets->num = 0;
	for (i = 0; i < TT_VICTIM_AREAS; i++)
		target_add_bits(targets, victim->place.va[i]);
	target_add_bits(targets, victim->place.phys);
	target_add(targets, kernel_addresses[1] + victim->place.phys);
	for (i = 0; i < ARRAY_SIZE(chip_registers); i++)
		target_add_bits(targets, chip_registers[i]);
	for (i = 0; i < ARRAY_SIZE(kernel_addresses); i++)
		target_add(targets, kernel_addresses[i]);
	for (i = 12; i < 64; i++)
		target_add(targets, 1ull << i);
	target_add(targets, 0);
	target_add(targets, ~0ull - 63);
	return targets_add_hbm(targets, fd);
}
