// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDMA engines and their hardware queues: registers only.
 *
 * An engine is initialised when its first queue starts, and again after each
 * device reset. A hardware queue is an M2S and an S2M queue of the same number,
 * plus the queue control block that the model extension adds to the pair.
 */
#include <linux/bitfield.h>
#include <linux/iopoll.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "hw/trn_io.h"
#include "hw/trn_udma.h"
#include "regs/trn_trnx.h"
#include "regs/trn_udma.h"

/* Limit for a queue to finish its current descriptor, microseconds. */
#define TRN_QUEUE_STOP_US	1000000
#define TRN_QUEUE_POLL_US	50

/* BAR0 offset of an engine (HW 2.4). */
u64 trn_udma_engine_base(u32 engine)
{
	u32 seng = engine / TRN_ENGINES_PER_SENG;
	u32 h2t;

	if (engine < TRN_NUM_CORE_ENGINES)
		return TRN_BAR0_APB_SE0 + seng * TRN_BAR0_APB_SE_STRIDE +
		       (seng & 1 ? TRN_APB_SE_UDMA_ODD : TRN_APB_SE_UDMA_EVEN) +
		       engine % TRN_ENGINES_PER_SENG * (u64)TRN_UDMA_SIZE;

	h2t = engine - TRN_NUM_CORE_ENGINES;
	return (h2t / 2 ? TRN_BAR0_APB_IO1 : TRN_BAR0_APB_IO0) + TRN_APB_IO_H2T +
	       h2t % 2 * (u64)TRN_UDMA_SIZE;
}

/* BAR0 offset of the error reporting block of a core's engine (HW 2.4). */
static u64 trn_udma_fis_base(u32 engine)
{
	u32 seng = engine / TRN_ENGINES_PER_SENG;

	return TRN_BAR0_APB_SE0 + seng * TRN_BAR0_APB_SE_STRIDE +
	       (seng & 1 ? TRN_APB_SE_FIS_ODD : TRN_APB_SE_FIS_EVEN) +
	       engine % TRN_ENGINES_PER_SENG * (u64)TRN_FIS_STRIDE;
}

/* Make the registers of an engine accessible; see trn_io_map(). */
int trn_udma_map_engine(struct trn_device *tdev, u32 engine)
{
	int ret = trn_io_map(tdev, tdev->engines[engine].base);

	if (!ret && engine < tdev->geo.first_h2t)
		ret = trn_io_map(tdev, trn_udma_fis_base(engine));
	return ret;
}

struct trn_reg_value {
	u32 offset;
	u32 value;
};

/* Steps 2..7 of HW 3.5. */
static const struct trn_reg_value trn_engine_init_m2s[] = {
	{ TRN_M2S_DATA_CFG, 0x010008f8 },
	{ TRN_M2S_OSTAND_CFG, 0x20808080 },
	{ TRN_GEN_AXI_TIMEOUT, 100000000 },
	{ TRN_M2S_APP_ACK, 0 },
	{ TRN_M2S_CFG_LEN, TRN_M2S_CFG_LEN_ZERO_64K | TRN_PKT_MAX_LEN },
	{ TRN_M2S_STREAM_CFG, 0x00000102 },
};

/* Steps 12 and 13 of HW 3.5. */
static const struct trn_reg_value trn_engine_init_s2m[] = {
	{ TRN_S2M_OSTAND_CFG_RD, 0x00400080 },
	{ TRN_S2M_OSTAND_CFG_WR, 0x40804080 },
};

