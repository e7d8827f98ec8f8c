/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qapi/error.h"
#include "qapi/util.h"
#include "qapi/visitor.h"
#include "trn-guard.h"
#include "trn-props.h"

#define SERVER_ID_MAX   0x7fff

/* --- status words of the mailbox (HW 6.1, 12) --- */

typedef struct TrnStatusField {
    const char *name;
    uint32_t offset;
    uint32_t mask;
    uint32_t max;
    const char *what;
} TrnStatusField;

#define CORRECTED(name, offset, of) \
    { "ecc-" name "-corrected", offset, 0xffff0000, 0xffff, \
      "corrected ECC errors of " of }
#define UNCORRECTED(name, offset, of) \
    { "ecc-" name "-uncorrected", offset, 0xffff, 0xffff, \
      "uncorrected ECC errors of " of }

static const TrnStatusField status_fields[] = {
    { "power-die0", TRN_MISC_POWER_DIE(0), 0xffff, 0xffff,
      "power utilization of die 0 in 1/100 percent" },
    { "power-die1", TRN_MISC_POWER_DIE(1), 0xffff, 0xffff,
      "power utilization of die 1 in 1/100 percent" },
    CORRECTED("sram", TRN_MISC_ECC_SRAM, "on-chip memory"),
    UNCORRECTED("sram", TRN_MISC_ECC_SRAM, "on-chip memory"),
    CORRECTED("hbm0", TRN_MISC_ECC_HBM(0), "HBM stack 0"),
    UNCORRECTED("hbm0", TRN_MISC_ECC_HBM(0), "HBM stack 0"),
    CORRECTED("hbm1", TRN_MISC_ECC_HBM(1), "HBM stack 1"),
    UNCORRECTED("hbm1", TRN_MISC_ECC_HBM(1), "HBM stack 1"),
    CORRECTED("hbm2", TRN_MISC_ECC_HBM(2), "HBM stack 2"),
    UNCORRECTED("hbm2", TRN_MISC_ECC_HBM(2), "HBM stack 2"),
    CORRECTED("hbm3", TRN_MISC_ECC_HBM(3), "HBM stack 3"),
    UNCORRECTED("hbm3", TRN_MISC_ECC_HBM(3), "HBM stack 3"),
    { "hbm-repair", TRN_MISC_HBM_REPAIR, 0x3, 2,
      "HBM repair: 0 none, 1 pending, 2 failed" },
};

static void get_status(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    const TrnStatusField *f = opaque;
    TrnState *s = TRN(obj);
    uint32_t word = s->chip ? trn_mbox_status(s->chip, f->offset)
                            : s->status[f->offset / 4];
    uint32_t value = trn_field_get(f->mask, word);

    visit_type_uint32(v, name, &value, errp);
}

static void set_status(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    const TrnStatusField *f = opaque;
    TrnState *s = TRN(obj);
    uint32_t *early = &s->status[f->offset / 4];
    uint32_t value;

    if (!visit_type_uint32(v, name, &value, errp)) {
        return;
    }
    if (value > f->max) {
        error_setg(errp, "%s must be 0 to %u", name, f->max);
        return;
    }
    value = trn_field_prep(f->mask, value);
    if (s->chip) {
        trn_mbox_set_status(s->chip, f->offset, f->mask, value);
    } else {
        *early = (*early & ~f->mask) | value;
    }
}

static void set_serial_words(TrnState *s)
{
    trn_mbox_set_status(s->chip, TRN_MISC_SERIAL_LO, UINT32_MAX, s->serial);
    trn_mbox_set_status(s->chip, TRN_MISC_SERIAL_HI, UINT32_MAX,
                        s->serial >> 32);
}

static void get_serial(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    TrnState *s = TRN(obj);
    uint64_t value = s->chip ? trn_mbox_serial(s->chip) : s->serial;

    visit_type_uint64(v, name, &value, errp);
}

