/* What the fuzz targets share: what must hold, and whether a text could be shown to people. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dialog/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert: no build may leave it out. */
static inline void
must(bool good)
{
	if (!good)
		abort();
}

/* Is it UTF-8? Who asks links dialog/utf8.c. */
static inline bool
readable(const char *text)
{
	return utf8_valid(text, strlen(text), NULL);
}

#endif
