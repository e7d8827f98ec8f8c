/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * trnx, the model extension: what the software chip adds to the real one, in
 * BAR2. Reference manual: qemu-device/docs/trnx.md; this header is its index.
 *
 * All of it is little endian. Registers marked 64 take one 64-bit access, or two
 * 32-bit ones, low half first: the access to the high half commits both.
 * "Address" is a chip address: host memory has bit 46 set (TRN_CHIP_HOST).
 */
#ifndef TRN_REGS_TRNX_H
#define TRN_REGS_TRNX_H

#include "trn_types.h"

/*
 * Subsystem of the model in configuration space: those that QEMU keeps for models
 * of devices that exist, and that no board of the real chip can have.
 */
#define TRNX_PCI_SUBVENDOR_ID		0x1af4
#define TRNX_PCI_SUBDEVICE_ID		0x1100

/*
 * Vendor-specific extended capability (VSEC) in PCIe extended config space.
 * Offsets are from the capability header.
 */
#define TRNX_VSEC_ID			0x7452
#define TRNX_VSEC_REV			1
#define TRNX_VSEC_LENGTH		0x18
#define TRNX_VSEC_HEADER		0x04	/* [15:0] id, [19:16] rev, [31:20] length */
#define TRNX_VSEC_MAGIC			0x08	/* TRNX_MAGIC */
#define TRNX_VSEC_BAR			0x0c	/* [2:0] BAR number, [31:16] TRNX_VERSION major */
#define TRNX_VSEC_BAR_NUM		GENMASK(2, 0)
#define TRNX_VSEC_BAR_MAJOR		GENMASK(31, 16)
#define TRNX_VSEC_OFFSET		0x10	/* of the identity block in that BAR */
#define TRNX_VSEC_FEATURES		0x14	/* low word of TRNX_ID_FEATURES */

#define TRNX_MAGIC			0x584e5254	/* "TRNX" */
#define TRNX_VERSION_MAJOR		1
#define TRNX_VERSION_MINOR		2
#define TRNX_BAR_SIZE			0x2000000	/* 32 MiB */

/* Identity block: read-only except SCRATCH. */
#define TRNX_ID				0x00000
#define TRNX_ID_MAGIC			0x00
#define TRNX_ID_VERSION			0x04	/* [31:16] major, [15:0] minor */
#define TRNX_ID_FEATURES		0x08	/* 64: TRNX_FEAT_* */
#define TRNX_ID_GENERATION		0x10	/* 2 = Trainium2, 3 = Trainium3 */
#define TRNX_ID_ENGINES			0x14	/* [15:0] engines, [31:16] first H2T engine */
#define TRNX_ID_QUEUES			0x18	/* [15:0] queues per engine, [31:16] event queues */
#define TRNX_ID_CORES			0x1c	/* [15:0] NeuronCores, [23:16] dies, [31:24] HBM stacks */
#define TRNX_ID_HBM_SIZE		0x20	/* 64: usable bytes of one stack */
#define TRNX_ID_HBM_STRIDE		0x28	/* 64: BAR4 bytes from one stack to the next */
#define TRNX_ID_HBM_RESERVED		0x30	/* 64: firmware's bytes at the start of each stack */
#define TRNX_ID_QCTL_BASE		0x38	/* BAR offset of queue control block 0 */
#define TRNX_ID_QCTL_STRIDE		0x3c
#define TRNX_ID_DOORBELL_BASE		0x40	/* BAR offset of doorbell page 0 */
#define TRNX_ID_DOORBELL_STRIDE		0x44
#define TRNX_ID_EQ_BASE			0x48	/* BAR offset of event queue block 0 */
#define TRNX_ID_EQ_STRIDE		0x4c
#define TRNX_ID_RESET_COUNT		0x50	/* whole-device resets since power on */
#define TRNX_ID_SCRATCH			0x54	/* read-write, no effect; 0 after reset */
#define TRNX_ID_HBM_ADDR(stack)		(0x80 + (stack) * 8)	/* 64: chip address of a stack */

