/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fabric.h"
#include "chip.h"

#define GROUP 16u               /* a 4x4 torus, HW 9.2 */

/* HW 9.2: which device of its group a routing id is, and the inverse. */
static const uint8_t device_of_id[GROUP] = {
    0, 3, 4, 7, 12, 15, 8, 11, 1, 2, 5, 6, 13, 14, 9, 10,
};

static const uint8_t id_of_device[GROUP] = {
    0, 8, 9, 1, 2, 10, 11, 3, 6, 14, 15, 7, 4, 12, 13, 5,
};

/* HW 9.3: by device, then by the SENG whose link leads there. */
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

void trn_fabric_join(TrnFabric *fabric, TrnChip *chip)
{
    TrnChip **seat = &fabric->chip[chip->cfg.routing_id];

    trn_mutex_lock(&fabric->lock);
    chip->visits = (TrnVisits) { .fabric = fabric };
    if (!*seat) {
        *seat = chip;
    }
    trn_mutex_unlock(&fabric->lock);
}

static void wait_until_empty_locked(TrnFabric *fabric, TrnChip *chip)
{
    while (chip->visits.inside) {
        trn_cond_wait(&fabric->changed, &fabric->lock);
    }
}

void trn_fabric_part(TrnChip *chip)
{
    TrnFabric *fabric = chip->visits.fabric;
    TrnChip **seat;

    if (!fabric) {
        return;
    }
    seat = &fabric->chip[chip->cfg.routing_id];
    trn_mutex_lock(&fabric->lock);
    if (*seat == chip) {
        *seat = NULL;
    }
    wait_until_empty_locked(fabric, chip);
    trn_mutex_unlock(&fabric->lock);
}

void trn_fabric_close(TrnChip *chip)
{
    TrnFabric *fabric = chip->visits.fabric;

    if (!fabric) {
        return;
    }
    trn_mutex_lock(&fabric->lock);
    chip->visits.closed = true;
    wait_until_empty_locked(fabric, chip);
    trn_mutex_unlock(&fabric->lock);
}

void trn_fabric_open(TrnChip *chip)
{
    TrnFabric *fabric = chip->visits.fabric;

    if (!fabric) {
        return;
    }
    trn_mutex_lock(&fabric->lock);
    chip->visits.closed = false;
    trn_cond_broadcast(&fabric->changed);
    trn_mutex_unlock(&fabric->lock);
}

/* A link is down if either of its ends is. */
static bool is_down(TrnChip *here, unsigned window, TrnChip *there)
{
    uint32_t far = TRN_READ(&there->errinj.links_down);

    if (TRN_READ(&there->errinj.gone) ||
        (TRN_READ(&here->errinj.links_down) & (1u << window))) {
        return true;
    }
    for (unsigned i = 0; i < TRN_NUM_SENGS; i++) {
        if ((far & (1u << i)) &&
            trn_fabric_neighbour_id(there->cfg.routing_id, i) ==
            here->cfg.routing_id) {
            return true;
        }
    }
    return false;
}

TrnChip *trn_fabric_enter(TrnChip *chip, unsigned window)
{
    TrnFabric *fabric = chip->visits.fabric;
    TrnChip *const *seat;
    TrnChip *there;

    if (!fabric) {
        return NULL;
    }
    seat = &fabric->chip[trn_fabric_neighbour_id(chip->cfg.routing_id,
                                                 window)];
    trn_mutex_lock(&fabric->lock);
    while ((there = *seat) && there->visits.closed) {
        trn_cond_wait(&fabric->changed, &fabric->lock);
    }
    if (there && is_down(chip, window, there)) {
        there = NULL;
    }
    if (there) {
        there->visits.inside++;
    }
    trn_mutex_unlock(&fabric->lock);
    return there;
}

void trn_fabric_leave(TrnChip *neighbour)
{
    TrnFabric *fabric = neighbour->visits.fabric;

    trn_mutex_lock(&fabric->lock);
    neighbour->visits.inside--;
    trn_cond_broadcast(&fabric->changed);
    trn_mutex_unlock(&fabric->lock);
}
