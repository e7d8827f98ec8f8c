// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "place.h"
#include "units.h"

const char *place_name(struct place place, char name[PLACE_NAME_MAX])
{
	if (place.host)
		snprintf(name, PLACE_NAME_MAX, "host");
	else
		snprintf(name, PLACE_NAME_MAX, "hbm:%u", place.stack);
	return name;
}

bool parse_place(const char *text, struct place *place)
{
	*place = (struct place){ .host = !strcmp(text, "host") };
	if (place->host || !strcmp(text, "hbm"))
		return true;
	return !strncmp(text, "hbm:", 4) && parse_u32(text + 4, 63, &place->stack);
}
