/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much of QEMU's VMState and QEMUFile as the chip's state uses, over a buffer. What
 * it writes and reads is what QEMU's does; it also keeps where each number stands.
 */
#ifndef TRN_FAKE_VMSTATE_H
#define TRN_FAKE_VMSTATE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct JSONWriter JSONWriter;

typedef struct QEMUFile {
    uint8_t *data;
    size_t len;                 /* of data, or of what was written */
    size_t room;
    size_t pos;
    int error;
    struct {
        uint32_t at;
        uint8_t size;
    } *number;
    size_t numbers;
} QEMUFile;

typedef struct VMStateField VMStateField;
typedef struct VMStateDescription VMStateDescription;

typedef struct VMStateInfo {
    const char *name;
    int (*get)(QEMUFile *f, void *pv, size_t size, const VMStateField *field);
    int (*put)(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
               JSONWriter *vmdesc);
} VMStateInfo;

enum { VMS_SINGLE = 1, VMS_STRUCT = 2, VMS_POINTER = 4 };

struct VMStateField {
    const char *name;
    size_t offset;
    size_t size;                /* of one element */
    unsigned num;               /* of elements; 0 = one */
    const VMStateInfo *info;
    int flags;
    bool is_bool;               /* a byte that is 0 or 1 */
    const VMStateDescription *vmsd;
};

struct VMStateDescription {
    const char *name;
    int version_id;
    int minimum_version_id;
    int (*pre_load)(void *opaque);
    bool (*needed)(void *opaque);
    const VMStateField *fields;
    const VMStateDescription *const *subsections;
};

extern const VMStateInfo vmstate_info_number;

#define FAKE_FIELD(f, s, n, t) \
    .name = #f, .offset = offsetof(s, f), .size = sizeof(t), .num = (n)
#define FAKE_NUMBER(f, s, n, t) \
    { FAKE_FIELD(f, s, n, t), .info = &vmstate_info_number, .flags = VMS_SINGLE }

#define VMSTATE_BOOL(f, s) \
    { FAKE_FIELD(f, s, 0, bool), .info = &vmstate_info_number, \
      .flags = VMS_SINGLE, .is_bool = true }
#define VMSTATE_UINT8(f, s)             FAKE_NUMBER(f, s, 0, uint8_t)
#define VMSTATE_UINT16(f, s)            FAKE_NUMBER(f, s, 0, uint16_t)
#define VMSTATE_UINT32(f, s)            FAKE_NUMBER(f, s, 0, uint32_t)
#define VMSTATE_INT32(f, s)             FAKE_NUMBER(f, s, 0, int32_t)
#define VMSTATE_UINT64(f, s)            FAKE_NUMBER(f, s, 0, uint64_t)
#define VMSTATE_UINT32_ARRAY(f, s, n)   FAKE_NUMBER(f, s, n, uint32_t)
#define VMSTATE_UINT64_ARRAY(f, s, n)   FAKE_NUMBER(f, s, n, uint64_t)
#define VMSTATE_STRUCT_ARRAY(f, s, n, v, d, t) \
    { FAKE_FIELD(f, s, n, t), .flags = VMS_STRUCT, .vmsd = &(d) }
#define VMSTATE_STRUCT(f, s, v, d, t)   VMSTATE_STRUCT_ARRAY(f, s, 0, v, d, t)
#define VMSTATE_STRUCT_POINTER(f, s, d, t) \
    { FAKE_FIELD(f, s, 0, t), .flags = VMS_STRUCT | VMS_POINTER, .vmsd = &(d) }
#define VMSTATE_ARRAY(f, s, n, v, i, t) \
    { FAKE_FIELD(f, s, n, t), .info = &(i), .flags = VMS_SINGLE }
#define VMSTATE_2DARRAY(f, s, n, m, v, i, t) \
    VMSTATE_ARRAY(f, s, (n) * (m), v, i, t)
#define VMSTATE_SINGLE(f, s, v, i, t)   VMSTATE_ARRAY(f, s, 0, v, i, t)
#define VMSTATE_END_OF_LIST()           { 0 }

int vmstate_save_state(QEMUFile *f, const VMStateDescription *vmsd,
                       void *opaque, JSONWriter *vmdesc);
int vmstate_load_state(QEMUFile *f, const VMStateDescription *vmsd,
                       void *opaque, int version_id);

void qemu_put_be64(QEMUFile *f, uint64_t v);
void qemu_put_be32(QEMUFile *f, uint32_t v);
void qemu_put_be16(QEMUFile *f, uint16_t v);
void qemu_put_buffer(QEMUFile *f, const uint8_t *buf, size_t size);
uint64_t qemu_get_be64(QEMUFile *f);
uint32_t qemu_get_be32(QEMUFile *f);
uint16_t qemu_get_be16(QEMUFile *f);
size_t qemu_get_buffer(QEMUFile *f, uint8_t *buf, size_t size);
int qemu_file_get_error(QEMUFile *f);

#endif
