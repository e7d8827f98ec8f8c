/* SPDX-License-Identifier: MIT */
/*
 * Order between memory that the CPU and the device share.
 *
 * Acquire and release of C order accesses among processors. For a device, arm64 and RISC-V
 * need other fences, as in the kernel's dma_rmb() and dma_wmb(). x86 needs fences for HBM,
 * which is mapped write-combining: without them, loads and stores of HBM are not ordered
 * with a doorbell or a record.
 */
#ifndef TRN_QUEUE_BARRIER_H
#define TRN_QUEUE_BARRIER_H

/* Earlier stores are in memory before later stores, including a doorbell. */
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

/* Earlier loads are done before later loads and stores. */
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