/* Steps 16..26 of HW 3.5. */
static const struct trn_reg_value trn_engine_init_rest[] = {
	{ TRN_GEN_SECONDARY(0) + TRN_IOFIC_CONTROL, 0x28 },
	{ TRN_GEN_PRIMARY(3) + TRN_IOFIC_CONTROL, 0x28 },
	{ TRN_GEN_SECONDARY(0) + TRN_IOFIC_ABORT_MASK, 0xf0000000 },
	{ TRN_GEN_SECONDARY(2) + TRN_IOFIC_ABORT_MASK, 0xffffffc0 },
	{ TRN_GEN_SECONDARY(0) + TRN_IOFIC_MASK_CLEAR, 0xf0000000 },
	{ TRN_GEN_SECONDARY(2) + TRN_IOFIC_MASK_CLEAR, 0xffffffc0 },
	{ TRN_GEN_PRIMARY(3) + TRN_IOFIC_MASK_CLEAR, 0xfffffaff },
	{ TRN_GEN_SECONDARY(1) + TRN_IOFIC_CONTROL, 0x28 },
	{ TRN_GEN_PRIMARY(3) + TRN_IOFIC_CONTROL, 0x28 },
	{ TRN_GEN_SECONDARY(1) + TRN_IOFIC_ABORT_MASK, 0x000010f8 },
	{ TRN_GEN_SECONDARY(2) + TRN_IOFIC_ABORT_MASK, 0xfffff03f },
	{ TRN_GEN_SECONDARY(1) + TRN_IOFIC_MASK_CLEAR, 0x000010f8 },
	{ TRN_GEN_SECONDARY(2) + TRN_IOFIC_MASK_CLEAR, 0xfffff03f },
	{ TRN_GEN_PRIMARY(3) + TRN_IOFIC_MASK_CLEAR, 0xfffff9ff },
	{ TRN_S2M_COMP_CFG_1C, 0x00001004 },
	{ TRN_M2S_DESC_PREF_CFG_2, 0x00010000 | TRN_PKT_MAX_DESC },
	{ TRN_M2S_DESC_PREF_CFG_3, 0x00004181 },
	{ TRN_S2M_DESC_PREF_CFG_3, 0x00004181 },
	{ TRN_M2S_DESC_RD_CFG, 0x00010008 },
	{ TRN_S2M_DESC_RD_CFG, 0x00010008 },
	{ TRN_SDMA_RD_REORDER, 1 },
	{ TRN_SDMA_WR_REORDER, 1 },
	{ TRN_SDMA_EVENT_ACCEL, 1 },
	{ TRN_SDMA_BACKPRESSURE, 0x26 },
};

static void trn_udma_write_table(struct trn_device *tdev, u64 base,
				 const struct trn_reg_value *table, size_t num)
{
	size_t i;

	for (i = 0; i < num; i++)
		trn_reg_write(tdev, base + table[i].offset, table[i].value);
}

static u32 trn_udma_rmw(struct trn_device *tdev, u64 offset, u32 clear, u32 set)
{
	u32 value = (trn_reg_read(tdev, offset) & ~clear) | set;

	trn_reg_write(tdev, offset, value);
	return value;
}

/* Steps 27..32 of HW 3.5: engines of a core do not check ring ids. */
static void trn_udma_mask_ring_id_errors(struct trn_device *tdev, u32 engine, u64 base)
{
	u64 fis = trn_udma_fis_base(engine);
	u64 m2s = base + TRN_GEN_SECONDARY(0);
	u64 s2m = base + TRN_GEN_SECONDARY(1);
	u32 mask;

	mask = trn_udma_rmw(tdev, m2s + TRN_IOFIC_MASK, 0, TRN_M2S_ERR_RING_ID);
	trn_reg_write(tdev, m2s + TRN_IOFIC_ABORT_MASK, mask);
	mask = trn_udma_rmw(tdev, s2m + TRN_IOFIC_MASK, 0, TRN_S2M_ERR_RING_ID);
	trn_reg_write(tdev, s2m + TRN_IOFIC_ABORT_MASK, mask);
	trn_udma_rmw(tdev, fis + TRN_FIS_GROUP2_MASK, 0, BIT(11));
	trn_udma_rmw(tdev, fis + TRN_FIS_GROUP3_MASK, 0, BIT(2));
	trn_udma_rmw(tdev, base + TRN_M2S_ERR_LOG_MASK, 0, TRN_M2S_ERR_RING_ID);
	trn_udma_rmw(tdev, base + TRN_S2M_ERR_LOG_MASK, 0, TRN_S2M_ERR_RING_ID);
}

