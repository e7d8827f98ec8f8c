/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the core itself costs: nanoseconds a 4 KiB copy, doorbells and worker
 * turn included, on the fake bus, compiled as QEMU is. Best of several rounds,
 * because the machine has other things to do.
 */
#include "fake-bus.h"

#define COPIES 64u              /* a doorbell */
#define BATCHES 20u
#define ROUNDS 300u
#define SIZE 4096u

#define M2S_RING 0x10000u
#define S2M_RING 0x20000u
#define TABLE(n) (0x30000u + (n) * 0x1000u)
#define SOURCE 0x100000u
#define ASID 1u
#define RW 7u
#define LEAF 8u

typedef struct Case {
    const char *what;
    bool asid;
    bool small;                 /* 4 KiB leaves, else 2 MiB and 1 GiB */
    bool host;                  /* source in host memory, else HBM */
} Case;

static void set_entry(FakeBus *f, unsigned table, unsigned index, uint64_t e)
{
    trn_put_le64(f->host + TABLE(table) + index * 8, e);
}

/* HBM and host memory at the addresses that they have on the chip. */
static void build_space(FakeBus *f, bool small)
{
    set_entry(f, 0, ASID, TABLE(1) | HOST_BIT | 1);
    set_entry(f, 1, 0, TABLE(2) | HOST_BIT | 1);
    set_entry(f, 2, 0, TABLE(3) | HOST_BIT | 1);
    for (unsigned i = 0; i < 16; i++) {
        uint64_t base = i * 0x200000ull;

        set_entry(f, 3, i, small ? TABLE(8 + i) | HOST_BIT | 1
                                 : base | LEAF | RW);
        for (unsigned k = 0; k < 512; k++) {
            set_entry(f, 8 + i, k, (base + k * 4096) | LEAF | RW);
        }
    }
    set_entry(f, 1, HOST_BIT >> 39, TABLE(4) | HOST_BIT | 1);
    set_entry(f, 4, 0, small ? TABLE(5) | HOST_BIT | 1
                             : HOST_BIT | LEAF | RW);
    for (unsigned i = 0; i < 2; i++) {
        set_entry(f, 5, i, TABLE(6 + i) | HOST_BIT | 1);
        for (unsigned k = 0; k < 512; k++) {
            set_entry(f, 6 + i, k, (i * 0x200000ull + k * 4096) | HOST_BIT |
                                   LEAF | RW);
        }
    }
    trn_trnx_write(f->chip, 0x2008, TABLE(0) | HOST_BIT, 8);
    trn_trnx_write(f->chip, 0x2010, 16, 4);
    trn_trnx_write(f->chip, 0x2004, 1, 4);
}

static FakeBus *start(const Case *c)
{
    FakeBus *f = fake_new();

    build_space(f, c->small);
    fake_program(f, 0, 0, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, COPIES);
    /* Ring ids stay those of the first lap: HW 3.5, 27 and 28. */
    trn_chip_write(f->chip, 0x8203a030, 0x00020000);
    trn_chip_write(f->chip, 0x8203a070, 0x00000800);
    trn_trnx_write(f->chip, 0x100028, c->asid ? ASID : 0, 4);
    trn_trnx_write(f->chip, 0x100000, 8, 4);
    for (unsigned i = 0; i < COPIES; i++) {
        uint64_t src = c->host ? (SOURCE + i * SIZE) | HOST_BIT
                               : 0x1800000 + i * SIZE;

        fake_desc(f, M2S_RING + i * 16, 0x0d000000 | SIZE, 0x01080003, src);
        fake_desc(f, S2M_RING + i * 16, 0x01000000 | SIZE, 0,
                  0x1000000 + i * SIZE);
    }
    return f;
}

static double round_of(FakeBus *f)
{
    int64_t begin = g_get_monotonic_time();

    for (unsigned i = 0; i < BATCHES; i++) {
        trn_trnx_write(f->chip, 0x1000008, (uint64_t)COPIES << 32 | COPIES, 8);
        fake_run(f);
    }
    return (g_get_monotonic_time() - begin) * 1000.0 / (BATCHES * COPIES);
}

int main(void)
{
    static const Case cases[] = {
        { "HBM to HBM, no ASID", false, false, false },
        { "HBM to HBM, large leaves", true, false, false },
        { "HBM to HBM, 4 KiB leaves", true, true, false },
        { "host to HBM, no ASID", false, false, true },
        { "host to HBM, large leaves", true, false, true },
        { "host to HBM, 4 KiB leaves", true, true, true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        FakeBus *f = start(&cases[i]);
        double best = round_of(f);
        uint64_t copies;

        for (unsigned n = 1; n < ROUNDS; n++) {
            double next = round_of(f);

            best = MIN(best, next);
        }
        copies = trn_trnx_read(f->chip, 0x100010, 8);
        g_assert_cmpuint(copies, ==, (uint64_t)ROUNDS * BATCHES * COPIES);
        g_assert_cmpuint(f->guest_errors, ==, 0);
        printf("%-26s %6.0f ns a copy of %u bytes\n", cases[i].what, best,
               SIZE);
        fake_free(f);
    }
    return 0;
}
