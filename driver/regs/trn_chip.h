/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Trainium3 ("V4"): PCI identity, BAR layout and on-chip address map.
 *
 * "HW n" names a section of the hardware reference. BAR0 offsets are named
 * TRN_BAR0_*, on-chip (AXI) addresses TRN_CHIP_*. Registers are 32 bits wide,
 * little endian, and accessed only whole (HW 0).
 */
#ifndef TRN_REGS_CHIP_H
#define TRN_REGS_CHIP_H

#include "trn_types.h"

/* PCI identity, HW 1.1 and 1.2. */
#define TRN_PCI_VENDOR_ID		0x1d0f
#define TRN_PCI_DEVICE_ID_TRN3		0x7564
#define TRN_PCI_DEVICE_ID_TRN3_ALT	0x7565
#define TRN_PCI_DEVICE_ID_TRN2		0x7364
#define TRN_PCI_REVISION_QEMU		0xff
#define TRN_PCI_REVISION_EMU		0xf0

/* BARs, HW 1.3. BAR2 belongs to the model extension, see trn_trnx.h. */
#define TRN_BAR_REGS			0
#define TRN_BAR_TRNX			2
#define TRN_BAR_HBM			4
#define TRN_BAR0_SIZE			0x100000000ULL

/* Chip constants, HW 0. */
#define TRN_NUM_DIES			2
#define TRN_NUM_SENGS			4
#define TRN_NUM_CORES			8
#define TRN_ENGINES_PER_CORE		16
#define TRN_ENGINES_PER_SENG		32
#define TRN_NUM_CORE_ENGINES		128
#define TRN_NUM_H2T_ENGINES		4
#define TRN_NUM_ENGINES			132
#define TRN_QUEUES_PER_ENGINE		16
#define TRN_NUM_HBM_STACKS		4
#define TRN_HBM_STACK_SIZE		0x900000000ULL	/* 36 GiB usable */
#define TRN_HBM_STACK_SLOT		0x1000000000ULL	/* 64 GiB in BAR4 and on chip */
#define TRN_HBM_RESERVED		0x1000000ULL	/* first 16 MiB of every stack */

/* Chip address bits, HW 2.1. */
#define TRN_CHIP_NEIGHBOUR		BIT_ULL(52)
#define TRN_CHIP_NEIGHBOUR_SEL		GENMASK_ULL(51, 50)
#define TRN_CHIP_NEIGHBOUR_STRIDE	BIT_ULL(50)	/* of the windows, HW 2.2 */
#define TRN_CHIP_DIE			BIT_ULL(47)
#define TRN_CHIP_HOST			BIT_ULL(46)
#define TRN_CHIP_HOST_ADDR		GENMASK_ULL(45, 0)
/* Host bus addresses that a descriptor can carry. */
#define TRN_HOST_ADDR_BITS		46

/* Regions of the chip address map, HW 2.2. */
#define TRN_CHIP_HBM0			0x000000000000ULL
#define TRN_CHIP_HBM1			0x004000000000ULL
#define TRN_CHIP_HBM2			0x800000000000ULL
#define TRN_CHIP_HBM3			0x804000000000ULL
#define TRN_CHIP_APB_SE0		0x001000000000ULL
#define TRN_CHIP_APB_SE1		0x005000000000ULL
#define TRN_CHIP_APB_SE2		0x801000000000ULL
#define TRN_CHIP_APB_SE3		0x805000000000ULL
#define TRN_APB_SE_SIZE			0x10000000ULL
#define TRN_CHIP_PREPROC0		0x001200000000ULL
#define TRN_CHIP_PREPROC1		0x005200000000ULL
#define TRN_CHIP_PREPROC2		0x801200000000ULL
#define TRN_CHIP_PREPROC3		0x805200000000ULL
#define TRN_PREPROC_SIZE		0x34c0000ULL
#define TRN_CHIP_TPB0			0x002000000000ULL
#define TRN_CHIP_TPB1			0x003000000000ULL
#define TRN_CHIP_TPB2			0x006000000000ULL
#define TRN_CHIP_TPB3			0x007000000000ULL
#define TRN_CHIP_TPB4			0x802000000000ULL
#define TRN_CHIP_TPB5			0x803000000000ULL
#define TRN_CHIP_TPB6			0x806000000000ULL
#define TRN_CHIP_TPB7			0x807000000000ULL
#define TRN_TPB_SIZE			0x804000000ULL
#define TRN_TPB_WINDOW			0x4000000ULL	/* what BAR0 shows of it */
#define TRN_CHIP_APB_IO0		0x008000000000ULL
#define TRN_CHIP_APB_IO1		0x808000000000ULL
#define TRN_APB_IO_SIZE			0x20000000ULL
#define TRN_CHIP_TOP_SP_DIE0		0x008280000000ULL
#define TRN_CHIP_TOP_SP_DIE1		0x808280000000ULL
#define TRN_CHIP_TOP_SP_STRIDE		0x40000000ULL
#define TRN_TOP_SP_SIZE			0x400000ULL
#define TRN_NUM_TOP_SP			20
#define TRN_TOP_SP_PER_DIE		10
#define TRN_NUM_TOP_SP_USED		16

