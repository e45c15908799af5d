/* Reading a request's head for the gate. The library reads it again, and strictly, for everything else. */
#include "gateway/http/head.h"

#include <string.h>
#include <strings.h>

size_t
http_head_end(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\n')
			continue;
		if (i + 1 < len && text[i + 1] == '\n')
			return i + 2;
		if (i + 2 < len && text[i + 1] == '\r' && text[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

static void
keep(char *out, size_t room, const char *value, size_t len)
{
	/* Of two fields of a name the first is looked at, as the handlers do. */
	if (*out != '\0' || len >= room || memchr(value, '\0', len) != NULL)
		return;
	memcpy(out, value, len);
	out[len] = '\0';
}

static int64_t
number(const char *value, size_t len)
{
	int64_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9' || n > (INT64_MAX - 9) / 10)
			return INT64_MAX;
		n = n * 10 + (value[i] - '0');
	}
	return len == 0 ? INT64_MAX : n;
}

static bool
is(const char *line, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(line, name, len) == 0;
}

static void
read_line(const char *line, size_t len, struct http_head *out)
{
	const char *colon = memchr(line, ':', len), *value;
	int64_t n;

	if (colon == NULL)
		return;
	size_t name = (size_t)(colon - line), rest = len - name - 1;
	for (value = colon + 1; rest > 0 && (*value == ' ' || *value == '\t'); rest--)
		value++;
	while (rest > 0 && (value[rest - 1] == ' ' || value[rest - 1] == '\t' || value[rest - 1] == '\r'))
		rest--;
	if (is(line, name, "Content-Length")) {
		n = number(value, rest);
		out->length = n > out->length ? n : out->length;
	} else if (is(line, name, "Transfer-Encoding")) {
		out->chunked = true;
	} else if (is(line, name, "Cookie")) {
		keep(out->cookie, sizeof(out->cookie), value, rest);
	} else if (is(line, name, "Authorization")) {
		keep(out->authorization, sizeof(out->authorization), value, rest);
	}
}

void
http_head_read(const char *text, size_t len, struct http_head *out)
{
	*out = (struct http_head){0};
	for (size_t at = 0; at < len;) {
		const char *eol = memchr(text + at, '\n', len - at);
		size_t end = eol == NULL ? len : (size_t)(eol - text);

		read_line(text + at, end - at, out);
		at = end + 1;
	}
}
