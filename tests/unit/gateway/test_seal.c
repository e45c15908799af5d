/* The check of seals: whatever of a sealed trail is changed, taken out, put in or put elsewhere is found and named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/seal_check.h"

#define EVENTS 12
#define A_SEAL 4 /* events of one */
#define SEALS (EVENTS / A_SEAL)

/* A trail under seal, as rows that a test may spoil. Ids are 10, 20, 30 ... */
struct trail {
	struct seal_event events[EVENTS + 4];
	char data[EVENTS + 4][40];
	int nevents;
	struct seal seals[SEALS];
	uint8_t bodies[SEALS][A_SEAL * SEAL_ENTRY];
	int nseals;
	struct seal_redaction redaction;
	uint8_t redacted[SEAL_REDACTED];
	struct seal_drop drop;
	bool has_redaction, has_drop;
};

static uint8_t publics[2][SEAL_KEY], secrets[2][64], stranger_public[SEAL_KEY], stranger[64];
static char told[2000];
static struct seal_counts counts;
static struct trail t;

static void
seal_one(struct trail *tr, int n, const uint8_t *secret)
{
	struct seal *s = &tr->seals[n];
	*s = (struct seal){.bureau_id = 1,
		.number = n + 1,
		.after_id = n == 0 ? 0 : tr->seals[n - 1].to_id,
		.to_id = tr->events[(n + 1) * A_SEAL - 1].id,
		.events = A_SEAL,
		.first_us = tr->events[n * A_SEAL].at_us,
		.last_us = tr->events[(n + 1) * A_SEAL - 1].at_us,
		.sealed_us = 5000 + n,
		.body = tr->bodies[n]};
	if (n > 0)
		memcpy(s->previous, tr->seals[n - 1].head, SEAL_HASH);
	for (int i = 0; i < A_SEAL; i++) {
		const struct seal_event *e = &tr->events[n * A_SEAL + i];
		struct seal_entry entry = {.id = e->id, .at_us = e->at_us};
		uint8_t digest[SEAL_HASH];
		memset(entry.salt, (int)e->id, SEAL_SALT);
		seal_digest(entry.salt, e->data, digest);
		seal_hash(e, digest, entry.hash);
		seal_entry_put(s->body, i, &entry);
	}
	seal_head(s->previous, s->body, A_SEAL, s->head);
	seal_sign(s, secret);
}

/* Twelve events in three seals, the last by a newer key. */
static void
make(void)
{
	memset(&t, 0, sizeof t);
	for (int i = 0; i < EVENTS; i++) {
		snprintf(t.data[i], sizeof t.data[i], "{\"n\": %d}", i);
		t.events[i] = (struct seal_event){.bureau_id = 1,
			.id = 10 * (i + 1),
			.at_us = 1000 + i,
			.application_id = i,
			.conversation_id = i % 2 ? SEAL_NONE : 7,
			.actor = "citizen",
			.kind = "moved",
			.data = t.data[i]};
	}
	t.nevents = EVENTS;
	t.nseals = SEALS;
	for (int n = 0; n < SEALS; n++)
		seal_one(&t, n, secrets[n == SEALS - 1]);
}

static void
on_fault(void *arg, const struct seal_fault *f)
{
	size_t at = strlen(told);
	(void)arg;
	snprintf(told + at, sizeof told - at, "%" PRId64 "/%" PRId64 " %s\n", f->number, f->id, f->text);
}

/* Tells the trail to a check as the walk of the database does. Returns the faults, "seal/event words" a line. */
static const char *
verify(const uint8_t *head_noted, int64_t number_noted)
{
	struct seal_check *c = seal_check_new(1, (const uint8_t(*)[SEAL_KEY])publics, 2, on_fault, NULL);
	int at = 0;
	told[0] = '\0';
	assert_non_null(c);
	if (head_noted != NULL)
		seal_check_expect(c, number_noted, head_noted);
	if (t.has_drop)
		seal_check_drop(c, &t.drop);
	for (int n = 0; n < t.nseals; n++) {
		seal_check_seal(c, &t.seals[n]);
		if (t.has_redaction && t.redaction.number == t.seals[n].number)
			seal_check_redaction(c, &t.redaction);
		for (; at < t.nevents && t.events[at].id <= t.seals[n].to_id; at++)
			seal_check_event(c, &t.events[at]);
	}
	for (; at < t.nevents; at++)
		seal_check_event(c, &t.events[at]);
	seal_check_end(c, &counts);
	seal_check_free(c);
	return told;
}

