/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "block/aio.h"
#include "trn-guard.h"

bool trn_guard_begin(TrnState *s)
{
    MemReentrancyGuard *guard = &DEVICE(s)->mem_reentrancy_guard;
    bool was = guard->engaged_in_io;

    assert(bql_locked());
    guard->engaged_in_io = true;
    return was;
}

void trn_guard_end(TrnState *s, bool was)
{
    DEVICE(s)->mem_reentrancy_guard.engaged_in_io = was;
}

void trn_guard_fabric_begin(TrnState *s)
{
    assert(bql_locked());
    s->fabric->guarded++;
}

void trn_guard_fabric_end(TrnState *s)
{
    s->fabric->guarded--;
}

bool trn_guard_is_deaf(TrnState *s)
{
    return s->exited || s->fabric->guarded;
}

static void trn_guard_do(TrnState *s, TrnLate action)
{
    TRN_GET_CLASS(s)->do_late(s, action);
}

static void trn_guard_late_bh(void *opaque)
{
    TrnState *s = opaque;

    if (s->fabric->guarded) {
        aio_bh_schedule_oneshot(qemu_get_aio_context(), trn_guard_late_bh, s);
        return;
    }
    trn_guard_do_late(s);
    object_unref(OBJECT(s));
}

void trn_guard_now_or_later(TrnState *s, TrnLate action)
{
    if (!s->fabric->guarded) {
        trn_guard_do(s, action);
        return;
    }
    if (!s->late) {
        object_ref(OBJECT(s));
        aio_bh_schedule_oneshot(qemu_get_aio_context(), trn_guard_late_bh, s);
    }
    s->late |= action;
}

void trn_guard_do_late(TrnState *s)
{
    unsigned late = s->late;

    s->late = 0;
    if (late & TRN_LATE_RESET) {
        trn_guard_do(s, TRN_LATE_RESET);
    }
    if (late & TRN_LATE_EXIT) {
        trn_guard_do(s, TRN_LATE_EXIT);
    }
}

static void trn_guard_unref_bh(void *opaque)
{
    object_unref(opaque);
}

void trn_guard_unref_later(TrnState *s)
{
    aio_bh_schedule_oneshot(qemu_get_aio_context(), trn_guard_unref_bh, s);
}
