/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine, the device's BARs and guest memory.
 *
 * The machine has no firmware and its vCPU never runs. This file does the work
 * of the firmware, and puts the large BARs far above the guest's memory.
 */
#include "qt.h"

#include <glib/gstdio.h>

#include "qobject/qdict.h"

/* q35: PCIEXBAR of the host bridge, 256 MiB of configuration space. */
#define ECAM_BASE 0xb0000000ULL
#define RAM_FIRST (64 * MIB)
#define RAM_SIZE (1 * GIB)
#define BAR_FIRST (1024 * GIB)

/* Bytes in one line of the qtest protocol: its reader is quadratic in them. */
#define QTEST_LINE (16 * KIB)

const uint64_t qt_hbm_base[4] = {
    0x000000000000, 0x004000000000, 0x800000000000, 0x804000000000,
};

int64_t qt_deadline(void)
{
    return g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
}

uint32_t qt_env_number(const char *name, uint32_t otherwise)
{
    const char *value = g_getenv(name);

    return value ? g_ascii_strtoull(value, NULL, 0) : otherwise;
}

void qt_vm_open_ecam(QtVm *vm)
{
    qtest_outl(vm->qts, 0xcf8, 0x80000064);
    qtest_outl(vm->qts, 0xcfc, 0);
    qtest_outl(vm->qts, 0xcf8, 0x80000060);
    qtest_outl(vm->qts, 0xcfc, ECAM_BASE | 1);
}

QtVm *qt_vm_start(const char *devices)
{
    QtVm *vm = g_new0(QtVm, 1);
    g_autofree char *bios = g_strdup(g_getenv("TRN_QTEST_BIOS"));
    int fd;

    if (!bios) {
        g_error("TRN_QTEST_BIOS must name a blank 64 KiB firmware image");
    }
    fd = g_file_open_tmp("trn-qtest-XXXXXX.log", &vm->log, NULL);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    vm->qts = qtest_initf("-machine q35 -m 1G -nodefaults -vga none -bios %s "
                          "-d guest_errors -D %s %s", bios, vm->log, devices);
    vm->next_ram = RAM_FIRST;
    vm->next_bar = BAR_FIRST;
    qt_vm_open_ecam(vm);
    return vm;
}

/* Only the device's own lines: the machine has others to complain about. */
static char *guest_error_lines(const char *log)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    GString *ours = g_string_new(NULL);

    g_assert_true(g_file_get_contents(log, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (strstr(*line, "trn")) {
            g_string_append_printf(ours, "%s\n", *line);
        }
    }
    return g_string_free(ours, FALSE);
}

void qt_vm_stop(QtVm *vm)
{
    g_autofree char *errors = NULL;

    qtest_quit(vm->qts);
    errors = guest_error_lines(vm->log);
    g_unlink(vm->log);
    if (*errors && !vm->guest_errors && !vm->any_log) {
        g_error("unexpected guest errors:\n%s", errors);
    }
    if (!*errors && vm->guest_errors && !vm->any_log) {
        g_error("the device logged no guest error");
    }
    g_free(vm->log);
    g_free(vm);
}

uint64_t qt_alloc(QtVm *vm, uint64_t size, uint64_t align)
{
    uint64_t addr = ROUND_UP(vm->next_ram, align);

    vm->next_ram = addr + size;
    g_assert_cmphex(vm->next_ram, <=, RAM_SIZE);
    return addr;
}

uint64_t qt_ecam(unsigned bus, unsigned slot)
{
    return ECAM_BASE + ((uint64_t)bus << 20) + ((uint64_t)slot << 15);
}

uint32_t qt_cfg_read(QtDev *dev, unsigned off)
{
    return qtest_readl(dev->vm->qts, qt_ecam(dev->bus, dev->slot) + off);
}

void qt_cfg_write(QtDev *dev, unsigned off, uint32_t val)
{
    qtest_writel(dev->vm->qts, qt_ecam(dev->bus, dev->slot) + off, val);
}

/* Returns the size; the device must have answered as a 64-bit memory BAR. */
static uint64_t bar_size(QtDev *dev, unsigned bar)
{
    unsigned off = 0x10 + bar * 4;
    uint64_t mask;

    qt_cfg_write(dev, off, 0xffffffff);
    qt_cfg_write(dev, off + 4, 0xffffffff);
    mask = qt_cfg_read(dev, off) & 0xfffffff0u;
    mask |= (uint64_t)qt_cfg_read(dev, off + 4) << 32;
    g_assert_cmphex(mask, !=, 0);
    return ~mask + 1;
}

static void bar_write(QtDev *dev, unsigned bar, uint64_t addr)
{
    qt_cfg_write(dev, 0x10 + bar * 4, addr);
    qt_cfg_write(dev, 0x14 + bar * 4, addr >> 32);
}

static uint64_t bar_place(QtDev *dev, unsigned bar, uint64_t *size)
{
    QtVm *vm = dev->vm;
    uint64_t addr;

    *size = bar_size(dev, bar);
    addr = ROUND_UP(vm->next_bar, *size);
    vm->next_bar = addr + *size;
    bar_write(dev, bar, addr);
    return addr;
}

