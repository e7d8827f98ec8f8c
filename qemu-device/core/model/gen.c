/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen.h"
#include "../../regs/trn_chip.h"

/*
 * Bandwidths of engines, HBM and links, and the start cost, are published; a
 * link's is a quarter of the chip's, half of it each way. Below 2 KiB an engine
 * is published to be bound by descriptors: the least time is that of 2 KiB. For
 * the way to the host, PCI Express 5.0 and 4.0 with 16 lanes, and for latencies
 * nothing is published.
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
