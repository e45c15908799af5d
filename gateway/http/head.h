/* What the head of a request says of the body behind it and of who sends it, before any of the body is read. Pure. */
#ifndef GATEWAY_HTTP_HEAD_H
#define GATEWAY_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_head {
	int64_t length; /* Content-Length; 0 = none, INT64_MAX = more than can be counted, or no number */
	bool chunked;	/* or in any other coding: nobody knows how long it is */
	char cookie[4096];
	char authorization[256];
};

/* Where the head ends, behind its empty line; 0 while it has none. */
size_t http_head_end(const char *text, size_t len);
/* text[0..len) is a whole head. A field that is longer than its place is "". */
void http_head_read(const char *text, size_t len, struct http_head *out);

#endif
