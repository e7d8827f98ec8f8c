/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory behind BAR4: the device's own, which takes of the host what is
 * written, or that of a memory backend.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "migration/vmstate.h"
#include "trn-device.h"

static bool use_backend(TrnState *s, Error **errp)
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
        error_setg(errp, "memory backend %s has not the size of HBM", path);
        return false;
    }
    host_memory_backend_set_mapped(s->memdev, true);
    s->hbm = mr;
    return true;
}

static bool make_own(TrnState *s, Error **errp)
{
    s->hbm = &s->own_hbm;
    return memory_region_init_ram_flags_nomigrate(s->hbm, OBJECT(s), "trn-hbm",
                                                  s->hbm_size, RAM_NORESERVE,
                                                  errp);
}

bool trn_init_hbm(TrnState *s, Error **errp)
{
    if (!(s->memdev ? use_backend(s, errp) : make_own(s, errp))) {
        return false;
    }
    vmstate_register_ram(s->hbm, DEVICE(s));
    memory_region_init(&s->bar4, OBJECT(s), "trn-bar4", s->hbm_size);
    memory_region_add_subregion(&s->bar4, 0, s->hbm);
    /* Its root is the device's, which thus outlives it. */
    address_space_init(&s->hbm_as, &s->bar4, "trn-hbm");
    address_space_cache_init(&s->hbm_cache, &s->hbm_as, 0, s->hbm_size, true);
    return true;
}

void trn_unmap_hbm(TrnState *s)
{
    memory_region_del_subregion(&s->bar4, s->hbm);
    vmstate_unregister_ram(s->hbm, DEVICE(s));
}

void trn_exit_hbm(TrnState *s)
{
    address_space_cache_destroy(&s->hbm_cache);
    address_space_destroy(&s->hbm_as);
    if (s->memdev) {
        host_memory_backend_set_mapped(s->memdev, false);
    }
}

/* For migration and displays, and code that was translated from there. */
void trn_bus_hbm_dirty(void *opaque, uint64_t offset, uint64_t len)
{
    TrnState *s = opaque;

    address_space_cache_invalidate(&s->hbm_cache, offset, len);
}
