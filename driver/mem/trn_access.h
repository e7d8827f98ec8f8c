/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_ACCESS_H
#define TRN_ACCESS_H

struct vm_area_struct;

int trn_gem_access(struct vm_area_struct *vma, unsigned long addr, void *buf, int len, int write);

#endif /* TRN_ACCESS_H */
