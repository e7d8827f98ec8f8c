/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware mailbox in MISC RAM: status words and both protocols, HW 6. */
#include "qt.h"

#include "qemu/bswap.h"

#define RESPONSE_MAX 65535

static uint32_t misc(QtDev *dev, uint32_t off)
{
    return qt_read(dev, MISC_RAM + off);
}

static void misc_write(QtDev *dev, uint32_t off, uint32_t val)
{
    qt_write(dev, MISC_RAM + off, val);
}

/* HW 6.4: reflected 0x82f63b78, initial and final all-ones. */
static uint32_t crc32c(const uint8_t *p, size_t len)
{
    uint32_t crc = 0xffffffff;

    while (len--) {
        crc ^= *p++;
        for (int i = 0; i < 8; i++) {
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
        }
    }
    return ~crc;
}

static void status_words_say_a_healthy_chip(void)
{
    QtDev *dev = qt_start("routing-id=11,serial=0x1122334455667788");

    g_assert_cmphex(crc32c((const uint8_t *)"123456789", 9), ==, 0xe3069283);
    g_assert_cmpuint(misc(dev, 0x000), >=, 7);
    g_assert_cmphex(misc(dev, 0x000), !=, 0xdeadbeef);
    g_assert_cmphex(misc(dev, 0x024), ==, 11);
    g_assert_cmphex(misc(dev, 0x038), ==, 0x55667788);
    g_assert_cmphex(misc(dev, 0x03c), ==, 0x11223344);
    for (uint32_t off = 0x040; off <= 0x050; off += 4) {
        g_assert_cmphex(misc(dev, off), ==, 0);
    }
    g_assert_cmphex(misc(dev, 0x064) & 3, ==, 0);
    g_assert_cmphex(misc(dev, 0x808) & 8, ==, 0);
    g_assert_cmphex(misc(dev, 0x800), ==, 0);
    g_assert_cmphex(misc(dev, 0x1ec), ==, 0);
    qt_stop(dev);
}

/* HW 12: a sample counts if the counter of every die changed. */
static void power_samples_move_on_and_stay_in_range(void)
{
    QtDev *dev = qt_start("rev=0");

    for (unsigned die = 0; die < 2; die++) {
        uint32_t a = misc(dev, 0x054 + die * 4);
        uint32_t b;

        /* HW 12: read about every 50 ms. */
        qtest_clock_step(dev->vm->qts, 50 * 1000 * 1000);
        b = misc(dev, 0x054 + die * 4);
        g_assert_cmpuint(a & 0xffff, <=, 10000);
        g_assert_cmpuint(b & 0xffff, <=, 10000);
        g_assert_cmpuint(a >> 16, !=, b >> 16);
    }
    qt_stop(dev);
}

static void serial_number_is_never_zero(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex(misc(dev, 0x038) | misc(dev, 0x03c), !=, 0);
    qt_stop(dev);
}