static const char *
check(void)
{
	return verify(NULL, 0);
}

static void
take_out(int at, int n)
{
	memmove(&t.events[at], &t.events[at + n], (size_t)(t.nevents - at - n) * sizeof t.events[0]);
	t.nevents -= n;
}

static void
put_in(int at, int64_t id)
{
	memmove(&t.events[at + 1], &t.events[at], (size_t)(t.nevents - at) * sizeof t.events[0]);
	t.events[at].id = id;
	t.events[at].data = "{}";
	t.events[at].at_us = 999;
	t.nevents++;
}

static void
an_intact_trail_has_no_fault(void **state)
{
	(void)state;
	make();
	assert_string_equal(check(), "");
	assert_int_equal(counts.events, EVENTS);
	assert_int_equal(counts.seals, SEALS);
	assert_int_equal(counts.unsealed, 0);
	assert_memory_equal(counts.head, t.seals[SEALS - 1].head, SEAL_HASH);
}

static void
an_altered_event_is_named_whatever_of_it_was_altered(void **state)
{
	(void)state;
	for (int field = 0; field < 6; field++) {
		make();
		struct seal_event *e = &t.events[5];
		switch (field) {
		case 0:
			e->data = "{\"n\": 6}";
			break;
		case 1:
			e->actor = "staff:m";
			break;
		case 2:
			e->kind = "movedx";
			break;
		case 3:
			e->application_id = SEAL_NONE;
			break;
		case 4:
			e->conversation_id = 8;
			break;
		default:
			e->at_us++;
			break;
		}
		assert_string_equal(check(), "2/60 altered since it was sealed\n");
	}
	/* Between two fields nothing can be moved. */
	make();
	t.events[5].actor = "citizenm";
	t.events[5].kind = "oved";
	assert_string_equal(check(), "2/60 altered since it was sealed\n");
}

static void
what_is_missing_or_inserted_is_named_anywhere(void **state)
{
	(void)state;
	for (int at = 0; at < EVENTS; at++) {
		char want[80];
		make();
		take_out(at, 1);
		snprintf(want, sizeof want, "%d/%d missing: it was sealed and is not there\n", at / A_SEAL + 1, 10 * (at + 1));
		assert_string_equal(check(), want);
		make();
		put_in(at, 10 * at + 5);
		snprintf(
			want, sizeof want, "%d/%d inserted: the seal of its time does not hold it\n", at / A_SEAL + 1, 10 * at + 5);
		assert_string_equal(check(), want);
		/* With the id of one that is there, before it or behind it. */
		make();
		put_in(at, 10 * (at + 1));
		snprintf(want, sizeof want, "%d/%d inserted: the seal of its time does not hold it\n", at / A_SEAL + 1,
			10 * (at + 1));
		assert_string_equal(check(), want);
		make();
		put_in(at + 1, 10 * (at + 1));
		assert_string_equal(check(), want);
	}
	/* Everything of one seal. */
	make();
	take_out(A_SEAL, A_SEAL);
	check();
	assert_int_equal(counts.faults, A_SEAL);
	assert_non_null(strstr(told, "2/50 missing"));
	assert_non_null(strstr(told, "2/80 missing"));
}

static void
swapped_and_reordered_rows_are_named(void **state)
{
	struct seal_event kept;
	(void)state;
	/* What two rows say, exchanged. */
	make();
	t.events[1].data = t.data[9];
	t.events[9].data = t.data[1];
	assert_string_equal(check(), "1/20 altered since it was sealed\n3/100 altered since it was sealed\n");
	/* Their ids, and so their order: the lines of an export, or rows whose ids were exchanged. */
	make();
	kept = t.events[5];
	t.events[5] = t.events[6];
	t.events[6] = kept;
	check();
	assert_non_null(strstr(told, "2/60 "));
	make();
	t.events[5].id = 70;
	t.events[6].id = 60;
	kept = t.events[5];
	t.events[5] = t.events[6];
	t.events[6] = kept;
	assert_string_equal(check(), "2/60 altered since it was sealed\n2/70 altered since it was sealed\n");
}

