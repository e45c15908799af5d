/* Taking a multipart/form-data body apart, without copying it. */
#include "gateway/http/multipart.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */

/* The boundary parameter of the header, with the two dashes in front; its length, or 0. */
static size_t
read_boundary(const char *type, char out[BOUNDARY_MAX + 3])
{
	static const char wanted[] = "multipart/form-data";
	size_t len;

	if (type == NULL || strncasecmp(type, wanted, sizeof(wanted) - 1) != 0)
		return 0;
	for (type += sizeof(wanted) - 1; *type == ';' || *type == ' ' || *type == '\t'; type++)
		;
	if (strncasecmp(type, "boundary=", 9) != 0)
		return 0;
	type += 9;
	bool quoted = *type == '"';
	type += quoted;
	len = strcspn(type, quoted ? "\"" : "; \t");
	if (len == 0 || len > BOUNDARY_MAX || (quoted && type[len] != '"') || memchr(type, '\r', len) != NULL)
		return 0;
	out[0] = out[1] = '-';
	memcpy(out + 2, type, len);
	out[len + 2] = '\0';
	return len + 2;
}

/* name="..." of a Content-Disposition line. 0, or -1. */
static int
read_name(const char *line, size_t len, char out[MULTIPART_NAME_MAX + 1])
{
	static const char head[] = "content-disposition:";
	const char *end = line + len, *at, *close;

	if (len < sizeof(head) - 1 || strncasecmp(line, head, sizeof(head) - 1) != 0)
		return -1;
	for (at = line + sizeof(head) - 1; at < end; at++) {
		/* not the one inside filename="..." */
		if ((size_t)(end - at) > 6 && (at[-1] == ' ' || at[-1] == ';') && strncasecmp(at, "name=\"", 6) == 0)
			break;
	}
	if (at >= end)
		return -1;
	at += 6;
	close = memchr(at, '"', (size_t)(end - at));
	if (close == NULL || close == at || close - at > MULTIPART_NAME_MAX)
		return -1;
	for (const char *c = at; c < close; c++)
		if (!((*c >= 'a' && *c <= 'z') || *c == '_'))
			return -1;
	memcpy(out, at, (size_t)(close - at));
	out[close - at] = '\0';
	return 0;
}

/* The headers of a part, up to the empty line; where its data begins, or NULL. */
static const char *
read_headers(const char *at, const char *end, char name[MULTIPART_NAME_MAX + 1])
{
	name[0] = '\0';
	for (int lines = 0; lines < 8; lines++) {
		const char *eol = memmem(at, (size_t)(end - at), "\r\n", 2);
		if (eol == NULL || eol - at > 1000)
			return NULL;
		if (eol == at)
			return name[0] == '\0' ? NULL : eol + 2;
		char found[MULTIPART_NAME_MAX + 1];
		if (read_name(at, (size_t)(eol - at), found) == 0) {
			if (name[0] != '\0')
				return NULL;
			memcpy(name, found, sizeof(found));
		}
		at = eol + 2;
	}
	return NULL;
}

static int
refuse(struct multipart *m)
{
	m->count = 0;
	return -1;
}

int
multipart_parse(struct multipart *m, const char *type, const char *body, size_t len)
{
	char mark[BOUNDARY_MAX + 5] = "\r\n";
	size_t mark_len = read_boundary(type, mark + 2) + 2;
	const char *at = body, *end = body + len;

	m->count = 0;
	if (mark_len <= 4 || len < mark_len || memcmp(at, mark + 2, mark_len - 2) != 0)
		return -1;
	at += mark_len - 2;
	for (;;) {
		if (end - at >= 2 && at[0] == '-' && at[1] == '-')
			return 0;
		if (end - at < 2 || at[0] != '\r' || at[1] != '\n' || m->count == MULTIPART_PARTS_MAX)
			return refuse(m);
		struct multipart_part *p = &m->parts[m->count];
		p->data = read_headers(at + 2, end, p->name);
		if (p->data == NULL)
			return refuse(m);
		/* An empty part's boundary may begin with the line break of its headers' end. */
		const char *close = memmem(p->data - 2, (size_t)(end - p->data + 2), mark, mark_len);
		if (close == NULL)
			return refuse(m);
		p->len = close < p->data ? 0 : (size_t)(close - p->data);
		m->count++;
		at = close + mark_len;
	}
}

const struct multipart_part *
multipart_get(const struct multipart *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->parts[i].name, name) == 0)
			return &m->parts[i];
	return NULL;
}
