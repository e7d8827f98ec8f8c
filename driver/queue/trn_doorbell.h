/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_DOORBELL_H
#define TRN_DOORBELL_H

#include <linux/types.h>

struct trn_queue;
struct trn_uqueue;
struct vm_area_struct;

u64 trn_doorbell_offset(const struct trn_queue *queue);
u64 trn_doorbell_record_offset(const struct trn_queue *queue);
int trn_doorbell_find(u64 offset, bool *is_record);
int trn_doorbell_mmap(struct trn_uqueue *uq, struct vm_area_struct *vma, bool is_record);
void trn_doorbell_close(struct trn_uqueue *uq);

#endif /* TRN_DOORBELL_H */
