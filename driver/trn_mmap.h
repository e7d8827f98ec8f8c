/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_MMAP_H
#define TRN_MMAP_H

#include <linux/types.h>

struct file;
struct trn_queue;
struct trn_uqueue;
struct vm_area_struct;

u64 trn_mmap_doorbell_offset(const struct trn_queue *queue);
u64 trn_mmap_record_offset(const struct trn_queue *queue);
void trn_mmap_close_doorbell(struct trn_uqueue *uq);
int trn_vma_forbid_exec(struct vm_area_struct *vma);
int trn_mmap(struct file *filp, struct vm_area_struct *vma);

#endif /* TRN_MMAP_H */
