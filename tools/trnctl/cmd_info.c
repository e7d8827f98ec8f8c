// SPDX-License-Identifier: MIT
/* trnctl info: chip, firmware, memory, engines and limits of a device. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "trnctl.h"
#include "units.h"

#define SOFTWARE_REVISION 0xff

struct report {
	struct trn_device_info info;
	struct trn_region *regions;
	int num_regions;
	struct trn_engine *engines;
	int num_engines;
};

static int report_read(struct trn_device *dev, struct report *report)
{
	int ret;

	ret = trn_device_get_info(dev, &report->info, sizeof(report->info));
	if (ret)
		return ret;
	report->regions = calloc(report->info.num_regions + 1, sizeof(*report->regions));
	report->engines = calloc(report->info.num_engines + 1, sizeof(*report->engines));
	if (!report->regions || !report->engines)
		return -ENOMEM;

	report->num_regions = trn_device_get_regions(dev, report->regions,
						     report->info.num_regions);
	if (report->num_regions < 0)
		return report->num_regions;
	report->num_engines = trn_device_get_engines(dev, report->engines,
						     report->info.num_engines);
	return report->num_engines < 0 ? report->num_engines : 0;
}

static void print_regions(const struct report *report)
{
	char size[SIZE_TEXT_MAX], avail[SIZE_TEXT_MAX];

	for (int i = 0; i < report->num_regions; i++) {
		const struct trn_region *region = &report->regions[i];

		if (region->kind == TRN_REGION_HBM)
			printf("  hbm:%-6u %12s, %12s free\n", region->instance,
			       format_size(region->size, size), format_size(region->free, avail));
		else
			printf("  host\n");
	}
}

/* One line for adjacent engines that have the same core and stack. */
static void print_engines(const struct report *report)
{
	const struct trn_engine *engines = report->engines;
	uint32_t total = report->info.queues_per_engine;

	for (int first = 0, end; first < report->num_engines; first = end) {
		uint64_t avail = 0;
		char ids[32], group[32];

		for (end = first; end < report->num_engines &&
		     engines[end].core == engines[first].core &&
		     engines[end].stack == engines[first].stack; end++)
			avail += engines[end].free_queues;
		snprintf(ids, sizeof(ids), "%u", engines[first].id);
		if (end - first > 1)
			snprintf(ids, sizeof(ids), "%u..%u", engines[first].id,
				 engines[end - 1].id);
		snprintf(group, sizeof(group), "no core");
		if (engines[first].core != TRN_NONE)
			snprintf(group, sizeof(group), "core %u", engines[first].core);
		printf("  %-10s %-8s near hbm:%u, %llu of %llu queues free\n", ids, group,
		       engines[first].stack, (unsigned long long)avail,
		       (unsigned long long)total * (end - first));
	}
}

static const struct capability {
	uint64_t bit;
	const char *name, *text;
} capabilities[] = {
	{ TRN_CAP_USER_QUEUES, "user_queues", "user-mode queues" },
	{ TRN_CAP_INLINE_OPS, "inline_ops", "inline operations" },
	{ TRN_CAP_PRIORITIES, "priorities", "priorities" },
};

static void print_capabilities(uint64_t caps)
{
	const char *separator = "";

	printf("offers       ");
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++) {
		if (!(caps & capabilities[i].bit))
			continue;
		printf("%s%s", separator, capabilities[i].text);
		separator = ", ";
	}
	printf("%s\n", *separator ? "" : "kernel-mode queues only");
}

static void print_limits(const struct trn_device_info *info)
{
	char text[SIZE_TEXT_MAX], tables[SIZE_TEXT_MAX];

	printf("limits       %u queues, %u operations and %u syncs per submission\n",
	       info->max_queues, info->max_ops, info->max_syncs);
	printf("             %u descriptors per ring, jobs time out after %u ms\n",
	       info->max_ring_size, info->default_timeout_ms);
	printf("             allocations are multiples of %s\n",
	       format_size(info->bo_granule, text));
	if (info->max_hbm_bytes)
		printf("             %s of HBM per user\n",
		       format_size(info->max_hbm_bytes, text));
	if (!(info->caps & TRN_CAP_USER_QUEUES))
		return;
	printf("             %u address spaces of %s, with %s of page tables in total\n",
	       info->max_vms, format_size(info->va_size, text),
	       format_size(info->max_table_bytes, tables));
	printf("             %u operations per change of one; %u queues may die of faults\n",
	       info->max_bind_ops, info->max_faults);
}