static void
the_tail_that_was_cut_off_shows_by_a_head_that_was_noted(void **state)
{
	uint8_t head[SEAL_HASH];
	(void)state;
	make();
	memcpy(head, t.seals[2].head, SEAL_HASH);
	assert_string_equal(verify(head, 3), "");
	/* Events alone: the last seal misses them. */
	take_out(10, 2);
	check();
	assert_int_equal(counts.faults, 2);
	/* The seal alone: its events are as if never sealed, and the head that was noted is not there. */
	make();
	t.nseals = 2;
	assert_string_equal(check(), "");
	assert_int_equal(counts.unsealed, A_SEAL);
	assert_non_null(strstr(verify(head, 3), "was noted down and is not there"));
	/* Both. */
	take_out(8, 4);
	assert_non_null(strstr(verify(head, 3), "cut off behind seal 2"));
	/* Cut off and sealed anew with other events behind it. */
	make();
	t.events[9].kind = "approved";
	seal_one(&t, 2, secrets[1]);
	assert_string_equal(check(), "");
	assert_string_equal(verify(head, 3), "3/0 has another head than the one that was noted down\n");
}

static void
what_is_not_sealed_yet_is_counted(void **state)
{
	(void)state;
	make();
	put_in(EVENTS, 125);
	put_in(EVENTS + 1, 130);
	assert_string_equal(check(), "");
	assert_int_equal(counts.unsealed, 2);
	assert_int_equal(counts.events, EVENTS + 2);
}

static void
a_replaced_seal_or_key_is_named(void **state)
{
	struct seal kept;
	(void)state;
	/* Sealed anew by somebody with a key of his own, so that what he altered fits. */
	make();
	t.events[5].data = "{}";
	seal_one(&t, 1, stranger);
	check();
	assert_non_null(strstr(told, "2/0 is signed with a key that is not among those given"));
	assert_non_null(strstr(told, "3/0 does not follow from the seal before it"));
	/* He writes our key over his. */
	memcpy(t.seals[1].public_key, publics[0], SEAL_KEY);
	check();
	assert_non_null(strstr(told, "2/0 its signature is wrong"));
	/* All of them, from the first on. */
	for (int n = 0; n < SEALS; n++)
		seal_one(&t, n, stranger);
	check();
	assert_int_equal(counts.faults, SEALS);
	/* Missing at the beginning, in the middle. */
	make();
	memmove(&t.seals[0], &t.seals[1], 2 * sizeof t.seals[0]);
	t.nseals = 2;
	check();
	assert_non_null(strstr(told, "1/0 the seal is missing"));
	make();
	t.seals[1] = t.seals[2];
	t.nseals = 2;
	check();
	assert_non_null(strstr(told, "2/0 the seal is missing"));
	/* Two of them exchanged, numbers and all. */
	make();
	kept = t.seals[0];
	t.seals[0] = t.seals[1];
	t.seals[1] = kept;
	t.seals[0].number = 1;
	t.seals[1].number = 2;
	check();
	assert_non_null(strstr(told, "1/0 its signature is wrong"));
	assert_non_null(strstr(told, "2/0 its signature is wrong"));
	/* One of another bureau. */
	make();
	t.seals[1].bureau_id = 2;
	check();
	assert_non_null(strstr(told, "2/0 its signature is wrong"));
	/* An entry of its list, and each of its numbers. */
	make();
	t.bodies[1][20] ^= 1;
	check();
	assert_non_null(strstr(told, "2/0 its list of 4 events (41 to 80) was altered"));
	assert_non_null(strstr(told, "2/50 altered since it was sealed"));
	make();
	t.seals[1].sealed_us++;
	assert_string_equal(check(), "2/0 its signature is wrong: the seal was altered\n");
	make();
	t.seals[1].last_us++;
	assert_string_equal(check(), "2/0 its signature is wrong: the seal was altered\n");
	/* A salt is not signed, for it may be deleted; another one makes its event another. */
	make();
	t.bodies[1][SEAL_ENTRY - 1] ^= 1;
	assert_string_equal(check(), "2/50 altered since it was sealed\n");
}

