/* Form fields, cookies and forwarded addresses, taken apart with bounds. */
#include "gateway/http/form.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <stdio.h>

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Strict UTF-8 (no surrogates, no longer forms than needed), and no control characters but newline and tab. */
static bool
text_good(const char *text, size_t len)
{
	const uint8_t *s = (const uint8_t *)text, *end = s + len;

	while (s < end) {
		uint32_t c = *s++;
		int more = 0;
		if (c < 0x80) {
			if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
				return false;
			continue;
		}
		if (c >= 0xC2 && c <= 0xDF)
			more = 1, c &= 0x1F;
		else if (c >= 0xE0 && c <= 0xEF)
			more = 2, c &= 0x0F;
		else if (c >= 0xF0 && c <= 0xF4)
			more = 3, c &= 0x07;
		else
			return false;
		int octets = more;
		for (; more > 0; more--, s++) {
			if (s == end || (*s & 0xC0) != 0x80)
				return false;
			c = c << 6 | (*s & 0x3F);
		}
		static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
		if (c < least[octets] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) || (c >= 0x80 && c < 0xA0))
			return false;
	}
	return true;
}

/* Decodes in place from `in` to `out`; the result is never longer. Returns the end of what was written, or NULL. */
static char *
decode(const char *in, const char *end, char *out)
{
	char *start = out;

	while (in < end) {
		char c = *in++;
		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			if (end - in < 2 || hex(in[0]) < 0 || hex(in[1]) < 0)
				return NULL;
			c = (char)(hex(in[0]) << 4 | hex(in[1]));
			in += 2;
		}
		if (c == '\r')
			continue;
		*out++ = c;
	}
	return text_good(start, (size_t)(out - start)) ? out : NULL;
}

int
form_parse(struct form *form, const char *data, size_t len)
{
	memset(form, 0, sizeof(*form));
	if (len == 0)
		return 0;
	/* Each field needs two NULs; "=" and "&" leave room for them but for the last field's. */
	char *out = form->store = malloc(len + 2 * FORM_FIELDS_MAX + 2);
	const char *end = data + len;
	if (out == NULL)
		return -1;
	while (data < end) {
		const char *amp = memchr(data, '&', (size_t)(end - data));
		if (amp == NULL)
			amp = end;
		const char *eq = memchr(data, '=', (size_t)(amp - data));
		if (eq == NULL)
			eq = amp;
		if (amp > data) {
			if (form->count == FORM_FIELDS_MAX)
				goto bad;
			form->fields[form->count].name = out;
			if ((out = decode(data, eq, out)) == NULL)
				goto bad;
			*out++ = '\0';
			form->fields[form->count].value = out;
			if ((out = decode(eq < amp ? eq + 1 : amp, amp, out)) == NULL)
				goto bad;
			*out++ = '\0';
			form->count++;
		}
		data = amp + 1;
	}
	return 0;
bad:
	form_free(form);
	return -1;
}

void
form_free(struct form *form)
{
	free(form->store);
	memset(form, 0, sizeof(*form));
}

const char *
form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	return NULL;
}

/* Octets of the white space at s: ASCII, no-break and ideographic space; 0 when there is none. */
static size_t
space_at(const char *s, const char *end)
{
	if (s < end && (*s == ' ' || *s == '\n' || *s == '\t'))
		return 1;
	if (end - s >= 2 && memcmp(s, "\xC2\xA0", 2) == 0)
		return 2;
	if (end - s >= 3 && memcmp(s, "\xE3\x80\x80", 3) == 0)
		return 3;
	return 0;
}

int
form_trim(const char *value, char *out, size_t room)
{
	const char *end = value + strlen(value), *last = value;
	size_t n;

	while ((n = space_at(value, end)) > 0)
		value += n;
	last = value;
	for (const char *s = value; s < end;) {
		n = space_at(s, end);
		s += n > 0 ? n : 1;
		if (n == 0)
			last = s;
	}
	size_t len = (size_t)(last - value);
	if (len >= room)
		return -1;
	memcpy(out, value, len);
	out[len] = '\0';
	return (int)len;
}

int
form_cookie(const char *header, const char *name, char *out, size_t room)
{
	size_t name_len = strlen(name);

	while (header != NULL && *header != '\0') {
		header += strspn(header, " ;");
		size_t len = strcspn(header, ";");
		if (len > name_len && header[name_len] == '=' && strncmp(header, name, name_len) == 0) {
			len -= name_len + 1;
			if (len >= room)
				return -1;
			memcpy(out, header + name_len + 1, len);
			out[len] = '\0';
			return 0;
		}
		header += len;
	}
	return -1;
}

int
form_forwarded(const char *header, int proxies, char *out, size_t room)
{
	const char *from, *end;

	if (header == NULL || proxies <= 0)
		return -1;
	from = end = header + strlen(header);
	for (int i = 0; i < proxies; i++) {
		from = end;
		while (from > header && from[-1] != ',')
			from--;
		if (from == header)
			break;
		if (i + 1 < proxies)
			end = from - 1;
	}
	from += strspn(from, " ");
	while (end > from && end[-1] == ' ')
		end--;
	if (end <= from || (size_t)(end - from) >= room)
		return -1;
	memcpy(out, from, (size_t)(end - from));
	out[end - from] = '\0';
	return 0;
}

void
form_network(const char *address, char *out, size_t room)
{
	struct in6_addr a;
	char bare[64];
	size_t len = strcspn(address, "%"); /* without the interface of a link-local one */

	snprintf(bare, sizeof(bare), "%.*s", (int)(len < sizeof(bare) ? len : sizeof(bare) - 1), address);
	if (inet_pton(AF_INET6, bare, &a) != 1)
		snprintf(out, room, "%s", address);
	else if (IN6_IS_ADDR_V4MAPPED(&a))
		snprintf(out, room, "%u.%u.%u.%u", a.s6_addr[12], a.s6_addr[13], a.s6_addr[14], a.s6_addr[15]);
	else
		snprintf(out, room, "%x:%x:%x:%x::/64", a.s6_addr[0] << 8 | a.s6_addr[1], a.s6_addr[2] << 8 | a.s6_addr[3],
			a.s6_addr[4] << 8 | a.s6_addr[5], a.s6_addr[6] << 8 | a.s6_addr[7]);
}
