/* Why licences are left out of a scan: one table for the command line, the console and what is kept of a count. */
#ifndef GATEWAY_SCAN_WORDS_H
#define GATEWAY_SCAN_WORDS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct scan_counts;

#define SCAN_REASONS_MAX 11
/* The i-th reason: its key and its words in English; NULL after the last. *count of it, when counts is given. */
const char *scan_reason(size_t i, const char **words, const struct scan_counts *counts, int64_t *count);
/* {reason: licences} of all of them. */
json_t *scan_left_out(const struct scan_counts *counts);

#endif
