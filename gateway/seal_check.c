/* Follows the seals and finds the event that is altered, missing or inserted. */
#include "gateway/seal_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DROPS_MAX 1000

struct redacted {
	struct seal_redacted entry;
	int64_t order_id;
};

struct seal_check {
	int bureau_id;
	uint8_t publics[SEAL_KEYS_MAX][SEAL_KEY];
	size_t npublics;
	seal_fault_fn fn;
	void *arg;
	struct seal_counts counts;
	int64_t dropped_before;
	int64_t expect_number;
	uint8_t expect_head[SEAL_HASH];
	bool expecting, expected_seen;
	/* the seal under way; body NULL before the first */
	struct seal seal;
	int next; /* its entry that is to come */
	struct redacted *redacted;
	size_t nredacted;
	/* An event with the id of an entry that is not as sealed: the right one may follow, then this one was inserted. */
	bool doubt;
	int64_t doubt_id, doubt_us;
	char doubt_text[80];
};

static void __attribute__((format(printf, 5, 6)))
fault(struct seal_check *c, int64_t id, int64_t at_us, int64_t number, const char *fmt, ...)
{
	char text[300];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	const struct seal_fault f = {.id = id, .at_us = at_us, .number = number, .text = text};
	c->counts.faults++;
	c->fn(c->arg, &f);
}

struct seal_check *
seal_check_new(int bureau_id, const uint8_t (*publics)[SEAL_KEY], size_t n, seal_fault_fn fn, void *arg)
{
	struct seal_check *c = calloc(1, sizeof *c);
	if (c == NULL)
		return NULL;
	c->bureau_id = bureau_id;
	c->npublics = n < SEAL_KEYS_MAX ? n : SEAL_KEYS_MAX;
	memcpy(c->publics, publics, c->npublics * SEAL_KEY);
	c->fn = fn;
	c->arg = arg;
	c->dropped_before = INT64_MIN;
	return c;
}

void
seal_check_free(struct seal_check *c)
{
	if (c == NULL)
		return;
	free(c->seal.body);
	free(c->redacted);
	free(c);
}

void
seal_check_expect(struct seal_check *c, int64_t number, const uint8_t head[SEAL_HASH])
{
	c->expecting = true;
	c->expect_number = number;
	memcpy(c->expect_head, head, SEAL_HASH);
}

static bool
key_known(const struct seal_check *c, const uint8_t *key)
{
	for (size_t i = 0; i < c->npublics; i++)
		if (memcmp(c->publics[i], key, SEAL_KEY) == 0)
			return true;
	return false;
}

void
seal_check_drop(struct seal_check *c, const struct seal_drop *d)
{
	if (d->bureau_id != c->bureau_id || !key_known(c, d->public_key) || !seal_signed_drop(d))
		fault(c, 0, 0, 0, "order %" PRId64 " to drop what is old is not signed by a key of ours", d->order_id);
	else if (d->before_us > c->dropped_before)
		c->dropped_before = d->before_us;
}

/* ---- Seals ------------------------------------------------------------------------------------------------------ */

static void
missing(struct seal_check *c, const struct seal_entry *e)
{
	if (e->at_us < c->dropped_before)
		c->counts.dropped++;
	else
		fault(c, e->id, e->at_us, c->seal.number, "missing: it was sealed and is not there");
}

static void
inserted(struct seal_check *c, int64_t id, int64_t at_us)
{
	fault(c, id, at_us, c->seal.number, "inserted: the seal of its time does not hold it");
}

/* Nothing better came for the entry in doubt. */
static void
doubt_settled(struct seal_check *c)
{
	struct seal_entry e;

	if (!c->doubt)
		return;
	c->doubt = false;
	seal_entry_get(c->seal.body, c->next++, &e);
	fault(c, e.id, e.at_us, c->seal.number, "%s", c->doubt_text);
}

/* What is left of the seal's list was not told of. */
static void
finish(struct seal_check *c)
{
	doubt_settled(c);
	for (; c->seal.body != NULL && c->next < c->seal.events; c->next++) {
		struct seal_entry e;
		seal_entry_get(c->seal.body, c->next, &e);
		missing(c, &e);
	}
	free(c->seal.body);
	c->seal.body = NULL;
	free(c->redacted);
	c->redacted = NULL;
	c->nredacted = 0;
}