/* A feature is present only if its bit is set; its blocks read 0 otherwise. */
#define TRNX_FEAT_EVENTS		BIT_ULL(0)	/* event queues and MSI-X */
#define TRNX_FEAT_COUNTERS		BIT_ULL(1)	/* completion counters and arming */
#define TRNX_FEAT_HALT			BIT_ULL(2)	/* QCTL_CTRL_HALT */
#define TRNX_FEAT_MMU			BIT_ULL(8)
#define TRNX_FEAT_DOORBELLS		BIT_ULL(9)
#define TRNX_FEAT_INLINE_OPS		BIT_ULL(10)
#define TRNX_FEAT_TELEMETRY		BIT_ULL(11)
#define TRNX_FEAT_LINKS			BIT_ULL(12)
#define TRNX_FEAT_COALESCING		BIT_ULL(13)
#define TRNX_FEAT_PRIORITY		BIT_ULL(14)	/* QCTL_PRIORITY */

/*
 * MMU: what a queue whose QCTL_ASID is not 0 addresses. Page tables and the
 * context table, which has a root for each ASID, lie in host memory.
 */
#define TRNX_MMU			0x02000
#define TRNX_MMU_CAPS			0x00	/* RO */
#define TRNX_MMU_CAPS_ASIDS		GENMASK(15, 0)	/* number of ASIDs, 0 included */
#define TRNX_MMU_CAPS_VA_BITS		GENMASK(23, 16)
#define TRNX_MMU_CAPS_LEVELS		GENMASK(31, 24)
#define TRNX_MMU_CTRL			0x04
#define TRNX_MMU_CTRL_ENABLE		BIT(0)	/* 0: every ASID but 0 faults */
#define TRNX_MMU_CTX_ADDR		0x08	/* 64: address of the context table */
#define TRNX_MMU_CTX_SIZE		0x10	/* its entries; ASIDs from here on fault */
#define TRNX_MMU_INV_ADDR		0x18	/* 64: first byte of INV_RANGE */
#define TRNX_MMU_INV_SIZE		0x20	/* 64: bytes of INV_RANGE */
#define TRNX_MMU_INVALIDATE		0x28	/* W: returns when it is done */
#define TRNX_MMU_INVALIDATE_ASID	GENMASK(15, 0)
#define TRNX_MMU_INVALIDATE_KIND	GENMASK(17, 16)
#define TRNX_MMU_INV_ALL		1
#define TRNX_MMU_INV_ASID		2
#define TRNX_MMU_INV_RANGE		3

#define TRNX_MMU_NUM_ASIDS		4096
#define TRNX_MMU_ENTRY_BITS		9	/* index bits of a level: 512 entries */
#define TRNX_MMU_PAGE_SHIFT		12
#define TRNX_MMU_NUM_LEVELS		4

/* Entry of a table, 8 bytes. A context entry is one of a table. Others MBZ. */
#define TRNX_PTE_VALID			BIT_ULL(0)	/* 0: nothing else is looked at */
#define TRNX_PTE_READ			BIT_ULL(1)	/* leaf only */
#define TRNX_PTE_WRITE			BIT_ULL(2)	/* leaf only */
#define TRNX_PTE_LEAF			BIT_ULL(3)	/* of 4 KiB, 2 MiB or 1 GiB */
#define TRNX_PTE_ADDR			GENMASK_ULL(47, 12)	/* chip address */

/*
 * Telemetry, read only: temperatures in millidegrees Celsius (signed), power in
 * milliwatts, energy in microjoules. Energy counts from the creation of the device; no
 * reset clears it. A read takes a sample, at most one in SAMPLE_MIN.
 */
