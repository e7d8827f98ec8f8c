/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trnx telemetry (trnx manual, 13): temperature, power and energy by a model of
 * activity.
 *
 * The data path only counts, each engine for itself (TrnActivity); everything
 * else happens when somebody reads. Energy is an exact function of the counts
 * and of virtual time. Power and temperature are sampled, at most once in
 * sample_ns: power is the mean since the sample before, and each part warms up
 * or cools down towards the temperature of that power, by a first-order law.
 *
 * Nothing of it is cleared by a reset.
 */
#ifndef TRN_CORE_TELEMETRY_H
#define TRN_CORE_TELEMETRY_H

#include "../mem.h"
#include "../../regs/trn_chip.h"

struct TrnChip;

/* Work of an engine. Its worker writes, any thread reads. */
typedef struct TrnActivity {
    uint64_t bytes;             /* moved */
    uint64_t descs;             /* retired, of both rings */
    uint64_t stack_bytes[TRN_NUM_HBM_STACKS];   /* of its own chip */
} TrnActivity;

/* Power and heat of a part of the chip. */
typedef struct TrnThermal {
    uint32_t idle_mw;
    uint32_t mk_per_w;          /* thermal resistance */
} TrnThermal;

/* Constants of the model. */
typedef struct TrnEnergyModel {
    TrnThermal chip;            /* all but stacks and engines */
    TrnThermal stack;
    TrnThermal engine;
    uint32_t stack_pj_per_byte;
    uint32_t engine_pj_per_byte;
    uint32_t engine_pj_per_desc;
    uint32_t link_pj_per_byte;
    uint32_t ambient_mc;        /* temperature of the coolant */
    uint32_t limit_mc;          /* from here on the chip is throttled */
    uint32_t settle_ms;         /* time constant of the temperatures */
    uint32_t sample_ns;
} TrnEnergyModel;

/* The chip as a whole, the stacks, the engines. */
#define TRN_NUM_PARTS       (1 + TRN_NUM_HBM_STACKS + TRN_NUM_ENGINES)
#define TRN_PART_CHIP       0
#define TRN_PART_STACK(s)   (1 + (s))
#define TRN_PART_ENGINE(e)  (1 + TRN_NUM_HBM_STACKS + (e))

/* Of one part, at the last sample. */
typedef struct TrnMeter {
    uint64_t energy_uj;
    uint32_t power_mw;
    int32_t rise_mk;            /* above the coolant, of engines the chip */
} TrnMeter;

/* Under the big lock. */
typedef struct TrnTelemetry {
    uint64_t began;             /* virtual time of the start */
    uint64_t sampled;           /* virtual time of the last sample */
    uint64_t throttle_ns;       /* until throttle last changed */
    uint64_t throttle_since;
    uint32_t throttle;          /* TRNX_THROTTLE_* */
    TrnMeter meter[TRN_NUM_PARTS];
} TrnTelemetry;

extern const TrnEnergyModel trn_energy_model;

/* For a new device: idle, at the temperature of the coolant. */
void trn_telemetry_init(struct TrnChip *chip);

/* The two 32-bit registers at @offset, a multiple of 8, as one number. */
uint64_t trn_telemetry_read(struct TrnChip *chip, uint32_t offset);
void trn_telemetry_write(struct TrnChip *chip, uint32_t offset,
                         uint32_t value);

/* After a change of the injected throttling. Big lock held. */
void trn_telemetry_force(struct TrnChip *chip);

/* After the state was loaded from elsewhere. */
void trn_telemetry_resume(struct TrnChip *chip);

/* The state of a new device. */
void trn_telemetry_forget(struct TrnChip *chip);

/* --- pure functions, for tests --- */

/* @n * @factor / @divisor, rounded down. The product may exceed 64 bits. */
uint64_t trn_scale(uint64_t n, uint32_t factor, uint32_t divisor);

/* Microjoules of @mw in @ns. */
uint64_t trn_energy_of(uint32_t mw, uint64_t ns);

/* Temperature above the base after @ns at the power that leads to @final. */
int32_t trn_thermal_step(int32_t rise_mk, int32_t final_mk, uint64_t ns,
                         uint32_t settle_ms);

/* --- counting, on the worker that runs the engine --- */

static inline void trn_activity_add(uint64_t *counter, uint64_t n)
{
    TRN_WRITE(counter, *counter + n);
}

/* @n bytes were read from or written to @s. */
static inline void trn_activity_touch(TrnActivity *a, const TrnSpan *s,
                                      uint32_t n)
{
    if (s->is_hbm && !s->remote) {
        trn_activity_add(&a->stack_bytes[s->stack], n);
    }
}

#endif /* TRN_CORE_TELEMETRY_H */
