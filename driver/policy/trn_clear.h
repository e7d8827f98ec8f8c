/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_CLEAR_H
#define TRN_CLEAR_H

#include <linux/mutex.h>

struct trn_bo;
struct trn_device;
struct trn_queue;

/* Queue of the driver that clears memory of one HBM stack. */
struct trn_clear_queue {
	struct mutex lock;		/* protects queue */
	struct trn_queue *queue;	/* NULL until the first use */
};

int trn_clear_init(struct trn_device *tdev);
void trn_clear_fini(struct trn_device *tdev);
int trn_clear(struct trn_bo *bo);

#endif /* TRN_CLEAR_H */
