/*
 * Fuzz target of multipart/form-data: the first line is the Content-Type, the rest the body. Parts lie inside the body,
 * in order, and their names are what names may be.
 *
 * links: gateway/http/multipart.c
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/multipart.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *eol = memchr(data, '\n', size);
	size_t head = eol ? (size_t)(eol - data) : size;
	char *type = malloc(head + 1), *body;
	struct multipart m;

	memcpy(type, data, head);
	type[head] = '\0';
	size -= eol ? head + 1 : head;
	body = malloc(size ? size : 1); /* of its own size: a look behind its end is seen */
	if (size)
		memcpy(body, eol + 1, size);
	int rc = multipart_parse(&m, type, body, size);
	if (rc != 0 && m.count != 0)
		abort();
	const char *last = body;
	for (size_t i = 0; i < m.count; i++) {
		const struct multipart_part *p = &m.parts[i];
		if (p->data < last || p->data + p->len > body + size || p->name[0] == '\0' ||
			strlen(p->name) > MULTIPART_NAME_MAX)
			abort();
		last = p->data + p->len;
	}
	free(type);
	free(body);
	return 0;
}
