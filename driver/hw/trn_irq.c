// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event queues: rings of entries written by the device and announced by MSI-X interrupts.
 *
 * Event queue n has vector n. An entry is valid when its phase bit matches the lap; the
 * device writes the word with the phase last. After the thread has consumed the entries it
 * arms the event queue. An armed event queue raises the next interrupt, at once if it has
 * an entry already.
 *
 * An event is a hint, not a proof: the hardware queue that it names may have a new owner
 * by now. The thread marks the current owner and queues its event work (trn_queue_event()),
 * which reads the record and the registers. One pass of the thread consumes at most one
 * ring of entries. If the device keeps the ring full, irq_check_work consumes the rest,
 * with pauses.
 *
 * An interrupt may be lost, and then the event queue stays disarmed. While an event is
 * outstanding, irq_check_work looks for entries without an interrupt. The check reads
 * memory only, and its pauses grow.
 */
#include <linux/bitfield.h>
#include <linux/cpumask.h>
#include <linux/dma-fence.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <drm/drm_print.h>

#include "base/trn_device.h"
#include "hw/trn_io.h"
#include "hw/trn_irq.h"
#include "regs/trn_trnx.h"

/*
 * Least time between two interrupts of an event queue. The first interrupt after a pause is
 * not delayed, so a single waiter pays nothing.
 */
#define TRN_EQ_MODERATION_NS	(20 * NSEC_PER_USEC)

/* Pauses between two checks for entries with a lost interrupt. */
#define TRN_CHECK_MIN		msecs_to_jiffies(4)
#define TRN_CHECK_MAX		msecs_to_jiffies(64)

struct trn_event {
	__le32 w0;	/* written last by the device */
	__le32 w1;
	__le64 data;
};

struct trn_event_queue {
	struct trn_device *tdev;
	u32 index;
	int irq;
	u32 log2_size;

	struct mutex lock;	/* protects the fields below; in the fence-signalling path */
	bool running;		/* between trn_irq_start() and trn_irq_stop() */
	bool flooded;		/* the last pass found a full ring and left it disarmed */
	u32 ci;			/* entries consumed, free-running */
	struct trn_event *entries;
	dma_addr_t dma;
};

static u32 trn_eq_reg(struct trn_event_queue *eq, u32 reg)
{
	const struct trn_geometry *geo = &eq->tdev->geo;

	return geo->eq_base + eq->index * geo->eq_stride + reg;
}

static size_t trn_eq_bytes(const struct trn_event_queue *eq)
{
	return sizeof(struct trn_event) << eq->log2_size;
}

static struct trn_event *trn_eq_head(const struct trn_event_queue *eq)
{
	return &eq->entries[eq->ci & (BIT(eq->log2_size) - 1)];
}

/* The phase is 1 on the first lap, then 0, 1, ... */
static bool trn_eq_has_entry(const struct trn_event_queue *eq, u32 w0)
{
	bool phase = !((eq->ci >> eq->log2_size) & 1);

	return FIELD_GET(TRNX_EVENT_W0_PHASE, w0) == phase;
}

/* Events were lost: check every queue for completions and errors. */
static void trn_eq_overflow(struct trn_event_queue *eq, u32 status)
{
	struct trn_device *tdev = eq->tdev;

	drm_err_ratelimited(&tdev->drm, "event queue %u: events lost, status %#x\n", eq->index,
			    status);
	trnx_write(tdev, trn_eq_reg(eq, TRNX_EQ_STATUS), status);
	tdev->upcalls->events_lost(tdev);
}

/* Consume at most one ring of entries. Returns true if the ring was full. */
static bool trn_eq_take_locked(struct trn_event_queue *eq)
{
	u32 mask = BIT(eq->log2_size) - 1;
	u32 num;

	lockdep_assert_held(&eq->lock);

	for (num = 0; num <= mask; num++) {
		struct trn_event *event = trn_eq_head(eq);
		u32 w0 = le32_to_cpu(READ_ONCE(event->w0));

		if (!trn_eq_has_entry(eq, w0))
			return false;
		/* Phase before the rest; pairs with the device writing the phase last. */
		dma_rmb();
		eq->tdev->upcalls->event(eq->tdev, eq->index, FIELD_GET(TRNX_EVENT_W0_TYPE, w0),
					 le32_to_cpu(event->w1));
		eq->ci++;
		/* Free entries twice per lap, so that a busy device finds room. */
		if (!(eq->ci & (mask >> 1)))
			trnx_write(eq->tdev, trn_eq_reg(eq, TRNX_EQ_CI), eq->ci);
	}
	return true;
}

