/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a busy chip, as it travels, with something changed in it. The input is
 * a list of twelve-byte changes: a number of the stream, some bytes of it, its end. In
 * the first byte, 0x80 asks for a chip with the timing model.
 *
 * What must hold: the state is taken or refused; a chip that has taken it can run and
 * be reset; after either it copies.
 */
#include "fuzz.h"
#include "unit/fake-bus.h"
#include "migrate/trn-vmstate.h"

#define CHANGE_SIZE 12u
#define ENGINE 9u
#define QUEUE 2u
#define RING 64u
#define ELEMENTS 1024u
#define TURNS 4u
#define M2S_RING 0x10000u
#define S2M_RING 0x12000u
#define OPERANDS 0x14000u
#define SOURCE 0x20000u
#define USED_HOST 0x40000u      /* what a run is given anew */
#define COPY 0x01080003u
#define INLINE 0x03800003u
#define META 0x00800000u
#define FIRST 0x04000000u
#define LAST 0x08000000u
#define LAP 0x01000000u

typedef struct World {
    FakeBus *f;
    QEMUFile saved;
    uint8_t host[USED_HOST];
} World;

static void ring(FakeBus *f, unsigned m2s, unsigned s2m)
{
    trn_chip_write(f->chip, fake_page(ENGINE, QUEUE, true) + 0x38, s2m);
    trn_chip_write(f->chip, fake_page(ENGINE, QUEUE, false) + 0x38, m2s);
}

static void pair(FakeBus *f, unsigned n, uint64_t dst, uint32_t len)
{
    fake_desc(f, M2S_RING + n * 16, LAP | FIRST | LAST | len, COPY,
              SOURCE | HOST_BIT);
    fake_desc(f, S2M_RING + n * 16, LAP | len, 0, dst);
}

/* One is added to numbers of fp32; half of them have been already. */
static void post_increment(FakeBus *f, unsigned n)
{
    TrnQueue *q = &f->chip->engine[ENGINE].queue[QUEUE];
    uint8_t *p = f->host + OPERANDS;

    memset(p, 0, 128);
    trn_put_le32(p, 0x01040406);
    trn_put_le32(p + 0x04, 1);
    trn_put_le32(p + 0x10, 2 * ELEMENTS);
    trn_put_le64(p + 0x40, 4);
    fake_desc(f, M2S_RING + n * 16, LAP | META | FIRST | 128, INLINE,
              OPERANDS | HOST_BIT);
    fake_desc(f, M2S_RING + n * 16 + 16, LAP | LAST, 0, SOURCE | HOST_BIT);
    fake_desc(f, S2M_RING + n * 16, LAP, 0, 0x1000000);
    ring(f, 2, 1);
    q->packet_left = 2;
    q->inline_state = TRN_INLINE_STATE_RUNS;
    q->inline_pos = ELEMENTS;
}

/* What is saved has some of everything. */
static void make_busy(World *w)
{
    FakeBus *f = w->f;

    f->now = 1000000;
    fake_program(f, ENGINE, QUEUE, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT,
                 RING);
    fake_program(f, 131, 15, 0x16000 | HOST_BIT, 0x17000 | HOST_BIT, RING);
    for (unsigned n = 0; n < 8; n++) {
        pair(f, n, n & 1 ? 0x2000000000 + n * 65536 : 0x1000000, 4096);
    }
    ring(f, 8, 8);
    trn_trnx_write(f->chip, 0x10000, 0x30000 | HOST_BIT, 8);
    trn_trnx_write(f->chip, 0x10008, 4 | 1ull << 32, 8);
    fake_run_until(f, f->now + 1000000);
    w->saved = (QEMUFile) { 0 };
    trn_chip_stop(f->chip);
    post_increment(f, 8);
    g_assert_cmpint(vmstate_save_state(&w->saved, &trn_vmstate_chip, f->chip,
                                       NULL), ==, 0);
    trn_chip_start(f->chip);
    memcpy(w->host, f->host, USED_HOST);
}

static World *world(bool timed)
{
    static World *worlds[2];
    World **w = &worlds[timed];

    if (!*w) {
        *w = g_new0(World, 1);
        (*w)->f = timed ? fake_new_timed(NULL, 7) : fake_new();
        make_busy(*w);
    }
    return *w;
}

static void change(QEMUFile *f, const QEMUFile *saved, const uint8_t *c)
{
    uint32_t where = trn_get_le16(c + 2) | (uint32_t)c[1] << 16;
    uint64_t value = trn_get_le64(c + 4);
    size_t at = where % saved->len, size = 1;

    switch (c[0] & 3) {
    case 0:
    case 1:
        at = saved->number[where % saved->numbers].at;
        size = saved->number[where % saved->numbers].size;
        break;
    case 3:
        f->len = MIN(f->len, at);
        return;
    }
    for (unsigned i = 0; i < size; i++) {
        f->data[at + i] = value >> 8 * (size - 1 - i);
    }
}

/* True if it is taken. */
static bool load(World *w, QEMUFile *stream)
{
    TrnChip *chip = w->f->chip;
    bool taken = false;

    trn_chip_stop(chip);
    trn_reset_power_on(chip);
    if (vmstate_load_state(stream, &trn_vmstate_chip, chip,
                           trn_vmstate_chip.version_id)) {
        trn_chip_refuse(chip);
    } else {
        taken = trn_chip_resume(chip);
    }
    trn_chip_start(chip);
    return taken;
}

static void expect_copy(FakeBus *f)
{
    trn_reset_power_on(f->chip);
    fake_program(f, ENGINE, QUEUE, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT,
                 RING);
    memset(f->host + SOURCE, 0xa5, 64);
    memset(f->hbm + 0x1000000, 0, 64);
    pair(f, 0, 0x1000000, 64);
    ring(f, 1, 1);
    fake_run_until(f, f->now + 1000000);
    g_assert_cmpmem(f->hbm + 0x1000000, 64, f->host + SOURCE, 64);
}

void fuzz_stream(const uint8_t *data, size_t size)
{
    World *w = world(size && (data[0] & 0x80));
    QEMUFile stream = w->saved;
    FakeBus *f = w->f;
    bool taken;

    memcpy(f->host, w->host, USED_HOST);
    f->now = 3000000;
    f->wake_at = 0;
    stream.data = g_memdup2(w->saved.data, w->saved.len);
    size = MIN(size, FUZZ_MAX_INPUT);
    for (size_t i = 0; i + CHANGE_SIZE <= size; i += CHANGE_SIZE) {
        change(&stream, &w->saved, data + i);
    }
    taken = load(w, &stream);
    g_assert_true(taken || size >= CHANGE_SIZE);
    g_free(stream.data);
    fake_run_turns(f, TURNS);
    for (uint32_t at = 0; at < 0x2000; at += 8) {
        trn_trnx_read(f->chip, 0x3000 + at, 8);
    }
    expect_copy(f);
}
