/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * UDMA engine: register file and descriptors. "HW n" names a section of the
 * hardware reference, "family" the older published member of the same block
 * family where the reference is silent.
 *
 * Offsets are from the engine base unless the heading names another block.
 */
#ifndef TRN_REGS_UDMA_H
#define TRN_REGS_UDMA_H

#include "trn_types.h"

#define TRN_UDMA_SIZE			0x100000
#define TRN_UDMA_M2S			0x00000
#define TRN_UDMA_S2M			0x20000
#define TRN_UDMA_GEN			0x38000
#define TRN_UDMA_GEN_EX			0x3c000
#define TRN_UDMA_SDMA			0x40000
#define TRN_UDMA_NQ			0x41000
#define TRN_UDMA_QUEUES			0x1000	/* in M2S and S2M: first queue page */
#define TRN_UDMA_QUEUE_STRIDE		0x1000
#define TRN_M2S_QUEUE(q)		(TRN_UDMA_M2S + TRN_UDMA_QUEUES + (q) * TRN_UDMA_QUEUE_STRIDE)
#define TRN_S2M_QUEUE(q)		(TRN_UDMA_S2M + TRN_UDMA_QUEUES + (q) * TRN_UDMA_QUEUE_STRIDE)

/* Queue page, HW 3.2; M2S ("t") and S2M ("r") share the layout up to 0x50. */
#define TRN_Q_CFG			0x20
#define TRN_Q_CFG_EN_PREFETCH		BIT(16)
#define TRN_Q_CFG_EN_SCHEDULE		BIT(17)	/* S2M: accept packets */
#define TRN_Q_CFG_EN			GENMASK(17, 16)
#define TRN_Q_CFG_COMP_AWCACHE		GENMASK(27, 24)	/* family */
#define TRN_Q_CFG_RESET			0x03000000
#define TRN_Q_STATUS			0x24
#define TRN_Q_STATUS_USED		GENMASK(24, 0)	/* family, this line and below */
#define TRN_Q_STATUS_PREFETCHING	BIT(28)
#define TRN_Q_STATUS_SCHEDULING		BIT(29)
#define TRN_Q_STATUS_DMB		BIT(30)
#define TRN_Q_STATUS_FULL		BIT(31)
#define TRN_Q_DRBP_LOW			0x28
#define TRN_Q_DRBP_LOW_MASK		GENMASK(31, 6)
#define TRN_Q_DRBP_HIGH			0x2c
#define TRN_Q_DRL			0x30
#define TRN_Q_DRL_MASK			GENMASK(23, 0)
#define TRN_Q_DRHP			0x34
#define TRN_Q_DRTP_INC			0x38	/* doorbell */
#define TRN_Q_DRTP			0x3c
#define TRN_Q_DCP			0x40
#define TRN_Q_PTR_INDEX			GENMASK(23, 0)
#define TRN_Q_PTR_RING_ID		GENMASK(31, 30)
#define TRN_Q_CRBP_LOW			0x44
#define TRN_Q_CRBP_HIGH			0x48
#define TRN_Q_CRHP			0x4c
#define TRN_S2M_Q_COMP_CFG		0x54
#define TRN_S2M_Q_SW_CTRL		0x64
#define TRN_M2S_Q_RLIMIT_MASK		0x74
#define TRN_M2S_Q_RLIMIT_MASK_RESET	0x7
#define TRN_M2S_Q_RLIMIT_MASK_DMB	0x3	/* bit 2 clear: DMB works, HW 3.2.4 */
#define TRN_M2S_Q_COMP_CFG		0xa0
#define TRN_M2S_Q_SW_CTRL		0xb0
#define TRN_Q_COMP_CFG_EN		BIT(0)
#define TRN_Q_COMP_CFG_NO_COALESCE	BIT(1)
#define TRN_Q_SW_CTRL_RESET		BIT(8)
#define TRN_RING_ID_FIRST		1

/* Ring limits, HW 3.3. */
#define TRN_RING_MIN			32
#define TRN_RING_MAX			16777200
#define TRN_RING_GRANULE		16
#define TRN_RING_ALIGN			256
#define TRN_RING_SPARE			16

