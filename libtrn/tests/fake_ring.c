// SPDX-License-Identifier: MIT
/*
 * The device behind a doorbell page.
 *
 * Nothing may be done in the page, so a store to it faults: the page is opened for
 * this one instruction, and when that has been stepped over, its value is taken, the
 * page closed, and the rings are run. That shows each store, its width and its value,
 * and takes no thread. Counts that are not what the rings hold kill the queue, as the
 * device would.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "fake_priv.h"

#define MAX_PACKET 17

/* ---- running ---- */

void fake_queue_die(struct fake_queue *queue, int error)
{
	queue->state.state = error == ETIME ? DRM_TRN_QUEUE_STATE_TIMEDOUT :
			     error == ENODEV || error == ECANCELED ? DRM_TRN_QUEUE_STATE_LOST :
			     DRM_TRN_QUEUE_STATE_FAULTED;
	queue->state.error = -error;
	queue->state.completed = queue->s2m_done;
	queue->state.error_point = queue->state.completed + 1;
	__atomic_store_n(&queue->page->record.status, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&queue->page->error, -error, __ATOMIC_RELEASE);
	fake_wake(queue);
}

static void fault(struct fake_queue *queue, uint64_t addr, uint32_t access)
{
	queue->state.fault_code = 13;
	queue->state.fault_addr = addr;
	queue->state.fault_access = access;
	fake_queue_die(queue, EFAULT);
}

/* Descriptor @n of a ring, with the id of its lap, or the queue is dead. */
static bool fetch(struct fake_queue *queue, bool s2m, uint64_t n, struct drm_trn_desc *desc)
{
	uint64_t first = queue->ring_va + (s2m ? queue->ring_size * sizeof(*desc) : 0);
	uint64_t addr = first + n % queue->ring_size * sizeof(*desc), at;
	uint32_t id = DRM_TRN_DESC_RING_ID(n / queue->ring_size + 1);

	if (!fake_vm_read(queue->vm_id, addr, desc, sizeof(*desc), &at)) {
		fault(queue, at, s2m ? DRM_TRN_ACCESS_S2M_RING : DRM_TRN_ACCESS_M2S_RING);
		return false;
	}
	if ((desc->ctrl & DRM_TRN_DESC_RING_ID(3)) == id)
		return true;
	fake_queue_die(queue, EIO);
	return false;
}

static uint32_t length(const struct drm_trn_desc *desc)
{
	uint32_t len = desc->ctrl & DRM_TRN_DESC_LEN;

	return len ? len : DRM_TRN_DESC_MAX_LEN;
}

/* One on either side, of the same length: all that libtrn makes. */
static void run_copy(struct fake_queue *queue, const struct drm_trn_desc *m2s)
{
	char data[DRM_TRN_DESC_MAX_LEN];
	struct drm_trn_desc s2m;
	uint64_t at;

	if (!fetch(queue, true, queue->s2m_done, &s2m))
		return;
	if (length(&s2m) != length(m2s) || s2m.op ||
	    !(m2s->ctrl & DRM_TRN_DESC_FIRST) || !(m2s->ctrl & DRM_TRN_DESC_LAST)) {
		fake_queue_die(queue, EIO);
		return;
	}
	if (!fake_vm_read(queue->vm_id, m2s->addr, data, length(m2s), &at)) {
		fault(queue, at, DRM_TRN_ACCESS_SOURCE);
		return;
	}
	if (fake.corrupt)
		data[length(m2s) - 1] ^= 1;
	if (!fake_vm_write(queue->vm_id, s2m.addr, data, length(&s2m), &at)) {
		fault(queue, at, DRM_TRN_ACCESS_TARGET);
		return;
	}
	queue->m2s_done++;
	queue->s2m_done++;
}

