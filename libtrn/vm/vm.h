/* SPDX-License-Identifier: MIT */
#ifndef TRN_VM_VM_H
#define TRN_VM_VM_H

#include "base/bo.h"
#include "vm/va.h"

/* A whole BO in a VM, mapped by the library for as long as both live. */
struct trn_mapping {
	struct trn_bo *bo;
	struct trn_vm *vm;	/* no reference */
	uint64_t va;		/* of the BO's first byte */
	struct trn_mapping *next_of_bo, *next_of_vm;
};

struct trn_vm {
	atomic_uint refs;
	struct trn_device *dev;
	uint32_t id;
	struct trn_va_space space;
	struct trn_mapping *mappings;
};

/* The address of the first byte of @bo in @vm. It is mapped there, if it was not. */
int trn_mapping_get(struct trn_vm *vm, struct trn_bo *bo, uint64_t *va);

#endif /* TRN_VM_VM_H */