/* M2S block, HW 3.5 and 3.6. */
#define TRN_M2S_DATA_RD_CFG		0x118
#define TRN_M2S_DESC_RD_CFG		0x11c
#define TRN_M2S_OSTAND_CFG		0x124
#define TRN_M2S_STATE			0x200
#define TRN_M2S_CHANGE_STATE		0x204
#define TRN_M2S_ERR_LOG_MASK		0x20c
#define TRN_M2S_LOG(n)			(0x214 + (n) * 4)	/* family */
#define TRN_M2S_CLEAR_ERR_LOG		0x224			/* family */
#define TRN_M2S_CFG_LEN			0x254
#define TRN_M2S_CFG_LEN_MAX		GENMASK(19, 0)
#define TRN_M2S_CFG_LEN_ZERO_64K	BIT(24)
#define TRN_M2S_STREAM_CFG		0x258
#define TRN_M2S_DESC_PREF_CFG_2		0x304
#define TRN_M2S_DESC_PREF_MAX		GENMASK(7, 0)
#define TRN_M2S_DESC_PREF_CFG_3		0x308
#define TRN_M2S_DATA_CFG		0x310
#define TRN_M2S_APP_ACK			0x408
#define TRN_M2S_DMA_VERSION		0x604

/* S2M block. */
#define TRN_S2M_DESC_RD_CFG		0x2011c
#define TRN_S2M_OSTAND_CFG_RD		0x20124
#define TRN_S2M_OSTAND_CFG_WR		0x20128
#define TRN_S2M_OSTAND_WR_MAX		0x2012c
#define TRN_S2M_STATE			0x20200
#define TRN_S2M_CHANGE_STATE		0x20204
#define TRN_S2M_ERR_LOG_MASK		0x2020c
#define TRN_S2M_LOG(n)			(0x20214 + (n) * 4)	/* family */
#define TRN_S2M_CLEAR_ERR_LOG		0x20224			/* family */
#define TRN_S2M_STREAM_CFG		0x20250
#define TRN_S2M_DESC_PREF_CFG_3		0x20308
#define TRN_S2M_COMP_CFG_1C		0x20380
#define TRN_S2M_APP_ACK			0x2038c

#define TRN_STATE_COMPLETION		GENMASK(1, 0)
#define TRN_STATE_STREAM		GENMASK(5, 4)
#define TRN_STATE_DATA			GENMASK(9, 8)
#define TRN_STATE_PREFETCH		GENMASK(13, 12)
#define TRN_STATE_IDLE			0
#define TRN_STATE_NORMAL		1
#define TRN_STATE_ABORT			2
#define TRN_CHANGE_STATE_NORMAL		BIT(0)
#define TRN_CHANGE_STATE_DISABLE	BIT(1)
#define TRN_CHANGE_STATE_ABORT		BIT(2)
#define TRN_STREAM_CFG_OFF		0x111	/* disable, flush, stop prefetch */

/* GEN and GEN_EX blocks, HW 3.5, 3.7. */
#define TRN_GEN_PRIMARY(group)		(0x38000 + (group) * 0x40)	/* A..D = 0..3 */
#define TRN_GEN_SECONDARY(group)	(0x3a000 + (group) * 0x40)	/* A..C = 0..2 */
#define TRN_GEN_AXI_TIMEOUT		0x3a300
#define TRN_GEN_SPARE0			0x3b460
#define TRN_GEN_EX_TX_SEL(q)		(0x3c400 + (q) * 0x40)
#define TRN_GEN_EX_RX_SEL(q, n)		(0x3c404 + (q) * 0x40 + (n) * 4)	/* n = 0..2 */

#define TRN_IOFIC_CAUSE			0x00
#define TRN_IOFIC_CAUSE_SET		0x08
#define TRN_IOFIC_MASK			0x10
#define TRN_IOFIC_MASK_CLEAR		0x18
#define TRN_IOFIC_STATUS		0x20
#define TRN_IOFIC_CONTROL		0x28
#define TRN_IOFIC_CONTROL_CLEAR_ON_READ	BIT(0)	/* family */
#define TRN_IOFIC_ABORT_MASK		0x30
#define TRN_IOFIC_LOG_MASK		0x38		/* family */

