/*
 * Fuzz target of multipart/form-data: the first line is the Content-Type, the rest the body. Parts lie inside the body,
 * in order, and their names are what names may be.
 *
 * links: gateway/http/multipart.c
 */

#include "gateway/http/multipart.h"
#include "tests/fuzz/fuzz.h"

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
	must(rc == 0 || m.count == 0);
	const char *last = body;
	for (size_t i = 0; i < m.count; i++) {
		const struct multipart_part *p = &m.parts[i];
		must(p->data >= last && p->data + p->len <= body + size);
		must(p->name[0] != '\0' && strlen(p->name) <= MULTIPART_NAME_MAX);
		last = p->data + p->len;
	}
	free(type);
	free(body);
	return 0;
}
