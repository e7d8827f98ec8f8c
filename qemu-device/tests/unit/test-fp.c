/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Casts against a reference that works another way: it knows the value of every
 * code of a format as a double, and looks for the nearest.
 */
#define __STDC_WANT_IEC_60559_TYPES_EXT__ 1    /* FLT16_MAX */

#include "unit.h"

#include "core/ops/fp.h"

#include <float.h>
#include <math.h>

/* The trnx manual, 12.3. */
#define F32 4u
#define BF16 5u
#define F16 6u
#define E4M3 7u
#define E5M2 8u

typedef struct Ref {
    unsigned type;
    unsigned bytes;
    unsigned exp_bits;
    unsigned man_bits;
    uint32_t max;               /* largest finite code */
    uint32_t inf;               /* 0: there is none */
    double *value;              /* of codes 0 to max, and of one more */
} Ref;

static Ref refs[] = {
    { F32, 4, 8, 23, 0x7f7fffff, 0x7f800000, NULL },
    { BF16, 2, 8, 7, 0x7f7f, 0x7f80, NULL },
    { F16, 2, 5, 10, 0x7bff, 0x7c00, NULL },
    { E4M3, 1, 4, 3, 0x7e, 0, NULL },
    { E5M2, 1, 5, 2, 0x7b, 0x7c, NULL },
};

/* What a code without its sign would be if all exponents were finite. */
static double value_of(const Ref *r, uint32_t code)
{
    uint32_t exp = code >> r->man_bits;
    double man = code & ((1u << r->man_bits) - 1);
    int bias = (1 << (r->exp_bits - 1)) - 1;

    return exp ? ldexp(1 + man / (1 << r->man_bits), (int)exp - bias)
               : ldexp(man / (1 << r->man_bits), 1 - bias);
}

static double decode(const Ref *r, uint32_t code)
{
    uint32_t sign = 1u << (r->bytes * 8 - 1);
    uint32_t abs = code & (sign - 1);
    double v = abs <= r->max ? value_of(r, abs)
               : r->inf && abs == r->inf ? INFINITY : NAN;

    return code & sign ? -v : v;
}

/* The code of the nearest value, of an even one if two are; max + 1: none. */
static uint32_t nearest(const Ref *r, double v)
{
    uint32_t low = 0, high = r->max + 1;

    if (v >= r->value[high]) {
        return high;
    }
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;

        if (v >= r->value[mid]) {
            low = mid;
        } else {
            high = mid;
        }
    }
    if (v - r->value[low] != r->value[high] - v) {
        return v - r->value[low] < r->value[high] - v ? low : high;
    }
    return low & 1 ? high : low;
}

static uint32_t load(const Ref *r, const uint8_t *p)
{
    uint32_t v = 0;

    memcpy(&v, p, r->bytes);    /* the unit tests run on little endian hosts */
    return v;
}

/* @got is what became of @v, which is a double for each code of the source. */
static void check(const Ref *to, double v, uint32_t got, bool saturate,
                  uint32_t from_code)
{
    uint32_t sign = 1u << (to->bytes * 8 - 1);
    uint32_t abs = got & (sign - 1);
    uint32_t want;

    if (!!(got & sign) != !!signbit(v)) {
        g_error("type %u: the sign of 0x%x is lost: 0x%x", to->type, from_code,
                got);
    }
    if (isnan(v)) {
        if (!isnan(decode(to, got))) {
            g_error("type %u: NaN 0x%x became 0x%x", to->type, from_code, got);
        }
        return;
    }
    if (to->type == F32) {
        double seen = decode(to, abs);

        want = abs;
        if (seen != (saturate && isinf(v) ? decode(to, to->max) : fabs(v))) {
            g_error("0x%x became 0x%x", from_code, got);
        }
    } else {
        want = nearest(to, fabs(v));
        if (want > to->max) {
            want = saturate ? to->max : to->inf ? to->inf : to->max + 1;
        }
    }
    if (abs != want) {
        g_error("type %u: 0x%x (%a) became 0x%x, not 0x%x", to->type, from_code,
                v, got, want);
    }
}

static void check_list(const Ref *from, const Ref *to, const uint8_t *codes,
                       size_t n, bool saturate)
{
    g_autofree uint8_t *out = g_malloc(n * to->bytes);

    trn_fp_cast(out, to->type, codes, from->type, n, saturate);
    for (size_t i = 0; i < n; i++) {
        uint32_t code = load(from, codes + i * from->bytes);

        check(to, decode(from, code), load(to, out + i * to->bytes), saturate,
              code);
    }
}

static void every_code_of_8_and_16_bits_casts_to_every_type(void)
{
    for (unsigned f = 1; f < G_N_ELEMENTS(refs); f++) {
        const Ref *from = &refs[f];
        uint32_t n = 1u << from->bytes * 8;
        g_autofree uint8_t *codes = g_malloc(n * from->bytes);

        for (uint32_t i = 0; i < n; i++) {
            memcpy(codes + i * from->bytes, &i, from->bytes);
        }
        for (unsigned t = 0; t < G_N_ELEMENTS(refs); t++) {
            if (t != f) {
                check_list(from, &refs[t], codes, n, false);
                check_list(from, &refs[t], codes, n, true);
            }
        }
    }
}

