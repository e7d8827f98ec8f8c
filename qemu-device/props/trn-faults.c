/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties that inject faults: their names begin with x-. */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qapi/error.h"
#include "qapi/util.h"
#include "qapi/visitor.h"
#include "props/trn-faults.h"
#include "props/trn-props.h"
#include "trn-bar.h"
#include "trn-guard.h"

static void trn_fault_get_hang(Object *obj, Visitor *v, const char *name,
                               void *opaque, Error **errp)
{
    TrnState *s = TRN(obj);

    visit_type_int32(v, name, &s->hang_engine, errp);
}

static void trn_fault_set_hang(Object *obj, Visitor *v, const char *name,
                               void *opaque, Error **errp)
{
    TrnState *s = TRN(obj);
    int32_t engine;

    if (!visit_type_int32(v, name, &engine, errp)) {
        return;
    }
    if (engine < -1 || engine >= TRN_NUM_ENGINES) {
        error_setg(errp, "%s must be an engine from 0 to %d, or -1", name,
                   TRN_NUM_ENGINES - 1);
        return;
    }
    s->hang_engine = engine;
    if (s->chip) {
        trn_chip_set_hang(s->chip, engine);
    }
}

static const char *const trn_poison_names[] = {
    [TRN_MBOX_FAULT_NONE] = "none",
    [TRN_MBOX_FAULT_SEQUENCE] = "sequence",
    [TRN_MBOX_FAULT_FAILED] = "failed",
    [TRN_MBOX_FAULT_UNKNOWN] = "unknown",
    [TRN_MBOX_FAULT_CRC] = "crc",
    [TRN_MBOX_FAULT_SILENT] = "silent",
};

static const QEnumLookup trn_poison_lookup = {
    .array = trn_poison_names,
    .size = TRN_MBOX_FAULT_MAX,
};

/* Before the chip exists, faults are kept in the device. */
static TrnErrinj *trn_fault_errinj(TrnState *s)
{
    return s->chip ? &s->chip->errinj : &s->errinj;
}

static int trn_fault_get_poison(Object *obj, Error **errp)
{
    return trn_fault_errinj(TRN(obj))->mbox_fault;
}

static void trn_fault_set_poison(Object *obj, int value, Error **errp)
{
    trn_fault_errinj(TRN(obj))->mbox_fault = value;
}

typedef struct TrnFault {
    const char *name;
    size_t at;                  /* in TrnErrinj */
    uint32_t max;
    const char *description;
} TrnFault;

static const TrnFault trn_fault_counts[] = {
    { "x-mbox-not-ready", offsetof(TrnErrinj, not_ready), UINT32_MAX,
      "number of next reads of MISC RAM that return 0xdeadbeef" },
    { "x-fault-engine", offsetof(TrnErrinj, engine), TRN_NUM_ENGINES - 1,
      "engine of x-axi-error-at, x-delay-ns and x-busy" },
    { "x-fault-queue", offsetof(TrnErrinj, queue), TRN_QUEUES_PER_ENGINE - 1,
      "queue of x-axi-error-at, x-delay-ns and x-busy" },
    { "x-axi-error-at", offsetof(TrnErrinj, axi_error_at), UINT32_MAX,
      "n: the n-th M2S descriptor from now has an AXI error, 0: none" },
    { "x-delay-ns", offsetof(TrnErrinj, delay_ns), UINT32_MAX,
      "virtual time between data and completion" },
    { "x-busy", offsetof(TrnErrinj, busy), 1,
      "1: the queue never reports that it is idle" },
    { "x-lose-irqs", offsetof(TrnErrinj, lose_irqs), UINT32_MAX,
      "number of next interrupts that are lost" },
    { "x-ignore-resets", offsetof(TrnErrinj, ignore_resets), UINT32_MAX,
      "number of next resets of the whole device without effect" },
    { "x-malice-kinds", offsetof(TrnErrinj, malice_kinds), TRN_MALICE_ALL,
      "kinds of wrong behaviour, one bit each, 0: none" },
    { "x-malice-rate", offsetof(TrnErrinj, malice_rate), UINT32_MAX,
      "n: one in n opportunities is used" },
    { "x-malice-seed", offsetof(TrnErrinj, malice_seed), UINT32_MAX,
      "seed of the choice" },
    { "x-links-down", offsetof(TrnErrinj, links_down), 0xf,
      "bit x: the link of window x is down" },
    { "x-throttle", offsetof(TrnErrinj, throttle), 1,
      "1: the chip is throttled at any temperature" },
};

