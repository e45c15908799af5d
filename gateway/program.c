/* Finds `huizhi`. */
#include "gateway/program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
program_find(char *out, size_t room)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return -1;
	self[n] = '\0';
	char *slash = strrchr(self, '/');
	if (slash == NULL)
		return -1;
	*slash = '\0';
	(void)snprintf(out, room, "%s/huizhi", self);
	if (access(out, X_OK) == 0)
		return 0;
	(void)snprintf(out, room, "%s/../bin/huizhi", self);
	return access(out, X_OK);
}
