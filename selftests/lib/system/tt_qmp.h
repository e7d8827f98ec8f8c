/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's side of the device, from inside the guest: a QMP monitor on the
 * virtio port "trn.qmp", where tools/check gives the guest one.
 */
#ifndef TT_QMP_H
#define TT_QMP_H

#include "tt_test.h"

/* A file for the calls below, or -ENOENT: the guest has no monitor. */
int tt_qmp_open(void);
/* One command, @arguments in JSON or ""; -EREMOTEIO if it was refused. */
int tt_qmp_execute(int qmp, const char *command, const char *arguments);
/* A property of the device that is called trn0; @value in JSON. */
int tt_qmp_set(int qmp, const char *property, const char *value);
int tt_qmp_set_number(int qmp, const char *property, uint32_t value);

#endif /* TT_QMP_H */
