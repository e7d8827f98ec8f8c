/* SPDX-License-Identifier: MIT */
/*
 * Order between memory that the CPU and the device share.
 *
 * Acquire and release of C order accesses among processors. A device is not one of them:
 * arm64 and RISC-V have fences of their own for it, as the kernel's dma_rmb() and
 * dma_wmb(). x86 needs fences for HBM, which is mapped write-combining: nothing else keeps
 * what the CPU stores or loads there in order with a doorbell or a record.
 */
#ifndef TRN_QUEUE_BARRIER_H
#define TRN_QUEUE_BARRIER_H

/* What was stored in memory is there before what is stored next, a doorbell too. */
static inline void trn_device_wmb(void)
{
#if defined(__x86_64__)
	__asm__("sfence" ::: "memory");
#elif defined(__aarch64__)
	__asm__("dmb oshst" ::: "memory");
#elif defined(__riscv)
	__asm__("fence ow, ow" ::: "memory");
#else
	__sync_synchronize();
#endif
}

/* What is loaded, or stored, next comes after what was loaded before. */
static inline void trn_device_rmb(void)
{
#if defined(__x86_64__)
	__asm__("lfence" ::: "memory");
#elif defined(__aarch64__)
	__asm__("dmb oshld" ::: "memory");
#elif defined(__riscv)
	__asm__("fence ir, iorw" ::: "memory");
#else
	__sync_synchronize();
#endif
}

#endif /* TRN_QUEUE_BARRIER_H */
