/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest.h"

static uint32_t choice(void)
{
    return read32(GUEST_CHOICE);
}

void guest_main(void)
{
    switch (choice()) {
    case GUEST_ICOUNT:
        guest_icount();
        break;
    case GUEST_UNPLUG:
        guest_unplug();
        break;
    case GUEST_CODE:
        guest_code();
        break;
    }
}

/* On the second processor, once the first has started it. */
void guest_ap(void)
{
    if (choice() == GUEST_UNPLUG) {
        guest_unplug_ap();
    }
}
