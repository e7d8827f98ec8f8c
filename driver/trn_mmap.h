/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_MMAP_H
#define TRN_MMAP_H

struct file;
struct vm_area_struct;

int trn_mmap(struct file *filp, struct vm_area_struct *vma);

#endif /* TRN_MMAP_H */
