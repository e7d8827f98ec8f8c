/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen.h"
#include "../../regs/trn_chip.h"

/*
 * Published: bandwidths of engines, HBM and links, and the start cost. A link
 * has a quarter of the chip's link bandwidth, half of it each way. Engines are
 * published to be bound by descriptors below 2 KiB: the minimum time is that of
 * 2 KiB. Assumed: PCI Express 5.0 and 4.0 with 16 lanes to the host, and all
 * latencies.
 */
const TrnGeneration trn_generations[TRN_NUM_GENERATIONS] = {
    [TRN_GENERATION_3] = {
        .desc = "Trainium3 accelerator",
        .number = 3,
        .device_id = TRN_PCI_DEVICE_ID_TRN3,
        .hbm_usable = TRN_HBM_STACK_SIZE,
        .timing = {
            .engine_mbps = 38400,
            .hbm_mbps = 4900000,
            .link_mbps = 320000,
            .host_mbps = 63000,
            .start_ns = 1300,
            .desc_ns = 53,
            .link_latency_ns = 400,
            .host_latency_ns = 500,
        },
    },
    [TRN_GENERATION_2] = {
        .desc = "Trainium2 accelerator",
        .number = 2,
        .device_id = TRN_PCI_DEVICE_ID_TRN2,
        .hbm_usable = 0x600000000ULL,
        .timing = {
            .engine_mbps = 27200,
            .hbm_mbps = 2900000,
            .link_mbps = 160000,
            .host_mbps = 31500,
            .start_ns = 1300,
            .desc_ns = 75,
            .link_latency_ns = 400,
            .host_latency_ns = 500,
        },
    },
};