void qt_dev_set_master(QtDev *dev, bool on)
{
    qt_cfg_write(dev, 0x04, on ? 0x6 : 0x2);
}

QtDev *qt_dev_open(QtVm *vm, unsigned bus, unsigned slot)
{
    QtDev *dev = g_new0(QtDev, 1);
    uint64_t size;

    dev->vm = vm;
    dev->bus = bus;
    dev->slot = slot;
    g_assert_cmphex(qt_cfg_read(dev, 0) & 0xffff, ==, 0x1d0f);
    dev->bar4 = bar_place(dev, 4, &dev->bar4_size);
    dev->bar0 = bar_place(dev, 0, &size);
    dev->bar2 = bar_place(dev, 2, &size);
    qt_dev_set_master(dev, true);
    return dev;
}

QtDev *qt_start(const char *props)
{
    g_autofree char *args = g_strdup_printf("-device trn3,id=trn0,addr=4%s%s",
                                            *props ? "," : "", props);

    return qt_dev_open(qt_vm_start(args), 0, 4);
}

void qt_stop(QtDev *dev)
{
    qt_vm_stop(dev->vm);
    g_free(dev);
}

unsigned qt_find_cap(QtDev *dev, uint8_t id)
{
    unsigned off = qt_cfg_read(dev, 0x34) & 0xfc;

    for (unsigned n = 0; off && n < 48; n++) {
        uint32_t cap = qt_cfg_read(dev, off);

        if ((cap & 0xff) == id) {
            return off;
        }
        off = (cap >> 8) & 0xfc;
    }
    return 0;
}

unsigned qt_find_ext_cap(QtDev *dev, uint16_t id)
{
    unsigned off = 0x100;

    for (unsigned n = 0; off >= 0x100 && n < 64; n++) {
        uint32_t cap = qt_cfg_read(dev, off);

        if (cap == 0 || cap == 0xffffffff) {
            return 0;
        }
        if ((cap & 0xffff) == id) {
            return off;
        }
        off = (cap >> 20) & 0xffc;
    }
    return 0;
}

void qt_flr(QtDev *dev)
{
    unsigned pcie = qt_find_cap(dev, 0x10);
    uint32_t devctl;

    g_assert_cmpuint(pcie, !=, 0);
    devctl = qt_cfg_read(dev, pcie + 8) & 0xffff;
    qt_cfg_write(dev, pcie + 8, devctl | 0x8000);
    bar_write(dev, 0, dev->bar0);
    bar_write(dev, 2, dev->bar2);
    bar_write(dev, 4, dev->bar4);
    qt_dev_set_master(dev, true);
}

uint32_t qt_read(QtDev *dev, uint32_t off)
{
    return qtest_readl(dev->vm->qts, dev->bar0 + off);
}

void qt_write(QtDev *dev, uint32_t off, uint32_t val)
{
    qtest_writel(dev->vm->qts, dev->bar0 + off, val);
}

uint32_t qt_trnx_read(QtDev *dev, uint32_t off)
{
    return qtest_readl(dev->vm->qts, dev->bar2 + off);
}

uint64_t qt_trnx_read64(QtDev *dev, uint32_t off)
{
    return qtest_readq(dev->vm->qts, dev->bar2 + off);
}

void qt_trnx_write(QtDev *dev, uint32_t off, uint32_t val)
{
    qtest_writel(dev->vm->qts, dev->bar2 + off, val);
}

void qt_trnx_write64(QtDev *dev, uint32_t off, uint64_t val)
{
    qtest_writeq(dev->vm->qts, dev->bar2 + off, val);
}

uint32_t qt_qctl(unsigned engine, unsigned queue)
{
    return 0x100000 + (engine * 16 + queue) * 0x100;
}

#define QOM_SET "{'execute': 'qom-set', 'arguments': {" \
                "'path': '/machine/peripheral/trn0', 'property': %s, 'value': "

void qt_set_number(QtDev *dev, const char *name, int64_t value)
{
    qtest_qmp_assert_success(dev->vm->qts, QOM_SET "%" PRId64 "}}", name,
                             value);
}

void qt_set_bool(QtDev *dev, const char *name, bool value)
{
    qtest_qmp_assert_success(dev->vm->qts, QOM_SET "%i}}", name, value);
}

void qt_set_string(QtDev *dev, const char *name, const char *value)
{
    qtest_qmp_assert_success(dev->vm->qts, QOM_SET "%s}}", name, value);
}