static void run_inline(struct fake_queue *queue, const struct drm_trn_desc *meta)
{
	struct drm_trn_desc desc = *meta, s2m;
	uint64_t sources[MAX_PACKET], at;
	struct drm_trn_inline_op op;
	uint32_t count = 0;
	int err;

	if (!(meta->ctrl & DRM_TRN_DESC_META) || length(meta) != sizeof(op) || meta->addr % 8) {
		fake_queue_die(queue, EIO);
		return;
	}
	if (!fake_vm_read(queue->vm_id, meta->addr, &op, sizeof(op), &at)) {
		fault(queue, at, DRM_TRN_ACCESS_SOURCE);
		return;
	}
	while (!(desc.ctrl & DRM_TRN_DESC_LAST) && count < MAX_PACKET) {
		if (!fetch(queue, false, queue->m2s_done + 1 + count, &desc))
			return;
		sources[count++] = desc.addr;
	}
	if (!fetch(queue, true, queue->s2m_done, &s2m))
		return;
	fake.inline_ops++;
	err = fake_inline_run(queue, &op, s2m.addr, sources, count, &at);
	if (err == -EFAULT) {
		fault(queue, at, DRM_TRN_ACCESS_TARGET);
		return;
	}
	if (err) {
		fake_queue_die(queue, -err);
		return;
	}
	queue->m2s_done += 1 + count;
	queue->s2m_done++;
}

static void run_packet(struct fake_queue *queue)
{
	struct drm_trn_desc m2s;

	if (!fetch(queue, false, queue->m2s_done, &m2s))
		return;
	fake.barriers += !!(m2s.ctrl & DRM_TRN_DESC_DMB);
	switch (m2s.op) {
	case DRM_TRN_DESC_OP_COPY:
		run_copy(queue, &m2s);
		return;
	case DRM_TRN_DESC_OP_INLINE:
		run_inline(queue, &m2s);
		return;
	default:
		fake_queue_die(queue, EIO);
	}
}

void fake_ring_run(struct fake_queue *queue)
{
	uint64_t before = queue->s2m_done;

	if (queue->s2m_done < queue->s2m_tail && fake.work_error && !queue->state.error) {
		queue->state.fault_code = 7;
		queue->state.fault_addr = 0x1234;
		fake_queue_die(queue, fake.work_error);
	}
	while (queue->s2m_done < queue->s2m_tail && !queue->state.error)
		run_packet(queue);
	fake.descriptors += queue->s2m_done - before;
	queue->state.completed = queue->s2m_done;
	if (fake.late_record)
		return;
	__atomic_store_n(&queue->page->record.m2s, queue->m2s_done, __ATOMIC_RELEASE);
	__atomic_store_n(&queue->page->record.s2m, queue->s2m_done, __ATOMIC_RELEASE);
	fake_wake(queue);
}

/* ---- the page ---- */

static void rung(struct fake_queue *queue, uint32_t m2s, uint32_t s2m)
{
	fake.doorbells++;
	if (queue->state.error)
		return;
	if (queue->m2s_tail + m2s - queue->m2s_done > queue->ring_size ||
	    queue->s2m_tail + s2m - queue->s2m_done > queue->ring_size) {
		fake_queue_die(queue, EIO);
		return;
	}
	queue->m2s_tail += m2s;
	queue->s2m_tail += s2m;
	if (!fake.hold)
		fake_ring_run(queue);
}

#ifdef __x86_64__

#define TRAP_FLAG 0x100

/* The page that is open in this thread, for one instruction. */
static __thread char *open_page;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	ucontext_t *ucontext = context;
	struct fake_queue *queue;

	fake_lock();
	queue = fake_find_doorbell(info->si_addr);
	fake_unlock();
	if (!queue) {
		/* Not ours: it happens again, and ends the program as it should. */
		sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
		return;
	}
	open_page = queue->doorbell;
	mprotect(open_page, FAKE_GRANULE, PROT_READ | PROT_WRITE);
	ucontext->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void on_step(int signal, siginfo_t *info, void *context)
{
	ucontext_t *ucontext = context;
	struct fake_queue *queue;
	uint32_t *words;

	(void)signal;
	(void)info;
	fake_lock();
	ucontext->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	queue = fake_find_doorbell(open_page);
	words = (uint32_t *)(open_page + DRM_TRN_DOORBELL_BOTH);
	rung(queue, words[1], words[0]);
	memset(open_page, 0, 16);
	mprotect(open_page, FAKE_GRANULE, PROT_NONE);
	fake_unlock();
}

void fake_trap_doorbells(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	action.sa_sigaction = on_fault;
	sigaction(SIGSEGV, &action, NULL);
	action.sa_sigaction = on_step;
	sigaction(SIGTRAP, &action, NULL);
}

#else

/* Tests of user-mode queues need a machine that steps. */
void fake_trap_doorbells(void)
{
	abort();
}

#endif
