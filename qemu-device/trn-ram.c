/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM of the device. HBM is the memory of BAR4: memory of the device's own,
 * which the host gives page by page when it is first written, or a memory
 * backend. The pool is TrnConfig.scratch, the memory of SBUF, TOP_SP and
 * PREPROC; it is in no BAR.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "exec/ramblock.h"
#include "migration/misc.h"
#include "migration/vmstate.h"
#include "trn-ram.h"

static bool trn_hbm_use_backend(TrnState *s, Error **errp)
{
    MemoryRegion *mr = host_memory_backend_get_memory(s->memdev);
    const char *path = object_get_canonical_path_component(OBJECT(s->memdev));

    if (host_memory_backend_is_mapped(s->memdev)) {
        error_setg(errp, "memory backend %s is in use", path);
        return false;
    }
    if (memory_region_is_rom(mr)) {
        error_setg(errp, "memory backend %s cannot be written", path);
        return false;
    }
    if (memory_region_size(mr) != s->hbm_size) {
        error_setg(errp, "the size of memory backend %s is not hbm-size", path);
        return false;
    }
    host_memory_backend_set_mapped(s->memdev, true);
    s->hbm = mr;
    return true;
}

static bool trn_hbm_make_own(TrnState *s, Error **errp)
{
    s->hbm = &s->own_hbm;
    return memory_region_init_ram_flags_nomigrate(s->hbm, OBJECT(s), "trn-hbm",
                                                  s->hbm_size, RAM_NORESERVE,
                                                  errp);
}

bool trn_hbm_init(TrnState *s, Error **errp)
{
    if (!(s->memdev ? trn_hbm_use_backend(s, errp)
                    : trn_hbm_make_own(s, errp))) {
        return false;
    }
    vmstate_register_ram(s->hbm, DEVICE(s));
    memory_region_init(&s->bar4, OBJECT(s), "trn-bar4", s->hbm_size);
    memory_region_add_subregion(&s->bar4, 0, s->hbm);
    /* Its root belongs to the device, so that the device outlives it. */
    address_space_init(&s->hbm_as, &s->bar4, "trn-hbm");
    address_space_cache_init(&s->hbm_cache, &s->hbm_as, 0, s->hbm_size, true);
    return true;
}

void trn_hbm_unmap(TrnState *s)
{
    memory_region_del_subregion(&s->bar4, s->hbm);
    vmstate_unregister_ram(s->hbm, DEVICE(s));
}

void trn_hbm_exit(TrnState *s)
{
    address_space_cache_destroy(&s->hbm_cache);
    address_space_destroy(&s->hbm_as);
    if (s->memdev) {
        host_memory_backend_set_mapped(s->memdev, false);
    }
}

/* Marks pages dirty for migration, and drops code translated from them. */
void trn_hbm_dirty(void *opaque, uint64_t offset, uint64_t len)
{
    TrnState *s = opaque;

    address_space_cache_invalidate(&s->hbm_cache, offset, len);
}

bool trn_pool_init(TrnState *s, Error **errp)
{
    if (!memory_region_init_ram_flags_nomigrate(&s->scratch, OBJECT(s),
                                                "trn-scratch",
                                                s->scratch_size,
                                                RAM_NORESERVE, errp)) {
        return false;
    }
    vmstate_register_ram(&s->scratch, DEVICE(s));
    return true;
}

void trn_pool_exit(TrnState *s)
{
    vmstate_unregister_ram(&s->scratch, DEVICE(s));
}

void trn_pool_dirty(void *opaque, uint64_t offset, uint64_t len)
{
    TrnState *s = opaque;

    memory_region_set_dirty(&s->scratch, offset, len);
}

/* Pages that may not be discarded, as with virtio-balloon, are written. */
void trn_pool_clear(void *opaque, uint64_t len)
{
    TrnState *s = opaque;

    if (ram_block_discard_is_disabled() || migration_in_incoming_postcopy() ||
        migration_in_bg_snapshot() ||
        ram_block_discard_range(s->scratch.ram_block, 0, len)) {
        memset(memory_region_get_ram_ptr(&s->scratch), 0, len);
    }
    memory_region_set_dirty(&s->scratch, 0, len);
}
