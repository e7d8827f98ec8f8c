/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fabric.h"
#include "../chip.h"

#define GROUP 16u               /* a 4x4 torus, HW 9.2 */

/* HW 9.2: device number in its group by routing id, and the inverse. */
static const uint8_t device_of_id[GROUP] = {
    0, 3, 4, 7, 12, 15, 8, 11, 1, 2, 5, 6, 13, 14, 9, 10,
};

static const uint8_t id_of_device[GROUP] = {
    0, 8, 9, 1, 2, 10, 11, 3, 6, 14, 15, 7, 4, 12, 13, 5,
};

/* HW 9.3: neighbours by device, then by the SENG of the link. */
static const uint8_t neighbour_of[GROUP][TRN_NUM_SENGS] = {
    { 12, 1, 3, 4 }, { 0, 13, 5, 2 }, { 14, 3, 1, 6 }, { 2, 15, 7, 0 },
    { 8, 5, 7, 0 }, { 4, 9, 1, 6 }, { 10, 7, 5, 2 }, { 6, 11, 3, 4 },
    { 4, 9, 11, 12 }, { 8, 5, 13, 10 }, { 6, 11, 9, 14 }, { 10, 7, 15, 8 },
    { 0, 13, 15, 8 }, { 12, 1, 9, 14 }, { 2, 15, 13, 10 }, { 14, 3, 11, 12 },
};

void trn_fabric_init(TrnFabric *fabric)
{
    *fabric = (TrnFabric) { 0 };
    trn_mutex_init(&fabric->lock);
    trn_cond_init(&fabric->changed);
}

void trn_fabric_fini(TrnFabric *fabric)
{
    trn_cond_destroy(&fabric->changed);
    trn_mutex_destroy(&fabric->lock);
}

/* Ids above 15 are further groups of the same shape (HW 9.3, last line). */
uint32_t trn_fabric_neighbour_id(uint32_t routing_id, unsigned window)
{
    unsigned device = device_of_id[routing_id % GROUP];

    return routing_id / GROUP * GROUP +
           id_of_device[neighbour_of[device][window]];
}

bool trn_fabric_admits(TrnFabric *fabric, bool timed)
{
    return !fabric->members || fabric->timed == timed;
}

/* The slot of an id has the first member with that id. */
static void fabric_update_slot_locked(TrnFabric *fabric, uint32_t routing_id)
{
    TrnChip *chip = fabric->members;

    while (chip && chip->cfg.routing_id != routing_id) {
        chip = chip->peer.next;
    }
    fabric->chip[routing_id] = chip;
}

static void fabric_remove_member_locked(TrnFabric *fabric, TrnChip *chip)
{
    TrnChip **at = &fabric->members;

    while (*at != chip) {
        at = &(*at)->peer.next;
    }
    *at = chip->peer.next;
}

void trn_fabric_join(TrnFabric *fabric, TrnChip *chip)
{
    TrnChip **end = &fabric->members;

    trn_mutex_lock(&fabric->lock);
    while (*end) {
        end = &(*end)->peer.next;
    }
    *end = chip;
    fabric->timed = chip->cfg.timed;
    chip->peer = (TrnPeer) { .fabric = fabric };
    fabric_update_slot_locked(fabric, chip->cfg.routing_id);
    trn_mutex_unlock(&fabric->lock);
    trn_links_changed(chip);
}

static void fabric_wait_until_empty_locked(TrnFabric *fabric, TrnChip *chip)
{
    while (chip->peer.refs) {
        trn_cond_wait(&fabric->changed, &fabric->lock);
    }
}

void trn_fabric_part(TrnChip *chip)
{
    TrnFabric *fabric = chip->peer.fabric;

    if (!fabric) {
        return;
    }
    trn_mutex_lock(&fabric->lock);
    fabric_remove_member_locked(fabric, chip);
    fabric_update_slot_locked(fabric, chip->cfg.routing_id);
    fabric_wait_until_empty_locked(fabric, chip);
    trn_mutex_unlock(&fabric->lock);
    trn_links_changed(chip);
}

void trn_fabric_close(TrnChip *chip)
{
    TrnFabric *fabric = chip->peer.fabric;

    if (!fabric) {
        return;
    }
    trn_mutex_lock(&fabric->lock);
    chip->peer.closed = true;
    fabric_wait_until_empty_locked(fabric, chip);
    trn_mutex_unlock(&fabric->lock);
}

void trn_fabric_open(TrnChip *chip)
{
    TrnFabric *fabric = chip->peer.fabric;

    if (!fabric) {
        return;
    }
    trn_mutex_lock(&fabric->lock);
    chip->peer.closed = false;
    trn_cond_broadcast(&fabric->changed);
    trn_mutex_unlock(&fabric->lock);
}

