/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties that are status words of the mailbox (HW 6.1, 12). */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "props/trn-props.h"
#include "props/trn-status.h"

#define SERVER_ID_MAX   0x7fff

typedef struct TrnStatusField {
    const char *name;
    uint32_t offset;
    uint32_t mask;
    uint32_t max;
    const char *description;
} TrnStatusField;

#define CORRECTED(name, offset, of) \
    { "ecc-" name "-corrected", offset, 0xffff0000, 0xffff, \
      "corrected ECC errors of " of }
#define UNCORRECTED(name, offset, of) \
    { "ecc-" name "-uncorrected", offset, 0xffff, 0xffff, \
      "uncorrected ECC errors of " of }

static const TrnStatusField trn_status_fields[] = {
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

static void trn_status_get(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    const TrnStatusField *f = opaque;
    TrnState *s = TRN(obj);
    uint32_t word = s->chip ? trn_mbox_status(s->chip, f->offset)
                            : s->status[f->offset / 4];
    uint32_t value = trn_field_get(f->mask, word);

    visit_type_uint32(v, name, &value, errp);
}

static void trn_status_set(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    const TrnStatusField *f = opaque;
    TrnState *s = TRN(obj);
    uint32_t *early = &s->status[f->offset / 4];
    uint32_t value;

    if (!trn_props_visit_range(v, name, &value, 0, f->max, errp)) {
        return;
    }
    value = trn_field_prep(f->mask, value);
    if (s->chip) {
        trn_mbox_set_status(s->chip, f->offset, f->mask, value);
    } else {
        *early = (*early & ~f->mask) | value;
    }
}

static void trn_status_apply_serial(TrnState *s)
{
    trn_mbox_set_status(s->chip, TRN_MISC_SERIAL_LO, UINT32_MAX, s->serial);
    trn_mbox_set_status(s->chip, TRN_MISC_SERIAL_HI, UINT32_MAX,
                        s->serial >> 32);
}

static void trn_status_get_serial(Object *obj, Visitor *v, const char *name,
                                  void *opaque, Error **errp)
{
    TrnState *s = TRN(obj);
    uint64_t value = s->chip ? trn_mbox_serial(s->chip) : s->serial;

    visit_type_uint64(v, name, &value, errp);
}

static void trn_status_set_serial(Object *obj, Visitor *v, const char *name,
                                  void *opaque, Error **errp)
{
    TrnState *s = TRN(obj);

    if (visit_type_uint64(v, name, &s->serial, errp) && s->chip) {
        trn_status_apply_serial(s);
    }
}

static void trn_status_apply_server_id(TrnState *s)
{
    trn_mbox_set_status(s->chip, TRN_MISC_SERVER_INFO, UINT32_MAX,
                        s->server_id < 0 ? 0 : TRN_MISC_SERVER_INFO_VALID |
                                               s->server_id);
}

static void trn_status_get_server_id(Object *obj, Visitor *v, const char *name,
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

static void trn_status_set_server_id(Object *obj, Visitor *v, const char *name,
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
        trn_status_apply_server_id(s);
    }
}

void trn_status_apply(TrnState *s)
{
    for (unsigned i = 0; i < ARRAY_SIZE(trn_status_fields); i++) {
        const TrnStatusField *f = &trn_status_fields[i];

        trn_mbox_set_status(s->chip, f->offset, f->mask,
                            s->status[f->offset / 4] & f->mask);
    }
    trn_status_apply_serial(s);
    trn_status_apply_server_id(s);
}

void trn_status_instance_init(TrnState *s)
{
    s->server_id = -1;
}

void trn_status_class_init(ObjectClass *klass)
{
    for (unsigned i = 0; i < ARRAY_SIZE(trn_status_fields); i++) {
        const TrnStatusField *f = &trn_status_fields[i];

        trn_props_add(klass, f->name, "uint32", trn_status_get, trn_status_set,
                      f, f->description);
    }
    trn_props_add(klass, "serial", "uint64", trn_status_get_serial,
                  trn_status_set_serial, NULL,
                  "serial number of the chip, 0: derived from the routing id");
    trn_props_add(klass, "server-id", "int32", trn_status_get_server_id,
                  trn_status_set_server_id, NULL,
                  "SERVER_INFO, -1: not valid");
}
