/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "telemetry.h"
#include "../chip.h"

#define PJ_PER_UJ   1000000u
#define NS_PER_MS   1000000ull
#define STACK_SIZE  (TRNX_TELEMETRY_STACK(1) - TRNX_TELEMETRY_STACK(0))
#define ENGINE_SIZE (TRNX_TELEMETRY_ENGINE(1) - TRNX_TELEMETRY_ENGINE(0))

/*
 * No constant is published. According to the press, a chip takes up to a
 * kilowatt; DRAM of this kind takes about 4 pJ a bit. The others are chosen so
 * that a busy chip is warm and not hot.
 */
const TrnEnergyModel trn_energy_model = {
    .chip = { .idle_mw = 200000, .mk_per_w = 100 },
    .stack = { .idle_mw = 5000, .mk_per_w = 1000 },
    .engine = { .idle_mw = 50, .mk_per_w = 10000 },
    .stack_pj_per_byte = 32,
    .engine_pj_per_byte = 20,
    .engine_pj_per_desc = 2000,
    .link_pj_per_byte = 40,
    .ambient_mc = 30000,
    .limit_mc = 95000,
    .settle_ms = 2000,
    .sample_ns = 100000000,
};

/* --- pure functions --- */

uint64_t trn_scale(uint64_t n, uint32_t factor, uint32_t divisor)
{
    return n / divisor * factor + n % divisor * factor / divisor;
}

/* A milliwatt is a picojoule in a nanosecond. */
uint64_t trn_energy_of(uint32_t mw, uint64_t ns)
{
    return trn_scale(ns, mw, PJ_PER_UJ);
}

static uint64_t telemetry_energy_of_bytes(uint64_t bytes, uint32_t pj_per_byte)
{
    return trn_scale(bytes, pj_per_byte, PJ_PER_UJ);
}

#define DECAY_BITS      62
#define DECAY_ONE       (1ULL << DECAY_BITS)
#define DECAY_SQUARES   6

static uint64_t telemetry_decay_times(uint64_t a, uint64_t b)
{
    return (TrnWide)a * b >> DECAY_BITS;
}

/*
 * e to the power of -@ns / @settle, times DECAY_ONE: by the series for a 64th
 * of the exponent, squared six times. Integer arithmetic gives the same
 * temperature on every host, also after a migration.
 */
static uint64_t telemetry_decay(uint64_t ns, uint64_t settle)
{
    uint64_t left = DECAY_ONE, term = DECAY_ONE, x;

    if (ns / settle >= 1u << DECAY_SQUARES) {
        return 0;
    }
    x = ((TrnWide)ns << (DECAY_BITS - DECAY_SQUARES)) / settle;
    for (unsigned i = 1; term; i++) {
        term = telemetry_decay_times(term, x) / i;
        left = i % 2 ? left - term : left + term;
    }
    for (unsigned i = 0; i < DECAY_SQUARES; i++) {
        left = telemetry_decay_times(left, left);
    }
    return left;
}

int32_t trn_thermal_step(int32_t rise_mk, int32_t final_mk, uint64_t ns,
                         uint32_t settle_ms)
{
    uint64_t left = telemetry_decay(ns, settle_ms * NS_PER_MS);
    int64_t away = (int64_t)rise_mk - final_mk;
    uint64_t still = ((TrnWide)(away < 0 ? -away : away) * left +
                      DECAY_ONE / 2) >> DECAY_BITS;

    return final_mk + (away < 0 ? -(int64_t)still : (int64_t)still);
}

/* --- energy --- */

static uint64_t telemetry_now(const TrnChip *chip)
{
    return chip->bus->now(chip->opaque);
}

static uint64_t telemetry_age(const TrnChip *chip, uint64_t at)
{
    return at - chip->telemetry.began;
}

/* Bytes of the stack that this chip and its neighbours moved. */
static uint64_t telemetry_stack_bytes(const TrnChip *chip, unsigned stack)
{
    uint64_t bytes = TRN_READ(&chip->peer.stack_bytes[stack]);

    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        bytes += TRN_READ(&chip->engine[i].activity.stack_bytes[stack]);
    }
    return bytes;
}

static uint64_t telemetry_engine_energy(const TrnChip *chip, unsigned engine,
                                        uint64_t at)
{
    const TrnEnergyModel *m = &chip->cfg.energy;
    const TrnActivity *a = &chip->engine[engine].activity;

    return trn_energy_of(m->engine.idle_mw, telemetry_age(chip, at)) +
           telemetry_energy_of_bytes(TRN_READ(&a->bytes),
                                     m->engine_pj_per_byte) +
           trn_scale(TRN_READ(&a->descs), m->engine_pj_per_desc, PJ_PER_UJ);
}