/* Secondary group A: M2S error causes, HW 3.7. */
#define TRN_M2S_ERR_RING_ID		BIT(17)
#define TRN_M2S_ERR_LAST		BIT(16)
#define TRN_M2S_ERR_FIRST		BIT(15)
#define TRN_M2S_ERR_MAX_DESC		BIT(14)
#define TRN_M2S_ERR_PKT_LEN		BIT(13)
#define TRN_M2S_ERR_PREFETCH_AXI	BIT(11)
#define TRN_M2S_ERR_DATA_AXI		BIT(8)
#define TRN_M2S_ERR_COMP_AXI		BIT(5)
/* Secondary group B: S2M error causes. */
#define TRN_S2M_ERR_COMP_AXI		BIT(14)
#define TRN_S2M_ERR_RING_ID		BIT(11)
#define TRN_S2M_ERR_PREFETCH_AXI	BIT(9)
#define TRN_S2M_HINT_NO_DESC		BIT(7)	/* family: a packet waits for a descriptor */
#define TRN_S2M_ERR_DATA_AXI		BIT(1)

/* SDMA misc block, HW 3.5 step 26. */
#define TRN_SDMA_EVENT_ACCEL		0x40000
#define TRN_SDMA_RD_REORDER		0x4001c
#define TRN_SDMA_WR_REORDER		0x40020
#define TRN_SDMA_BACKPRESSURE		0x40800

/* Descriptors, HW 4.1 and 4.2: four little-endian words. */
#define TRN_DESC_SIZE			16
#define TRN_DESC_W0_LEN			GENMASK(15, 0)	/* 0 = 64 KiB */
#define TRN_DESC_W0_RING_ID		GENMASK(25, 24)
#define TRN_DESC_MAX_LEN		0x10000
#define TRN_M2S_W0_META			BIT(23)	/* family: metadata, no buffer */
#define TRN_M2S_W0_FIRST		BIT(26)
#define TRN_M2S_W0_LAST			BIT(27)
#define TRN_M2S_W0_INT_EN		BIT(28)
#define TRN_M2S_W0_DMB			BIT(30)
#define TRN_M2S_W0_CONCAT		BIT(31)	/* family */
#define TRN_S2M_W0_INT_EN		BIT(28)
#define TRN_S2M_W0_STRONG_ORDER		BIT(29)
#define TRN_PKT_MAX_DESC		65	/* 64 data + 1 metadata */
#define TRN_PKT_MAX_LEN			0xfffff

/* Operation word, M2S w1, HW 4.3. */
#define TRN_META_LAST_BLOCK		BIT(0)
#define TRN_META_FIRST_BLOCK		BIT(1)
#define TRN_META_EXTRAS			(GENMASK(31, 27) | GENMASK(18, 2))	/* CRCs, swaps */
#define TRN_META_COPY_SOURCE		BIT(19)
#define TRN_META_OP_TYPE		GENMASK(22, 20)
#define TRN_META_OP			GENMASK(25, 23)
#define TRN_META_OP_COPY		2
#define TRN_META_WRITE_BARRIER		BIT(26)
#define TRN_META_COPY			0x01080003U
#define TRN_META_COPY_BARRIER		0x05080003U

/* Completion entries, family: M2S 4 bytes, S2M 16 bytes (HW 3.5 step 22). */
#define TRN_M2S_COMP_SIZE		4
#define TRN_S2M_COMP_SIZE		16
#define TRN_COMP_W0_ERROR		BIT(31)
#define TRN_COMP_W0_BUF1		BIT(30)
#define TRN_COMP_W0_LAST		BIT(27)
#define TRN_COMP_W0_FIRST		BIT(26)
#define TRN_COMP_W0_RING_ID		GENMASK(25, 24)

#endif /* TRN_REGS_UDMA_H */