static void trn_eq_service_locked(struct trn_event_queue *eq)
{
	struct trn_device *tdev = eq->tdev;
	u32 status;

	lockdep_assert_held(&eq->lock);

	eq->flooded = trn_eq_take_locked(eq);
	status = trnx_read(tdev, trn_eq_reg(eq, TRNX_EQ_STATUS));
	if (status && !trn_io_is_gone(status))
		trn_eq_overflow(eq, status);
	/* An armed event queue would raise the next interrupt at once. */
	if (eq->flooded)
		mod_delayed_work(tdev->wq, &tdev->irq_check_work, TRN_CHECK_MIN);
	else
		trnx_write(tdev, trn_eq_reg(eq, TRNX_EQ_ARM), eq->ci);
}

static irqreturn_t trn_irq_thread(int irq, void *arg)
{
	bool cookie = dma_fence_begin_signalling();
	struct trn_event_queue *eq = arg;

	mutex_lock(&eq->lock);
	if (eq->running)
		trn_eq_service_locked(eq);
	mutex_unlock(&eq->lock);
	dma_fence_end_signalling(cookie);
	return IRQ_HANDLED;
}

/* Consume entries that came without an interrupt. */
static void trn_eq_check(struct trn_event_queue *eq)
{
	mutex_lock(&eq->lock);
	if (eq->running &&
	    (eq->flooded || trn_eq_has_entry(eq, le32_to_cpu(READ_ONCE(trn_eq_head(eq)->w0)))))
		trn_eq_service_locked(eq);
	mutex_unlock(&eq->lock);
}

static void trn_irq_check_work(struct work_struct *work)
{
	struct trn_device *tdev = container_of(to_delayed_work(work), struct trn_device,
					       irq_check_work);
	bool cookie = dma_fence_begin_signalling();
	unsigned long pause = min(2 * READ_ONCE(tdev->irq_check_pause), TRN_CHECK_MAX);
	unsigned int i;

	WRITE_ONCE(tdev->irq_check_pause, pause);
	for (i = 0; i < tdev->num_eqs; i++)
		trn_eq_check(&tdev->eqs[i]);
	if (atomic_read(&tdev->num_owed))
		queue_delayed_work(tdev->wq, &tdev->irq_check_work, pause);
	dma_fence_end_signalling(cookie);
}

/* One more event is outstanding. */
void trn_irq_expect(struct trn_device *tdev)
{
	atomic_inc(&tdev->num_owed);
	if (READ_ONCE(tdev->irq_check_pause) <= TRN_CHECK_MIN) {
		queue_delayed_work(tdev->wq, &tdev->irq_check_work, TRN_CHECK_MIN);
		return;
	}
	WRITE_ONCE(tdev->irq_check_pause, TRN_CHECK_MIN);
	mod_delayed_work(tdev->wq, &tdev->irq_check_work, TRN_CHECK_MIN);
}

/* An outstanding event has arrived, or is no longer needed. */
void trn_irq_unexpect(struct trn_device *tdev)
{
	atomic_dec(&tdev->num_owed);
}

static void trn_eq_start_locked(struct trn_event_queue *eq)
{
	struct trn_device *tdev = eq->tdev;

	lockdep_assert_held(&eq->lock);

	memset(eq->entries, 0, trn_eq_bytes(eq));
	eq->ci = 0;
	eq->flooded = false;
	trnx_write(tdev, trn_eq_reg(eq, TRNX_EQ_CTRL), 0);
	trnx_write64(tdev, trn_eq_reg(eq, TRNX_EQ_BASE_ADDR), eq->dma | TRN_CHIP_HOST);
	trnx_write(tdev, trn_eq_reg(eq, TRNX_EQ_SIZE), eq->log2_size);
	if (tdev->geo.features & TRNX_FEAT_COALESCING)
		trnx_write(tdev, trn_eq_reg(eq, TRNX_EQ_MODERATION), TRN_EQ_MODERATION_NS);
	trnx_write(tdev, trn_eq_reg(eq, TRNX_EQ_CTRL), TRNX_EQ_CTRL_ENABLE);
	trnx_write(tdev, trn_eq_reg(eq, TRNX_EQ_ARM), 0);
}