int trn_fabric_window_back(const TrnChip *there, const TrnChip *here)
{
    for (unsigned i = 0; i < TRN_NUM_SENGS; i++) {
        if (trn_fabric_neighbour_id(there->cfg.routing_id, i) ==
            here->cfg.routing_id) {
            return i;
        }
    }
    return -1;
}

/* A link is down if either of its ends is. */
static bool fabric_is_down(TrnChip *here, unsigned window, TrnChip *there)
{
    int back = trn_fabric_window_back(there, here);

    return TRN_READ(&there->errinj.gone) || TRN_READ(&here->errinj.gone) ||
           (TRN_READ(&here->errinj.links_down) & (1u << window)) ||
           (back >= 0 &&
            (TRN_READ(&there->errinj.links_down) & (1u << back)));
}

static TrnChip **fabric_slot_behind(TrnChip *chip, unsigned window)
{
    return &chip->peer.fabric->chip[
        trn_fabric_neighbour_id(chip->cfg.routing_id, window)];
}

/* The chip at the other end, whether the link is up or not. */
static TrnChip *fabric_chip_behind(TrnChip *chip, unsigned window)
{
    TrnFabric *fabric = chip->peer.fabric;
    TrnChip *there;

    if (!fabric) {
        return NULL;
    }
    trn_mutex_lock(&fabric->lock);
    there = *fabric_slot_behind(chip, window);
    trn_mutex_unlock(&fabric->lock);
    return there;
}

TrnChip *trn_fabric_neighbour(TrnChip *chip, unsigned window)
{
    TrnChip *there = fabric_chip_behind(chip, window);

    return there && !fabric_is_down(chip, window, there) ? there : NULL;
}

TrnFabricView trn_fabric_look(TrnChip *chip, unsigned window)
{
    TrnChip *there = fabric_chip_behind(chip, window);
    TrnFabricView view = { 0 };

    if (!there) {
        return view;
    }
    view.present = !TRN_READ(&there->errinj.gone);
    view.up = !fabric_is_down(chip, window, there);
    if (view.up) {
        view.serial = trn_mbox_serial(there);
    }
    return view;
}

void trn_fabric_for_each(TrnChip *chip, void (*fn)(TrnChip *))
{
    TrnFabric *fabric = chip->peer.fabric;

    if (!fabric) {
        return;
    }
    for (unsigned i = 0; i < TRN_FABRIC_CHIPS; i++) {
        TrnChip *there;

        trn_mutex_lock(&fabric->lock);
        there = fabric->chip[i];
        trn_mutex_unlock(&fabric->lock);
        if (there) {
            fn(there);
        }
    }
}

/* --- access to a neighbour --- */

static void fabric_count_bytes_locked(TrnChip *chip, const TrnPeerRef *ref,
                                      uint32_t bytes, int stack)
{
    trn_links_count_bytes(chip, ref->window, ref->there, ref->write,
                          bytes);
    if (stack >= 0) {
        uint64_t *far = &ref->there->peer.stack_bytes[stack];

        TRN_WRITE(far, *far + bytes);
    }
}

static void fabric_put_ref_locked(TrnFabric *fabric, const TrnPeerRef *ref)
{
    ref->there->peer.refs--;
    trn_cond_broadcast(&fabric->changed);
}

TrnPeerRef trn_fabric_enter(TrnChip *chip, unsigned window, bool write,
                            const TrnChip *held)
{
    TrnFabric *fabric = chip->peer.fabric;
    TrnPeerRef ref = { .window = window, .write = write };
    TrnChip *const *slot;
    TrnChip *there;

    if (!fabric) {
        return ref;
    }
    slot = fabric_slot_behind(chip, window);
    trn_mutex_lock(&fabric->lock);
    while ((there = *slot) && there->peer.closed && there != held) {
        trn_cond_wait(&fabric->changed, &fabric->lock);
    }
    if (there && !fabric_is_down(chip, window, there)) {
        ref.there = there;
        there->peer.refs++;
    } else {
        trn_links_count_error(chip, window, write);
    }
    trn_mutex_unlock(&fabric->lock);
    return ref;
}

void trn_fabric_leave(TrnChip *chip, const TrnPeerRef *ref, uint32_t bytes,
                      int stack)
{
    TrnFabric *fabric = chip->peer.fabric;

    trn_mutex_lock(&fabric->lock);
    fabric_count_bytes_locked(chip, ref, bytes, stack);
    fabric_put_ref_locked(fabric, ref);
    trn_mutex_unlock(&fabric->lock);
}

void trn_fabric_leave_failed(TrnChip *chip, const TrnPeerRef *ref)
{
    TrnFabric *fabric = chip->peer.fabric;

    trn_mutex_lock(&fabric->lock);
    trn_links_count_error(chip, ref->window, ref->write);
    fabric_put_ref_locked(fabric, ref);
    trn_mutex_unlock(&fabric->lock);
}
