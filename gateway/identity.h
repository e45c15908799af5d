/* The identity question: the last six characters of an identity or credit number, compared as people type them. Pure.
 */
#ifndef GATEWAY_HTTP_IDENTITY_H
#define GATEWAY_HTTP_IDENTITY_H

#include <stdbool.h>

#define IDENTITY_TAIL 6

/*
 * Full-width letters and digits to ASCII, capitals, spaces and dashes out. out gets the result when it has exactly six
 * letters and digits. 0, or -1: it was not a try at all, and nobody counts it.
 */
int identity_typed(const char *typed, char out[IDENTITY_TAIL + 1]);
/* typed: from identity_typed. number: as on file. In constant time. */
bool identity_matches(const char *typed, const char *number);

#endif
