// SPDX-License-Identifier: MIT
/* trnctl list: the devices of the machine. None is opened. */
#include <stdio.h>
#include <unistd.h>

#include "json.h"
#include "trnctl.h"

static bool may_be_opened(const struct trn_device_entry *entry)
{
	return !access(entry->path, R_OK | W_OK);
}

static void print_json(const struct trn_device_entry *entries, int count)
{
	json_open(NULL, '{');
	json_open("devices", '[');
	for (int i = 0; i < count; i++) {
		json_open(NULL, '{');
		json_u64("device", i);
		json_string("node", entries[i].path);
		json_string("pci", entries[i].pci);
		json_bool("accessible", may_be_opened(&entries[i]));
		json_close('}');
	}
	json_close(']');
	json_close('}');
}

static void print_text(const struct trn_device_entry *entries, int count)
{
	if (!count) {
		fail("no device found: check that the driver is loaded (modprobe trn), that the "
		     "machine has a device (lspci -d 1d0f:), and that a container was given the "
		     "node");
		return;
	}
	printf("%-7s %-20s %s\n", "device", "node", "PCI address");
	for (int i = 0; i < count; i++)
		printf("%-7d %-20s %s%s\n", i, entries[i].path, entries[i].pci,
		       may_be_opened(&entries[i]) ? "" : "   you may not open it");
}

static int run(const struct options *opts)
{
	struct trn_device_entry entries[256];	/* the kernel has no more accel nodes */
	int count = trn_device_list(entries, ARRAY_SIZE(entries));

	if (count < 0)
		return fail("cannot look for devices: %s", trn_strerror(count));
	if (count > (int)ARRAY_SIZE(entries))
		count = ARRAY_SIZE(entries);
	if (opts->given & OPT_JSON)
		print_json(entries, count);
	else
		print_text(entries, count);
	return STATUS_DONE;
}

const struct command cmd_list = {
	.name = "list",
	.summary = "list the devices",
	.accepts = OPT_JSON,
	.run = run,
};
