/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Float formats are rows of a table: sign, exponent, mantissa, and the codes
 * above the largest finite one. Conversions and sums use integer arithmetic, so
 * that results do not depend on how the FPU of the host treats NaN and
 * subnormals.
 */
#include "fp.h"

#define F32_MAN_BITS    23
#define F32_BIAS        127
#define F32_EXP_ONES    0xffu
#define F32_MAN         0x7fffffu
#define F32_INF         0x7f800000u
#define F32_NAN         0x7fc00000u     /* quiet */
#define F32_SIGN        0x80000000u

typedef struct TrnFormat {
    unsigned size;              /* bytes */
    unsigned man_bits;
    int bias;
    uint32_t max;               /* code of the largest finite value, or 0 */
    bool has_inf;               /* max + 1 is infinity, and not NaN */
} TrnFormat;

static const TrnFormat formats[] = {
    [TRN_DTYPE_U8] = { .size = 1 },
    [TRN_DTYPE_U16] = { .size = 2 },
    [TRN_DTYPE_U32] = { .size = 4 },
    [TRN_DTYPE_U64] = { .size = 8 },
    [TRN_DTYPE_F32] = { 4, F32_MAN_BITS, F32_BIAS, 0x7f7fffff, true },
    [TRN_DTYPE_BF16] = { 2, 7, 127, 0x7f7f, true },
    [TRN_DTYPE_F16] = { 2, 10, 15, 0x7bff, true },
    [TRN_DTYPE_F8E4M3] = { 1, 3, 7, 0x7e, false },
    [TRN_DTYPE_F8E5M2] = { 1, 2, 15, 0x7b, true },
};

unsigned trn_dtype_size(unsigned type)
{
    return type < ARRAY_SIZE(formats) ? formats[type].size : 0;
}

bool trn_dtype_is_float(unsigned type)
{
    return type < ARRAY_SIZE(formats) && formats[type].max;
}

static uint32_t fp_load(const TrnFormat *f, const uint8_t *p)
{
    switch (f->size) {
    case 1:
        return p[0];
    case 2:
        return trn_get_le16(p);
    default:
        return trn_get_le32(p);
    }
}

static void fp_store(const TrnFormat *f, uint8_t *p, uint32_t code)
{
    switch (f->size) {
    case 1:
        p[0] = code;
        break;
    case 2:
        trn_put_le16(p, code);
        break;
    default:
        trn_put_le32(p, code);
    }
}

/* A subnormal of a format with fewer exponents than fp32, without its sign. */
static uint32_t fp_normalize(const TrnFormat *f, uint32_t man)
{
    uint32_t exp = 1 - f->bias + F32_BIAS;

    man <<= F32_MAN_BITS - f->man_bits;
    while (!(man >> F32_MAN_BITS)) {
        man <<= 1;
        exp--;
    }
    return exp << F32_MAN_BITS | (man & F32_MAN);
}

static uint32_t fp_to_f32(const TrnFormat *f, uint32_t code)
{
    uint32_t sign_bit = 1u << (f->size * 8 - 1);
    uint32_t sign = code & sign_bit ? 1u << 31 : 0;
    uint32_t man = code & ((1u << f->man_bits) - 1);
    uint32_t exp;

    code &= sign_bit - 1;
    exp = code >> f->man_bits;
    if (code > f->max) {
        return sign | (f->has_inf && code == f->max + 1
                       ? F32_INF
                       : F32_NAN | man << (F32_MAN_BITS - f->man_bits));
    }
    if (!exp && man && f->bias != F32_BIAS) {
        return sign | fp_normalize(f, man);
    }
    if (exp) {
        exp += F32_BIAS - f->bias;
    }
    return sign | exp << F32_MAN_BITS | man << (F32_MAN_BITS - f->man_bits);
}

/* @man / 2^@shift, rounded to nearest, ties to even. @man < 2^63. */
static uint32_t fp_shift_and_round(uint64_t man, unsigned shift)
{
    uint64_t kept, rest, half;

    if (!shift) {
        return man;
    }
    if (shift > 63) {
        return 0;
    }
    kept = man >> shift;
    rest = man & ((1ULL << shift) - 1);
    half = 1ULL << (shift - 1);
    return kept + (rest > half || (rest == half && (kept & 1)));
}

static uint32_t fp_nan_code(const TrnFormat *f, uint32_t man)
{
    if (!f->has_inf) {
        return f->max + 1;
    }
    return (f->max + 1) | 1u << (f->man_bits - 1) |
           man >> (F32_MAN_BITS - f->man_bits);
}

