/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites share: the device, its objects, patterns, and accounting.
 *
 * Everything goes through the raw interface of drm/trn_accel.h, never through
 * libtrn. Functions return 0 or a negative errno unless they say otherwise, and
 * print nothing: the test says what was expected.
 *
 * Environment:
 *   TRN_TEST_DEVICE       node to test; else the first accel node of driver "trn"
 *   TRN_TEST_SCALE=small  fewer repetitions (never fewer cases), for slow kernels
 *   TRN_TEST_SEED         seed of the random suites
 *   TRN_TEST_MODULE       path of trn.ko, for the suites that reload it
 *   TRN_TEST_HANG_ENGINE  engine that the device was told to hang (x-hang-engine)
 */
#ifndef TT_TEST_H
#define TT_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xf86drm.h>

#include "drm/trn_accel.h"

#define TT_KIB		1024ull
#define TT_MIB		(1024ull * 1024)
#define TT_GIB		(1024ull * 1024 * 1024)
#define TT_NSEC		1000000000ll
#define TT_PAGE		4096ull
#define TT_MAX_REGIONS	16
#define TT_MAX_ENGINES	256
/* No operation of a test takes this long: past it, the device hangs. */
#define TT_DEADLINE_S	60

/* ---- device ---- */

struct tt_device {
	int fd;
	struct drm_trn_query_device info;
	struct drm_trn_region regions[TT_MAX_REGIONS];
	uint64_t hbm;		/* placement: all stacks */
	uint64_t system;	/* placement: host memory */
};

/* Find the node; a name of at most @len - 1 characters. */
int tt_device_path(char *path, size_t len);
int tt_device_open(struct tt_device *dev);
/* As another user, whose file it is then; for root only. */
int tt_device_open_as(unsigned int uid, struct tt_device *dev);
void tt_device_close(struct tt_device *dev);
/* PCI address of an open device, as sysfs writes it. */
int tt_device_bdf(int fd, char *bdf, size_t len);

/* ioctl() with a negative errno; restarts after signals. */
int tt_ioctl(int fd, unsigned long request, void *arg);
int tt_query(int fd, uint32_t type, void *reply, uint32_t *size);
/* Fill up to @max elements; returns how many the device has, or -errno. */
int tt_query_regions(int fd, struct drm_trn_region *regions, unsigned int max);
int tt_query_engines(int fd, struct drm_trn_engine *engines, unsigned int max);

/* ---- accounting ---- */

/* What must be the same after a test as before it. */
struct tt_usage {
	uint64_t hbm_free;
	uint64_t free_queues;
	int64_t pinned_pages;	/* of the whole machine */
};

int tt_usage_read(int fd, struct tt_usage *usage);
/* Wait until everything is given back, or the deadline passes (-ETIMEDOUT). */
int tt_usage_settle(int fd, const struct tt_usage *before);
/* Locked and pinned bytes of this process, from /proc/self/status. */
int64_t tt_pinned_bytes(void);

/* ---- memory ---- */

struct tt_bo {
	int fd;
	uint32_t handle;
	uint64_t size;
	uint64_t mmap_offset;
	void *map;		/* mapping of the whole BO; NULL with NO_MMAP */
	bool userptr;		/* map is the caller's own memory */
};

int tt_bo_create(int fd, uint64_t size, uint64_t placement, struct tt_bo *bo);
int tt_bo_create_unmapped(int fd, uint64_t size, uint64_t placement, struct tt_bo *bo);
int tt_bo_userptr(int fd, void *addr, uint64_t size, uint32_t flags, struct tt_bo *bo);
int tt_bo_info(int fd, uint32_t handle, struct drm_trn_bo_info *info);
void tt_bo_close(struct tt_bo *bo);
int tt_gem_close(int fd, uint32_t handle);
/* Anonymous private pages, or NULL. */
void *tt_pages(size_t size);

/* ---- queues ---- */

struct tt_queue {
	int fd;
	uint32_t id;
	uint32_t engine;
	uint32_t hw_queue;
	uint32_t ring_size;
	uint32_t syncobj;
};

int tt_queue_create(int fd, uint32_t engine, uint32_t ring_size, struct tt_queue *queue);
int tt_queue_destroy(struct tt_queue *queue);
int tt_queue_state(const struct tt_queue *queue, struct drm_trn_queue_get_state *state);

struct drm_trn_op tt_op_copy(const struct tt_bo *dst, uint64_t dst_offset,
			     const struct tt_bo *src, uint64_t src_offset, uint64_t size);
struct drm_trn_op tt_op_fill(const struct tt_bo *dst, uint64_t offset, uint64_t size,
			     uint32_t pattern);
int tt_submit_syncs(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops,
		    const struct drm_trn_sync *syncs, uint32_t num_syncs, uint64_t *point);
int tt_submit(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops,
	      uint64_t *point);
/* Wait for a point; then the error of that point as GET_STATE tells it. */
int tt_wait(const struct tt_queue *queue, uint64_t point);
/* Submit and wait. */
int tt_run(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops);
int tt_copy(const struct tt_queue *queue, const struct tt_bo *dst, uint64_t dst_offset,
	    const struct tt_bo *src, uint64_t src_offset, uint64_t size);
int tt_fill(const struct tt_queue *queue, const struct tt_bo *dst, uint64_t offset, uint64_t size,
	    uint32_t pattern);

/* ---- syncobjs and time ---- */

int64_t tt_deadline(int seconds);
/* Wait on one timeline point (0: binary); -ETIME if it does not come. */
int tt_sync_wait(int fd, uint32_t handle, uint64_t point, int64_t deadline, uint32_t flags);
/* Have an eventfd rung when the point comes; -EINVAL or -ENOTTY: the kernel cannot. */
int tt_sync_eventfd(int fd, uint32_t handle, uint64_t point, int event);
void tt_sleep_ms(unsigned int ms);

/* ---- patterns: guests are slow, so words and memcpy only ---- */

/* The bytes of pattern @seed; every seed and every 64 KiB of it differ. */
void tt_pattern_fill(void *buf, size_t len, uint64_t seed);
/* Bytes from the start that are as tt_pattern_fill() wrote them: @len if all. */
size_t tt_pattern_match(const void *buf, size_t len, uint64_t seed);
/* Bytes from the start that have value @byte. */
size_t tt_byte_match(const void *buf, size_t len, unsigned char byte);
uint64_t tt_random(uint64_t *state);
uint64_t tt_seed(void);

/* ---- surroundings ---- */

/* @full, or @small with TRN_TEST_SCALE=small. */
unsigned int tt_scale(unsigned int full, unsigned int small);
int tt_write_file(const char *path, const char *text);
int tt_read_file(const char *path, char *text, size_t len);
/* A number out of a file of "name value" lines, or -ENOENT. */
int64_t tt_read_field(const char *path, const char *name);
/* Wait for a child; 0 if it exited with 0, else -ECHILD. */
int tt_reap(pid_t pid);

#endif /* TT_TEST_H */
