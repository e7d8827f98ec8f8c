/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space of the device. */
#ifndef HW_MISC_TRN_CONFIG_H
#define HW_MISC_TRN_CONFIG_H

#include "trn-device.h"

/* Identity, capabilities and MSI-X. The BARs exist. */
bool trn_config_init(TrnState *s, Error **errp);

/* Takes MSI-X and the capabilities away. trn_config_free() follows. */
void trn_config_exit(TrnState *s);

/* Frees what trn_config_exit() left: no vCPU accesses the MSI-X table. */
void trn_config_free(TrnState *s);

uint32_t trn_config_read(PCIDevice *pdev, uint32_t addr, int len);
void trn_config_write(PCIDevice *pdev, uint32_t addr, uint32_t val, int len);

/* Bus mastering of the chip follows the command register. */
void trn_config_update_bus_master(TrnState *s);

#endif /* HW_MISC_TRN_CONFIG_H */
