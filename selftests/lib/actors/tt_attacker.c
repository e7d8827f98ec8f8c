// SPDX-License-Identifier: GPL-2.0-only
#include "tt_attacker.h"

#include <sys/mman.h>

#define RING_SIZE 64
#define POISON 0x5a
#define SRC_SEED 77

/*
 * Where its mappings begin: a number that is neither the address of memory of the host,
 * with bit 46, nor of anything on the chip, with whatever bits an attack adds.
 */
#define VA_BASE 0x9abc00000000ull

/*
 * Messages of the device about such descriptors. Those that only the kernel causes are not
 * among them: bad tables, memory that does not answer, a record that cannot be written.
 */
static __attribute__((constructor)) void announce_errors(void)
{
	static const char * const texts[] = {
		"no translation", "(reading|writing) is not permitted", "FIRST inside a packet",
		"descriptor has the wrong ring id", "operation word is not known",
		"packet has too many descriptors", "packet is too long", "more than there is room",
		"inline operation makes no sense", "index is out of bounds",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		printf("# expect-guest-error: engine [0-9]+ queue [0-9]+: .*%s\n", texts[i]);
	fflush(stdout);
}

static int map_all(struct tt_attacker *attacker)
{
	const uint64_t step = 16 * TT_MIB;
	struct drm_trn_vm_op ops[4];

	attacker->src_va = VA_BASE;
	attacker->dst_va = attacker->src_va + step;
	attacker->operands_va = attacker->dst_va + step;
	attacker->ring_va = attacker->operands_va + step;
	ops[0] = tt_vm_op_map(&attacker->src, 0, attacker->src_va, TT_ATTACKER_SIZE,
			      DRM_TRN_VM_MAP_READ);
	ops[1] = tt_vm_op_map(&attacker->dst, 0, attacker->dst_va, TT_ATTACKER_SIZE,
			      DRM_TRN_VM_MAP_WRITE);
	ops[2] = tt_vm_op_map(&attacker->operands, 0, attacker->operands_va, TT_PAGE,
			      DRM_TRN_VM_MAP_READ);
	ops[3] = tt_vm_op_map(&attacker->ring, 0, attacker->ring_va, attacker->ring.size,
			      DRM_TRN_VM_MAP_READ);
	return tt_vm_bind(&attacker->vm, ops, 4);
}

static int open_file(struct tt_attacker *attacker)
{
	const struct tt_device *dev = &attacker->dev;
	int ret = tt_device_open(&attacker->dev);

	if (!ret)
		ret = tt_vm_create(dev->fd, &attacker->vm);
	if (!ret)
		ret = tt_bo_create(dev->fd, TT_ATTACKER_SIZE, dev->system, &attacker->src);
	if (!ret)
		ret = tt_bo_create(dev->fd, TT_ATTACKER_SIZE, dev->hbm, &attacker->dst);
	if (!ret)
		ret = tt_bo_create(dev->fd, TT_PAGE, dev->system, &attacker->operands);
	if (!ret)
		ret = tt_bo_create(dev->fd, TT_ATTACKER_SIZE, dev->hbm, &attacker->own);
	if (!ret)
		ret = tt_bo_create(dev->fd, TT_RING_BYTES(RING_SIZE), dev->system, &attacker->ring);
	if (!ret)
		ret = map_all(attacker);
	if (ret)
		return ret;
	attacker->deaths = 0;
	tt_pattern_fill(attacker->src.map, TT_ATTACKER_SIZE, SRC_SEED);
	memset(attacker->own.map, POISON, TT_ATTACKER_SIZE);
	tt_attacker_poison(attacker);
	return 0;
}

static void close_file(struct tt_attacker *attacker)
{
	tt_bo_close(&attacker->ring);
	tt_bo_close(&attacker->own);
	tt_bo_close(&attacker->operands);
	tt_bo_close(&attacker->dst);
	tt_bo_close(&attacker->src);
	tt_vm_destroy(&attacker->vm);
	tt_device_close(&attacker->dev);
}

int tt_attacker_enqueue(struct tt_attacker *attacker)
{
	struct drm_trn_queue_create args = tt_uqueue_args(attacker->vm.id, attacker->ring_va,
							  RING_SIZE);

	args.engine = attacker->engine;
	return tt_uqueue_create(attacker->dev.fd, &args, attacker->ring.map, &attacker->queue);
}

int tt_attacker_open(struct tt_attacker *attacker, uint32_t engine)
{
	int ret;

	memset(attacker, 0, sizeof(*attacker));
	attacker->engine = engine;
	ret = open_file(attacker);
	return ret ?: tt_attacker_enqueue(attacker);
}

void tt_attacker_close(struct tt_attacker *attacker)
{
	tt_uqueue_destroy(&attacker->queue);
	close_file(attacker);
}

static void unmap_bo(const struct tt_bo *bo)
{
	munmap(bo->map, bo->size);
}

void tt_attacker_drop(struct tt_attacker *attacker)
{
	close(attacker->dev.fd);
	munmap(attacker->queue.doorbell, TT_PAGE);
	munmap((void *)attacker->queue.page, TT_PAGE);
	unmap_bo(&attacker->ring);
	unmap_bo(&attacker->own);
	unmap_bo(&attacker->operands);
	unmap_bo(&attacker->dst);
	unmap_bo(&attacker->src);
}

int tt_attacker_revive(struct tt_attacker *attacker)
{
	int ret = 0;

	tt_uqueue_destroy(&attacker->queue);
	if (++attacker->deaths >= attacker->dev.info.max_faults) {
		close_file(attacker);
		ret = open_file(attacker);
	}
	return ret ?: tt_attacker_enqueue(attacker);
}

void tt_attacker_poison(struct tt_attacker *attacker)
{
	memset(attacker->dst.map, POISON, TT_ATTACKER_SIZE);
}

bool tt_attacker_is_contained(const struct tt_attacker *attacker)
{
	return tt_fact("unmapped memory kept", TT_ATTACKER_SIZE,
		       tt_byte_match(attacker->own.map, TT_ATTACKER_SIZE, POISON)) &&
	       tt_fact("source kept", TT_ATTACKER_SIZE,
		       tt_pattern_match(attacker->src.map, TT_ATTACKER_SIZE, SRC_SEED));
}

bool tt_attacker_is_clean(const struct tt_attacker *attacker)
{
	return tt_fact("destination kept", TT_ATTACKER_SIZE,
		       tt_byte_match(attacker->dst.map, TT_ATTACKER_SIZE, POISON)) &&
	       tt_attacker_is_contained(attacker);
}

int tt_attacker_verdict(struct tt_attacker *attacker, struct drm_trn_queue_get_state *state)
{
	int ret = tt_uqueue_poll_error(&attacker->queue);

	if (tt_queue_state(&attacker->queue.queue, state))
		return -EPROTO;
	return ret;
}