static void set_serial(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    TrnState *s = TRN(obj);

    if (visit_type_uint64(v, name, &s->serial, errp) && s->chip) {
        set_serial_words(s);
    }
}

static void set_server_word(TrnState *s)
{
    trn_mbox_set_status(s->chip, TRN_MISC_SERVER_INFO, UINT32_MAX,
                        s->server_id < 0 ? 0 : TRN_MISC_SERVER_INFO_VALID |
                                               s->server_id);
}

static void get_server_id(Object *obj, Visitor *v, const char *name,
                          void *opaque, Error **errp)
{
    TrnState *s = TRN(obj);
    int32_t value = s->server_id;

    if (s->chip) {
        uint32_t word = trn_mbox_status(s->chip, TRN_MISC_SERVER_INFO);

        value = word & TRN_MISC_SERVER_INFO_VALID ? word & SERVER_ID_MAX : -1;
    }
    visit_type_int32(v, name, &value, errp);
}

static void set_server_id(Object *obj, Visitor *v, const char *name,
                          void *opaque, Error **errp)
{
    TrnState *s = TRN(obj);
    int32_t value;

    if (!visit_type_int32(v, name, &value, errp)) {
        return;
    }
    if (value < -1 || value > SERVER_ID_MAX) {
        error_setg(errp, "%s must be -1 to %d", name, SERVER_ID_MAX);
        return;
    }
    s->server_id = value;
    if (s->chip) {
        set_server_word(s);
    }
}

/* --- faults --- */

static void get_hang(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    TrnState *s = TRN(obj);

    visit_type_int32(v, name, &s->hang_engine, errp);
}

