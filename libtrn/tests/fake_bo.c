// SPDX-License-Identifier: MIT
/* Memory of the fake kernel: ranges of the "node", and pages of the program. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_priv.h"

/* Of the file, at most: address space is cheap. */
#define WINDOW_SIZE (16ull << 30)

static struct fake_bo bos[FAKE_MAX_OBJECTS];
static uint64_t file_end = FAKE_GRANULE;

/*
 * A dma-buf of this kernel is any file, of which it only knows the last one exported.
 * The handle lives on when the file is closed, as long as the BO does.
 */
static uint32_t exported_handle;

void fake_bos_reset(void)
{
	memset(bos, 0, sizeof(bos));
	file_end = FAKE_GRANULE;
	exported_handle = 0;
}

struct fake_bo *fake_find_bo(uint32_t handle)
{
	if (!handle || handle > FAKE_MAX_OBJECTS || !bos[handle - 1].used)
		return NULL;
	return &bos[handle - 1];
}

static int new_bo(const struct fake_bo *bo, uint32_t *handle)
{
	for (uint32_t i = 0; i < FAKE_MAX_OBJECTS; i++) {
		if (!bos[i].used) {
			bos[i] = *bo;
			bos[i].used = true;
			*handle = i + 1;
			fake.open_bos++;
			return 0;
		}
	}
	return -ENOMEM;
}

/*
 * The next @size bytes of the file, zeroes. All of it that is ever used is mapped
 * once: what a VM has of a BO must stay when the BO is closed.
 */
char *fake_take_memory(int fd, uint64_t size, uint64_t *offset)
{
	static char *window;
	char *memory;

	if (!window) {
		window = mmap(NULL, WINDOW_SIZE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_NORESERVE, fd, 0);
		if (window == MAP_FAILED)
			abort();
	}
	if (size > WINDOW_SIZE - file_end ||
	    (file_end == FAKE_GRANULE && ftruncate(fd, 0)) || ftruncate(fd, file_end + size))
		return NULL;
	memory = window + file_end;
	*offset = file_end;
	file_end += size;
	return memory;
}

int fake_bo_create(int fd, struct drm_trn_bo_create *args)
{
	struct fake_bo bo = { 0 };
	uint64_t all = (1ull << (FAKE_STACKS + 1)) - 1;

	if (!args->size || !args->placement || args->placement & ~all ||
	    args->flags & ~DRM_TRN_BO_NO_MMAP || args->handle || args->mmap_offset)
		return -EINVAL;
	bo.size = (args->size + FAKE_GRANULE - 1) / FAKE_GRANULE * FAKE_GRANULE;
	bo.region = __builtin_ctzll(args->placement);
	if (bo.region < FAKE_STACKS && bo.size > FAKE_STACK_SIZE)
		return -ENOSPC;
	bo.data = fake_take_memory(fd, bo.size, &bo.mmap_offset);
	if (!bo.data)
		return -ENOMEM;
	if (args->flags & DRM_TRN_BO_NO_MMAP)
		bo.mmap_offset = 0;
	args->size = bo.size;
	args->mmap_offset = bo.mmap_offset;
	return new_bo(&bo, &args->handle);
}

int fake_bo_userptr(struct drm_trn_bo_userptr *args)
{
	const struct fake_bo bo = {
		.userptr = true,
		.read_only = args->flags & DRM_TRN_BO_READ_ONLY,
		.region = FAKE_STACKS,
		.size = args->size,
		.data = (char *)(uintptr_t)args->addr,
	};

	if (!args->size || args->flags & ~DRM_TRN_BO_READ_ONLY || args->handle)
		return -EINVAL;
	return args->addr ? new_bo(&bo, &args->handle) : -EFAULT;
}

int fake_prime_handle_to_fd(struct drm_prime_handle *args)
{
	struct fake_bo *bo = fake_find_bo(args->handle);

	if (!bo)
		return -ENOENT;
	if (args->flags != (DRM_CLOEXEC | DRM_RDWR) || bo->userptr)
		return -EINVAL;
	args->fd = memfd_create("dma-buf", MFD_CLOEXEC);
	if (args->fd < 0)
		return -errno;
	exported_handle = args->handle;
	return 0;
}

/* What was exported here has its handle still; all else is new, of another device. */
int fake_prime_fd_to_handle(int node, struct drm_prime_handle *args)
{
	struct drm_trn_bo_create create = {
		.size = FAKE_GRANULE,
		.placement = 1 << FAKE_STACKS,
	};
	int err;

	if (fcntl(args->fd, F_GETFD) < 0)
		return -EBADF;
	if (args->flags)
		return -EINVAL;
	if (!fake_find_bo(exported_handle)) {
		err = fake_bo_create(node, &create);
		if (err)
			return err;
		exported_handle = create.handle;
	}
	args->handle = exported_handle;
	return 0;
}

int fake_bo_info(struct drm_trn_bo_info *args)
{
	const struct fake_bo *bo = fake_find_bo(args->handle);

	if (!bo)
		return -ENOENT;
	args->flags = bo->userptr ? DRM_TRN_BO_IS_USERPTR : 0;
	args->size = bo->size;
	args->mmap_offset = bo->mmap_offset;
	args->region = bo->region;
	return 0;
}

int fake_gem_close(const struct drm_gem_close *args)
{
	struct fake_bo *bo = fake_find_bo(args->handle);

	if (!bo)
		return -EINVAL;
	bo->used = false;
	fake.open_bos--;
	return 0;
}
