/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iofic.h"
#include "../../regs/trn_udma.h"

void trn_iofic_reset(TrnIofic *group)
{
    *group = (TrnIofic) { .mask = UINT32_MAX, .abort_mask = UINT32_MAX };
}

uint32_t trn_iofic_read(TrnIofic *group, uint32_t offset)
{
    uint32_t cause;

    switch (offset) {
    case TRN_IOFIC_CAUSE:
        cause = group->cause;
        if (group->control & TRN_IOFIC_CONTROL_CLEAR_ON_READ) {
            group->cause = 0;
        }
        return cause;
    case TRN_IOFIC_MASK:
        return group->mask;
    case TRN_IOFIC_STATUS:
        return group->status;
    case TRN_IOFIC_CONTROL:
        return group->control;
    case TRN_IOFIC_ABORT_MASK:
        return group->abort_mask;
    case TRN_IOFIC_LOG_MASK:
        return group->log_mask;
    default:
        return 0;
    }
}

void trn_iofic_write(TrnIofic *group, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case TRN_IOFIC_CAUSE:
        group->cause &= value;
        break;
    case TRN_IOFIC_CAUSE_SET:
        group->cause |= value;
        break;
    case TRN_IOFIC_MASK:
        group->mask = value;
        break;
    case TRN_IOFIC_MASK_CLEAR:
        group->mask &= value;
        break;
    case TRN_IOFIC_CONTROL:
        group->control = value;
        break;
    case TRN_IOFIC_ABORT_MASK:
        TRN_WRITE(&group->abort_mask, value);
        break;
    case TRN_IOFIC_LOG_MASK:
        group->log_mask = value;
        break;
    }
}

bool trn_iofic_raise(TrnIofic *group, uint32_t bits)
{
    group->cause |= bits;
    group->status = bits;
    return bits & ~group->abort_mask;
}
