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

bool trn_is_deaf(TrnState *s)
{
    return s->exited || s->fabric->guarded;
}

/* --- later --- */

static void late_bh(void *opaque)
{
    TrnState *s = opaque;

    if (s->fabric->guarded) {
        aio_bh_schedule_oneshot(qemu_get_aio_context(), late_bh, s);
        return;
    }
    trn_do_late(s);
    object_unref(OBJECT(s));
}

static void do_one(TrnState *s, TrnLate what)
{
    switch (what) {
    case TRN_LATE_RESET:
        if (!s->exited) {
            trn_reset_now(s);
        }
        break;
    case TRN_LATE_EXIT:
        trn_exit_now(s);
        break;
    }
}

void trn_now_or_later(TrnState *s, TrnLate what)
{
    if (!s->fabric->guarded) {
        do_one(s, what);
        return;
    }
    if (!s->late) {
        object_ref(OBJECT(s));
        aio_bh_schedule_oneshot(qemu_get_aio_context(), late_bh, s);
    }
    s->late |= what;
}

void trn_do_late(TrnState *s)
{
    unsigned late = s->late;

    s->late = 0;
    if (late & TRN_LATE_RESET) {
        do_one(s, TRN_LATE_RESET);
    }
    if (late & TRN_LATE_EXIT) {
        do_one(s, TRN_LATE_EXIT);
    }
}

static void unref_bh(void *opaque)
{
    object_unref(opaque);
}

void trn_unref_later(TrnState *s)
{
    aio_bh_schedule_oneshot(qemu_get_aio_context(), unref_bh, s);
}
