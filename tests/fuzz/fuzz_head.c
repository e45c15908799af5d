/*
 * Fuzz target of a request's head as the gate reads it: any octets; where it ends does not depend on what follows, and
 * every field keeps inside its place.
 *
 * links: gateway/http/head.c
 */
#include "gateway/http/head.h"

#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t end = http_head_end(text, size);
	struct http_head head;

	must(end <= size);
	if (end > 0) {
		must(text[end - 1] == '\n');
		must(http_head_end(text, end) == end);
		must(http_head_end(text, end - 1) == 0);
	}
	http_head_read(text, end > 0 ? end : size, &head);
	must(head.length >= 0);
	must(memchr(head.cookie, '\0', sizeof(head.cookie)) != NULL);
	must(memchr(head.authorization, '\0', sizeof(head.authorization)) != NULL);
	return 0;
}
