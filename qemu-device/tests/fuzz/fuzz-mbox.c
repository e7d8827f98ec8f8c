/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mailbox against noise: HW 6.4 and 6.5. The input is a list of operations:
 * a register write, or a request of either style around bytes of the input, with
 * a CRC that is right or not.
 *
 * What must hold: every request is answered as its style wants, whatever is in
 * it, and nothing but the response buffer is written.
 */
#include "fuzz.h"
#include "unit/fake-bus.h"

#include "core/bar0/crc32c.h"

#define REQUEST 0x100000u
#define RESPONSE 0x200000u
#define RESPONSE_MAX 0x10000u
#define MISC 0x06c84000u

typedef struct Input {
    const uint8_t *data;
    size_t left;
} Input;

static uint32_t take(Input *in, unsigned bytes)
{
    uint32_t v = 0;

    while (bytes-- && in->left) {
        v = v << 8 | *in->data++;
        in->left--;
    }
    return v;
}

static const uint8_t *take_bytes(Input *in, size_t *len)
{
    const uint8_t *p = in->data;

    *len = MIN(*len, in->left);
    in->data += *len;
    in->left -= *len;
    return p;
}

static uint32_t misc(FakeBus *f, uint32_t off)
{
    return trn_chip_read(f->chip, MISC + off);
}

static void misc_write(FakeBus *f, uint32_t off, uint32_t value)
{
    trn_chip_write(f->chip, MISC + off, value);
}

/* A header of HW 6.4: what @flags say is wrong, is. */
static void put_header(uint8_t *buf, uint8_t seq, uint8_t cmd, size_t payload,
                       uint8_t flags)
{
    uint16_t size = flags & 1 ? payload * 257 : 8 + payload;
    uint32_t crc;

    trn_put_le32(buf, seq | cmd << 8 | (uint32_t)size << 16);
    trn_put_le32(buf + 4, 0);
    crc = trn_crc32c(0, buf, 8 + payload);
    trn_put_le32(buf + 4, flags & 2 ? ~crc : crc);
}

static void new_style(FakeBus *f, Input *in)
{
    uint8_t seq = take(in, 1), cmd = take(in, 1) % 5, flags = take(in, 1);
    uint8_t buf[8 + 128] = { 0 };
    size_t len = take(in, 1) % 129;
    const uint8_t *payload = take_bytes(in, &len);
    uint32_t header;

    memcpy(buf + 8, payload, len);
    put_header(buf, seq, cmd, len, flags);
    for (unsigned i = 0; i < 128; i += 4) {
        misc_write(f, 0x100 + i, trn_get_le32(buf + 8 + i));
    }
    misc_write(f, 0x1ec, 0);
    misc_write(f, 0x1f0, trn_get_le32(buf));
    misc_write(f, 0x1f4, trn_get_le32(buf + 4));
    misc_write(f, 0x1f8, 0);
    misc_write(f, 0x1fc, 0);
    misc_write(f, 0x0f0, 1);
    misc_write(f, 0x800, 1);
    header = misc(f, 0x1f0);
    g_assert_cmphex(misc(f, 0x800), ==, 0);
    g_assert_cmphex(misc(f, 0x0f0), ==, 0);
    g_assert_cmphex(header & 0xff, ==, seq);
    g_assert_cmpuint(header >> 8 & 0xff, <=, 2);
    g_assert_cmpuint(header >> 16, >=, 4);
    g_assert_cmpuint(header >> 16, <=, 132);
}

/* Host memory around the response buffer, and the request, as one number. */
static uint64_t rest_of_memory(FakeBus *f)
{
    const uint8_t *const part[] = {
        f->host + REQUEST, f->host + RESPONSE - 4096,
        f->host + RESPONSE + RESPONSE_MAX,
    };
    uint64_t sum = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(part); i++) {
        for (unsigned at = 0; at < 4096; at += 8) {
            sum = sum * 0x100000001b3 + trn_get_le64(part[i] + at);
        }
    }
    return sum;
}

static void old_style(FakeBus *f, Input *in)
{
    uint8_t seq = take(in, 1), cmd = take(in, 1) % 5, flags = take(in, 1);
    size_t len = take(in, 2) % 0x8000;
    const uint8_t *payload = take_bytes(in, &len);
    uint64_t before;
    uint32_t word;

    memcpy(f->host + REQUEST + 8, payload, len);
    put_header(f->host + REQUEST, seq, cmd, len, flags);
    trn_put_le32(f->host + RESPONSE, 0xffffffff);
    before = rest_of_memory(f);
    misc_write(f, 0x0f0, 0);
    misc_write(f, 0x1ec, 0);
    misc_write(f, 0x1f4, REQUEST);
    misc_write(f, 0x1f0, HOST_BIT >> 32);
    misc_write(f, 0x1fc, RESPONSE);
    misc_write(f, 0x1f8, HOST_BIT >> 32);
    misc_write(f, 0x800, 1);
    word = trn_get_le32(f->host + RESPONSE);
    g_assert_cmphex(word & 0xff, ==, seq);
    g_assert_cmpuint(word >> 8 & 0xff, <=, 2);
    g_assert_cmpuint(word >> 16, >=, 4);
    g_assert_cmphex(rest_of_memory(f), ==, before);
}

/* Requests at addresses of all kinds, of which nobody knows what is there. */
static void anywhere(FakeBus *f, Input *in)
{
    static const uint32_t high[] = {
        0x00004000, 0x00004000, 0, 0x00000080, 0x00000020, 0x00100000,
        0xffffffff, 0x00007fff,
    };

    misc_write(f, 0x1f0, high[take(in, 1) % G_N_ELEMENTS(high)]);
    misc_write(f, 0x1f4, take(in, 4));
    misc_write(f, 0x1f8, high[take(in, 1) % G_N_ELEMENTS(high)]);
    misc_write(f, 0x1fc, take(in, 4));
    misc_write(f, 0x0f0, take(in, 1) & 1);
    misc_write(f, 0x800, take(in, 1));
}

void fuzz_mbox(const uint8_t *data, size_t size)
{
    /* One chip for all inputs: making one takes longer than most of them. */
    static FakeBus *f;
    Input in = { data, MIN(size, FUZZ_MAX_INPUT) };

    if (!f) {
        f = fake_new();
    }
    trn_reset_power_on(f->chip);
    while (in.left) {
        switch (take(&in, 1) & 3) {
        case 0:
            new_style(f, &in);
            break;
        case 1:
            old_style(f, &in);
            break;
        case 2:
            anywhere(f, &in);
            break;
        default: {
            uint32_t off = take(&in, 2) & 0xffc;

            misc_write(f, off, take(&in, 4));
            misc(f, off);
        }
        }
        fake_run_turns(f, 2);
    }
}
