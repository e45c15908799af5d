/*
 * What a browser sends: form fields (application/x-www-form-urlencoded, also the query of an address), cookies, and the
 * addresses that proxies add.
 * Pure, bounded, and strict: a field that is not UTF-8 or holds control characters refuses the whole form.
 */
#ifndef GATEWAY_HTTP_FORM_H
#define GATEWAY_HTTP_FORM_H

#include <stddef.h>

#define FORM_FIELDS_MAX 120 /* a list with a box for each of its rows */

struct form {
	char *store; /* owned; every name and value points into it */
	size_t count;
	struct {
		const char *name, *value;
	} fields[FORM_FIELDS_MAX];
};

/*
 * Takes a form apart. Line ends within a value come as one "\n"; other control characters are refused.
 * Returns 0 (free with form_free), or -1 with *form empty: too many fields, a broken %XX, NUL, or not UTF-8.
 */
int form_parse(struct form *form, const char *data, size_t len);
void form_free(struct form *form);
/* The first field of this name, or NULL. */
const char *form_get(const struct form *form, const char *name);

/* Copies a value without spaces at its ends (ideographic ones too) into out. Octets, or -1 when it does not fit. */
int form_trim(const char *value, char *out, size_t room);

/* One cookie of a Cookie header (NULL = none). 0, or -1 when it is not there or does not fit. */
int form_cookie(const char *header, const char *name, char *out, size_t room);

/*
 * Who asks, behind `proxies` reverse proxies of ours: the so-many-th address from the right of X-Forwarded-For is the
 * last that a proxy of ours saw itself; everything left of it can be made up. With fewer addresses, the leftmost.
 * 0, or -1 (nothing written) when there is none or it does not fit.
 */
int form_forwarded(const char *header, int proxies, char *out, size_t room);
/* An address as those of one house share it: IPv6 its first 64 bits, IPv4 (also written as IPv6) whole. Pure. */
void form_network(const char *address, char *out, size_t room);

#endif
