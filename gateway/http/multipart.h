/*
 * multipart/form-data (RFC 7578): the parts of a form that brings a file. Pure and strict: a body that is not exactly
 * so is refused whole. A file's name is read over: nobody here needs it.
 */
#ifndef GATEWAY_HTTP_MULTIPART_H
#define GATEWAY_HTTP_MULTIPART_H

#include <stddef.h>

#define MULTIPART_PARTS_MAX 16
#define MULTIPART_NAME_MAX 40

struct multipart {
	size_t count;
	struct multipart_part {
		char name[MULTIPART_NAME_MAX + 1];
		const char *data; /* points into the body */
		size_t len;
	} parts[MULTIPART_PARTS_MAX];
};

/* content_type: the request's header. 0, or -1 with *m empty: another type, no boundary, or a body that is not so. */
int multipart_parse(struct multipart *m, const char *content_type, const char *body, size_t len);
/* The first part of this name, or NULL. */
const struct multipart_part *multipart_get(const struct multipart *m, const char *name);

#endif