static uint64_t telemetry_stack_energy(const TrnChip *chip, unsigned stack,
                                       uint64_t at)
{
    const TrnEnergyModel *m = &chip->cfg.energy;

    return trn_energy_of(m->stack.idle_mw, telemetry_age(chip, at)) +
           telemetry_energy_of_bytes(telemetry_stack_bytes(chip, stack),
                                     m->stack_pj_per_byte);
}

/* Energy of the chip itself, of its links and of all its parts. */
static uint64_t telemetry_chip_energy(const TrnChip *chip, uint64_t at)
{
    const TrnEnergyModel *m = &chip->cfg.energy;
    uint64_t energy = trn_energy_of(m->chip.idle_mw, telemetry_age(chip, at));

    for (unsigned i = 0; i < TRNX_NUM_LINKS; i++) {
        const TrnLink *l = &chip->trnx.links.link[i];

        energy += telemetry_energy_of_bytes(TRN_READ(&l->tx_bytes) +
                                                TRN_READ(&l->rx_bytes),
                                            m->link_pj_per_byte);
    }
    for (unsigned i = 0; i < TRN_NUM_HBM_STACKS; i++) {
        energy += telemetry_stack_energy(chip, i, at);
    }
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        energy += telemetry_engine_energy(chip, i, at);
    }
    return energy;
}

static uint64_t telemetry_part_energy(const TrnChip *chip, unsigned part,
                                      uint64_t at)
{
    if (part == TRN_PART_CHIP) {
        return telemetry_chip_energy(chip, at);
    }
    return part < TRN_PART_ENGINE(0)
           ? telemetry_stack_energy(chip, part - TRN_PART_STACK(0), at)
           : telemetry_engine_energy(chip, part - TRN_PART_ENGINE(0), at);
}

/* --- power and temperature --- */

static const TrnThermal *telemetry_thermal_of(const TrnChip *chip,
                                              unsigned part)
{
    const TrnEnergyModel *m = &chip->cfg.energy;

    if (part == TRN_PART_CHIP) {
        return &m->chip;
    }
    return part < TRN_PART_ENGINE(0) ? &m->stack : &m->engine;
}

static int32_t telemetry_temperature(const TrnChip *chip, unsigned part)
{
    const TrnMeter *m = chip->telemetry.meter;
    int32_t base = chip->cfg.energy.ambient_mc;

    if (part >= TRN_PART_ENGINE(0)) {
        base += m[TRN_PART_CHIP].rise_mk;
    }
    return base + m[part].rise_mk;
}

static bool telemetry_is_too_hot(const TrnChip *chip)
{
    for (unsigned i = 0; i < TRN_PART_ENGINE(0); i++) {
        if (telemetry_temperature(chip, i) >=
            (int32_t)chip->cfg.energy.limit_mc) {
            return true;
        }
    }
    return false;
}

/* At time @at, from which the new reasons count. */
static void telemetry_update_throttle(TrnChip *chip, uint64_t at)
{
    TrnTelemetry *t = &chip->telemetry;

    if (t->throttle) {
        t->throttle_ns += at - t->throttle_since;
    }
    t->throttle_since = at;
    t->throttle = (telemetry_is_too_hot(chip) ? TRNX_THROTTLE_THERMAL : 0) |
                  (TRN_READ(&chip->errinj.throttle) ? TRNX_THROTTLE_FORCED
                                                    : 0);
}

static void telemetry_sample_part(TrnChip *chip, unsigned part, uint64_t at)
{
    const TrnThermal *thermal = telemetry_thermal_of(chip, part);
    TrnTelemetry *t = &chip->telemetry;
    TrnMeter *m = &t->meter[part];
    uint64_t energy = telemetry_part_energy(chip, part, at);
    uint64_t ns = at - t->sampled;
    TrnWide mw = (TrnWide)(energy - m->energy_uj) * PJ_PER_UJ / ns;

    m->energy_uj = energy;
    m->power_mw = MIN(mw, INT32_MAX);
    m->rise_mk = trn_thermal_step(m->rise_mk,
                                  MIN(mw * thermal->mk_per_w / 1000,
                                      INT32_MAX / 4),
                                  ns, chip->cfg.energy.settle_ms);
}

static void telemetry_sample(TrnChip *chip)
{
    TrnTelemetry *t = &chip->telemetry;
    uint64_t at = telemetry_now(chip);

    if (at == t->sampled || at - t->sampled < chip->cfg.energy.sample_ns) {
        return;
    }
    for (unsigned i = 0; i < TRN_NUM_PARTS; i++) {
        telemetry_sample_part(chip, i, at);
    }
    t->sampled = at;
    telemetry_update_throttle(chip, at);
}

void trn_telemetry_force(TrnChip *chip)
{
    telemetry_update_throttle(chip, telemetry_now(chip));
}

/* --- life --- */