static void print_text(const struct report *report)
{
	const struct trn_device_info *info = &report->info;

	printf("chip         Trainium%u, revision 0x%02x%s\n", info->generation, info->revision,
	       info->revision == SOFTWARE_REVISION ? " (software)" : "");
	if (info->serial)
		printf("serial       %016llx\n", (unsigned long long)info->serial);
	else
		printf("serial       not known\n");
	printf("firmware     mailbox version %u, routing id %u\n", info->firmware_api,
	       info->routing_id);
	printf("driver       %s %d.%d.%d, %llu resets\n", info->driver, info->driver_version[0],
	       info->driver_version[1], info->driver_version[2],
	       (unsigned long long)info->reset_count);
	print_capabilities(info->caps);
	printf("cores        %u\n", info->num_cores);
	printf("memory\n");
	print_regions(report);
	printf("engines      %u, %u queues each\n", info->num_engines, info->queues_per_engine);
	print_engines(report);
	print_limits(info);
}

static void json_capabilities(uint64_t caps)
{
	json_open("capabilities", '{');
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
		json_bool(capabilities[i].name, caps & capabilities[i].bit);
	json_close('}');
}

static void json_limits(const struct trn_device_info *info)
{
	json_open("limits", '{');
	json_u64("queues", info->max_queues);
	json_u64("operations", info->max_ops);
	json_u64("syncs", info->max_syncs);
	json_u64("ring_size", info->max_ring_size);
	json_u64("timeout_ms", info->default_timeout_ms);
	json_u64("granule", info->bo_granule);
	json_u64("vms", info->max_vms);
	json_u64("bind_operations", info->max_bind_ops);
	json_u64("faults", info->max_faults);
	json_u64("va_start", info->va_start);
	json_u64("va_size", info->va_size);
	json_u64("table_bytes", info->max_table_bytes);
	json_u64("hbm_bytes", info->max_hbm_bytes);
	json_close('}');
}

static void json_regions(const struct report *report)
{
	json_open("regions", '[');
	for (int i = 0; i < report->num_regions; i++) {
		const struct trn_region *region = &report->regions[i];
		bool hbm = region->kind == TRN_REGION_HBM;

		json_open(NULL, '{');
		json_string("kind", hbm ? "hbm" : "host");
		if (hbm) {
			json_u64("stack", region->instance);
			json_u64("size", region->size);
			json_u64("free", region->free);
			json_u64("cpu_visible", region->cpu_visible);
		}
		json_close('}');
	}
	json_close(']');
}

static void json_engines(const struct report *report)
{
	json_open("engines", '[');
	for (int i = 0; i < report->num_engines; i++) {
		const struct trn_engine *engine = &report->engines[i];

		json_open(NULL, '{');
		json_u64("id", engine->id);
		if (engine->core != TRN_NONE)
			json_u64("core", engine->core);
		json_u64("stack", engine->stack);
		json_u64("free_queues", engine->free_queues);
		json_close('}');
	}
	json_close(']');
}

static void print_json(const struct report *report)
{
	const struct trn_device_info *info = &report->info;
	char version[48], serial[20];

	/* A string: most readers of JSON cannot hold so large a number. */
	snprintf(serial, sizeof(serial), "%016llx", (unsigned long long)info->serial);
	snprintf(version, sizeof(version), "%d.%d.%d", info->driver_version[0],
		 info->driver_version[1], info->driver_version[2]);
	json_open(NULL, '{');
	json_u64("generation", info->generation);
	json_u64("revision", info->revision);
	json_bool("software", info->revision == SOFTWARE_REVISION);
	if (info->serial)
		json_string("serial", serial);
	json_u64("firmware_api", info->firmware_api);
	json_u64("routing_id", info->routing_id);
	json_string("driver", info->driver);
	json_string("driver_version", version);
	json_u64("resets", info->reset_count);
	json_u64("cores", info->num_cores);
	json_u64("queues_per_engine", info->queues_per_engine);
	json_u64("first_h2t_engine", info->first_h2t_engine);
	json_capabilities(info->caps);
	json_limits(info);
	json_regions(report);
	json_engines(report);
	json_close('}');
}

static int run(const struct options *opts)
{
	struct report report = { 0 };
	struct trn_device *dev;
	int status, ret;

	status = device_open(opts, &dev);
	if (status)
		return status;
	ret = report_read(dev, &report);
	if (ret)
		status = fail("cannot query device %s: %s", opts->device, trn_strerror(ret));
	else if (opts->given & OPT_JSON)
		print_json(&report);
	else
		print_text(&report);
	free(report.regions);
	free(report.engines);
	trn_device_unref(dev);
	return status;
}

const struct command cmd_info = {
	.name = "info",
	.summary = "show a device, its limits and its free resources",
	.accepts = OPT_DEVICE | OPT_JSON,
	.run = run,
};
