/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "links.h"
#include "../chip.h"

/* --- states and events --- */

static void links_note_states(TrnChip *chip)
{
    bool changed = false;

    for (unsigned i = 0; i < TRNX_NUM_LINKS; i++) {
        TrnLink *l = &chip->trnx.links.link[i];
        bool up = trn_fabric_look(chip, i).up;

        if (up != l->up) {
            l->up = up;
            l->changes++;
        }
        changed |= l->up != l->reported;
    }
    if (changed) {
        trn_wake_at(chip, TRN_WAKE_LINKS, chip->bus->now(chip->opaque));
    }
}

void trn_links_changed(TrnChip *chip)
{
    links_note_states(chip);
    trn_fabric_for_each(chip, links_note_states);
}

static uint64_t links_event_data(const TrnChip *chip, unsigned i)
{
    uint32_t id = trn_fabric_neighbour_id(chip->cfg.routing_id, i);

    return trn_field_prep(TRNX_DEVICE_KIND, TRNX_DEVICE_KIND_LINK) |
           trn_field_prep(TRNX_DEVICE_LINK, i) |
           (chip->trnx.links.link[i].up ? TRNX_DEVICE_LINK_UP : 0) |
           trn_field_prep(TRNX_DEVICE_ROUTING_ID, id);
}

void trn_links_woken(TrnChip *chip)
{
    TrnLinks *links = &chip->trnx.links;

    /* A pending event is sent when bus mastering is on again. */
    if (!chip->bus_master || chip->errinj.gone) {
        return;
    }
    for (unsigned i = 0; i < TRNX_NUM_LINKS; i++) {
        TrnLink *l = &links->link[i];

        if (l->reported == l->up) {
            continue;
        }
        l->reported = l->up;
        if (links->ctrl & TRNX_LINKS_CTRL_EVENTS) {
            trn_eq_post(chip, links->eq, TRNX_EVENT_DEVICE, 0,
                        links_event_data(chip, i));
        }
    }
}

void trn_links_resume(TrnChip *chip)
{
    links_note_states(chip);
}

void trn_links_forget(TrnChip *chip)
{
    for (unsigned i = 0; i < TRNX_NUM_LINKS; i++) {
        bool up = trn_fabric_look(chip, i).up;

        chip->trnx.links.link[i] = (TrnLink) { .up = up, .reported = up };
    }
}

void trn_links_reset(TrnChip *chip)
{
    chip->trnx.links.ctrl = 0;
    chip->trnx.links.eq = 0;
}

/* --- counters --- */

void trn_links_count_error(TrnChip *chip, unsigned window, bool write)
{
    TrnLink *l = &chip->trnx.links.link[window];
    uint32_t *errors = write ? &l->tx_errors : &l->rx_errors;

    TRN_WRITE(errors, *errors + 1);
}

static void links_add(uint64_t *counter, uint32_t bytes)
{
    TRN_WRITE(counter, *counter + bytes);
}

/* Bytes sent at one end are received at the other. */
void trn_links_count_bytes(TrnChip *chip, unsigned window, TrnChip *there,
                           bool write, uint32_t bytes)
{
    TrnLink *here = &chip->trnx.links.link[window];
    int back = trn_fabric_window_back(there, chip);

    links_add(write ? &here->tx_bytes : &here->rx_bytes, bytes);
    if (back >= 0) {
        TrnLink *far = &there->trnx.links.link[back];

        links_add(write ? &far->rx_bytes : &far->tx_bytes, bytes);
    }
}

/* --- registers --- */

static uint64_t links_read_link(TrnChip *chip, unsigned i, uint32_t offset)
{
    TrnFabricView view = trn_fabric_look(chip, i);
    const TrnLink *l = &chip->trnx.links.link[i];

    switch (offset) {
    case TRNX_LINK_STATE:
        return (view.up ? TRNX_LINK_STATE_UP : 0) |
               (view.present ? TRNX_LINK_STATE_PRESENT : 0) |
               (uint64_t)trn_fabric_neighbour_id(chip->cfg.routing_id, i)
               << 32;
    case TRNX_LINK_SERIAL:
        return view.serial;
    case TRNX_LINK_TX_BYTES:
        return TRN_READ(&l->tx_bytes);
    case TRNX_LINK_RX_BYTES:
        return TRN_READ(&l->rx_bytes);
    case TRNX_LINK_TX_ERRORS:
        return TRN_READ(&l->tx_errors) |
               (uint64_t)TRN_READ(&l->rx_errors) << 32;
    case TRNX_LINK_CHANGES:
        return l->changes;
    }
    return 0;
}

uint64_t trn_links_read(TrnChip *chip, uint32_t offset)
{
    const TrnLinks *links = &chip->trnx.links;

    if (offset == TRNX_LINKS_CTRL) {
        return links->ctrl | (uint64_t)links->eq << 32;
    }
    for (unsigned i = 0; i < TRNX_NUM_LINKS; i++) {
        if (offset >= TRNX_LINK(i) && offset < TRNX_LINK(i + 1)) {
            return links_read_link(chip, i, offset - TRNX_LINK(i));
        }
    }
    return 0;
}

/* Enabling events reports changes from now on only. */
static void links_write_ctrl(TrnLinks *links, uint32_t value)
{
    value &= TRNX_LINKS_CTRL_EVENTS;
    if (value && !links->ctrl) {
        for (unsigned i = 0; i < TRNX_NUM_LINKS; i++) {
            links->link[i].reported = links->link[i].up;
        }
    }
    links->ctrl = value;
}

void trn_links_write(TrnChip *chip, uint32_t offset, uint32_t value)
{
    if (offset == TRNX_LINKS_CTRL) {
        links_write_ctrl(&chip->trnx.links, value);
    } else if (offset == TRNX_LINKS_EQ && value < TRNX_NUM_EQ) {
        chip->trnx.links.eq = value;
    } else if (offset == TRNX_LINKS_EQ) {
        trn_log(chip, TRN_LOG_GUEST_ERROR, "links: no event queue %u", value);
    }
}