/* BAR0 offsets of the same, HW 1.5 and 2.2. */
#define TRN_BAR0_APB_IO0		0x00000000ULL
#define TRN_BAR0_APB_IO1		0x40000000ULL
#define TRN_BAR0_APB_SE0		0x80000000ULL
#define TRN_BAR0_APB_SE_STRIDE		0x10000000ULL
#define TRN_BAR0_TPB			0xd0000000ULL
#define TRN_BAR0_TOP_SP			0xf0000000ULL

/* Offsets inside an APB_IO block, HW 2.4. */
#define TRN_APB_IO_NQ_CORE		0x06001000	/* + seng%2 * SENG + nc%2 * NC */
#define TRN_APB_IO_PE			0x06141100
#define TRN_APB_IO_SENG_STRIDE		0x400000
#define TRN_APB_IO_NC_STRIDE		0x180000
#define TRN_APB_IO_QEMU_RESET		0x06300010	/* APB_IO_0 only */
#define TRN_APB_IO_H2T			0x06800000	/* two UDMA engines */
#define TRN_APB_IO_NQ_TOP_SP		0x06a00000
#define TRN_APB_IO_NQ_TOP_SP_STRIDE	0x40000
#define TRN_APB_IO_MISC_RAM		0x06c84000	/* APB_IO_0 only */

/* Offsets inside an APB_SE block, HW 2.4: odd SENGs differ. */
#define TRN_APB_SE_UDMA_EVEN		0x02000000
#define TRN_APB_SE_UDMA_ODD		0x04000000
#define TRN_APB_SE_FIS_EVEN		0x0c000000
#define TRN_APB_SE_FIS_ODD		0x0c400000
#define TRN_FIS_STRIDE			0x20000
#define TRN_FIS_GROUP2_MASK		0x90
#define TRN_FIS_GROUP3_MASK		0xd0

/* Inside a TPB window; semaphores and events start a TOP_SP window too, HW 2.2 and 8.5. */
#define TRN_TPB_SBUF_SIZE		0x2000000
#define TRN_TPB_SEMAPHORES		0x2700000	/* the 8 KiB block below */
#define TRN_SEM_BLOCK_SIZE		0x2000
#define TRN_SEM_EVENT			0x0000
#define TRN_SEM_READ			0x1000
#define TRN_SEM_SET			0x1400
#define TRN_SEM_INC			0x1800
#define TRN_SEM_DEC			0x1c00
#define TRN_NUM_SEMAPHORES		256
#define TRN_NUM_EVENTS			256

/* Notification queue block, HW 8.1: sixteen queues. */
#define TRN_NQ_QUEUE(i)			(0x100 + (i) * 0x28)
#define TRN_NQ_BASE_LOW			0x00
#define TRN_NQ_BASE_HIGH		0x04
#define TRN_NQ_SIZE			0x08
#define TRN_NQ_HEAD			0x0c
#define TRN_NQ_NUM_QUEUES		16

/* Firmware mailbox in MISC RAM, HW 6.1. */
#define TRN_MISC_RAM_SIZE		0x1000
#define TRN_MISC_API_VERSION		0x000
#define TRN_MISC_DEVICE_ID		0x024
#define TRN_MISC_SERIAL_LO		0x038
#define TRN_MISC_SERIAL_HI		0x03c
#define TRN_MISC_ECC_SRAM		0x040
#define TRN_MISC_ECC_HBM(stack)		(0x044 + (stack) * 4)
#define TRN_MISC_POWER_DIE(die)		(0x054 + (die) * 4)
#define TRN_MISC_HBM_REPAIR		0x064
#define TRN_MISC_SERVER_INFO		0x070
#define TRN_MISC_SERVER_INFO_VALID	BIT(15)
#define TRN_MISC_ACK			0x0f0
#define TRN_MISC_DATA			0x100
#define TRN_MISC_DATA_SIZE		0x80
#define TRN_MISC_LEFT_SERIAL_HI		0x180
#define TRN_MISC_POD_STATUS		0x190
#define TRN_MISC_POD_SERIAL_HI		0x194
#define TRN_MISC_RESET_MAP		0x1d8
#define TRN_MISC_RESET			0x1ec
#define TRN_MISC_RESET_DEVICE		1
#define TRN_MISC_RESET_PARTIAL		2
#define TRN_MISC_REQ_HI			0x1f0
#define TRN_MISC_REQ_LO			0x1f4
#define TRN_MISC_RESP_HI		0x1f8
#define TRN_MISC_RESP_LO		0x1fc
#define TRN_MISC_TRIGGER		0x800
#define TRN_MISC_FW_STATUS		0x808
#define TRN_MISC_FW_STATUS_BUSY		BIT(3)
#define TRN_MISC_NOT_READY		0xdeadbeef

/* Mailbox requests, HW 6.4 and 6.5. */
#define TRN_FW_CMD_READ_REGS		1
#define TRN_FW_CMD_POST_METRICS		2
#define TRN_FW_CMD_POWER_PROFILE	3
#define TRN_FW_OK			0
#define TRN_FW_FAILED			1
#define TRN_FW_UNKNOWN_CMD		2
#define TRN_FW_HDR_SEQ			GENMASK(7, 0)
#define TRN_FW_HDR_CMD			GENMASK(15, 8)
#define TRN_FW_HDR_SIZE			GENMASK(31, 16)

/* Reset maps, HW 7.2: bits of core n. */
#define TRN_RESET_MAP_CORE(n)		(0x00010101U << (n))

#endif /* TRN_REGS_CHIP_H */
