/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fuzz target without libFuzzer: seeded noise, the same in every run.
 * TRN_NOISE_ROUNDS and TRN_NOISE_SEED ask for more, or for other, noise.
 */
#include <glib.h>

#include "fuzz-udma.h"

static uint32_t next(uint32_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

static uint32_t number(const char *name, uint32_t otherwise)
{
    const char *value = g_getenv(name);

    return value ? g_ascii_strtoull(value, NULL, 0) : otherwise;
}

static void seeded_noise_is_survived(void)
{
    static uint8_t input[6 * 600];
    uint32_t first = number("TRN_NOISE_SEED", 1);
    uint32_t rounds = number("TRN_NOISE_ROUNDS", 60);

    for (uint32_t n = first; n < first + rounds; n++) {
        uint32_t x = n * 2654435761u | 1;

        /* Said before: the last one said is the one that failed. */
        g_test_message("seed %u", n);
        for (size_t i = 0; i < sizeof(input); i++) {
            input[i] = next(&x) >> 9;
        }
        LLVMFuzzerTestOneInput(input, sizeof(input));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/noise/seeded_noise_is_survived",
                    seeded_noise_is_survived);
    return g_test_run();
}