static void status_words_ignore_writes_and_scratch_words_keep_them(void)
{
    static const uint32_t status[] = {
        0x000, 0x024, 0x038, 0x03c, 0x040, 0x050, 0x064, 0x808,
    };
    static const uint32_t scratch[] = {
        0x0c0, 0x0ec, 0x100, 0x17c, 0x180, 0x18c, 0x190, 0x198, 0x1a0, 0x1d0,
    };
    QtDev *dev = qt_start("");

    for (size_t i = 0; i < G_N_ELEMENTS(status); i++) {
        uint32_t before = misc(dev, status[i]);

        misc_write(dev, status[i], ~before);
        g_assert_cmphex(misc(dev, status[i]), ==, before);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(scratch); i++) {
        misc_write(dev, scratch[i], 0x5a000000 | scratch[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(scratch); i++) {
        g_assert_cmphex(misc(dev, scratch[i]), ==, 0x5a000000 | scratch[i]);
    }
    dev->vm->any_log = true;
    qt_stop(dev);
}

/* HW 6.5, steps 1 to 8; returns the response header. */
static uint32_t new_style(QtDev *dev, uint32_t header, uint32_t crc,
                          const uint32_t *payload, unsigned words)
{
    for (unsigned i = 0; i < words; i++) {
        misc_write(dev, 0x100 + i * 4, payload[i]);
    }
    misc_write(dev, 0x1f0, header);
    misc_write(dev, 0x1f4, crc);
    misc_write(dev, 0x1f8, 0);
    misc_write(dev, 0x1fc, 0);
    misc_write(dev, 0x0f0, 1);
    misc_write(dev, 0x800, 1);
    qt_wait_reg(dev, MISC_RAM + 0x800, 0xffffffff, 0, "TRIGGER");
    return misc(dev, 0x1f0);
}

/* The CRC covers the header with 0 in its place, then the payload. */
static uint32_t new_style_crc(uint32_t header, const uint32_t *payload,
                              unsigned words)
{
    uint8_t buf[8 + 128] = { 0 };

    stl_le_p(buf, header);
    for (unsigned i = 0; i < words; i++) {
        stl_le_p(buf + 8 + i * 4, payload[i]);
    }
    return crc32c(buf, 8 + words * 4);
}

static const uint32_t power_profile_1[] = { 0x00000000, 0x00000001 };

static void power_profile_example_is_accepted(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex(new_style_crc(0x00100302, power_profile_1, 2), ==,
                    0x847aa309);
    g_assert_cmphex(new_style(dev, 0x00100302, 0x847aa309, power_profile_1, 2)
                    & 0xffff, ==, 0x0002);
    qt_stop(dev);
}

static void bad_crc_fails_with_the_sequence_number(void)
{
    QtDev *dev = qt_start("");
    uint32_t rsp = new_style(dev, 0x00100302, 0x847aa308, power_profile_1, 2);

    g_assert_cmphex(rsp & 0xff, ==, 2);
    g_assert_cmphex(rsp >> 8 & 0xff, ==, 1);
    g_assert_cmphex(new_style(dev, 0x00100302, 0x847aa309, power_profile_1, 2)
                    & 0xffff, ==, 0x0002);
    dev->vm->any_log = true;
    qt_stop(dev);
}

static void unknown_command_is_answered_with_error_2(void)
{
    QtDev *dev = qt_start("");
    uint32_t header = 0x00080000 | 0x77 << 8 | 9;
    uint32_t rsp = new_style(dev, header, new_style_crc(header, NULL, 0), NULL,
                             0);

    g_assert_cmphex(rsp & 0xffff, ==, 0x0209);
    g_assert_cmphex(rsp >> 16, >=, 4);
    dev->vm->any_log = true;
    qt_stop(dev);
}

static void impossible_sizes_fail(void)
{
    static const uint16_t sizes[] = { 0, 7, 8 + 129, 0xffff };
    QtDev *dev = qt_start("");

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        uint32_t header = (uint32_t)sizes[i] << 16 | 0x0300 | (i + 1);
        uint32_t rsp = new_style(dev, header, 0, NULL, 0);

        g_assert_cmphex(rsp & 0xff, ==, i + 1);
        g_assert_cmphex(rsp >> 8 & 0xff, ==, 1);
    }
    dev->vm->any_log = true;
    qt_stop(dev);
}

/* HW 6.5 and 6.6: 64-bit chip addresses in, 32-bit values out. */
static void new_style_register_read_returns_the_values(void)
{
    const uint32_t payload[] = { 0x06c84024, 0x00000080, 0x06c84038, 0x80 };
    uint32_t header = 24u << 16 | 0x0100 | 5;
    QtDev *dev = qt_start("routing-id=3,serial=0xabcdef");
    uint32_t rsp = new_style(dev, header, new_style_crc(header, payload, 4),
                             payload, 4);

    g_assert_cmphex(rsp, ==, 12u << 16 | 5);
    g_assert_cmphex(misc(dev, 0x100), ==, 3);
    g_assert_cmphex(misc(dev, 0x104), ==, 0xabcdef);
    qt_stop(dev);
}

typedef struct OldStyle {
    QtDev *dev;
    uint64_t req;
    uint64_t rsp;
} OldStyle;

static void old_style_init(OldStyle *m, QtDev *dev)
{
    m->dev = dev;
    m->req = qt_alloc(dev->vm, RESPONSE_MAX, 1);
    m->rsp = qt_alloc(dev->vm, RESPONSE_MAX, 1);
}

/* HW 6.4, steps 1 to 5. */
static void old_style_send(OldStyle *m, uint8_t seq, uint8_t cmd,
                           const void *payload, size_t len, uint32_t crc_flip)
{
    g_autofree uint8_t *buf = g_malloc0(8 + len);
    uint64_t req = m->req | HOST_BIT;
    uint64_t rsp = m->rsp | HOST_BIT;

    misc_write(m->dev, 0x1f4, req);
    misc_write(m->dev, 0x1f0, req >> 32);
    misc_write(m->dev, 0x1fc, rsp);
    misc_write(m->dev, 0x1f8, rsp >> 32);
    buf[0] = seq;
    buf[1] = cmd;
    stw_le_p(buf + 2, 8 + len);
    memcpy(buf + 8, payload, len);
    stl_le_p(buf + 4, crc32c(buf, 8 + len) ^ crc_flip);
    qtest_bufwrite(m->dev->vm->qts, m->req, buf, 8 + len);
    qtest_writeb(m->dev->vm->qts, m->rsp, 0);
    misc_write(m->dev, 0x800, 1);
}

/* Step 6; returns the error byte. */
static uint8_t old_style_wait(OldStyle *m, uint8_t seq)
{
    int64_t end = qt_deadline();

    while (qtest_readb(m->dev->vm->qts, m->rsp) != seq) {
        if (g_get_monotonic_time() > end) {
            g_error("no response with sequence number %u", seq);
        }
    }
    return qtest_readb(m->dev->vm->qts, m->rsp + 1);
}

static void old_style_register_read_fills_the_response(void)
{
    QtDev *dev = qt_start("routing-id=6");
    QTestState *qts = dev->vm->qts;
    OldStyle m;
    uint8_t payload[24];

    old_style_init(&m, dev);
    stq_le_p(payload, 0x008006c84024);
    stq_le_p(payload + 8, 0x008006800000 + 0x1020);
    stq_le_p(payload + 16, 0x008006c84808);
    old_style_send(&m, 2, 1, payload, sizeof(payload), 0);
    g_assert_cmpuint(old_style_wait(&m, 2), ==, 0);
    g_assert_cmpuint(qtest_readw(qts, m.rsp + 2), ==, 4 + 3 * 4);
    g_assert_cmphex(qtest_readl(qts, m.rsp + 4), ==, 6);
    g_assert_cmphex(qtest_readl(qts, m.rsp + 8), ==, 0x03000000);
    g_assert_cmphex(qtest_readl(qts, m.rsp + 12) & 8, ==, 0);
    qt_stop(dev);
}

static void old_style_metrics_are_taken(void)
{
    static const uint8_t records[] = { 13, 6, '2', '.', '2', '5', '.', '4' };
    QtDev *dev = qt_start("");
    OldStyle m;

    old_style_init(&m, dev);
    for (unsigned seq = 2; seq < 6; seq++) {
        for (size_t i = 0; i < sizeof(records); i += 4) {
            misc_write(dev, 0x100 + i, ldl_le_p(records + i));
        }
        old_style_send(&m, seq, 2, records, sizeof(records), 0);
        g_assert_cmpuint(old_style_wait(&m, seq), ==, 0);
    }
    qt_stop(dev);
}

static void old_style_bad_crc_fails_and_unknown_command_says_so(void)
{
    QtDev *dev = qt_start("");
    OldStyle m;

    old_style_init(&m, dev);
    old_style_send(&m, 7, 2, "abcd", 4, 1);
    g_assert_cmpuint(old_style_wait(&m, 7), ==, 1);
    old_style_send(&m, 8, 0x55, "abcd", 4, 0);
    g_assert_cmpuint(old_style_wait(&m, 8), ==, 2);
    dev->vm->any_log = true;
    qt_stop(dev);
}

/* HW 6.5 (model): the ACK word of one style must not confuse the other. */
static void both_styles_alternate(void)
{
    QtDev *dev = qt_start("");
    OldStyle m;

    old_style_init(&m, dev);
    for (unsigned seq = 2; seq < 10; seq += 2) {
        uint32_t header = 0x00100300 | seq;

        g_assert_cmphex(new_style(dev, header,
                                  new_style_crc(header, power_profile_1, 2),
                                  power_profile_1, 2) & 0xffff, ==, seq);
        old_style_send(&m, seq + 1, 2, "abcd", 4, 0);
        g_assert_cmpuint(old_style_wait(&m, seq + 1), ==, 0);
    }
    qt_stop(dev);
}

/* HW 6.4: software skips 0; firmware has no reason to. */
static void any_sequence_number_is_given_back(void)
{
    QtDev *dev = qt_start("");
    OldStyle m;

    old_style_init(&m, dev);
    for (unsigned seq = 0; seq < 256; seq += 51) {
        uint32_t header = 0x00100300 | seq;

        g_assert_cmphex(new_style(dev, header,
                                  new_style_crc(header, power_profile_1, 2),
                                  power_profile_1, 2), ==, 0x00040000 | seq);
        qtest_writel(dev->vm->qts, m.rsp, 0);
        old_style_send(&m, seq, 2, "abcd", 4, 0);
        g_assert_cmphex(qtest_readl(dev->vm->qts, m.rsp), ==, 0x00040000 | seq);
    }
    qt_stop(dev);
}

static void buffers_are_out_of_reach_without_bus_mastering(void)
{
    QtDev *dev = qt_start("");
    OldStyle m;

    old_style_init(&m, dev);
    qt_dev_set_master(dev, false);
    old_style_send(&m, 7, 2, "abcd", 4, 0);
    g_assert_cmpuint(qtest_readb(dev->vm->qts, m.rsp), ==, 0);
    qt_dev_set_master(dev, true);
    old_style_send(&m, 8, 2, "abcd", 4, 0);
    g_assert_cmpuint(old_style_wait(&m, 8), ==, 0);
    dev->vm->guest_errors = true;
    qt_stop(dev);
}

static void request_buffers_outside_memory_are_a_logged_mistake(void)
{
    QtDev *dev = qt_start("");
    OldStyle m;

    old_style_init(&m, dev);
    misc_write(dev, 0x1f4, 0xfffff000);
    misc_write(dev, 0x1f0, 0x00007fff);
    misc_write(dev, 0x1fc, 0xfffff000);
    misc_write(dev, 0x1f8, 0x00007fff);
    misc_write(dev, 0x800, 1);
    old_style_send(&m, 3, 2, "abcd", 4, 0);
    g_assert_cmpuint(old_style_wait(&m, 3), ==, 0);
    dev->vm->guest_errors = true;
    qt_stop(dev);
}

/* HW 9.4: neighbours read the serial number by DMA. */
static void dma_reads_misc_ram_and_writes_its_scratch(void)
{
    QtDev *dev = qt_start("serial=0x0102030405060708");
    QtQueue *q = qt_queue_new(dev, 8, 0, 64);
    uint64_t host = qt_alloc(dev->vm, 16, 16);

    qt_copy(q, (host + 8) | HOST_BIT, 0x008006c84038, 8);
    g_assert_cmphex(qtest_readq(dev->vm->qts, host + 8), ==,
                    0x0102030405060708);
    qtest_writel(dev->vm->qts, host, 0x600df00d);
    qt_copy(q, 0x008006c84180, host | HOST_BIT, 4);
    g_assert_cmphex(misc(dev, 0x180), ==, 0x600df00d);
    qt_queue_free(q);
    qt_stop(dev);
}

/* HW 6.1 and 12, as an operator makes them appear. */
static void telemetry_properties_show_in_status_words(void)
{
    static const struct {
        const char *name;
        uint32_t off;
        uint32_t mask;
        uint32_t value;
    } props[] = {
        { "power-die0", 0x054, 0x0000ffff, 1234 },
        { "power-die1", 0x058, 0x0000ffff, 10000 },
        { "ecc-sram-corrected", 0x040, 0xffff0000, 3 },
        { "ecc-sram-uncorrected", 0x040, 0x0000ffff, 4 },
        { "ecc-hbm0-corrected", 0x044, 0xffff0000, 5 },
        { "ecc-hbm0-uncorrected", 0x044, 0x0000ffff, 6 },
        { "ecc-hbm3-corrected", 0x050, 0xffff0000, 0xffff },
        { "ecc-hbm3-uncorrected", 0x050, 0x0000ffff, 8 },
        { "hbm-repair", 0x064, 0x00000003, 2 },
    };
    QtDev *dev = qt_start("ecc-hbm1-uncorrected=9");

    g_assert_cmphex(misc(dev, 0x048), ==, 9);
    for (size_t i = 0; i < G_N_ELEMENTS(props); i++) {
        qt_set_number(dev, props[i].name, props[i].value);
    }
    qt_flr(dev);
    for (size_t i = 0; i < G_N_ELEMENTS(props); i++) {
        g_assert_cmpuint((misc(dev, props[i].off) & props[i].mask) /
                         (props[i].mask & -props[i].mask), ==,
                         props[i].value);
        g_assert_cmpint(qt_get_number(dev, props[i].name), ==,
                        props[i].value);
    }
    qt_refuse_number(dev, "hbm-repair", 3);
    qt_refuse_number(dev, "ecc-sram-corrected", 0x10000);
    qt_stop(dev);
}

static void identity_properties_change_at_run_time(void)
{
    QtDev *dev = qt_start("serial=5,server-id=17");

    g_assert_cmphex(misc(dev, 0x070), ==, 0x8011);
    qt_set_number(dev, "serial", 0x1122334455667788);
    qt_set_number(dev, "server-id", 0x7fff);
    g_assert_cmphex(misc(dev, 0x038), ==, 0x55667788);
    g_assert_cmphex(misc(dev, 0x03c), ==, 0x11223344);
    g_assert_cmphex(misc(dev, 0x070), ==, 0xffff);
    g_assert_cmpint(qt_get_number(dev, "serial"), ==, 0x1122334455667788);
    qt_set_number(dev, "server-id", -1);
    g_assert_cmphex(misc(dev, 0x070), ==, 0);
    g_assert_cmpint(qt_get_number(dev, "server-id"), ==, -1);
    qt_refuse_number(dev, "server-id", 0x8000);
    qt_stop(dev);
}

/* HW 6.1: a value that is not available. */
static void not_ready_firmware_answers_deadbeef_as_often_as_told(void)
{
    QtDev *dev = qt_start("routing-id=3,x-mbox-not-ready=2");

    g_assert_cmphex(misc(dev, 0x024), ==, 0xdeadbeef);
    g_assert_cmphex(misc(dev, 0x808), ==, 0xdeadbeef);
    g_assert_cmphex(misc(dev, 0x024), ==, 3);
    qt_set_number(dev, "x-mbox-not-ready", 1);
    g_assert_cmphex(misc(dev, 0x024), ==, 0xdeadbeef);
    g_assert_cmphex(misc(dev, 0x024), ==, 3);
    qt_stop(dev);
}

static uint32_t profile_1(QtDev *dev)
{
    return new_style(dev, 0x00100302, 0x847aa309, power_profile_1, 2);
}

static void poisoned_replies_are_wrong_in_the_way_asked_for(void)
{
    QtDev *dev = qt_start("");

    qt_set_string(dev, "x-mbox-poison", "sequence");
    g_assert_cmphex(profile_1(dev) & 0xff, !=, 2);
    qt_set_string(dev, "x-mbox-poison", "failed");
    g_assert_cmphex(profile_1(dev) & 0xffff, ==, 0x0102);
    qt_set_string(dev, "x-mbox-poison", "unknown");
    g_assert_cmphex(profile_1(dev) & 0xffff, ==, 0x0202);
    qt_set_string(dev, "x-mbox-poison", "crc");
    g_assert_cmphex(profile_1(dev) & 0xffff, ==, 0x0102);
    qt_set_string(dev, "x-mbox-poison", "none");
    g_assert_cmphex(profile_1(dev) & 0xffff, ==, 0x0002);
    dev->vm->any_log = true;
    qt_stop(dev);
}

static void silent_firmware_leaves_the_trigger_and_the_response_alone(void)
{
    QtDev *dev = qt_start("x-mbox-poison=silent");
    OldStyle m;

    misc_write(dev, 0x1f0, 0x00080302);
    misc_write(dev, 0x0f0, 1);
    misc_write(dev, 0x800, 1);
    g_assert_cmphex(misc(dev, 0x800), ==, 1);
    g_assert_cmphex(misc(dev, 0x1f0), ==, 0x00080302);
    misc_write(dev, 0x0f0, 0);
    old_style_init(&m, dev);
    old_style_send(&m, 5, 2, "", 0, 0);
    g_assert_cmpuint(qtest_readb(dev->vm->qts, m.rsp), ==, 0);
    qt_set_string(dev, "x-mbox-poison", "none");
    old_style_send(&m, 6, 2, "", 0, 0);
    g_assert_cmpuint(old_style_wait(&m, 6), ==, 0);
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/mbox/" #name, name)
    T(status_words_say_a_healthy_chip);
    T(power_samples_move_on_and_stay_in_range);
    T(serial_number_is_never_zero);
    T(status_words_ignore_writes_and_scratch_words_keep_them);
    T(power_profile_example_is_accepted);
    T(bad_crc_fails_with_the_sequence_number);
    T(unknown_command_is_answered_with_error_2);
    T(impossible_sizes_fail);
    T(new_style_register_read_returns_the_values);
    T(old_style_register_read_fills_the_response);
    T(old_style_metrics_are_taken);
    T(old_style_bad_crc_fails_and_unknown_command_says_so);
    T(both_styles_alternate);
    T(any_sequence_number_is_given_back);
    T(buffers_are_out_of_reach_without_bus_mastering);
    T(request_buffers_outside_memory_are_a_logged_mistake);
    T(dma_reads_misc_ram_and_writes_its_scratch);
    T(telemetry_properties_show_in_status_words);
    T(identity_properties_change_at_run_time);
    T(not_ready_firmware_answers_deadbeef_as_often_as_told);
    T(poisoned_replies_are_wrong_in_the_way_asked_for);
    T(silent_firmware_leaves_the_trigger_and_the_response_alone);
    return g_test_run();
}