/* Values and order of HW 3.5; the meaning of their bits is not published. */
static void trn_udma_engine_init(struct trn_device *tdev, u32 engine)
{
	struct trn_engine *eng = &tdev->engines[engine];
	u32 cfg = TRN_Q_CFG_EN | (eng->initialised ? TRN_Q_CFG_RESET : 0);
	u64 base = eng->base;
	u32 i, n;

	lockdep_assert_held(&tdev->engines_lock);

	for (i = 0; i < TRN_QUEUES_PER_ENGINE; i++) {
		trn_reg_write(tdev, base + TRN_M2S_QUEUE(i) + TRN_Q_CFG, cfg);
		trn_reg_write(tdev, base + TRN_S2M_QUEUE(i) + TRN_Q_CFG, cfg);
	}
	trn_udma_write_table(tdev, base, trn_engine_init_m2s, ARRAY_SIZE(trn_engine_init_m2s));
	for (i = 0; i < TRN_QUEUES_PER_ENGINE; i++)
		trn_reg_write(tdev, base + TRN_GEN_EX_TX_SEL(i), U32_MAX);
	trn_reg_write(tdev, base + TRN_M2S_DATA_RD_CFG, 0x00010008);
	trn_reg_write(tdev, base + TRN_S2M_APP_ACK, 0);
	for (i = 0; i < TRN_QUEUES_PER_ENGINE; i++)
		for (n = 0; n < 3; n++)
			trn_reg_write(tdev, base + TRN_GEN_EX_RX_SEL(i, n), U32_MAX);
	trn_udma_write_table(tdev, base, trn_engine_init_s2m, ARRAY_SIZE(trn_engine_init_s2m));
	trn_udma_rmw(tdev, base + TRN_S2M_OSTAND_WR_MAX, GENMASK(9, 0), 256);
	trn_udma_rmw(tdev, base + TRN_GEN_SPARE0, BIT(0), 0);
	trn_udma_write_table(tdev, base, trn_engine_init_rest, ARRAY_SIZE(trn_engine_init_rest));
	if (engine < tdev->geo.first_h2t)
		trn_udma_mask_ring_id_errors(tdev, engine, base);

	eng->initialised = true;
	eng->ready = true;
}

static u32 trn_qctl(struct trn_device *tdev, u32 engine, u32 hw_queue, u32 reg)
{
	return tdev->geo.qctl_base +
	       trn_hw_index(engine, hw_queue) * tdev->geo.qctl_stride + reg;
}

/* One direction of HW 3.3 (writes 2..8 and 9..15); @sw_ctrl and @comp_cfg differ. */
static void trn_udma_ring_start(struct trn_device *tdev, u64 page, u32 sw_ctrl, u32 comp_cfg,
				u64 addr, u32 size)
{
	trn_reg_write(tdev, page + TRN_Q_CFG, TRN_Q_CFG_RESET);
	trn_reg_write(tdev, page + sw_ctrl, TRN_Q_SW_CTRL_RESET);
	trn_reg_write(tdev, page + TRN_Q_DRBP_LOW, lower_32_bits(addr));
	trn_reg_write(tdev, page + TRN_Q_DRBP_HIGH, upper_32_bits(addr));
	trn_reg_write(tdev, page + TRN_Q_DRL, size);
	trn_reg_write(tdev, page + comp_cfg, 0);
	trn_reg_write(tdev, page + TRN_Q_CFG, TRN_Q_CFG_RESET | TRN_Q_CFG_EN);
}

/* After this call the queue does not access its previous address space. */
static void trn_udma_set_asid(struct trn_device *tdev, u32 engine, u32 hw_queue, u32 asid)
{
	if (tdev->geo.features & TRNX_FEAT_MMU)
		trnx_write(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_ASID), asid);
}

/**
 * trn_udma_queue_start() - Start a claimed queue with empty rings.
 * @tdev: the device
 * @engine: engine
 * @hw_queue: queue of the engine
 * @setup: parameters; the record is zeroed
 *
 * Return: 0, or -ENODEV the device does not answer.
 */
