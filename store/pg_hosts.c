/*
 * Several database hosts in one connection string. libpq tries them in order, but without blocking it never leaves a
 * host that swallows packets; so after an attempt that ran out of time the next one begins with another host.
 */
#include <string.h>
#include "store/pg_internal.h"

int
pg_hosts_count(const char *list)
{
	int n = 1;

	if (list == NULL || *list == '\0')
		return 0;
	for (; *list; list++)
		n += *list == ',';
	return n;
}

char *
pg_hosts_turn(const char *list, int by)
{
	int n = pg_hosts_count(list);
	const char *rest = list;
	size_t len, tail;
	char *out;

	if (n == 0)
		return NULL;
	for (by %= n; by > 0; by--)
		rest = strchr(rest, ',') + 1;
	len = strlen(list);
	out = pg_alloc(len + 2);
	tail = strlen(rest);
	memcpy(out, rest, tail);
	if (rest != list) {
		out[tail] = ',';
		/* the head without the comma that closed it */
		memcpy(out + tail + 1, list, (size_t)(rest - list) - 1);
	}
	out[len] = '\0';
	return out;
}
