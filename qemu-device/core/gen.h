/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chip generations, as rows of a table (HW appendix A). */
#ifndef TRN_CORE_GEN_H
#define TRN_CORE_GEN_H

#include "timing.h"

typedef struct TrnGeneration {
    const char *name;           /* QOM type */
    const char *desc;
    unsigned number;            /* TRNX_ID_GENERATION */
    uint16_t device_id;
    uint64_t hbm_usable;        /* bytes of a stack */
    TrnTimingModel timing;
} TrnGeneration;

extern const TrnGeneration trn_generations[];
extern const unsigned trn_num_generations;

#endif /* TRN_CORE_GEN_H */