#define TRNX_TELEMETRY			0x03000
#define TRNX_TELEMETRY_TEMP		0x00	/* of the chip */
#define TRNX_TELEMETRY_POWER		0x04	/* mean between the last two samples */
#define TRNX_TELEMETRY_ENERGY		0x08	/* 64 */
#define TRNX_TELEMETRY_THROTTLE		0x10	/* reasons to throttle the chip; 0: none */
#define TRNX_THROTTLE_THERMAL		BIT(0)	/* chip or stack has reached TEMP_LIMIT */
#define TRNX_THROTTLE_FORCED		BIT(1)	/* from outside */
#define TRNX_TELEMETRY_TEMP_LIMIT	0x14
#define TRNX_TELEMETRY_THROTTLE_TIME	0x18	/* 64: ns that it was throttled */
#define TRNX_TELEMETRY_SAMPLE_TIME	0x20	/* 64: virtual ns of the last sample */
#define TRNX_TELEMETRY_SAMPLE_MIN	0x28	/* least ns between two samples */
#define TRNX_TELEMETRY_COMPLETION	0x30	/* 64: modelled ps of the last completion */
#define TRNX_TELEMETRY_SRAM_CORRECTED	0x38	/* ECC errors of on-chip memory */
#define TRNX_TELEMETRY_SRAM_UNCORRECTED	0x3c
#define TRNX_TELEMETRY_STACK(stack)	(0x40 + (stack) * 0x20)
#define TRNX_TELEMETRY_ENGINE(engine)	(0x100 + (engine) * 0x10)
#define TRNX_TELEMETRY_ENGINE_BYTES(engine)	(0xa00 + (engine) * 8)	/* 64: moved */

/* In the block of a stack; in that of an engine the first three. */
#define TRNX_PART_TEMP			0x00
#define TRNX_PART_POWER			0x04
#define TRNX_PART_ENERGY		0x08	/* 64 */
#define TRNX_PART_CORRECTED		0x10	/* ECC errors */
#define TRNX_PART_UNCORRECTED		0x14
#define TRNX_PART_BYTES			0x18	/* 64: read and written by DMA */

/*
 * Links: one block for each neighbour window. Counters are not cleared by any
 * reset.
 */
#define TRNX_LINKS			0x04000
#define TRNX_LINKS_CTRL			0x00
#define TRNX_LINKS_CTRL_EVENTS		BIT(0)	/* a change sends TRNX_EVENT_DEVICE */
#define TRNX_LINKS_EQ			0x04	/* event queue that takes them */
#define TRNX_NUM_LINKS			4
#define TRNX_LINK(window)		(0x40 + (window) * 0x40)
#define TRNX_LINK_STATE			0x00	/* RO, and all that follow */
#define TRNX_LINK_STATE_UP		BIT(0)	/* DMA gets through */
#define TRNX_LINK_STATE_PRESENT		BIT(1)	/* there is a neighbour */
#define TRNX_LINK_ROUTING_ID		0x04	/* of the neighbour, present or not */
#define TRNX_LINK_SERIAL		0x08	/* 64: the neighbour's; 0 unless UP */
#define TRNX_LINK_TX_BYTES		0x10	/* 64: sent to the neighbour */
#define TRNX_LINK_RX_BYTES		0x18	/* 64: received from it */
#define TRNX_LINK_TX_ERRORS		0x20	/* own writes to it that failed */
#define TRNX_LINK_RX_ERRORS		0x24	/* own reads from it that failed */
#define TRNX_LINK_CHANGES		0x28	/* times that it came up or went down */

/*
 * Event queues: rings of 16-byte entries in memory. Event queue n raises MSI-X
 * vector n.
 */
#define TRNX_NUM_EQ			32
#define TRNX_EQ				0x10000
#define TRNX_EQ_STRIDE			0x40
#define TRNX_EQ_BASE_ADDR		0x00	/* 64: address, 64-byte aligned */
#define TRNX_EQ_SIZE			0x08	/* log2 of the entries, TRNX_EQ_SIZE_MIN..MAX */
#define TRNX_EQ_SIZE_MIN		4
#define TRNX_EQ_SIZE_MAX		16
#define TRNX_EQ_CTRL			0x0c
#define TRNX_EQ_CTRL_ENABLE		BIT(0)	/* 0 -> 1: PI = CI = 0, phase 1, disarmed */
#define TRNX_EQ_PI			0x10	/* RO: free-running count of entries written */
#define TRNX_EQ_CI			0x14	/* RW: free-running count of entries consumed */
#define TRNX_EQ_ARM			0x18	/* W: CI, and one interrupt as soon as PI != CI */
#define TRNX_EQ_STATUS			0x1c	/* W1C */
#define TRNX_EQ_STATUS_OVERFLOW		BIT(0)	/* an event found no room and was dropped */
#define TRNX_EQ_STATUS_AXI		BIT(1)	/* an entry could not be written */
#define TRNX_EQ_MODERATION		0x20	/* least ns between interrupts (FEAT_COALESCING) */

