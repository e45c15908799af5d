/* A folder of its own for a test in C, below TMPDIR as for every other program, and its end with all that is in it. */
#ifndef TESTS_LIB_FOLDER_H
#define TESTS_LIB_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

/* Makes it; its path goes to `path`. 0, or -1 when it cannot be made or the path does not fit `size` octets. */
static inline int
folder_make(char *path, size_t size, const char *name)
{
	const char *base = getenv("TMPDIR");
	int n = snprintf(path, size, "%s/huizhi-%s.XXXXXX", base != NULL && *base != '\0' ? base : "/tmp", name);

	return n < 0 || (size_t)n >= size || mkdtemp(path) == NULL ? -1 : 0;
}

static inline int
folder_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static inline int
folder_drop(const char *path)
{
	return nftw(path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
