/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mbox.h"
#include "../chip.h"
#include "crc32c.h"

#define REQUEST_HEADER      8
#define RESPONSE_HEADER     4
#define POWER_SAMPLE_NS     10000000ull /* below the 50 ms of a reader, HW 12 */
#define MAX_MESSAGE         0xffff

/* A message in memory, as both protocols have it (HW 6.4). */
typedef struct TrnRequest {
    uint8_t seq;
    uint8_t cmd;
    uint8_t *payload;
    size_t len;
} TrnRequest;

typedef struct TrnResponse {
    uint8_t error;
    uint8_t *payload;
    size_t len;
    size_t room;
} TrnResponse;

static uint32_t *mbox_word(TrnChip *chip, uint32_t offset)
{
    return &chip->mbox.ram[offset / 4];
}

/* DMA engines write words as well, on their workers. */
static uint32_t mbox_get(TrnChip *chip, uint32_t offset)
{
    return TRN_LOAD_ACQUIRE(mbox_word(chip, offset));
}

static void mbox_set(TrnChip *chip, uint32_t offset, uint32_t value)
{
    TRN_STORE_RELEASE(mbox_word(chip, offset), value);
}

static uint64_t mbox_two_words(TrnChip *chip, uint32_t high, uint32_t low)
{
    return mbox_get(chip, low) | (uint64_t)mbox_get(chip, high) << 32;
}

void trn_mbox_init(TrnChip *chip)
{
    mbox_set(chip, TRN_MISC_API_VERSION, chip->cfg.fw_api_version);
    mbox_set(chip, TRN_MISC_DEVICE_ID, chip->cfg.routing_id);
}

void trn_mbox_reset(TrnChip *chip)
{
    memset(mbox_word(chip, TRN_MBOX_STATUS_SIZE), 0,
           sizeof(chip->mbox.ram) - TRN_MBOX_STATUS_SIZE);
}

uint32_t trn_mbox_status(TrnChip *chip, uint32_t offset)
{
    return mbox_get(chip, offset);
}

uint64_t trn_mbox_serial(TrnChip *chip)
{
    return trn_mbox_status(chip, TRN_MISC_SERIAL_LO) |
           (uint64_t)trn_mbox_status(chip, TRN_MISC_SERIAL_HI) << 32;
}

void trn_mbox_set_status(TrnChip *chip, uint32_t offset, uint32_t mask,
                         uint32_t value)
{
    mbox_set(chip, offset, (mbox_get(chip, offset) & ~mask) | value);
}

/* The sampler counts on: a sample is valid only if it moved (HW 12). */
static uint32_t mbox_power_word(TrnChip *chip, uint32_t offset)
{
    uint16_t n = chip->bus->now(chip->opaque) / POWER_SAMPLE_NS;

    return mbox_get(chip, offset) | (uint32_t)n << 16;
}

uint32_t trn_mbox_read(TrnChip *chip, uint32_t offset)
{
    if (trn_errinj_take(&chip->errinj.not_ready)) {
        return TRN_MISC_NOT_READY;
    }
    if (offset == TRN_MISC_POWER_DIE(0) || offset == TRN_MISC_POWER_DIE(1)) {
        return mbox_power_word(chip, offset);
    }
    return mbox_get(chip, offset);
}

/* --- commands --- */

/* Array of 64-bit chip addresses to array of 32-bit values (HW 6.5). */
static uint8_t mbox_read_registers(TrnChip *chip, const TrnRequest *req,
                                   TrnResponse *resp)
{
    size_t n = req->len / 8;

    if (req->len % 8 || n * 4 > resp->room) {
        return TRN_FW_FAILED;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t addr = trn_get_le64(req->payload + i * 8);
        TrnTarget t = trn_addrmap_chip(addr, trn_chip_hbm_usable(chip));

        if (t.kind != TRN_TARGET_APB || (addr & 3)) {
            trn_log(chip, TRN_LOG_GUEST_ERROR,
                    "mailbox: no register at 0x%" PRIx64, addr);
            return TRN_FW_FAILED;
        }
        trn_put_le32(resp->payload + i * 4, trn_chip_dma_read(chip, t.offset));
    }
    resp->len = n * 4;
    return TRN_FW_OK;
}

/* Metrics have no reader; a power profile changes nothing in the model. */
static uint8_t mbox_accept_only(TrnChip *chip, const TrnRequest *req,
                                TrnResponse *resp)
{
    trn_log_once(chip, TRN_ONCE_FW_METRICS, TRN_LOG_UNIMP,
                 "mailbox: command %u accepted without effect", req->cmd);
    resp->len = 0;
    return TRN_FW_OK;
}

typedef uint8_t TrnCommand(TrnChip *chip, const TrnRequest *req,
                           TrnResponse *resp);

