/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface to the host: C library, locks, atomics.
 *
 * The core is plain C and compiled twice: inside QEMU, with the locks of QEMU,
 * and for unit tests and fuzzers, with pthreads. Only this file differs.
 */
#ifndef TRN_CORE_PORT_H
#define TRN_CORE_PORT_H

#if defined(__has_include) && __has_include("qemu/osdep.h")

#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bitops.h"
#include "qemu/thread.h"

typedef QemuMutex TrnMutex;
typedef QemuCond TrnCond;

#define trn_mutex_init(m)       qemu_mutex_init(m)
#define trn_mutex_destroy(m)    qemu_mutex_destroy(m)
#define trn_mutex_lock(m)       qemu_mutex_lock(m)
#define trn_mutex_unlock(m)     qemu_mutex_unlock(m)
#define trn_cond_init(c)        qemu_cond_init(c)
#define trn_cond_destroy(c)     qemu_cond_destroy(c)
#define trn_cond_wait(c, m)     qemu_cond_wait(c, m)
#define trn_cond_broadcast(c)   qemu_cond_broadcast(c)
#define trn_thread_self()       ((void *)g_thread_self())

/* Read barrier; its partners are named below. */
#define trn_rmb()               smp_rmb()
/* Write barrier; its partners are named below. */
#define trn_wmb()               smp_wmb()

#else

#include <assert.h>
#include <pthread.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef pthread_mutex_t TrnMutex;
typedef pthread_cond_t TrnCond;

#define trn_mutex_init(m)       pthread_mutex_init(m, NULL)
#define trn_mutex_destroy(m)    pthread_mutex_destroy(m)
#define trn_mutex_lock(m)       pthread_mutex_lock(m)
#define trn_mutex_unlock(m)     pthread_mutex_unlock(m)
#define trn_cond_init(c)        pthread_cond_init(c, NULL)
#define trn_cond_destroy(c)     pthread_cond_destroy(c)
#define trn_cond_wait(c, m)     pthread_cond_wait(c, m)
#define trn_cond_broadcast(c)   pthread_cond_broadcast(c)
#define trn_thread_self()       ((void *)pthread_self())

#define MIN(a, b)               ((a) < (b) ? (a) : (b))
#define MAX(a, b)               ((a) > (b) ? (a) : (b))
#define G_GNUC_PRINTF(f, a)     __attribute__((format(printf, f, a)))
#define ARRAY_SIZE(x)           (sizeof(x) / sizeof((x)[0]))

#ifdef __SANITIZE_THREAD__
/* ThreadSanitizer ignores fences: tests/unit/threads-world.c models them. */
void trn_tsan_wmb(void);
#define trn_rmb()               do { } while (0)
#define trn_wmb()               trn_tsan_wmb()
#else
#define trn_rmb()               __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define trn_wmb()               __atomic_thread_fence(__ATOMIC_RELEASE)
#endif

#endif

/* For products of 64-bit numbers. Not available on 32-bit hosts. */
typedef unsigned __int128 TrnWide;

/*
 * Memory order, also for hosts with weaker order than x86:
 *
 *  - between threads of QEMU: TRN_STORE_RELEASE() and
 *    TRN_LOAD_ACQUIRE(), or a lock;
 *  - words that the guest polls: trn_wmb() before the write of the word. The
 *    partner is the guest's read barrier after the poll, dma_rmb() in Linux;
 *  - data that the guest writes before a doorbell: the guest's write barrier
 *    before the register access, then a lock or release in that access, and the
 *    worker's acquire of TrnRing.rung.
 */
#define TRN_READ(p)             __atomic_load_n(p, __ATOMIC_RELAXED)
#define TRN_WRITE(p, v)         __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define TRN_LOAD_ACQUIRE(p)     __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define TRN_STORE_RELEASE(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

/* The field that @mask names in @value, and its inverse. */
static inline uint64_t trn_field_get(uint64_t mask, uint64_t value)
{
    return (value & mask) / (mask & -mask);
}

static inline uint64_t trn_field_prep(uint64_t mask, uint64_t field)
{
    return (field * (mask & -mask)) & mask;
}

/* Guest memory and registers are little endian on every host. */
static inline uint16_t trn_get_le16(const void *p)
{
    const uint8_t *b = p;

    return b[0] | b[1] << 8;
}

static inline uint32_t trn_get_le32(const void *p)
{
    const uint8_t *b = p;

    return b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline uint64_t trn_get_le64(const void *p)
{
    return trn_get_le32(p) | (uint64_t)trn_get_le32((const uint8_t *)p + 4)
                             << 32;
}

static inline void trn_put_le16(void *p, uint16_t v)
{
    uint8_t *b = p;

    b[0] = v;
    b[1] = v >> 8;
}

static inline void trn_put_le32(void *p, uint32_t v)
{
    uint8_t *b = p;

    b[0] = v;
    b[1] = v >> 8;
    b[2] = v >> 16;
    b[3] = v >> 24;
}

static inline void trn_put_le64(void *p, uint64_t v)
{
    trn_put_le32(p, v);
    trn_put_le32((uint8_t *)p + 4, v >> 32);
}

#endif /* TRN_CORE_PORT_H */