/* All codes of the target, what lies half way between two, and its neighbours. */
static void fp32_is_rounded_to_the_nearest_and_ties_to_even(void)
{
    for (unsigned t = 1; t < G_N_ELEMENTS(refs); t++) {
        const Ref *to = &refs[t];
        uint32_t n = (to->max + 1) * 6;
        g_autofree uint32_t *codes = g_new(uint32_t, 2 * n);

        for (uint32_t i = 0; i <= to->max; i++) {
            double half = (to->value[i] + to->value[i + 1]) / 2;
            float at[2] = { to->value[i], half };
            uint32_t code[2];

            memcpy(code, at, sizeof(code));
            for (unsigned j = 0; j < 6; j++) {
                codes[i * 6 + j] = code[j / 3] + j % 3 - 1;
            }
        }
        codes[0] = 1;           /* not below zero */
        for (uint32_t i = 0; i < n; i++) {
            codes[n + i] = codes[i] | 1u << 31;
        }
        check_list(&refs[0], to, (uint8_t *)codes, 2 * n, false);
        check_list(&refs[0], to, (uint8_t *)codes, 2 * n, true);
    }
}

static void fp32_of_any_bits_casts_to_every_type(void)
{
    const size_t n = 200000;
    g_autofree uint32_t *codes = g_new(uint32_t, n);

    for (size_t i = 0; i < n; i++) {
        codes[i] = g_test_rand_int() ^ (uint32_t)g_test_rand_int() << 16;
    }
    for (unsigned t = 1; t < G_N_ELEMENTS(refs); t++) {
        check_list(&refs[0], &refs[t], (uint8_t *)codes, n, false);
        check_list(&refs[0], &refs[t], (uint8_t *)codes, n, true);
    }
}

