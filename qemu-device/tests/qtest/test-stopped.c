/* SPDX-License-Identifier: GPL-2.0-or-later */
/* While the VM is stopped, nothing of the guest moves. */
#include "qt.h"

#include <glib/gstdio.h>
#include <sys/mman.h>

#include "qemu/bswap.h"
#include "qobject/qdict.h"

/* HW 2.2: MISC RAM as an engine sees it, and the old-style mailbox, HW 6.4. */
#define MISC_CHIP 0x008006c84000ULL
#define REQ_HI 0x1f0
#define REQ_LO 0x1f4
#define RESP_HI 0x1f8
#define RESP_LO 0x1fc
#define TRIGGER 0x800

/* Guest memory, which the test sees without asking QEMU. */
#define REQUESTS 31u            /* in the ring of 62 */
#define WORDS 0x100             /* from Fixture.host on: where answers go, */
#define ANSWERS 0x4000          /* the answers, 8 bytes each, */
#define REQUEST 0x10000         /* and a long request */
#define MEMORY 0x20000
#define ROUNDS 6u

typedef struct Fixture {
    QtDev *dev;
    QtQueue *q;
    uint64_t host;
    uint8_t *memory;            /* the same */
    char *path;
} Fixture;

static void run_state(QtVm *vm, const char *command)
{
    qtest_qmp_assert_success(vm->qts, "{'execute': %s}", command);
}

static void setup(Fixture *f)
{
    g_autofree char *args = NULL;
    int fd = g_file_open_tmp("trn-ram-XXXXXX", &f->path, NULL);

    args = g_strdup_printf("-machine memory-backend=ram "
                           "-object memory-backend-file,id=ram,size=1G,"
                           "mem-path=%s,share=on "
                           "-device trn3,id=trn0,addr=4,hbm-size=128M",
                           f->path);
    f->dev = qt_dev_open(qt_vm_start(args), 0, 4);
    f->dev->vm->any_log = true;
    f->host = qt_alloc(f->dev->vm, MEMORY, 65536);
    f->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                     f->host);
    g_assert_true(f->memory != MAP_FAILED);
    close(fd);
    f->q = qt_queue_new(f->dev, 128, 0, 2 * REQUESTS);
}

static void teardown(Fixture *f)
{
    munmap(f->memory, MEMORY);
    qt_queue_free(f->q);
    qt_stop(f->dev);
    g_unlink(f->path);
    g_free(f->path);
}

/*
 * Requests to the mailbox for seconds, as fast as an engine copies: where the
 * answer goes, and 1 to TRIGGER. Both are put off to the main loop. The queue
 * goes round its ring, because far more is rung than it has.
 */
static void stream_requests(Fixture *f)
{
    qt_queue_program(f->q);
    qt_write(f->dev, MISC_RAM + REQ_LO, f->host + REQUEST);
    qt_write(f->dev, MISC_RAM + REQ_HI, (f->host | HOST_BIT) >> 32);
    qt_write(f->dev, MISC_RAM + RESP_HI, (f->host | HOST_BIT) >> 32);
    memset(f->memory, 0, MEMORY);
    stl_le_p(f->memory, 1);
    stl_le_p(f->memory + REQUEST, 0xfff0 << 16);
    for (unsigned i = 0; i < REQUESTS; i++) {
        stl_le_p(f->memory + WORDS + i * 4, f->host + ANSWERS + i * 8);
        qt_pair(f->q, MISC_CHIP + RESP_LO,
                (f->host + WORDS + i * 4) | HOST_BIT, 4);
        qt_pair(f->q, MISC_CHIP + TRIGGER, f->host | HOST_BIT, 4);
    }
    qt_write(f->dev, f->q->s2m.page + Q_DOORBELL, 0xffffff);
    qt_write(f->dev, f->q->m2s.page + Q_DOORBELL, 0xffffff);
}

static bool is_answered(Fixture *f)
{
    static const uint8_t none[REQUESTS * 8];

    return memcmp(f->memory + ANSWERS, none, sizeof(none));
}

static void wait_answer(Fixture *f)
{
    int64_t end = qt_deadline();

    while (!is_answered(f)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
}

static void ask_query_status(Fixture *f)
{
    for (unsigned i = 0; i < 8; i++) {
        run_state(f->dev->vm, "query-status");
    }
}

static void memory_does_not_change_while_the_vm_is_stopped(void)
{
    g_autofree uint8_t *before = g_malloc(MEMORY);
    Fixture f;

    setup(&f);
    for (unsigned round = 0; round < ROUNDS; round++) {
        stream_requests(&f);
        wait_answer(&f);
        /* The event comes before callbacks that the command may still run. */
        qtest_qmp_send(f.dev->vm->qts, "{'execute': 'stop'}");
        qtest_qmp_eventwait(f.dev->vm->qts, "STOP");
        memcpy(before, f.memory, MEMORY);
        qobject_unref(qtest_qmp_receive(f.dev->vm->qts));
        ask_query_status(&f);
        g_assert_cmpint(memcmp(before, f.memory, MEMORY), ==, 0);
        run_state(f.dev->vm, "cont");
        qt_write(f.dev, QEMU_RESET, 0);
    }
    teardown(&f);
}

/*
 * Sooner or later a request is under way when the VM stops. Its answer comes
 * when the VM goes on, though its queue does not.
 */
static void request_under_way_is_answered_afterwards(void)
{
    int64_t end = qt_deadline();
    bool answered = false;
    Fixture f;

    setup(&f);
    while (!answered) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        stream_requests(&f);
        wait_answer(&f);
        run_state(f.dev->vm, "stop");
        qt_write(f.dev, f.q->m2s.page + Q_CFG, 0x03000000);
        memset(f.memory + ANSWERS, 0, REQUESTS * 8);
        run_state(f.dev->vm, "cont");
        ask_query_status(&f);
        answered = is_answered(&f);
        qt_write(f.dev, QEMU_RESET, 0);
    }
    teardown(&f);
}

/* A reset by an engine is delayed until the VM continues. */
static void what_was_put_off_is_done_afterwards(void)
{
    Fixture f;

    setup(&f);
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t resets = qt_trnx_read(f.dev, 0x50);
        int64_t end = qt_deadline();

        qt_queue_program(f.q);
        qt_pair(f.q, MISC_CHIP - 0x06c84000 + QEMU_RESET, f.host | HOST_BIT,
                4);
        qt_ring(f.q);
        run_state(f.dev->vm, "stop");
        run_state(f.dev->vm, "cont");
        while (qt_trnx_read(f.dev, 0x50) == resets) {
            g_assert_cmpint(g_get_monotonic_time(), <, end);
        }
    }
    teardown(&f);
}

static void interrupt_for_a_stopped_vm_is_refused(void)
{
    Fixture f;
    uint64_t msi;

    setup(&f);
    msi = qt_msix_enable(f.dev, 3, 0x4242);
    run_state(f.dev->vm, "stop");
    qt_refuse_number(f.dev, "x-spurious-irq", 3);
    g_assert_cmphex(qtest_readl(f.dev->vm->qts, msi), ==, 0);
    run_state(f.dev->vm, "cont");
    qt_set_number(f.dev, "x-spurious-irq", 3);
    qt_wait_mem32(f.dev->vm, msi, 0x4242, "the interrupt");
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/stopped/" #name, name)
    T(memory_does_not_change_while_the_vm_is_stopped);
    T(request_under_way_is_answered_afterwards);
    T(what_was_put_off_is_done_afterwards);
    T(interrupt_for_a_stopped_vm_is_refused);
    return g_test_run();
}
