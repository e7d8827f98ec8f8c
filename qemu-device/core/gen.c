/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen.h"
#include "../regs/trn_chip.h"

const TrnGeneration trn_generations[] = {
    {
        .name = "trn3",
        .desc = "Trainium3 accelerator",
        .number = 3,
        .device_id = TRN_PCI_DEVICE_ID_TRN3,
        .hbm_usable = TRN_HBM_STACK_SIZE,
    },
    {
        .name = "trn2",
        .desc = "Trainium2 accelerator",
        .number = 2,
        .device_id = TRN_PCI_DEVICE_ID_TRN2,
        .hbm_usable = 0x600000000ULL,
    },
};

const unsigned trn_num_generations = ARRAY_SIZE(trn_generations);
