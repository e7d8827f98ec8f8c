/* SPDX-License-Identifier: MIT */
/*
 * A writer of JSON on stdout. Inside an object every value has a @name; in an
 * array, and at the top, it is NULL. Closing the outermost ends the line.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

void json_open(const char *name, char bracket);		/* '{' or '[' */
void json_close(char bracket);				/* '}' or ']' */
void json_string(const char *name, const char *value);
void json_u64(const char *name, uint64_t value);
void json_real(const char *name, double value);
void json_bool(const char *name, bool value);

#endif /* JSON_H */
