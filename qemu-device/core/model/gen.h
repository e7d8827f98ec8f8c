/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chip generations, as rows of a table (HW appendix A). */
#ifndef TRN_CORE_GEN_H
#define TRN_CORE_GEN_H

#include "timing.h"

typedef struct TrnGeneration {
    const char *desc;
    unsigned number;            /* TRNX_ID_GENERATION */
    uint16_t device_id;
    uint64_t hbm_usable;        /* bytes of a stack */
    TrnTimingModel timing;
} TrnGeneration;

enum {
    TRN_GENERATION_3,
    TRN_GENERATION_2,
    TRN_NUM_GENERATIONS,
};

extern const TrnGeneration trn_generations[TRN_NUM_GENERATIONS];

#endif /* TRN_CORE_GEN_H */