static uint32_t *trn_fault_count(TrnState *s, const TrnFault *f)
{
    return (uint32_t *)((char *)trn_fault_errinj(s) + f->at);
}

static void trn_fault_get(Object *obj, Visitor *v, const char *name,
                          void *opaque, Error **errp)
{
    uint32_t value = qatomic_read(trn_fault_count(TRN(obj), opaque));

    visit_type_uint32(v, name, &value, errp);
}

static void trn_fault_set(Object *obj, Visitor *v, const char *name,
                          void *opaque, Error **errp)
{
    const TrnFault *f = opaque;
    TrnState *s = TRN(obj);
    uint32_t value;

    if (!trn_props_visit_range(v, name, &value, 0, f->max, errp)) {
        return;
    }
    qatomic_set(trn_fault_count(s, f), value);
    if (s->chip) {
        trn_errinj_changed(s->chip);
    }
}

static const char *const trn_ecc_names[] = {
    [TRN_ECC_CORRECTED] = "x-ecc-corrected-at",
    [TRN_ECC_UNCORRECTED] = "x-ecc-uncorrected-at",
};

/* TrnErrinj has the address + 1, so that the property is all-ones for none. */
static uint64_t *trn_fault_ecc_at(TrnState *s, const char *name)
{
    bool is_corrected = !strcmp(name, trn_ecc_names[TRN_ECC_CORRECTED]);

    return &trn_fault_errinj(s)->ecc_at[is_corrected ? TRN_ECC_CORRECTED
                                                     : TRN_ECC_UNCORRECTED];
}

static void trn_fault_get_ecc(Object *obj, Visitor *v, const char *name,
                              void *opaque, Error **errp)
{
    uint64_t value = qatomic_read(trn_fault_ecc_at(TRN(obj), name)) - 1;

    visit_type_uint64(v, name, &value, errp);
}

static void trn_fault_set_ecc(Object *obj, Visitor *v, const char *name,
                              void *opaque, Error **errp)
{
    uint64_t value;

    if (visit_type_uint64(v, name, &value, errp)) {
        qatomic_set(trn_fault_ecc_at(TRN(obj), name), value + 1);
    }
}

static bool trn_fault_needs_device(TrnState *s, const char *name, Error **errp)
{
    bool yes = s->chip && !s->exited;

    if (!yes) {
        error_setg(errp, "%s can only be set while the device exists", name);
    }
    return yes;
}

/* --- faults of trnx that a driver must refuse --- */

static const char *const trn_flaw_names[] = {
    [TRN_ID_FAULT_NONE] = "none",
    [TRN_ID_FAULT_SUBSYSTEM] = "subsystem",
    [TRN_ID_FAULT_ABSENT] = "absent",
    [TRN_ID_FAULT_MAGIC] = "magic",
    [TRN_ID_FAULT_VERSION] = "version",
    [TRN_ID_FAULT_PLACE] = "place",
    [TRN_ID_FAULT_IDENTITY] = "identity",
    [TRN_ID_FAULT_GEOMETRY] = "geometry",
    [TRN_ID_FAULT_SMALL] = "small",
};

static const QEnumLookup trn_flaw_lookup = {
    .array = trn_flaw_names,
    .size = TRN_ID_FAULT_MAX,
};

static int trn_fault_get_flaw(Object *obj, Error **errp)
{
    return TRN(obj)->id_fault;
}