/* An order takes out what event 60 said. */
static void
redact(const uint8_t *secret)
{
	struct seal_entry entry;
	struct seal_redacted r = {.id = 60};
	seal_entry_get(t.bodies[1], 1, &entry);
	seal_digest(entry.salt, t.events[5].data, r.digest);
	t.events[5].data = "{\"redacted\": 3}";
	seal_plain_hash(t.events[5].data, r.now);
	memset(entry.salt, 0, SEAL_SALT);
	seal_entry_put(t.bodies[1], 1, &entry);
	seal_redacted_put(t.redacted, 0, &r);
	t.redaction = (struct seal_redaction){.bureau_id = 1, .number = 2, .order_id = 3, .entries = 1, .body = t.redacted};
	seal_sign_redaction(&t.redaction, secret);
	t.has_redaction = true;
}

static void
what_an_order_took_out_is_counted_and_what_only_looks_so_is_not(void **state)
{
	(void)state;
	make();
	redact(secrets[1]);
	assert_string_equal(check(), "");
	assert_int_equal(counts.redacted, 1);
	t.events[5].data = "{\"redacted\": 3, \"from\": \"approved\"}";
	assert_string_equal(check(), "2/60 altered after order 3 redacted it\n");
	make();
	redact(secrets[1]);
	t.events[5].kind = "approved";
	assert_string_equal(check(), "2/60 altered since it was sealed\n");
	/* Without its note, by a stranger, of another seal, of another bureau. */
	make();
	redact(secrets[1]);
	t.has_redaction = false;
	assert_string_equal(check(), "2/60 altered since it was sealed\n");
	make();
	redact(stranger);
	assert_non_null(strstr(check(), "2/0 its redaction by order 3 is not signed by a key of ours"));
	make();
	redact(secrets[0]);
	t.redaction.number = 3;
	assert_non_null(strstr(check(), "3/0 its redaction by order 3 is not signed"));
	make();
	redact(secrets[0]);
	t.redaction.bureau_id = 2;
	assert_non_null(strstr(check(), "not signed by a key of ours"));
}

static void
what_an_order_dropped_may_be_missing_and_nothing_later(void **state)
{
	(void)state;
	make();
	t.drop = (struct seal_drop){.bureau_id = 1, .order_id = 4, .before_us = 1002};
	seal_sign_drop(&t.drop, secrets[0]);
	t.has_drop = true;
	take_out(0, 2);
	assert_string_equal(check(), "");
	assert_int_equal(counts.dropped, 2);
	take_out(0, 1);
	assert_string_equal(check(), "1/30 missing: it was sealed and is not there\n");
	t.drop.before_us = 2000;
	check();
	assert_non_null(strstr(told, "0/0 order 4 to drop what is old is not signed by a key of ours"));
	assert_int_equal(counts.dropped, 0);
}

static int
keys(void **state)
{
	(void)state;
	if (sodium_init() < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		crypto_sign_keypair(publics[i], secrets[i]);
	crypto_sign_keypair(stranger_public, stranger);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_intact_trail_has_no_fault),
		cmocka_unit_test(an_altered_event_is_named_whatever_of_it_was_altered),
		cmocka_unit_test(what_is_missing_or_inserted_is_named_anywhere),
		cmocka_unit_test(swapped_and_reordered_rows_are_named),
		cmocka_unit_test(the_tail_that_was_cut_off_shows_by_a_head_that_was_noted),
		cmocka_unit_test(what_is_not_sealed_yet_is_counted),
		cmocka_unit_test(a_replaced_seal_or_key_is_named),
		cmocka_unit_test(what_an_order_took_out_is_counted_and_what_only_looks_so_is_not),
		cmocka_unit_test(what_an_order_dropped_may_be_missing_and_nothing_later),
	};
	return cmocka_run_group_tests(tests, keys, NULL);
}
