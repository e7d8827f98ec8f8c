/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/visitor.h"
#include "hw/qdev-properties.h"
#include "props/trn-constants.h"
#include "props/trn-props.h"

typedef struct TrnConstant {
    const char *name;
    size_t at;                  /* in TrnState */
    uint32_t min;
    uint32_t max;
    const char *description;
} TrnConstant;

#define ENERGY(field) offsetof(TrnState, energy.field)
#define TIMING(field) offsetof(TrnState, timing.field)

static const TrnConstant trn_constants[] = {
    { "idle-mw", ENERGY(chip.idle_mw), 0, 1000000,
      "power of the chip at rest, without stacks and engines" },
    { "hbm-idle-mw", ENERGY(stack.idle_mw), 0, 1000000,
      "power of an HBM stack at rest" },
    { "engine-idle-mw", ENERGY(engine.idle_mw), 0, 100000,
      "power of a DMA engine at rest" },
    { "hbm-pj-per-byte", ENERGY(stack_pj_per_byte), 0, 1000000,
      "energy of a byte read from or written to HBM" },
    { "engine-pj-per-byte", ENERGY(engine_pj_per_byte), 0, 1000000,
      "energy of a byte moved by an engine" },
    { "engine-pj-per-desc", ENERGY(engine_pj_per_desc), 0, 1000000000,
      "energy of a descriptor" },
    { "link-pj-per-byte", ENERGY(link_pj_per_byte), 0, 1000000,
      "energy of a byte sent or received over a link" },
    { "mk-per-w", ENERGY(chip.mk_per_w), 0, 100000,
      "thermal resistance from the chip to the coolant" },
    { "hbm-mk-per-w", ENERGY(stack.mk_per_w), 0, 100000,
      "thermal resistance from an HBM stack to the coolant" },
    { "engine-mk-per-w", ENERGY(engine.mk_per_w), 0, 100000,
      "thermal resistance from an engine to the chip" },
    { "ambient-mc", ENERGY(ambient_mc), 0, 1000000,
      "temperature of the coolant in millidegrees" },
    { "temp-limit-mc", ENERGY(limit_mc), 0, 1000000,
      "temperature in millidegrees from which on the chip is throttled" },
    { "settle-ms", ENERGY(settle_ms), 1, 1000000,
      "time constant of the temperatures" },
    { "sample-ns", ENERGY(sample_ns), 1, UINT32_MAX,
      "minimum virtual time between two samples" },
    { "engine-mbps", TIMING(engine_mbps), 1, 1000000000,
      "bandwidth of an engine in 10^6 bytes a second" },
    { "hbm-mbps", TIMING(hbm_mbps), TRN_NUM_HBM_STACKS, 1000000000,
      "bandwidth of all HBM stacks together" },
    { "link-mbps", TIMING(link_mbps), 1, 1000000000,
      "bandwidth of a link to a neighbour, each way" },
    { "host-mbps", TIMING(host_mbps), 1, 1000000000,
      "bandwidth of the window to the host, each way" },
    { "start-ns", TIMING(start_ns), 0, 1000000000,
      "time from a doorbell to the start of a transfer" },
    { "desc-ns", TIMING(desc_ns), 0, 1000000000,
      "minimum time of a descriptor" },
    { "link-latency-ns", TIMING(link_latency_ns), 0, 1000000000,
      "latency of a link" },
    { "host-latency-ns", TIMING(host_latency_ns), 0, 1000000000,
      "latency of the window to the host" },
};

static uint32_t *trn_constant_value(TrnState *s, const TrnConstant *c)
{
    return (uint32_t *)((char *)s + c->at);
}

static void trn_constant_get(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    visit_type_uint32(v, name, trn_constant_value(TRN(obj), opaque), errp);
}

static void trn_constant_set(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    const TrnConstant *c = opaque;
    TrnState *s = TRN(obj);
    uint32_t value;

    if (DEVICE(s)->realized) {
        qdev_prop_set_after_realize(DEVICE(s), name, errp);
        return;
    }
    if (trn_props_visit_range(v, name, &value, c->min, c->max, errp)) {
        *trn_constant_value(s, c) = value;
    }
}

const char *trn_constants_get(const TrnState *s, unsigned i, uint64_t *value)
{
    if (i >= ARRAY_SIZE(trn_constants)) {
        return NULL;
    }
    *value = *trn_constant_value((TrnState *)s, &trn_constants[i]);
    return trn_constants[i].name;
}

void trn_constants_instance_init(TrnState *s)
{
    s->energy = trn_energy_model;
    s->timing = TRN_GET_CLASS(s)->gen->timing;
}

void trn_constants_class_init(ObjectClass *klass)
{
    for (unsigned i = 0; i < ARRAY_SIZE(trn_constants); i++) {
        const TrnConstant *c = &trn_constants[i];

        trn_props_add(klass, c->name, "uint32", trn_constant_get,
                      trn_constant_set, c, c->description);
    }
}