int trn_udma_queue_start(struct trn_device *tdev, u32 engine, u32 hw_queue,
			 const struct trn_udma_setup *setup)
{
	u64 base = tdev->engines[engine].base;
	u64 m2s = base + TRN_M2S_QUEUE(hw_queue);
	u64 s2m = base + TRN_S2M_QUEUE(hw_queue);

	lockdep_assert_held(&tdev->reset_sem);

	mutex_lock(&tdev->engines_lock);
	if (!tdev->engines[engine].ready)
		trn_udma_engine_init(tdev, engine);
	mutex_unlock(&tdev->engines_lock);

	trnx_write64(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_COUNT_ADDR),
		     setup->record);
	trnx_write(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_EQ), setup->event_queue);
	if (tdev->geo.features & TRNX_FEAT_PRIORITY)
		trnx_write(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_PRIORITY),
			   setup->priority);
	trn_udma_set_asid(tdev, engine, hw_queue, setup->asid);
	trnx_write(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_CTRL),
		   TRNX_QCTL_CTRL_COUNT | TRNX_QCTL_CTRL_ERR_EVENT | TRNX_QCTL_CTRL_HALT |
		   (setup->doorbell ? TRNX_QCTL_CTRL_DOORBELL : 0));

	trn_reg_write(tdev, m2s + TRN_M2S_Q_RLIMIT_MASK, TRN_M2S_Q_RLIMIT_MASK_DMB);
	trn_udma_ring_start(tdev, m2s, TRN_M2S_Q_SW_CTRL, TRN_M2S_Q_COMP_CFG, setup->m2s,
			    setup->ring_size);
	trn_udma_ring_start(tdev, s2m, TRN_S2M_Q_SW_CTRL, TRN_S2M_Q_COMP_CFG, setup->s2m,
			    setup->ring_size);

	if (trn_io_is_gone(trn_reg_read(tdev, s2m + TRN_Q_CFG)))
		return -ENODEV;
	return 0;
}

static bool trn_udma_queue_is_idle(struct trn_device *tdev, u32 engine, u32 hw_queue,
				   bool *gone)
{
	const u32 active = TRN_Q_STATUS_PREFETCHING | TRN_Q_STATUS_SCHEDULING;
	u64 base = tdev->engines[engine].base;
	u32 m2s = trn_reg_read(tdev, base + TRN_M2S_QUEUE(hw_queue) + TRN_Q_STATUS);
	u32 s2m = trn_reg_read(tdev, base + TRN_S2M_QUEUE(hw_queue) + TRN_Q_STATUS);
	u32 ctl = trnx_read(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_STATUS));

	*gone = trn_io_is_gone(ctl);
	return !((m2s | s2m) & active) && !(ctl & TRNX_QCTL_STATUS_BUSY);
}

/*
 * Stop a queue and reset it.
 *
 * On success the device no longer accesses memory for this queue. Order and conditions are
 * those of the queue reset of the UDMA family. A queue that does not become idle is not
 * reset, because the reset would not prove that its accesses have ended.
 *
 * Return: 0, -ETIMEDOUT if the queue does not become idle, -ENODEV if the device is gone.
 */
int trn_udma_queue_stop(struct trn_device *tdev, u32 engine, u32 hw_queue)
{
	u64 m2s = tdev->engines[engine].base + TRN_M2S_QUEUE(hw_queue);
	u64 s2m = tdev->engines[engine].base + TRN_S2M_QUEUE(hw_queue);
	bool idle, gone = false;

	lockdep_assert_held(&tdev->reset_sem);

	trn_reg_write(tdev, m2s + TRN_Q_CFG, TRN_Q_CFG_RESET);
	trn_reg_write(tdev, s2m + TRN_Q_CFG, TRN_Q_CFG_RESET);
	read_poll_timeout(trn_udma_queue_is_idle, idle, idle || gone, TRN_QUEUE_POLL_US,
			  TRN_QUEUE_STOP_US, false, tdev, engine, hw_queue, &gone);
	if (gone)
		return -ENODEV;
	if (!idle)
		return -ETIMEDOUT;

	trn_reg_write(tdev, m2s + TRN_M2S_Q_SW_CTRL, TRN_Q_SW_CTRL_RESET);
	trn_reg_write(tdev, s2m + TRN_S2M_Q_SW_CTRL, TRN_Q_SW_CTRL_RESET);
	trnx_write(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_CTRL), 0);
	trnx_write64(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_COUNT_ADDR), 0);
	trn_udma_set_asid(tdev, engine, hw_queue, 0);
	/* The read orders the writes before the memory is freed. */
	return trn_io_is_gone(trn_reg_read(tdev, s2m + TRN_Q_CFG)) ? -ENODEV : 0;
}