static void
judge(struct seal_check *c, const struct seal *s)
{
	uint8_t head[SEAL_HASH];
	int64_t before = c->counts.number;

	if (s->number != before + 1) {
		if (s->number == before + 2)
			fault(c, 0, 0, before + 1, "the seal is missing");
		else
			fault(c, 0, 0, before + 1, "the seals up to %" PRId64 " are missing", s->number - 1);
	} else {
		if (memcmp(s->previous, c->counts.head, SEAL_HASH) != 0)
			fault(c, 0, 0, s->number, "does not follow from the seal before it");
		if (s->after_id != c->seal.to_id)
			fault(c, 0, 0, s->number, "begins after event %" PRId64 ", but the seal before it ended with %" PRId64,
				s->after_id, c->seal.to_id);
	}
	if (!key_known(c, s->public_key))
		fault(c, 0, 0, s->number, "is signed with a key that is not among those given");
	else if (!seal_signed(s))
		fault(c, 0, 0, s->number, "its signature is wrong: the seal was altered");
	seal_head(s->previous, s->body, s->events, head);
	if (memcmp(head, s->head, SEAL_HASH) != 0)
		fault(c, 0, s->first_us, s->number,
			"its list of %d events (%" PRId64 " to %" PRId64 ") was altered: it does not lead to its head", s->events,
			s->after_id + 1, s->to_id);
	if (c->expecting && s->number == c->expect_number) {
		c->expected_seen = true;
		if (memcmp(s->head, c->expect_head, SEAL_HASH) != 0)
			fault(c, 0, 0, s->number, "has another head than the one that was noted down");
	}
}

void
seal_check_seal(struct seal_check *c, const struct seal *s)
{
	size_t octets = (size_t)s->events * SEAL_ENTRY;

	finish(c);
	judge(c, s);
	c->seal = *s;
	c->seal.body = malloc(octets + 1);
	if (c->seal.body == NULL)
		abort();
	memcpy(c->seal.body, s->body, octets);
	c->next = 0;
	c->counts.seals++;
	c->counts.number = s->number;
	c->counts.sealed_us = s->sealed_us;
	memcpy(c->counts.head, s->head, SEAL_HASH);
}

void
seal_check_redaction(struct seal_check *c, const struct seal_redaction *r)
{
	if (r->bureau_id != c->bureau_id || !key_known(c, r->public_key) || !seal_signed_redaction(r)) {
		fault(c, 0, 0, r->number, "its redaction by order %" PRId64 " is not signed by a key of ours", r->order_id);
		return;
	}
	size_t n = c->nredacted + (size_t)r->entries;
	struct redacted *list = realloc(c->redacted, (n + 1) * sizeof *list);
	if (list == NULL)
		abort();
	c->redacted = list;
	for (int i = 0; i < r->entries; i++) {
		seal_redacted_get(r->body, i, &list[c->nredacted].entry);
		list[c->nredacted++].order_id = r->order_id;
	}
}

/* ---- Events ----------------------------------------------------------------------------------------------------- */

/* The last order that took out the data of this event, or NULL. */
static const struct redacted *
redaction_of(const struct seal_check *c, int64_t id)
{
	for (size_t i = c->nredacted; i-- > 0;)
		if (c->redacted[i].entry.id == id)
			return &c->redacted[i];
	return NULL;
}

/* Is the event as it was sealed, or as an order left it? When it is not, text says what is wrong. */
static bool
as_sealed(struct seal_check *c, const struct seal_event *e, const struct seal_entry *entry, char *text, size_t room)
{
	uint8_t digest[SEAL_HASH], hash[SEAL_HASH], now[SEAL_HASH];
	const struct redacted *r = redaction_of(c, e->id);

	snprintf(text, room, "altered since it was sealed");
	if (r != NULL) {
		memcpy(digest, r->entry.digest, SEAL_HASH);
		seal_plain_hash(e->data, now);
		if (memcmp(now, r->entry.now, SEAL_HASH) != 0) {
			snprintf(text, room, "altered after order %" PRId64 " redacted it", r->order_id);
			return false;
		}
	} else {
		seal_digest(entry->salt, e->data, digest);
	}
	seal_hash(e, digest, hash);
	if (memcmp(hash, entry->hash, SEAL_HASH) != 0 || e->at_us != entry->at_us)
		return false;
	c->counts.redacted += r != NULL;
	return true;
}

void
seal_check_event(struct seal_check *c, const struct seal_event *e)
{
	struct seal_entry entry;
	char text[sizeof c->doubt_text];

	if (c->doubt && c->doubt_id != e->id)
		doubt_settled(c);
	c->counts.events++;
	if (c->seal.body == NULL || e->id > c->seal.to_id) {
		c->counts.unsealed++;
		return;
	}
	for (; c->next < c->seal.events; c->next++) {
		seal_entry_get(c->seal.body, c->next, &entry);
		if (entry.id == e->id) {
			if (as_sealed(c, e, &entry, text, sizeof text)) {
				c->next++;
				if (c->doubt)
					inserted(c, e->id, c->doubt_us);
				c->doubt = false;
			} else if (c->doubt) {
				inserted(c, e->id, e->at_us);
			} else {
				c->doubt = true;
				c->doubt_id = e->id;
				c->doubt_us = e->at_us;
				memcpy(c->doubt_text, text, sizeof text);
			}
			return;
		}
		if (entry.id > e->id)
			break;
		missing(c, &entry);
	}
	inserted(c, e->id, e->at_us);
}

void
seal_check_end(struct seal_check *c, struct seal_counts *out)
{
	finish(c);
	if (c->expecting && !c->expected_seen)
		fault(c, 0, 0, c->expect_number, "was noted down and is not there: the trail was cut off behind seal %" PRId64,
			c->counts.number);
	*out = c->counts;
}