/* Event entry; the phase word is written last. */
#define TRNX_EVENT_SIZE			16
#define TRNX_EVENT_W0			0x00	/* [7:0] type, [31] phase */
#define TRNX_EVENT_W0_TYPE		GENMASK(7, 0)
#define TRNX_EVENT_W0_PHASE		BIT(31)	/* 1 on the first lap, then 0, 1, ... */
#define TRNX_EVENT_W1			0x04	/* queue index, engine * 16 + queue */
#define TRNX_EVENT_DATA			0x08	/* 64: by type */
#define TRNX_EVENT_COMPLETION		1	/* data: the S2M count that met the threshold */
#define TRNX_EVENT_QUEUE_ERROR		2	/* data: TRNX_ERR_* */
#define TRNX_EVENT_MMU_FAULT		3	/* data: TRNX_FAULT_* */
#define TRNX_FAULT_CODE			GENMASK_ULL(7, 0)	/* TRNX_ERR_MMU_* */
#define TRNX_FAULT_ACCESS		GENMASK_ULL(15, 8)	/* TRNX_ACCESS_* */
#define TRNX_FAULT_ADDR			GENMASK_ULL(63, 16)	/* [47:0] of the address */
#define TRNX_EVENT_DEVICE		4	/* data: TRNX_DEVICE_*; no queue: word 1 is 0 */
#define TRNX_DEVICE_KIND		GENMASK_ULL(7, 0)
#define TRNX_DEVICE_KIND_LINK		1	/* a link came up or went down */
#define TRNX_DEVICE_LINK		GENMASK_ULL(15, 8)	/* its window */
#define TRNX_DEVICE_LINK_UP		BIT_ULL(16)	/* 1: it is up now */
#define TRNX_DEVICE_ROUTING_ID		GENMASK_ULL(63, 32)	/* of the neighbour */

#define TRNX_MSIX_TABLE			0x20000
#define TRNX_MSIX_PBA			0x28000

/* Queue control blocks: index = engine * 16 + queue. */
#define TRNX_QCTL			0x100000
#define TRNX_QCTL_STRIDE		0x100
#define TRNX_QCTL_CTRL			0x00
#define TRNX_QCTL_CTRL_COUNT		BIT(0)	/* write the record at COUNT_ADDR */
#define TRNX_QCTL_CTRL_ERR_EVENT	BIT(1)	/* an error sends TRNX_EVENT_QUEUE_ERROR */
#define TRNX_QCTL_CTRL_HALT		BIT(2)	/* an error halts the queue until its reset */
#define TRNX_QCTL_CTRL_DOORBELL		BIT(3)	/* the queue's doorbell page rings */
#define TRNX_QCTL_STATUS		0x04	/* RO; a queue reset clears ERROR, HALTED, CODE */
#define TRNX_QCTL_STATUS_BUSY		BIT(0)	/* a descriptor is being executed */
#define TRNX_QCTL_STATUS_ERROR		BIT(1)
#define TRNX_QCTL_STATUS_ARMED		BIT(2)
#define TRNX_QCTL_STATUS_HALTED		BIT(3)
#define TRNX_QCTL_STATUS_CODE		GENMASK(15, 8)	/* first TRNX_ERR_* since the reset */
#define TRNX_QCTL_COUNT_ADDR		0x08	/* 64: address of the record, 32-byte aligned */
#define TRNX_QCTL_COUNT			0x10	/* 64, RO: S2M descriptors retired since queue reset */
#define TRNX_QCTL_ARM			0x18	/* 64: one completion event once COUNT >= this */
#define TRNX_QCTL_EQ			0x20	/* event queue that takes this queue's events */
#define TRNX_QCTL_ASID			0x28	/* address space (FEAT_MMU); 0 = chip addresses */
#define TRNX_QCTL_ACCESS		0x2c	/* RO: TRNX_ACCESS_* of a TRNX_ERR_MMU_* */
#define TRNX_ACCESS_M2S_RING		0
#define TRNX_ACCESS_S2M_RING		1
#define TRNX_ACCESS_SOURCE		2
#define TRNX_ACCESS_TARGET		3
#define TRNX_QCTL_ERR_ADDR		0x30	/* 64, RO: address of the first error */
#define TRNX_QCTL_M2S_COUNT		0x38	/* 64, RO: M2S descriptors retired since queue reset */
#define TRNX_QCTL_PRIORITY		0x40	/* share of the engine's turns (FEAT_PRIORITY) */
#define TRNX_QCTL_PRIORITY_MASK		GENMASK(1, 0)	/* what is reserved is NORMAL */
#define TRNX_PRIORITY_NORMAL		0	/* 4 turns */
#define TRNX_PRIORITY_LOW		1	/* 1 turn */
#define TRNX_PRIORITY_HIGH		2	/* 16 turns */

