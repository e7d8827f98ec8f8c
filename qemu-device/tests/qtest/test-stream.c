/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Migration streams that are not as they should be, which a destination
 * refuses, and how large those are that are.
 */
#include "qt.h"

#include "qemu/bswap.h"

#include <glib/gstdio.h>

#define PROPS "hbm-size=128M"
#define SECTION "0000:00:04.0/trn-accel"
#define SEED 0x5eed7565u
#define SECONDS 8

/* docs/devel/migration: footer of a section, and the description. */
#define FOOTER 0x7e
#define DESCRIPTION 0x06

typedef struct Stream {
    uint8_t *data;
    size_t len;
    size_t begin;               /* of the device's section, behind its name */
    size_t end;
} Stream;

static size_t find(const Stream *s, size_t from, const void *what, size_t len)
{
    for (size_t at = from; at + len <= s->len; at++) {
        if (!memcmp(s->data + at, what, len)) {
            return at;
        }
    }
    g_error("the stream does not have what it must");
}

/* The footer repeats the section's number, which stands before its name. */
static Stream stream_read(const char *path)
{
    Stream s = { 0 };
    uint8_t footer[5] = { FOOTER };
    size_t name;

    g_assert_true(g_file_get_contents(path, (char **)&s.data, &s.len, NULL));
    name = find(&s, 0, SECTION, strlen(SECTION));
    while (s.data[name - 6] != 0x04) {  /* a full section, not RAM's list */
        name = find(&s, name + 1, SECTION, strlen(SECTION));
    }
    memcpy(footer + 1, s.data + name - 5, 4);
    s.begin = name + strlen(SECTION) + 8;
    s.end = find(&s, s.begin, footer, sizeof(footer));
    return s;
}

/* Work of all kinds: a packet begun, events, memory on the chip, registers. */
static QtDev *start_busy(void)
{
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 97, 5, 64);
    uint64_t host = qt_alloc(dev->vm, 8192, 4096) | HOST_BIT;

    qt_msix_enable(dev, 6, 0x4242);
    qt_eq_enable(dev, 6, 4);
    qt_trnx_write(dev, qt_qctl(97, 5) + QCTL_EQ, 6);
    qt_trnx_write64(dev, qt_qctl(97, 5) + QCTL_ARM, 5);
    qt_write(dev, 0x8203a030, 0x00020000);
    qt_copy(q, 0x802000805000, host, 4096);
    qt_m2s(q, M2S_FIRST | M2S_LAST | 4096, OP_COPY, host);
    qt_s2m(q, 1000, 0x1000000);
    qt_ring(q);
    qt_wait_count(q, 3);
    qt_queue_free(q);
    return dev;
}

/* The stream of a VM that is then gone. */
static Stream save(QtDev *dev)
{
    g_autofree char *path = qt_save(dev->vm);
    Stream s = stream_read(path);

    g_unlink(path);
    qt_stop(dev);
    return s;
}

/* Loads a stream into a VM with @props. QEMU answers in both cases. */
static bool is_taken(const uint8_t *data, size_t len, const char *props)
{
    g_autofree char *args = g_strdup_printf("-device trn3,id=trn0,addr=4,%s "
                                            "-incoming defer", props);
    g_autofree char *path = NULL;
    QtVm *vm = qt_vm_start(args);
    bool taken;
    int fd = g_file_open_tmp("trn-stream-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_true(g_file_set_contents(path, (const char *)data, len, NULL));
    vm->any_log = true;
    taken = qt_load(vm, path);
    if (taken) {
        qtest_qmp_assert_success(vm->qts, "{'execute': 'cont'}");
        qtest_qmp_assert_success(vm->qts, "{'execute': 'stop'}");
    }
    qt_vm_stop(vm);
    g_unlink(path);
    return taken;
}

/* Where the storage of registers ends: the last offset is one of all ones. */
static size_t end_of_registers(const Stream *s)
{
    static const uint8_t ones[] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    };
    size_t at = s->end - sizeof(ones);

    while (memcmp(s->data + at, ones, sizeof(ones))) {
        at--;
        g_assert_cmpuint(at, >, s->begin);
    }
    return at;
}

static void stream_that_ends_early_is_refused(void)
{
    Stream s = save(start_busy());
    size_t len = s.end - s.begin;

    g_assert_false(is_taken(s.data, end_of_registers(&s), PROPS));
    g_assert_false(is_taken(s.data, end_of_registers(&s) + 3, PROPS));
    g_assert_true(is_taken(s.data, s.len, PROPS));
    for (unsigned i = 0; i < 8; i++) {
        g_assert_false(is_taken(s.data, s.begin + len * i / 8 + 3, PROPS));
    }
    g_assert_false(is_taken(s.data, s.end - 1, PROPS));
    g_free(s.data);
}