static void trn_fault_set_flaw(Object *obj, int value, Error **errp)
{
    if (DEVICE(obj)->realized) {
        error_setg(errp, "x-trnx-flaw cannot be set while the device exists");
        return;
    }
    TRN(obj)->id_fault = value;
}

static void trn_fault_set_spurious(Object *obj, Visitor *v, const char *name,
                                   void *opaque, Error **errp)
{
    TrnState *s = TRN(obj);
    uint32_t vector;
    bool was;

    if (!visit_type_uint32(v, name, &vector, errp) ||
        !trn_fault_needs_device(s, name, errp)) {
        return;
    }
    if (s->stopped) {
        error_setg(errp, "%s can only be set while the VM runs", name);
        return;
    }
    if (vector >= TRNX_NUM_EQ) {
        error_setg(errp, "%s must be a vector from 0 to %d", name,
                   TRNX_NUM_EQ - 1);
        return;
    }
    was = trn_guard_begin(s);
    s->bus.irq(s, vector);
    trn_guard_end(s, was);
}

static bool trn_fault_get_gone(Object *obj, Error **errp)
{
    TrnState *s = TRN(obj);

    return s->chip && s->chip->errinj.gone;
}

static void trn_fault_set_gone(Object *obj, bool value, Error **errp)
{
    TrnState *s = TRN(obj);

    if (trn_fault_needs_device(s, "x-gone", errp)) {
        trn_bars_set_gone(s, value);
    }
}

void trn_faults_apply(TrnState *s)
{
    s->chip->errinj = s->errinj;
    trn_errinj_changed(s->chip);
    trn_chip_set_hang(s->chip, s->hang_engine);
}

void trn_faults_instance_init(TrnState *s)
{
    s->hang_engine = -1;
}

static void trn_faults_add_enums(ObjectClass *klass)
{
    object_class_property_add_enum(klass, "x-mbox-poison", "TrnMboxFault",
                                   &trn_poison_lookup, trn_fault_get_poison,
                                   trn_fault_set_poison);
    object_class_property_set_description(klass, "x-mbox-poison",
        "fault of the replies of the mailbox");
    object_class_property_add_enum(klass, "x-trnx-flaw", "TrnIdFault",
                                   &trn_flaw_lookup, trn_fault_get_flaw,
                                   trn_fault_set_flaw);
    object_class_property_set_description(klass, "x-trnx-flaw",
        "fault of the model extension");
}

void trn_faults_class_init(ObjectClass *klass)
{
    for (unsigned i = 0; i < ARRAY_SIZE(trn_fault_counts); i++) {
        const TrnFault *f = &trn_fault_counts[i];

        trn_props_add(klass, f->name, "uint32", trn_fault_get, trn_fault_set,
                      f, f->description);
    }
    trn_props_add(klass, "x-hang-engine", "int32", trn_fault_get_hang,
                  trn_fault_set_hang, NULL,
                  "engine that accepts doorbells and fetches nothing, "
                  "-1: none");
    trn_props_add(klass, trn_ecc_names[TRN_ECC_CORRECTED], "uint64",
                  trn_fault_get_ecc, trn_fault_set_ecc, NULL,
                  "HBM address whose next read has a corrected ECC error");
    trn_props_add(klass, trn_ecc_names[TRN_ECC_UNCORRECTED], "uint64",
                  trn_fault_get_ecc, trn_fault_set_ecc, NULL,
                  "HBM address whose next read has an uncorrected ECC error");
    trn_props_add(klass, "x-spurious-irq", "uint32", NULL,
                  trn_fault_set_spurious, NULL, "vector to raise once");
    object_class_property_add_bool(klass, "x-gone", trn_fault_get_gone,
                                   trn_fault_set_gone);
    object_class_property_set_description(klass, "x-gone",
        "pulled out: reads are all-ones, writes have no effect, no DMA");
    trn_faults_add_enums(klass);
}
