/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/vmstate.h"

#include <stdlib.h>
#include <string.h>

#define SUBSECTION 0x05

/* --- the file --- */

static void put(QEMUFile *f, const void *buf, size_t size)
{
    while (f->len + size > f->room) {
        f->room = f->room ? f->room * 2 : 65536;
        f->data = realloc(f->data, f->room);
        f->number = realloc(f->number, f->room * sizeof(f->number[0]));
    }
    memcpy(f->data + f->len, buf, size);
    f->len += size;
}

void qemu_put_buffer(QEMUFile *f, const uint8_t *buf, size_t size)
{
    put(f, buf, size);
}

static void put_number(QEMUFile *f, uint64_t v, unsigned size)
{
    uint8_t buf[8];

    for (unsigned i = 0; i < size; i++) {
        buf[i] = v >> 8 * (size - 1 - i);
    }
    put(f, buf, size);
    f->number[f->numbers].at = f->len - size;
    f->number[f->numbers++].size = size;
}

void qemu_put_be64(QEMUFile *f, uint64_t v)
{
    put_number(f, v, 8);
}

void qemu_put_be32(QEMUFile *f, uint32_t v)
{
    put_number(f, v, 4);
}

void qemu_put_be16(QEMUFile *f, uint16_t v)
{
    put_number(f, v, 2);
}

size_t qemu_get_buffer(QEMUFile *f, uint8_t *buf, size_t size)
{
    size_t left = f->len - f->pos, n = size < left ? size : left;

    if (f->error) {
        return 0;
    }
    memcpy(buf, f->data + f->pos, n);
    f->pos += n;
    if (n < size) {
        f->error = -EIO;
    }
    return n;
}

/* Behind the end there are zeroes. */
static uint64_t get_number(QEMUFile *f, unsigned size)
{
    uint8_t buf[8] = { 0 };
    uint64_t v = 0;

    qemu_get_buffer(f, buf, size);
    for (unsigned i = 0; i < size; i++) {
        v = v << 8 | buf[i];
    }
    return v;
}

uint64_t qemu_get_be64(QEMUFile *f)
{
    return get_number(f, 8);
}

uint32_t qemu_get_be32(QEMUFile *f)
{
    return get_number(f, 4);
}

uint16_t qemu_get_be16(QEMUFile *f)
{
    return get_number(f, 2);
}

int qemu_file_get_error(QEMUFile *f)
{
    return f->error;
}

/* --- numbers, in the host's order --- */

static int put_info(QEMUFile *f, void *pv, size_t size,
                    const VMStateField *field, JSONWriter *vmdesc)
{
    put_number(f, size == 8 ? *(uint64_t *)pv : size == 4 ? *(uint32_t *)pv
                  : size == 2 ? *(uint16_t *)pv : *(uint8_t *)pv, size);
    return 0;
}

static int get_info(QEMUFile *f, void *pv, size_t size,
                    const VMStateField *field)
{
    uint64_t v = get_number(f, size);

    switch (size) {
    case 8:
        *(uint64_t *)pv = v;
        break;
    case 4:
        *(uint32_t *)pv = v;
        break;
    case 2:
        *(uint16_t *)pv = v;
        break;
    default:
        *(uint8_t *)pv = field->is_bool ? !!v : v;
    }
    return 0;
}

const VMStateInfo vmstate_info_number = { "number", get_info, put_info };

/* --- descriptions --- */

static void *element(const VMStateField *field, void *opaque, unsigned n)
{
    void *p = (char *)opaque + field->offset + n * field->size;

    return field->flags & VMS_POINTER ? *(void **)p : p;
}

static unsigned elements(const VMStateField *field)
{
    return field->num ? field->num : 1;
}

int vmstate_save_state(QEMUFile *f, const VMStateDescription *vmsd,
                       void *opaque, JSONWriter *vmdesc)
{
    for (const VMStateField *field = vmsd->fields; field->name; field++) {
        for (unsigned n = 0; n < elements(field); n++) {
            void *p = element(field, opaque, n);
            int ret = field->flags & VMS_STRUCT
                      ? vmstate_save_state(f, field->vmsd, p, NULL)
                      : field->info->put(f, p, field->size, field, NULL);

            if (ret) {
                return ret;
            }
        }
    }
    for (const VMStateDescription *const *sub = vmsd->subsections;
         sub && *sub; sub++) {
        uint8_t head[2] = { SUBSECTION, strlen((*sub)->name) };

        if ((*sub)->needed(opaque)) {
            put(f, head, sizeof(head));
            put(f, (*sub)->name, head[1]);
            put_number(f, (*sub)->version_id, 4);
            vmstate_save_state(f, *sub, opaque, NULL);
        }
    }
    return 0;
}

static const VMStateDescription *next_subsection(QEMUFile *f,
                                                 const VMStateDescription *vmsd)
{
    const uint8_t *p = f->data + f->pos;
    size_t left = f->len - f->pos;

    for (const VMStateDescription *const *sub = vmsd->subsections;
         sub && *sub; sub++) {
        size_t len = strlen((*sub)->name);

        if (left >= 2 + len && p[0] == SUBSECTION && p[1] == len &&
            !memcmp(p + 2, (*sub)->name, len)) {
            f->pos += 2 + len;
            return *sub;
        }
    }
    return NULL;
}

int vmstate_load_state(QEMUFile *f, const VMStateDescription *vmsd,
                       void *opaque, int version_id)
{
    const VMStateDescription *sub;
    int ret = version_id > vmsd->version_id ||
              version_id < vmsd->minimum_version_id ? -EINVAL
              : vmsd->pre_load ? vmsd->pre_load(opaque) : 0;

    for (const VMStateField *field = vmsd->fields; !ret && field->name;
         field++) {
        for (unsigned n = 0; !ret && n < elements(field); n++) {
            void *p = element(field, opaque, n);

            ret = field->flags & VMS_STRUCT
                  ? vmstate_load_state(f, field->vmsd, p,
                                       field->vmsd->version_id)
                  : field->info->get(f, p, field->size, field);
            ret = ret ? ret : f->error;
        }
    }
    while (!ret && (sub = next_subsection(f, vmsd))) {
        ret = vmstate_load_state(f, sub, opaque, qemu_get_be32(f));
    }
    return ret;
}