static void other_properties_are_refused(void)
{
    static const char *const other[] = {
        "routing-id=5", "abort=on", "timing=on", "fw-api-version=6", "rev=240",
        "scratch-size=512M", "idle-mw=1000", "host-mbps=1000", "hbm-size=256M",
    };
    Stream s = save(qt_start(PROPS));

    g_assert_true(is_taken(s.data, s.len, PROPS ",workers=3,spin-ns=0"));
    for (unsigned i = 0; i < G_N_ELEMENTS(other); i++) {
        g_autofree char *props = g_strdup_printf(PROPS ",%s", other[i]);

        if (is_taken(s.data, s.len, props)) {
            g_error("a state was taken by a device with %s", other[i]);
        }
    }
    g_free(s.data);
}

/* A few bytes or words of the device's own become others. */
static void mutate(GRand *rand, const Stream *s, uint8_t *data)
{
    static const uint64_t odd[] = {
        0, 1, 0x7f, 0xff, 0x100, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
        0xffffffff, 0x100000000, 0x7fffffffffffffff, UINT64_MAX,
    };

    for (int n = g_rand_int_range(rand, 1, 6); n; n--) {
        unsigned size = 1u << g_rand_int_range(rand, 0, 4);
        size_t at = g_rand_int_range(rand, s->begin, s->end - size);
        uint64_t value = odd[g_rand_int_range(rand, 0, G_N_ELEMENTS(odd))];

        for (unsigned i = 0; i < size; i++) {
            data[at + i] = value >> 8 * (size - 1 - i);
        }
    }
}

/* Any stream is either loaded or refused, and QEMU continues. */
static void fuzz_stream(void)
{
    int64_t end = g_get_monotonic_time() +
                  qt_env_number("TRN_FUZZ_SECONDS", SECONDS) * G_USEC_PER_SEC;
    Stream s = save(start_busy());
    GRand *rand = g_rand_new_with_seed(qt_env_number("TRN_FUZZ_SEED", SEED));
    unsigned taken = 0, refused = 0;

    do {
        g_autofree uint8_t *data = g_memdup2(s.data, s.len);

        mutate(rand, &s, data);
        if (is_taken(data, s.len, PROPS)) {
            taken++;
        } else {
            refused++;
        }
    } while (g_get_monotonic_time() < end);
    g_test_message("%u streams taken, %u refused", taken, refused);
    g_rand_free(rand);
    g_free(s.data);
}

/* Bytes of the stream's description that are about the device. */
static size_t description_size(const Stream *s)
{
    static const char name[] = "\"name\": \"" SECTION "\"";
    size_t at = find(s, s->end, name, strlen(name)), depth = 1, len = 0;

    for (; depth; len++) {
        depth += s->data[at + len] == '{';
        depth -= s->data[at + len] == '}';
    }
    return len;
}

static void chip_takes_little_of_the_stream(void)
{
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 70, 3, 1024);
    Stream idle, used;

    idle = save(qt_start(PROPS));
    g_test_message("idle: %zu bytes, described in %zu", idle.end - idle.begin,
                   description_size(&idle));
    g_assert_cmpuint(idle.end - idle.begin, <, 128 * KIB);
    g_assert_cmpuint(description_size(&idle), <, 48 * KIB);

    /* HW 2.2: 32 MiB of SBUF. */
    qt_mem_fill(dev, 0x1000000, 65536, 7);
    for (unsigned i = 0; i < 512; i++) {
        qt_pair(q, 0x802000000000 + i * 65536ull, 0x1000000, 65536);
    }
    qt_post_marker(q);
    qt_ring(q);
    qt_wait_marker(q);
    qt_queue_free(q);
    used = save(dev);
    g_assert_cmpuint(used.end - used.begin, <,
                     idle.end - idle.begin + 512 * 4 + 4096);
    g_assert_cmpuint(used.len, >, idle.len + 32 * MIB);
    g_free(idle.data);
    g_free(used.data);
}

#define T(name) g_test_add_func("/stream/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    T(stream_that_ends_early_is_refused);
    T(other_properties_are_refused);
    T(chip_takes_little_of_the_stream);
    g_test_add_func("/stream/fuzz/mutated_stream", fuzz_stream);
    return g_test_run();
}