void trn_telemetry_init(TrnChip *chip)
{
    const TrnEnergyModel *m = &chip->cfg.energy;
    TrnTelemetry *t = &chip->telemetry;

    t->began = telemetry_now(chip);
    t->sampled = t->began;
    t->throttle_since = t->began;
    for (unsigned i = 0; i < TRN_NUM_PARTS; i++) {
        t->meter[i].power_mw = telemetry_thermal_of(chip, i)->idle_mw;
    }
    t->meter[TRN_PART_CHIP].power_mw +=
        TRN_NUM_HBM_STACKS * m->stack.idle_mw +
        TRN_NUM_ENGINES * m->engine.idle_mw;
}

void trn_telemetry_resume(TrnChip *chip)
{
    telemetry_update_throttle(chip, telemetry_now(chip));
}

void trn_telemetry_forget(TrnChip *chip)
{
    chip->telemetry = (TrnTelemetry) { 0 };
    trn_telemetry_init(chip);
}

/* --- registers --- */

/* Registers that every part has. */
static uint64_t telemetry_read_part(TrnChip *chip, unsigned part,
                                    uint32_t offset)
{
    switch (offset) {
    case TRNX_PART_TEMP:
        return trn_pair(telemetry_temperature(chip, part),
                        chip->telemetry.meter[part].power_mw);
    case TRNX_PART_ENERGY:
        return telemetry_part_energy(chip, part, telemetry_now(chip));
    }
    return 0;
}

/* Both counts of a status word of the firmware (HW 6.1). */
static uint64_t telemetry_read_ecc(TrnChip *chip, uint32_t word)
{
    uint32_t ecc = trn_mbox_status(chip, word);

    return trn_pair(ecc >> 16, ecc & 0xffff);
}

static uint64_t telemetry_read_stack(TrnChip *chip, unsigned stack,
                                     uint32_t offset)
{
    switch (offset) {
    case TRNX_PART_CORRECTED:
        return telemetry_read_ecc(chip, TRN_MISC_ECC_HBM(stack));
    case TRNX_PART_BYTES:
        return telemetry_stack_bytes(chip, stack);
    }
    return telemetry_read_part(chip, TRN_PART_STACK(stack), offset);
}

static uint64_t telemetry_throttle_time(const TrnChip *chip)
{
    const TrnTelemetry *t = &chip->telemetry;

    return t->throttle_ns +
           (t->throttle ? telemetry_now(chip) - t->throttle_since : 0);
}

static uint64_t telemetry_read_chip(TrnChip *chip, uint32_t offset)
{
    switch (offset) {
    case TRNX_TELEMETRY_THROTTLE:
        return trn_pair(chip->telemetry.throttle,
                        chip->cfg.energy.limit_mc);
    case TRNX_TELEMETRY_THROTTLE_TIME:
        return telemetry_throttle_time(chip);
    case TRNX_TELEMETRY_SAMPLE_TIME:
        return chip->telemetry.sampled;
    case TRNX_TELEMETRY_SAMPLE_MIN:
        return chip->cfg.energy.sample_ns;
    case TRNX_TELEMETRY_COMPLETION:
        return chip->timing ? chip->timing->completion : 0;
    case TRNX_TELEMETRY_SRAM_CORRECTED:
        return telemetry_read_ecc(chip, TRN_MISC_ECC_SRAM);
    }
    return telemetry_read_part(chip, TRN_PART_CHIP, offset);
}

static bool telemetry_in_range(uint32_t offset, uint32_t base, uint32_t end)
{
    return offset >= base && offset < end;
}

uint64_t trn_telemetry_read(TrnChip *chip, uint32_t offset)
{
    telemetry_sample(chip);
    if (offset < TRNX_TELEMETRY_STACK(0)) {
        return telemetry_read_chip(chip, offset);
    }
    if (offset < TRNX_TELEMETRY_STACK(TRN_NUM_HBM_STACKS)) {
        offset -= TRNX_TELEMETRY_STACK(0);
        return telemetry_read_stack(chip, offset / STACK_SIZE,
                                    offset % STACK_SIZE);
    }
    if (telemetry_in_range(offset, TRNX_TELEMETRY_ENGINE(0),
                           TRNX_TELEMETRY_ENGINE(TRN_NUM_ENGINES))) {
        offset -= TRNX_TELEMETRY_ENGINE(0);
        return telemetry_read_part(chip, TRN_PART_ENGINE(offset / ENGINE_SIZE),
                                   offset % ENGINE_SIZE);
    }
    if (telemetry_in_range(offset, TRNX_TELEMETRY_ENGINE_BYTES(0),
                           TRNX_TELEMETRY_ENGINE_BYTES(TRN_NUM_ENGINES))) {
        offset -= TRNX_TELEMETRY_ENGINE_BYTES(0);
        return TRN_READ(&chip->engine[offset / 8].activity.bytes);
    }
    return 0;
}

void trn_telemetry_write(TrnChip *chip, uint32_t offset, uint32_t value)
{
    /* All registers are read-only. */
}
