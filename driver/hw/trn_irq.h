/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_IRQ_H
#define TRN_IRQ_H

#include <linux/types.h>

struct trn_device;

int trn_irq_init(struct trn_device *tdev);
void trn_irq_fini(struct trn_device *tdev);
void trn_irq_start(struct trn_device *tdev);
void trn_irq_stop(struct trn_device *tdev);
void trn_irq_expect(struct trn_device *tdev);
void trn_irq_unexpect(struct trn_device *tdev);
u32 trn_irq_pick(struct trn_device *tdev, u32 engine, u32 hw_queue);

#endif /* TRN_IRQ_H */
