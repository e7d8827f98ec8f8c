/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fuzz targets without libFuzzer: seeded noise, the same in every run, and
 * the inputs that fuzzing has found worth keeping (TRN_FUZZ_CORPUS, a folder).
 * TRN_NOISE_ROUNDS and TRN_NOISE_SEED ask for more, or for other, noise.
 */
#include <string.h>
#include <glib.h>

#include "fuzz/fuzz.h"

typedef void TrnFuzzTarget(const uint8_t *data, size_t size);

static const struct {
    const char *name;
    TrnFuzzTarget *eat;
} targets[] = {
    { "udma", fuzz_udma },
    { "regs", fuzz_regs },
    { "mbox", fuzz_mbox },
    { "mmu", fuzz_mmu },
    { "stream", fuzz_stream },
};

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

static void seeded_noise_is_survived(gconstpointer data)
{
    static uint8_t input[FUZZ_MAX_INPUT];
    uint32_t first = number("TRN_NOISE_SEED", 1);
    uint32_t rounds = number("TRN_NOISE_ROUNDS", 60);
    TrnFuzzTarget *eat = targets[GPOINTER_TO_UINT(data)].eat;

    for (uint32_t n = first; n < first + rounds; n++) {
        uint32_t x = n * 2654435761u | 1;

        /* Said before: the last one said is the one that failed. */
        g_test_message("seed %u", n);
        for (size_t i = 0; i < sizeof(input); i++) {
            input[i] = next(&x) >> 9;
        }
        eat(input, sizeof(input));
    }
}

/* A line of a corpus: hexadecimal digits, or a comment. */
static void eat_line(TrnFuzzTarget *eat, const char *line)
{
    size_t len = strlen(line) / 2;
    g_autofree uint8_t *input = g_malloc(len + 1);

    for (size_t i = 0; i < len; i++) {
        int high = g_ascii_xdigit_value(line[2 * i]);
        int low = g_ascii_xdigit_value(line[2 * i + 1]);

        g_assert_cmpint(high, >=, 0);
        g_assert_cmpint(low, >=, 0);
        input[i] = high << 4 | low;
    }
    eat(input, len);
}

static void corpus_is_survived(gconstpointer data)
{
    unsigned n = GPOINTER_TO_UINT(data);
    const char *folder = g_getenv("TRN_FUZZ_CORPUS");
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!folder) {
        g_test_skip("TRN_FUZZ_CORPUS is not set");
        return;
    }
    path = g_strdup_printf("%s/%s.hex", folder, targets[n].name);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        if (lines[i][0] != '#') {
            g_test_message("line %u", i + 1);
            eat_line(targets[n].eat, lines[i]);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(targets); i++) {
        g_autofree char *noise = g_strdup_printf("/noise/%s/seeded_noise_is_"
                                                 "survived", targets[i].name);
        g_autofree char *corpus = g_strdup_printf("/noise/%s/corpus_is_"
                                                  "survived", targets[i].name);

        g_test_add_data_func(noise, GUINT_TO_POINTER(i),
                             seeded_noise_is_survived);
        g_test_add_data_func(corpus, GUINT_TO_POINTER(i), corpus_is_survived);
    }
    return g_test_run();
}