bool trn_udma_queue_has_error(struct trn_device *tdev, u32 engine, u32 hw_queue)
{
	u32 status = trnx_read(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_STATUS));

	return !trn_io_is_gone(status) && (status & TRNX_QCTL_STATUS_ERROR);
}

/* The fault is an access that the queue's address space does not permit. */
bool trn_udma_fault_is_mmu(const struct trn_udma_fault *fault)
{
	return fault->code >= TRNX_ERR_MMU_NOT_PRESENT && fault->code <= TRNX_ERR_MMU_ENTRY;
}

/* The fault is a read of a ring, or a write of the progress record. */
bool trn_udma_fault_is_own_memory(const struct trn_udma_fault *fault)
{
	return fault->code == TRNX_ERR_M2S_PREFETCH || fault->code == TRNX_ERR_S2M_PREFETCH ||
	       fault->code == TRNX_ERR_RECORD;
}

/* Read the error of a queue that is not yet stopped. */
void trn_udma_queue_fault(struct trn_device *tdev, u32 engine, u32 hw_queue,
			  struct trn_udma_fault *fault)
{
	u32 status;

	*fault = (struct trn_udma_fault) {};
	if (!trn_udma_queue_has_error(tdev, engine, hw_queue))
		return;
	status = trnx_read(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_STATUS));
	fault->code = FIELD_GET(TRNX_QCTL_STATUS_CODE, status);
	fault->addr = trnx_read64(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_ERR_ADDR));
	if (trn_udma_fault_is_mmu(fault))
		fault->access = trnx_read(tdev, trn_qctl(tdev, engine, hw_queue,
							 TRNX_QCTL_ACCESS));
}

static u32 trn_udma_ring_used(struct trn_device *tdev, u64 page)
{
	return FIELD_GET(TRN_Q_STATUS_USED, trn_reg_read(tdev, page + TRN_Q_STATUS));
}

void trn_udma_queue_progress(struct trn_device *tdev, u32 engine, u32 hw_queue,
			     struct trn_udma_progress *progress)
{
	u64 base = tdev->engines[engine].base;
	u32 status = trnx_read(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_STATUS));

	*progress = (struct trn_udma_progress) {
		.s2m = trnx_read64(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_COUNT)),
		.m2s = trnx_read64(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_M2S_COUNT)),
	};
	if (!trn_io_is_gone(status) && !(status & TRNX_QCTL_STATUS_HALTED))
		progress->has_work = trn_udma_ring_used(tdev, base + TRN_M2S_QUEUE(hw_queue)) &&
				     trn_udma_ring_used(tdev, base + TRN_S2M_QUEUE(hw_queue));
}

/* Ring the doorbell for new pairs, S2M first (HW 3.4). */
void trn_udma_doorbell(struct trn_device *tdev, u32 engine, u32 hw_queue, u32 pairs)
{
	u64 base = tdev->engines[engine].base;

	/* Descriptors before doorbell; pairs with the device's fetch after it. */
	dma_wmb();
	trn_reg_write(tdev, base + TRN_S2M_QUEUE(hw_queue) + TRN_Q_DRTP_INC, pairs);
	trn_reg_write(tdev, base + TRN_M2S_QUEUE(hw_queue) + TRN_Q_DRTP_INC, pairs);
}

/* Ask for one event when @count pairs have retired. */
void trn_udma_notify(struct trn_device *tdev, u32 engine, u32 hw_queue, u64 count)
{
	trnx_write64(tdev, trn_qctl(tdev, engine, hw_queue, TRNX_QCTL_ARM), count);
}
