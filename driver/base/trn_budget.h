/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_BUDGET_H
#define TRN_BUDGET_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/slab.h>

/*
 * Limit of one kind of resource, of an open file or of a user, and the amount in use. Charged
 * resources may outlive the file, hence the reference count.
 */
struct trn_budget {
	struct kref ref;
	s64 limit;
	atomic64_t used;
};

static inline struct trn_budget *trn_budget_create(s64 limit)
{
	struct trn_budget *budget = kzalloc(sizeof(*budget), GFP_KERNEL_ACCOUNT);

	if (budget) {
		kref_init(&budget->ref);
		budget->limit = limit;
	}
	return budget;
}

static inline struct trn_budget *trn_budget_get(struct trn_budget *budget)
{
	kref_get(&budget->ref);
	return budget;
}

static inline void trn_budget_release(struct kref *ref)
{
	kfree(container_of(ref, struct trn_budget, ref));
}

static inline void trn_budget_put(struct trn_budget *budget)
{
	if (budget)
		kref_put(&budget->ref, trn_budget_release);
}

static inline int trn_budget_charge_up_to(struct trn_budget *budget, s64 bytes, s64 limit)
{
	if (atomic64_add_return(bytes, &budget->used) <= limit)
		return 0;
	atomic64_sub(bytes, &budget->used);
	return -EDQUOT;
}

static inline int trn_budget_charge(struct trn_budget *budget, s64 bytes)
{
	return trn_budget_charge_up_to(budget, bytes, budget->limit);
}

static inline void trn_budget_uncharge(struct trn_budget *budget, s64 bytes)
{
	atomic64_sub(bytes, &budget->used);
}

#endif /* TRN_BUDGET_H */