static void set_hang(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
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

static const char *const poison_names[] = {
    [TRN_POISON_NONE] = "none",
    [TRN_POISON_SEQUENCE] = "sequence",
    [TRN_POISON_FAILED] = "failed",
    [TRN_POISON_UNKNOWN] = "unknown",
    [TRN_POISON_CRC] = "crc",
    [TRN_POISON_SILENT] = "silent",
};

static const QEnumLookup poison_lookup = {
    .array = poison_names,
    .size = TRN_POISON_MAX,
};

/* Faults that are a number in TrnErrinj and nothing else. */
static TrnErrinj *faults(TrnState *s)
{
    return s->chip ? &s->chip->errinj : &s->errinj;
}

static int get_poison(Object *obj, Error **errp)
{
    return faults(TRN(obj))->poison;
}

static void set_poison(Object *obj, int value, Error **errp)
{
    faults(TRN(obj))->poison = value;
}

typedef struct TrnFault {
    const char *name;
    size_t at;                  /* in TrnErrinj */
    uint32_t max;
    const char *what;
} TrnFault;

static const TrnFault fault_counts[] = {
    { "x-mbox-not-ready", offsetof(TrnErrinj, not_ready), UINT32_MAX,
      "how many of the next reads of MISC RAM answer 0xdeadbeef" },
    { "x-fault-engine", offsetof(TrnErrinj, engine), TRN_NUM_ENGINES - 1,
      "engine of x-axi-error-at, x-delay-ns and x-busy" },
    { "x-fault-queue", offsetof(TrnErrinj, queue), TRN_QUEUES_PER_ENGINE - 1,
      "queue of x-axi-error-at, x-delay-ns and x-busy" },
    { "x-axi-error-at", offsetof(TrnErrinj, axi_error_at), UINT32_MAX,
      "which of the next M2S descriptors meets an AXI error, 0 for none" },
    { "x-delay-ns", offsetof(TrnErrinj, delay_ns), UINT32_MAX,
      "virtual time from data moved to completion" },
    { "x-busy", offsetof(TrnErrinj, busy), 1,
      "1: that queue never says that it is idle" },
    { "x-lose-irqs", offsetof(TrnErrinj, lose_irqs), UINT32_MAX,
      "how many of the next interrupts are lost" },
    { "x-ignore-resets", offsetof(TrnErrinj, ignore_resets), UINT32_MAX,
      "how many of the next resets of the whole device are not done" },
    { "x-malice-kinds", offsetof(TrnErrinj, malice_kinds), TRN_MALICE_ALL,
      "what the chip lies about, a bit each, 0 for nothing" },
    { "x-malice-rate", offsetof(TrnErrinj, malice_rate), UINT32_MAX,
      "one chance in so many is a lie" },
    { "x-malice-seed", offsetof(TrnErrinj, malice_seed), UINT32_MAX,
      "chooses the lies" },
    { "x-links-down", offsetof(TrnErrinj, links_down), 0xf,
      "bit x: the link of window x is down" },
    { "x-throttle", offsetof(TrnErrinj, throttle), 1,
      "1: the chip is throttled, hot or not" },
};

static uint32_t *fault_count(TrnState *s, const TrnFault *f)
{
    return (uint32_t *)((char *)faults(s) + f->at);
}

static void get_fault(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    uint32_t value = qatomic_read(fault_count(TRN(obj), opaque));

    visit_type_uint32(v, name, &value, errp);
}

static void set_fault(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    const TrnFault *f = opaque;
    TrnState *s = TRN(obj);
    uint32_t value;

    if (!visit_type_uint32(v, name, &value, errp)) {
        return;
    }
    if (value > f->max) {
        error_setg(errp, "%s must be 0 to %u", name, f->max);
        return;
    }
    qatomic_set(fault_count(s, f), value);
    if (s->chip) {
        trn_errinj_changed(s->chip);
    }
}

static const char *const ecc_names[] = {
    [TRN_ECC_CORRECTED] = "x-ecc-corrected-at",
    [TRN_ECC_UNCORRECTED] = "x-ecc-uncorrected-at",
};

/* What names an address is that address + 1 in TrnErrinj: all-ones for none. */
static uint64_t *ecc_at(TrnState *s, const char *name)
{
    return &faults(s)->ecc_at[strcmp(name, ecc_names[0]) ? TRN_ECC_UNCORRECTED
                                                         : TRN_ECC_CORRECTED];
}

static void get_ecc(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    uint64_t value = qatomic_read(ecc_at(TRN(obj), name)) - 1;

    visit_type_uint64(v, name, &value, errp);
}

static void set_ecc(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    uint64_t value;

    if (visit_type_uint64(v, name, &value, errp)) {
        qatomic_set(ecc_at(TRN(obj), name), value + 1);
    }
}

static bool exists(TrnState *s, const char *name, Error **errp)
{
    bool yes = s->chip && !s->exited;

    if (!yes) {
        error_setg(errp, "%s is for a device that exists", name);
    }
    return yes;
}

/* --- a trnx that drivers must refuse --- */

static const char *const flaw_names[] = {
    [TRN_FLAW_NONE] = "none",
    [TRN_FLAW_SUBSYSTEM] = "subsystem",
    [TRN_FLAW_ABSENT] = "absent",
    [TRN_FLAW_MAGIC] = "magic",
    [TRN_FLAW_VERSION] = "version",
    [TRN_FLAW_PLACE] = "place",
    [TRN_FLAW_IDENTITY] = "identity",
    [TRN_FLAW_GEOMETRY] = "geometry",
    [TRN_FLAW_SMALL] = "small",
};

static const QEnumLookup flaw_lookup = {
    .array = flaw_names,
    .size = TRN_FLAW_MAX,
};

static int get_flaw(Object *obj, Error **errp)
{
    return TRN(obj)->flaw;
}

static void set_flaw(Object *obj, int value, Error **errp)
{
    if (DEVICE(obj)->realized) {
        error_setg(errp, "x-trnx-flaw cannot change when the device exists");
        return;
    }
    TRN(obj)->flaw = value;
}

static void set_spurious(Object *obj, Visitor *v, const char *name,
                         void *opaque, Error **errp)
{
    TrnState *s = TRN(obj);
    uint32_t vector;
    bool was;

    if (!visit_type_uint32(v, name, &vector, errp) ||
        !exists(s, name, errp)) {
        return;
    }
    if (s->stopped) {
        error_setg(errp, "%s is for a VM that runs", name);
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

static bool get_gone(Object *obj, Error **errp)
{
    TrnState *s = TRN(obj);

    return s->chip && s->chip->errinj.gone;
}

static void set_gone(Object *obj, bool value, Error **errp)
{
    TrnState *s = TRN(obj);

    if (exists(s, "x-gone", errp)) {
        trn_set_gone(s, value);
    }
}

/* --- life --- */

void trn_props_apply_status(TrnState *s)
{
    for (unsigned i = 0; i < ARRAY_SIZE(status_fields); i++) {
        const TrnStatusField *f = &status_fields[i];

        trn_mbox_set_status(s->chip, f->offset, f->mask,
                            s->status[f->offset / 4] & f->mask);
    }
    set_serial_words(s);
    set_server_word(s);
}

void trn_props_apply(TrnState *s)
{
    trn_props_apply_status(s);
    s->chip->errinj = s->errinj;
    trn_errinj_changed(s->chip);
    trn_chip_set_hang(s->chip, s->hang_engine);
}

void trn_props_instance_init(TrnState *s)
{
    s->server_id = -1;
    s->hang_engine = -1;
}

static void add(ObjectClass *klass, const char *name, const char *type,
                ObjectPropertyAccessor *get, ObjectPropertyAccessor *set,
                const void *opaque, const char *what)
{
    object_class_property_add(klass, name, type, get, set, NULL,
                              (void *)opaque);
    object_class_property_set_description(klass, name, what);
}

void trn_props_class_init(ObjectClass *klass)
{
    for (unsigned i = 0; i < ARRAY_SIZE(status_fields); i++) {
        const TrnStatusField *f = &status_fields[i];

        add(klass, f->name, "uint32", get_status, set_status, f, f->what);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(fault_counts); i++) {
        const TrnFault *f = &fault_counts[i];

        add(klass, f->name, "uint32", get_fault, set_fault, f, f->what);
    }
    add(klass, "serial", "uint64", get_serial, set_serial, NULL,
        "chip serial number, 0: made from the routing id");
    add(klass, "server-id", "int32", get_server_id, set_server_id, NULL,
        "SERVER_INFO, -1: not valid");
    add(klass, "x-hang-engine", "int32", get_hang, set_hang, NULL,
        "engine that accepts doorbells and fetches nothing, -1 for none");
    add(klass, ecc_names[TRN_ECC_CORRECTED], "uint64", get_ecc, set_ecc, NULL,
        "HBM address that the next read finds with a corrected ECC error");
    add(klass, ecc_names[TRN_ECC_UNCORRECTED], "uint64", get_ecc, set_ecc, NULL,
        "HBM address that the next read finds with an uncorrected ECC error");
    add(klass, "x-spurious-irq", "uint32", NULL, set_spurious, NULL,
        "raises this vector once");
    object_class_property_add_bool(klass, "x-gone", get_gone, set_gone);
    object_class_property_set_description(klass, "x-gone",
        "pulled out: reads are all-ones, writes are dropped, no DMA");
    object_class_property_add_enum(klass, "x-mbox-poison", "TrnPoison",
                                   &poison_lookup, get_poison, set_poison);
    object_class_property_set_description(klass, "x-mbox-poison",
        "what is wrong with the replies of the mailbox");
    object_class_property_add_enum(klass, "x-trnx-flaw", "TrnFlaw",
                                   &flaw_lookup, get_flaw, set_flaw);
    object_class_property_set_description(klass, "x-trnx-flaw",
        "what is wrong with the model extension");
}
