/* SPDX-License-Identifier: MIT */
/* Places of memory, as the command line names them. */
#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>
#include <stdint.h>

struct place {
	bool host;
	uint32_t stack;		/* HBM: number of the stack */
};

#define PLACE_NAME_MAX 16
const char *place_name(struct place place, char name[PLACE_NAME_MAX]);

/* "host", "hbm" (stack 0) or "hbm:STACK" */
bool parse_place(const char *text, struct place *place);

#endif /* PLACE_H */