/*
 * Counter record in memory, 32 bytes. The data of a descriptor is visible before
 * the count that includes it.
 */
#define TRNX_RECORD_SIZE		32
#define TRNX_RECORD_S2M			0x00	/* 64: as TRNX_QCTL_COUNT */
#define TRNX_RECORD_M2S			0x08	/* 64: as TRNX_QCTL_M2S_COUNT */
#define TRNX_RECORD_STATUS		0x10	/* 32: as TRNX_QCTL_STATUS, written on error only */

/* Error codes. */
#define TRNX_ERR_NONE			0
#define TRNX_ERR_M2S_PREFETCH		1	/* M2S ring address decodes to nothing */
#define TRNX_ERR_S2M_PREFETCH		2
#define TRNX_ERR_M2S_DATA		3	/* source address decodes to nothing */
#define TRNX_ERR_S2M_DATA		4	/* destination address decodes to nothing */
#define TRNX_ERR_M2S_RING_ID		5
#define TRNX_ERR_S2M_RING_ID		6
#define TRNX_ERR_M2S_FIRST		7	/* FIRST inside a packet, or missing */
#define TRNX_ERR_M2S_LAST		8
#define TRNX_ERR_M2S_MAX_DESC		9
#define TRNX_ERR_M2S_PKT_LEN		10
#define TRNX_ERR_RECORD			11	/* counter record could not be written */
#define TRNX_ERR_M2S_OP			12	/* operation word not known */
#define TRNX_ERR_MMU_NOT_PRESENT	13	/* no translation for the address */
#define TRNX_ERR_MMU_READ		14	/* translation without TRNX_PTE_READ */
#define TRNX_ERR_MMU_WRITE		15	/* translation without TRNX_PTE_WRITE */
#define TRNX_ERR_MMU_ENTRY		16	/* table entry bad or out of reach */
#define TRNX_ERR_DOORBELL		17	/* rung for more than the ring has room */
#define TRNX_ERR_INLINE			18	/* operands of an inline operation make no sense */
#define TRNX_ERR_INDEX			19	/* index of a gather or scatter is out of bounds */

/*
 * Doorbell pages: one 4 KiB page a queue, index as QCTL, to be mapped into the
 * process whose queue it is. All W: descriptors to add.
 */
#define TRNX_DOORBELL			0x1000000
#define TRNX_DOORBELL_STRIDE		0x1000
#define TRNX_DOORBELL_M2S		0x00
#define TRNX_DOORBELL_S2M		0x04
#define TRNX_DOORBELL_BOTH		0x08	/* 64: at once, or neither */
#define TRNX_DOORBELL_BOTH_S2M		GENMASK_ULL(31, 0)
#define TRNX_DOORBELL_BOTH_M2S		GENMASK_ULL(63, 32)

#endif /* TRN_REGS_TRNX_H */