static uint32_t fp_from_f32(const TrnFormat *f, uint32_t f32, bool saturate)
{
    uint32_t sign = f32 >> 31 << (f->size * 8 - 1);
    uint32_t exp = f32 >> F32_MAN_BITS & F32_EXP_ONES;
    uint32_t man = f32 & F32_MAN;
    unsigned shift = F32_MAN_BITS - f->man_bits;
    int lowest = F32_BIAS + 1 - f->bias;        /* exponent of subnormals */
    uint32_t code;

    if (exp == F32_EXP_ONES && man) {
        return sign | fp_nan_code(f, man);
    }
    if (exp) {
        man |= 1u << F32_MAN_BITS;
    } else {
        exp = 1;
    }
    if ((int)exp < lowest) {
        code = fp_shift_and_round(man, shift + lowest - exp);
    } else {
        /* The implicit bit, and a carry out of the mantissa, add to exp. */
        code = ((exp - lowest) << f->man_bits) + fp_shift_and_round(man, shift);
    }
    if (code > f->max) {
        code = saturate ? f->max : f->max + 1;
    }
    return sign | code;
}

void trn_fp_cast(void *dst, unsigned dst_type, const void *src,
                 unsigned src_type, size_t n, bool saturate)
{
    const TrnFormat *to = &formats[dst_type];
    const TrnFormat *from = &formats[src_type];
    const uint8_t *s = src;
    uint8_t *d = dst;

    if (to == from) {
        memcpy(dst, src, n * to->size);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        fp_store(to, d,
                 fp_from_f32(to, fp_to_f32(from, fp_load(from, s)), saturate));
        d += to->size;
        s += from->size;
    }
}

/* --- sums --- */

#define SUM_GUARD   32          /* bits of a sum behind those of the mantissa */
#define SUM_ONE     (1ULL << (F32_MAN_BITS + SUM_GUARD))

/* Exponent (1 for a subnormal) and mantissa of a finite number. */
static int fp_sum_exp(uint32_t f32)
{
    return MAX(f32 >> F32_MAN_BITS & F32_EXP_ONES, 1);
}

static uint64_t fp_sum_man(uint32_t f32)
{
    bool normal = f32 >> F32_MAN_BITS & F32_EXP_ONES;

    return (uint64_t)(f32 & F32_MAN) << SUM_GUARD | (normal ? SUM_ONE : 0);
}

/* @man / 2^@shift; the last bit is set if any bit shifted out was. */
static uint64_t fp_shift_sticky(uint64_t man, int shift)
{
    if (shift > 62) {
        return !!man;
    }
    return man >> shift | !!(man & ((1ULL << shift) - 1));
}

/* @man * 2^@exp, with exponent and mantissa as above, as fp32 with @sign. */
static uint32_t fp_round_sum(uint32_t sign, int exp, uint64_t man)
{
    uint32_t code;

    if (man >= 2 * SUM_ONE) {
        man = fp_shift_sticky(man, 1);
        exp++;
    }
    while (man < SUM_ONE && exp > 1) {
        man <<= 1;
        exp--;
    }
    /* The implicit bit, and a carry out of the mantissa, add to exp. */
    code = ((uint32_t)(exp - 1) << F32_MAN_BITS) +
           fp_shift_and_round(man, SUM_GUARD);
    return sign | MIN(code, F32_INF);
}

/* Two finite numbers, the absolute value of @a not below that of @b. */
static uint32_t fp_add_finite(uint32_t a, uint32_t b)
{
    uint64_t man = fp_sum_man(a);
    uint64_t less = fp_shift_sticky(fp_sum_man(b),
                                    fp_sum_exp(a) - fp_sum_exp(b));

    if (!((a ^ b) & F32_SIGN)) {
        return fp_round_sum(a & F32_SIGN, fp_sum_exp(a), man + less);
    }
    /* A difference of 0 is +0. */
    return man == less ? 0
                       : fp_round_sum(a & F32_SIGN, fp_sum_exp(a), man - less);
}

static uint32_t fp_add_f32(uint32_t a, uint32_t b)
{
    uint32_t abs_a = a & ~F32_SIGN, abs_b = b & ~F32_SIGN;

    if (abs_a < abs_b) {
        return fp_add_f32(b, a);
    }
    if (abs_a > F32_INF || (abs_b == F32_INF && a != b)) {
        return F32_NAN;
    }
    return abs_a == F32_INF ? a : fp_add_finite(a, b);
}

void trn_fp_add(void *sum, const void *term, size_t n)
{
    uint8_t *s = sum;
    const uint8_t *t = term;

    for (size_t i = 0; i < n * 4; i += 4) {
        trn_put_le32(s + i,
                     fp_add_f32(trn_get_le32(s + i), trn_get_le32(t + i)));
    }
}