/* Typed from the formats' definitions, as the manual gives them. */
static void limits_are_those_of_the_formats(void)
{
    static const struct {
        uint32_t f32;
        unsigned type;
        uint32_t code;
        uint32_t saturated;
    } cases[] = {
        { 0x43e00000, E4M3, 0x7e, 0x7e },       /* 448 */
        { 0x43e80000, E4M3, 0x7e, 0x7e },       /* 464, a tie */
        { 0x43e80001, E4M3, 0x7f, 0x7e },
        { 0xc7c35000, E4M3, 0xff, 0xfe },       /* -100000 */
        { 0x7f800000, E4M3, 0x7f, 0x7e },       /* infinity */
        { 0x3b000000, E4M3, 0x01, 0x01 },       /* 2^-9, the smallest */
        { 0x3a800000, E4M3, 0x00, 0x00 },       /* half of it, a tie */
        { 0x3a800001, E4M3, 0x01, 0x01 },
        { 0x47600000, E5M2, 0x7b, 0x7b },       /* 57344 */
        { 0x47700000, E5M2, 0x7c, 0x7b },       /* 61440, a tie */
        { 0x476fffff, E5M2, 0x7b, 0x7b },
        { 0xff800000, E5M2, 0xfc, 0xfb },
        { 0x37800000, E5M2, 0x01, 0x01 },       /* 2^-16 */
        { 0x477fe000, F16, 0x7bff, 0x7bff },    /* 65504 */
        { 0x477ff000, F16, 0x7c00, 0x7bff },    /* 65520 */
        { 0x33800000, F16, 0x0001, 0x0001 },    /* 2^-24 */
        { 0x7f7fffff, BF16, 0x7f80, 0x7f7f },
        { 0x00008000, BF16, 0x0000, 0x0000 },   /* a tie among subnormals */
        { 0x00008001, BF16, 0x0001, 0x0001 },
        { 0x7fc00000, BF16, 0x7fc0, 0x7fc0 },
        { 0xff800001, BF16, 0xffc0, 0xffc0 },   /* a signalling NaN */
        { 0x7fc00000, E4M3, 0x7f, 0x7f },
        { 0x7fc00000, E5M2, 0x7e, 0x7e },
        { 0x80000000, F16, 0x8000, 0x8000 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint32_t got = 0, saturated = 0;

        trn_fp_cast(&got, cases[i].type, &cases[i].f32, F32, 1, false);
        trn_fp_cast(&saturated, cases[i].type, &cases[i].f32, F32, 1, true);
        g_assert_cmphex(got, ==, cases[i].code);
        g_assert_cmphex(saturated, ==, cases[i].saturated);
    }
}

/* Equal types move bytes: a signalling NaN is not touched. */
static void equal_types_keep_their_bits(void)
{
    static const uint8_t bits[8] = { 1, 0, 0xa0, 0x7f, 0xff, 0xff, 0x01, 0xfc };
    uint8_t out[8];

    for (unsigned type = 0; type <= E5M2; type++) {
        memset(out, 0, sizeof(out));
        trn_fp_cast(out, type, bits, type, 8 / trn_dtype_size(type), true);
        g_assert_cmpmem(out, 8, bits, 8);
    }
}

/* The compiler's own, where it has one. */
static void fp16_is_the_compilers(void)
{
#ifdef FLT16_MAX
    for (unsigned i = 0; i < 200000; i++) {
        uint32_t code = (uint32_t)g_test_rand_int() % 0x0f000000 + 0x33000000;
        uint16_t got, want;
        _Float16 half;
        float f;

        memcpy(&f, &code, 4);
        half = f;
        memcpy(&want, &half, 2);
        trn_fp_cast(&got, F16, &code, F32, 1, false);
        g_assert_cmphex(got, ==, want);
    }
#else
    g_test_skip("this compiler has no _Float16");
#endif
}

static void sums_are_those_of_fp32(void)
{
    float sum[5] = { 1, 16777216, 3e38f, INFINITY, -0.0f };
    const float term[5] = { 2, 1, 3e38f, -INFINITY, -0.0f };
    static const uint32_t want[5] = {
        0x40400000, 0x4b800000, 0x7f800000, 0x7fc00000, 0x80000000,
    };

    trn_fp_add(sum, term, 5);
    g_assert_cmpmem(sum, sizeof(sum), want, sizeof(want));
}

static void types_have_their_sizes(void)
{
    static const unsigned bytes[] = { 1, 2, 4, 8, 4, 2, 2, 1, 1, 0 };

    for (unsigned i = 0; i < G_N_ELEMENTS(bytes); i++) {
        g_assert_cmpuint(trn_dtype_size(i), ==, bytes[i]);
        g_assert_cmpint(trn_dtype_is_float(i), ==, i >= 4 && i <= 8);
    }
    g_assert_cmpuint(trn_dtype_size(255), ==, 0);
}

static uint32_t add(uint32_t a, uint32_t b)
{
    trn_fp_add(&a, &b, 1);
    return a;
}

/* What the FPU of this host does, which is IEEE 754 but for NaN. */
static uint32_t add_by_fpu(uint32_t a, uint32_t b)
{
    float x, y, sum;
    uint32_t code;

    memcpy(&x, &a, 4);
    memcpy(&y, &b, 4);
    sum = x + y;
    memcpy(&code, &sum, 4);
    return isnan(sum) ? 0x7fc00000 : code;
}

static void check_sum(uint32_t a, uint32_t b)
{
    if (add(a, b) != add_by_fpu(a, b)) {
        g_error("0x%08x + 0x%08x is 0x%08x, not 0x%08x", a, b,
                add_by_fpu(a, b), add(a, b));
    }
}

/* All pairs of exponents, with the mantissas at which rounding changes. */
static void sums_of_all_exponents_are_those_of_the_fpu(void)
{
    static const uint32_t man[] = {
        0, 1, 2, 3, 0x3fffff, 0x400000, 0x400001, 0x555555, 0x7ffffe, 0x7fffff,
    };

    for (uint32_t e = 0; e < 256 * 256; e++) {
        for (size_t m = 0; m < G_N_ELEMENTS(man) * G_N_ELEMENTS(man); m++) {
            uint32_t a = (e >> 8) << 23 | man[m / G_N_ELEMENTS(man)];
            uint32_t b = (e & 255) << 23 | man[m % G_N_ELEMENTS(man)];

            check_sum(a, b);
            check_sum(a, b | 1u << 31);
        }
        /* Exponents that differ by more are all alike. */
        if ((e & 255) > (e >> 8) + 30) {
            e |= 255;
        }
    }
}

static void sums_of_random_codes_are_those_of_the_fpu(void)
{
    uint64_t x = 0x9e3779b97f4a7c15;

    for (unsigned i = 0; i < 2000000; i++) {
        uint32_t a, b;

        x = x * 6364136223846793005 + 1442695040888963407;
        a = x >> 32;
        x = x * 6364136223846793005 + 1442695040888963407;
        b = x >> 32;
        check_sum(a, b);
        /* The same exponent, or nearly: most bits count. */
        check_sum(a, (a & 0x7f800000) ^ (b & 0x81ffffff));
    }
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 1; i < G_N_ELEMENTS(refs); i++) {
        refs[i].value = g_new(double, refs[i].max + 2);
        for (uint32_t code = 0; code <= refs[i].max + 1; code++) {
            refs[i].value[code] = value_of(&refs[i], code);
        }
    }
#define T(name) g_test_add_func("/fp/" #name, name)
    T(every_code_of_8_and_16_bits_casts_to_every_type);
    T(fp32_is_rounded_to_the_nearest_and_ties_to_even);
    T(fp32_of_any_bits_casts_to_every_type);
    T(limits_are_those_of_the_formats);
    T(equal_types_keep_their_bits);
    T(fp16_is_the_compilers);
    T(sums_are_those_of_fp32);
    T(sums_of_all_exponents_are_those_of_the_fpu);
    T(sums_of_random_codes_are_those_of_the_fpu);
    T(types_have_their_sizes);
    status = g_test_run();
    for (unsigned i = 1; i < G_N_ELEMENTS(refs); i++) {
        g_free(refs[i].value);
    }
    return status;
}