static TrnCommand *const commands[] = {
    [TRN_FW_CMD_READ_REGS] = mbox_read_registers,
    [TRN_FW_CMD_POST_METRICS] = mbox_accept_only,
    [TRN_FW_CMD_POWER_PROFILE] = mbox_accept_only,
};

/* @header: the eight bytes, as received. */
static bool mbox_crc_matches(const uint8_t *header, const TrnRequest *req)
{
    uint8_t zero_crc[REQUEST_HEADER] = { 0 };
    uint32_t crc;

    memcpy(zero_crc, header, 4);
    crc = trn_crc32c(0, zero_crc, sizeof(zero_crc));
    return trn_crc32c(crc, req->payload, req->len) == trn_get_le32(header + 4);
}

static void mbox_execute(TrnChip *chip, const uint8_t *header,
                         const TrnRequest *req, TrnResponse *resp)
{
    TrnMboxFault fault = chip->errinj.mbox_fault;

    if (fault == TRN_MBOX_FAULT_FAILED) {
        resp->error = TRN_FW_FAILED;
    } else if (fault == TRN_MBOX_FAULT_UNKNOWN) {
        resp->error = TRN_FW_UNKNOWN_CMD;
    } else if (fault == TRN_MBOX_FAULT_CRC || !mbox_crc_matches(header, req)) {
        trn_log(chip, TRN_LOG_GUEST_ERROR,
                "mailbox: request %u has a wrong CRC", req->seq);
        resp->error = TRN_FW_FAILED;
    } else if (req->cmd >= ARRAY_SIZE(commands) || !commands[req->cmd]) {
        trn_log(chip, TRN_LOG_GUEST_ERROR, "mailbox: unknown command %u",
                req->cmd);
        resp->error = TRN_FW_UNKNOWN_CMD;
    } else {
        resp->error = commands[req->cmd](chip, req, resp);
    }
    if (resp->error) {
        resp->len = 0;
    }
}

static uint32_t mbox_response_header(const TrnChip *chip, const TrnRequest *req,
                                     const TrnResponse *resp)
{
    unsigned other = chip->errinj.mbox_fault == TRN_MBOX_FAULT_SEQUENCE;

    return trn_field_prep(TRN_FW_HDR_SEQ, req->seq + other) |
           trn_field_prep(TRN_FW_HDR_CMD, resp->error) |
           trn_field_prep(TRN_FW_HDR_SIZE, RESPONSE_HEADER + resp->len);
}

/* --- new style: everything in registers (HW 6.5) --- */

static void mbox_new_style(TrnChip *chip)
{
    uint32_t first = mbox_get(chip, TRN_MISC_REQ_HI);
    size_t size = trn_field_get(TRN_FW_HDR_SIZE, first);
    uint8_t header[REQUEST_HEADER], in[TRN_MISC_DATA_SIZE];
    uint8_t out[TRN_MISC_DATA_SIZE] = { 0 };
    TrnRequest req = {
        .seq = trn_field_get(TRN_FW_HDR_SEQ, first),
        .cmd = trn_field_get(TRN_FW_HDR_CMD, first),
        .payload = in,
    };
    TrnResponse resp = { .payload = out, .room = sizeof(out) };

    trn_put_le32(header, first);
    trn_put_le32(header + 4, mbox_get(chip, TRN_MISC_REQ_LO));
    for (unsigned i = 0; i < TRN_MISC_DATA_SIZE; i += 4) {
        trn_put_le32(in + i, mbox_get(chip, TRN_MISC_DATA + i));
    }
    if (size < REQUEST_HEADER || size - REQUEST_HEADER > sizeof(in)) {
        trn_log(chip, TRN_LOG_GUEST_ERROR, "mailbox: request of %zu bytes",
                size);
        resp.error = TRN_FW_FAILED;
    } else {
        req.len = size - REQUEST_HEADER;
        mbox_execute(chip, header, &req, &resp);
    }
    for (unsigned i = 0; i < resp.len; i += 4) {
        mbox_set(chip, TRN_MISC_DATA + i, trn_get_le32(out + i));
    }
    mbox_set(chip, TRN_MISC_REQ_HI, mbox_response_header(chip, &req, &resp));
    mbox_set(chip, TRN_MISC_ACK, 0);
}

/* --- old style: buffers in host memory (HW 6.4) --- */

/*
 * Buffers must be in memory. A response written to registers could be the next
 * request, and its response the one after: an endless loop.
 */