/* Program the event queues, at probe and after trn_irq_stop(). */
void trn_irq_start(struct trn_device *tdev)
{
	unsigned int i;

	for (i = 0; i < tdev->num_eqs; i++) {
		struct trn_event_queue *eq = &tdev->eqs[i];

		mutex_lock(&eq->lock);
		trn_eq_start_locked(eq);
		eq->running = true;
		mutex_unlock(&eq->lock);
		enable_irq(eq->irq);
	}
}

/* After this call no event handler runs, and none starts. */
void trn_irq_stop(struct trn_device *tdev)
{
	unsigned int i;

	for (i = 0; i < tdev->num_eqs; i++) {
		struct trn_event_queue *eq = &tdev->eqs[i];

		disable_irq(eq->irq);
		mutex_lock(&eq->lock);
		eq->running = false;
		trnx_write(tdev, trn_eq_reg(eq, TRNX_EQ_CTRL), 0);
		mutex_unlock(&eq->lock);
	}
}

/* Choose the event queue of a hardware queue; neighbours get different ones. */
u32 trn_irq_pick(struct trn_device *tdev, u32 engine, u32 hw_queue)
{
	return (engine + hw_queue) % tdev->num_eqs;
}

/* Interrupts stay disabled until trn_irq_start(). */
static int trn_eq_init(struct trn_device *tdev, u32 index)
{
	/* A queue has at most one completion event and one error event pending. */
	u32 entries = 2 * trn_hw_index(tdev->geo.num_engines, 0);
	struct trn_event_queue *eq = &tdev->eqs[index];
	int ret;

	eq->tdev = tdev;
	eq->index = index;
	mutex_init(&eq->lock);
	eq->log2_size = clamp(order_base_2(entries), TRNX_EQ_SIZE_MIN, TRNX_EQ_SIZE_MAX);
	eq->irq = pci_irq_vector(tdev->pdev, index);
	eq->entries = dma_alloc_coherent(tdev->drm.dev, trn_eq_bytes(eq), &eq->dma, GFP_KERNEL);
	if (!eq->entries)
		return -ENOMEM;
	ret = request_threaded_irq(eq->irq, NULL, trn_irq_thread, IRQF_ONESHOT | IRQF_NO_AUTOEN,
				   "trn", eq);
	if (ret)
		dma_free_coherent(tdev->drm.dev, trn_eq_bytes(eq), eq->entries, eq->dma);
	return ret;
}

static void trn_eq_fini(struct trn_event_queue *eq)
{
	free_irq(eq->irq, eq);
	mutex_destroy(&eq->lock);
	dma_free_coherent(eq->tdev->drm.dev, trn_eq_bytes(eq), eq->entries, eq->dma);
}

static void trn_irq_fini_first(struct trn_device *tdev, unsigned int num)
{
	while (num--)
		trn_eq_fini(&tdev->eqs[num]);
	pci_free_irq_vectors(tdev->pdev);
	kfree(tdev->eqs);
	tdev->eqs = NULL;
}

/* Allocate vectors and memory. Interrupts start with trn_irq_start(). */
int trn_irq_init(struct trn_device *tdev)
{
	unsigned int max = min_t(unsigned int, tdev->geo.num_event_queues, num_online_cpus());
	int num, ret, i;

	num = pci_alloc_irq_vectors(tdev->pdev, 1, max, PCI_IRQ_MSIX);
	if (num < 0) {
		drm_err(&tdev->drm, "no MSI-X vector: %d\n", num);
		return num;
	}
	tdev->eqs = kcalloc(num, sizeof(*tdev->eqs), GFP_KERNEL);
	if (!tdev->eqs) {
		pci_free_irq_vectors(tdev->pdev);
		return -ENOMEM;
	}
	INIT_DELAYED_WORK(&tdev->irq_check_work, trn_irq_check_work);
	tdev->irq_check_pause = TRN_CHECK_MIN;
	for (i = 0; i < num; i++) {
		ret = trn_eq_init(tdev, i);
		if (ret) {
			trn_irq_fini_first(tdev, i);
			return ret;
		}
	}
	tdev->num_eqs = num;
	return 0;
}

/* After trn_irq_stop(). */
void trn_irq_fini(struct trn_device *tdev)
{
	cancel_delayed_work_sync(&tdev->irq_check_work);
	trn_irq_fini_first(tdev, tdev->num_eqs);
}
