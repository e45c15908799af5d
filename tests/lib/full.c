/*
 * A full disk for one PostgreSQL cluster, on any machine and without mounting anything: preloaded into the server, it
 * lets no file of a table grow while the file named by HUIZHI_FULL exists. What is written in place goes through, as on
 * a real full disk, and so does the log, which has its segments already.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static bool
full(int fd, off64_t offset)
{
	const char *flag = getenv("HUIZHI_FULL");
	char name[64], path[4096];
	struct stat64 st;

	if (flag == NULL || access(flag, F_OK) != 0 || fstat64(fd, &st) != 0 || !S_ISREG(st.st_mode) || offset < st.st_size)
		return false;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(name, path, sizeof(path) - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	return strstr(path, "/base/") != NULL;
}

#define GUARD(result, name, args, call)                                                                                \
	result name args                                                                                                   \
	{                                                                                                                  \
		static result(*real) args;                                                                                     \
		if (real == NULL)                                                                                              \
			*(void **)&real = dlsym(RTLD_NEXT, #name);                                                                 \
		if (full(fd, offset)) {                                                                                        \
			errno = ENOSPC;                                                                                            \
			return -1;                                                                                                 \
		}                                                                                                              \
		return real call;                                                                                              \
	}

GUARD(ssize_t, pwrite, (int fd, const void *octets, size_t len, off_t offset), (fd, octets, len, offset))
GUARD(ssize_t, pwrite64, (int fd, const void *octets, size_t len, off64_t offset), (fd, octets, len, offset))
GUARD(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t offset), (fd, v, n, offset))
GUARD(ssize_t, pwritev64, (int fd, const struct iovec *v, int n, off64_t offset), (fd, v, n, offset))