static bool mbox_is_memory(TrnChip *chip, uint64_t addr, size_t len)
{
    while (len) {
        TrnTarget t = trn_addrmap_chip(addr, trn_chip_hbm_usable(chip));
        size_t n = MIN(len, t.avail);

        if (t.kind == TRN_TARGET_NEIGHBOUR) {
            t = trn_addrmap_chip(t.offset, TRN_HBM_STACK_SIZE);
            n = MIN(n, t.avail);
        }
        if (t.kind == TRN_TARGET_APB) {
            return false;
        }
        addr += n;
        len -= n;
    }
    return true;
}

static bool mbox_write_response(TrnChip *chip, uint64_t to, uint32_t header,
                                const TrnResponse *resp)
{
    uint8_t word0[RESPONSE_HEADER];

    trn_put_le32(word0, header);
    if (!mbox_is_memory(chip, to, RESPONSE_HEADER + resp->len)) {
        return false;
    }
    if (resp->len && !trn_mem_write(chip, to + RESPONSE_HEADER, resp->payload,
                                    resp->len, NULL)) {
        return false;
    }
    trn_wmb(); /* the guest polls the sequence number, then reads the rest */
    return trn_mem_write(chip, to, word0, RESPONSE_HEADER, NULL);
}

static void mbox_run_old_style(TrnChip *chip, uint8_t *in, uint8_t *out)
{
    uint64_t from = mbox_two_words(chip, TRN_MISC_REQ_HI, TRN_MISC_REQ_LO);
    uint64_t to = mbox_two_words(chip, TRN_MISC_RESP_HI, TRN_MISC_RESP_LO);
    TrnRequest req = { .payload = in + REQUEST_HEADER };
    TrnResponse resp = {
        .payload = out, .room = MAX_MESSAGE - RESPONSE_HEADER,
    };
    size_t size;

    if (!mbox_is_memory(chip, from, REQUEST_HEADER) ||
        !trn_mem_read(chip, from, in, REQUEST_HEADER, NULL)) {
        trn_log(chip, TRN_LOG_GUEST_ERROR,
                "mailbox: no request at 0x%" PRIx64, from);
        return;
    }
    req.seq = in[0];
    req.cmd = in[1];
    size = in[2] | in[3] << 8;
    if (size < REQUEST_HEADER || !mbox_is_memory(chip, from, size) ||
        !trn_mem_read(chip, from + REQUEST_HEADER, req.payload,
                      size - REQUEST_HEADER, NULL)) {
        trn_log(chip, TRN_LOG_GUEST_ERROR, "mailbox: request of %zu bytes",
                size);
        resp.error = TRN_FW_FAILED;
    } else {
        req.len = size - REQUEST_HEADER;
        mbox_execute(chip, in, &req, &resp);
    }

    if (!mbox_write_response(chip, to, mbox_response_header(chip, &req, &resp),
                             &resp)) {
        trn_log(chip, TRN_LOG_GUEST_ERROR,
                "mailbox: no response buffer at 0x%" PRIx64, to);
    }
}

static void mbox_old_style(TrnChip *chip)
{
    uint8_t *buffers = calloc(2, MAX_MESSAGE + 1);

    if (!buffers) {
        return;     /* no answer, which the driver's retry is for */
    }
    mbox_run_old_style(chip, buffers, buffers + MAX_MESSAGE + 1);
    free(buffers);
}

/* --- trigger --- */

/* HW 6.5: selection of the protocol. HW 7.2: resets. */
static void mbox_trigger(TrnChip *chip)
{
    uint32_t reset = mbox_get(chip, TRN_MISC_RESET);
    uint32_t map = mbox_get(chip, TRN_MISC_RESET_MAP);
    bool silent = chip->errinj.mbox_fault == TRN_MBOX_FAULT_SILENT;

    mbox_set(chip, TRN_MISC_TRIGGER, silent);
    if (silent) {
        return;
    }
    if (reset) {
        mbox_set(chip, TRN_MISC_RESET, 0);
        if (reset == TRN_MISC_RESET_DEVICE) {
            trn_reset_map(chip, 0);
        } else if (reset == TRN_MISC_RESET_PARTIAL && map) {
            trn_reset_map(chip, map);
        } else {
            trn_log(chip, TRN_LOG_GUEST_ERROR, "mailbox: reset command 0x%x",
                    reset);
        }
    } else if (mbox_get(chip, TRN_MISC_ACK) == 1 ||
               !mbox_two_words(chip, TRN_MISC_RESP_HI, TRN_MISC_RESP_LO)) {
        mbox_new_style(chip);
    } else {
        mbox_old_style(chip);
    }
}

void trn_mbox_write(TrnChip *chip, uint32_t offset, uint32_t value)
{
    if (offset == TRN_MISC_TRIGGER) {
        if (value) {
            mbox_trigger(chip);
        }
    } else if (offset >= TRN_MBOX_STATUS_SIZE && offset != TRN_MISC_FW_STATUS) {
        mbox_set(chip, offset, value);
    }
}