void qt_refuse_number(QtDev *dev, const char *name, int64_t value)
{
    QDict *rsp = qtest_qmp(dev->vm->qts, QOM_SET "%" PRId64 "}}", name, value);

    g_assert_true(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
}

int64_t qt_get_number(QtDev *dev, const char *name)
{
    QDict *rsp = qtest_qmp(dev->vm->qts, "{'execute': 'qom-get', 'arguments': {"
                           "'path': '/machine/peripheral/trn0', "
                           "'property': %s}}", name);
    int64_t value = qdict_get_int(rsp, "return");

    qobject_unref(rsp);
    return value;
}

uint64_t qt_msix_enable(QtDev *dev, unsigned vector, uint32_t data)
{
    unsigned msix = qt_find_cap(dev, 0x11);
    uint32_t entry = 0x20000 + vector * 16;
    uint64_t addr = qt_alloc(dev->vm, 4, 4);

    g_assert_cmpuint(msix, !=, 0);
    qtest_writel(dev->vm->qts, addr, 0);
    qt_trnx_write(dev, entry, addr);
    qt_trnx_write(dev, entry + 4, addr >> 32);
    qt_trnx_write(dev, entry + 8, data);
    qt_trnx_write(dev, entry + 12, 0);
    qt_cfg_write(dev, msix, qt_cfg_read(dev, msix) | 0x80000000);
    return addr;
}

uint64_t qt_eq_enable(QtDev *dev, unsigned n, unsigned log2)
{
    uint32_t eq = 0x10000 + n * 0x40;
    uint64_t ring = qt_alloc(dev->vm, 16ULL << log2, 64);

    qtest_memset(dev->vm->qts, ring, 0, 16ULL << log2);
    qt_trnx_write64(dev, eq + 0x00, ring | HOST_BIT);
    qt_trnx_write(dev, eq + 0x08, log2);
    qt_trnx_write(dev, eq + 0x0c, 1);
    return ring;
}

/* HW 1.3: on this revision the stacks lie a quarter of BAR4 apart. */
static uint64_t cpu_addr(QtDev *dev, uint64_t addr)
{
    if (addr & HOST_BIT) {
        return addr & ~HOST_BIT;
    }
    for (int s = 3; s >= 0; s--) {
        if (addr >= qt_hbm_base[s]) {
            uint64_t off = addr - qt_hbm_base[s];

            g_assert_cmphex(off, <, dev->bar4_size / 4);
            return dev->bar4 + s * (dev->bar4_size / 4) + off;
        }
    }
    g_assert_not_reached();
}

void qt_mem_read(QtDev *dev, uint64_t addr, void *buf, size_t len)
{
    for (size_t n; len; addr += n, buf = (char *)buf + n, len -= n) {
        n = MIN(len, QTEST_LINE);
        qtest_bufread(dev->vm->qts, cpu_addr(dev, addr), buf, n);
    }
}

void qt_mem_write(QtDev *dev, uint64_t addr, const void *buf, size_t len)
{
    for (size_t n; len; addr += n, buf = (const char *)buf + n, len -= n) {
        n = MIN(len, QTEST_LINE);
        qtest_bufwrite(dev->vm->qts, cpu_addr(dev, addr), buf, n);
    }
}

void qt_mem_set(QtDev *dev, uint64_t addr, uint8_t byte, size_t len)
{
    qtest_memset(dev->vm->qts, cpu_addr(dev, addr), byte, len);
}

void qt_pattern(uint8_t *buf, size_t len, uint32_t seed)
{
    uint32_t x = seed * 2654435761u + 1;

    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        buf[i] = x >> 11;
    }
}

void qt_mem_fill(QtDev *dev, uint64_t addr, size_t len, uint32_t seed)
{
    g_autofree uint8_t *buf = g_malloc(len);

    qt_pattern(buf, len, seed);
    qt_mem_write(dev, addr, buf, len);
}

static void expect_bytes(QtDev *dev, uint64_t addr, const uint8_t *want,
                         size_t len)
{
    g_autofree uint8_t *got = g_malloc(len);

    qt_mem_read(dev, addr, got, len);
    for (size_t i = 0; i < len; i++) {
        if (got[i] != want[i]) {
            g_error("byte %zu of %zu at 0x%" PRIx64 " is 0x%02x, not 0x%02x",
                    i, len, addr, got[i], want[i]);
        }
    }
}

void qt_mem_expect(QtDev *dev, uint64_t addr, size_t len, uint32_t seed)
{
    g_autofree uint8_t *want = g_malloc(len);

    qt_pattern(want, len, seed);
    expect_bytes(dev, addr, want, len);
}

void qt_mem_expect_byte(QtDev *dev, uint64_t addr, uint8_t byte, size_t len)
{
    g_autofree uint8_t *want = g_malloc(len);

    memset(want, byte, len);
    expect_bytes(dev, addr, want, len);
}

void qt_wait_mem32(QtVm *vm, uint64_t addr, uint32_t want, const char *what)
{
    int64_t end = qt_deadline();
    uint32_t got;

    while ((got = qtest_readl(vm->qts, addr)) != want) {
        if (g_get_monotonic_time() > end) {
            g_error("%s: memory at 0x%" PRIx64 " holds 0x%x, never 0x%x",
                    what, addr, got, want);
        }
    }
}

void qt_wait_reg(QtDev *dev, uint32_t off, uint32_t mask, uint32_t want,
                 const char *what)
{
    int64_t end = qt_deadline();
    uint32_t got;

    while (((got = qt_read(dev, off)) & mask) != want) {
        if (g_get_monotonic_time() > end) {
            g_error("%s: BAR0+0x%x reads 0x%x, never 0x%x under mask 0x%x",
                    what, off, got, want, mask);
        }
    }
}
