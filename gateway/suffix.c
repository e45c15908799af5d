/* Short codes with digits behind them. */
#include "gateway/suffix.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/conf.h"

/* How many digits this bureau's texts have: what each of its links that allows any will carry. 0 = none. */
static int
digits_of(const struct conf *c, const struct conf_bureau *b)
{
	int digits = 0;

	for (size_t i = 0; i < b->nlinks; i++) {
		const struct conf_link *l = conf_link_by_name(c, b->links[i]);

		if (l != NULL && l->suffix_digits > 0 && (digits == 0 || l->suffix_digits < digits))
			digits = l->suffix_digits;
	}
	return digits < SUFFIX_MAX ? digits : SUFFIX_MAX;
}

static bool
shares(const struct conf_bureau *a, const struct conf_bureau *b)
{
	if (strcmp(a->short_code, b->short_code) != 0)
		return false;
	for (size_t i = 0; i < a->nlinks; i++) {
		if (conf_in_list(b->links, b->nlinks, a->links[i]))
			return true;
	}
	return false;
}

/* How many bureaus share this one's short code, itself included, and how many of them have a smaller id. */
static int64_t
sharers(const struct conf *c, const struct conf_bureau *b, int64_t *rank)
{
	int64_t n = 0;

	*rank = 0;
	for (size_t i = 0; i < c->nbureaus; i++) {
		if (&c->bureaus[i] != b && !shares(&c->bureaus[i], b))
			continue;
		n++;
		*rank += c->bureaus[i].id < b->id;
	}
	return n;
}

static int64_t
power(int digits)
{
	int64_t n = 1;

	while (digits-- > 0)
		n *= 10;
	return n;
}

int64_t
suffix_modulus(const struct conf *c, const struct conf_bureau *b)
{
	int64_t rank, n = sharers(c, b, &rank), all = power(digits_of(c, b));

	/* Room for the number 0 and at least one conversation of each bureau; conf_check has seen to it. */
	return all / n > 1 ? all / n - 1 : 0;
}

void
suffix_address(const struct conf *c, const struct conf_bureau *b, const struct conf_link *l, int64_t conversation_id,
	char out[SUFFIX_ADDRESS_MAX])
{
	int64_t rank, n = sharers(c, b, &rank), modulus = suffix_modulus(c, b), quotient;
	int digits = digits_of(c, b);

	if (strcmp(conf_source(b), b->short_code) != 0) {
		(void)snprintf(out, SUFFIX_ADDRESS_MAX, "%s", conf_source(b)); /* a name, which nobody answers to */
		return;
	}
	/* Without a conversation the digits would only say whose text it is, and there is nobody else. */
	if (digits == 0 || l->suffix_digits < digits || modulus == 0 || (conversation_id == 0 && n == 1)) {
		(void)snprintf(out, SUFFIX_ADDRESS_MAX, "%s", b->short_code);
		return;
	}
	quotient = conversation_id == 0 ? 0 : 1 + conversation_id % modulus;
	(void)snprintf(out, SUFFIX_ADDRESS_MAX, "%.*s%0*" PRId64, 20 - digits, b->short_code, digits, quotient * n + rank);
}

const struct conf_bureau *
suffix_bureau(const struct conf *c, const char *link, const char *address, int64_t *named)
{
	const struct conf_bureau *b = conf_bureau_by_address(c, link, address);
	int64_t rank, n, value;

	if (named != NULL)
		*named = 0;
	if (b == NULL)
		return NULL;
	const char *digits = address + (address[0] == '+') + strlen(b->short_code);
	if (digits_of(c, b) == 0 || strlen(digits) != (size_t)digits_of(c, b) ||
		strspn(digits, "0123456789") != strlen(digits))
		return b;
	n = sharers(c, b, &rank);
	value = strtoll(digits, NULL, 10);
	if (named != NULL)
		*named = value / n; /* NOLINT(clang-analyzer-core.DivideZero): a bureau is one of its own sharers */
	for (size_t i = 0; i < c->nbureaus; i++) {
		const struct conf_bureau *other = &c->bureaus[i];

		if ((other == b || shares(other, b)) && conf_in_list(other->links, other->nlinks, link)) {
			(void)sharers(c, other, &rank);
			if (rank == value % n) /* NOLINT(clang-analyzer-core.DivideZero): as above */
				return other;
		}
	}
	return b;
}
