/* A batch's questions to the database, all in one round trip, and their answers as rows. */
#include <stdlib.h>
#include <string.h>

#include "dialog/match.h"
#include "gateway/sender.h"
#include "gateway/smpp/link.h"
#include "gateway/suffix.h"
#include "gateway/turn_ussd.h"
#include "store/pg.h"

#define TURN_IDS_EACH 12 /* ids of row_id that one turn can need: its inbound, its texts, its grants */
#define TURN_IDS_STEP 64 /* row_id goes by steps of so many: each value stands for them all */

enum stage {
	STAGE_CONVERSATIONS,
	STAGE_APPLICATIONS,
	STAGE_LANGUAGES,
	STAGE_AGAIN,
	STAGE_CHECK,
	STAGE_EVENTS,
	STAGE_IDS,
	STAGE_USSD,
	STAGE_NAMED,
};

void *
turn_rows_add(struct turn_batch *b, struct turn_rows *r, size_t size)
{
	if (r->count == r->room) {
		size_t room = r->room == 0 ? 32 : r->room * 2;
		void *list = arena_alloc(b->arena, room * size);

		if (r->count > 0)
			memcpy(list, r->list, r->count * size);
		r->list = list;
		r->room = room;
	}
	return memset((char *)r->list + r->count++ * size, 0, size);
}

int64_t
turn_batch_id(struct turn_batch *b)
{
	struct turns *ts = b->g->turns;

	return ts->nids > 0 ? ts->ids[--ts->nids] : 0;
}

static void
stage(struct turn_batch *b, enum stage s)
{
	b->stage[b->nstages++] = (int)s;
}

/* Ids that lie ready beyond what is promised: for a full batch of every other lane. */
static size_t
ids_ahead(const struct turns *ts)
{
	return (size_t)(ts->nlanes - 1) * (size_t)ts->g->conf->batch_max * TURN_IDS_EACH;
}

bool
turn_ids_suffice(const struct turns *ts, const struct turn_lane *lane, int nturns)
{
	return lane == &ts->lanes[0] || ts->nids >= ts->promised + (size_t)nturns * TURN_IDS_EACH;
}

static int
by_octets(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
turn_batch_load(struct turn_batch *b, struct pg_batch *pb)
{
	struct turns *ts = b->g->turns;
	int id = b->bureau->id;
	size_t n = (size_t)b->nturns, narrivals = 0, ncodes = 0, nevents = 0;
	const char **phones = arena_alloc(b->arena, n * sizeof(*phones));
	struct store_arrival *arrivals = arena_alloc(b->arena, n * sizeof(*arrivals));
	const uint8_t **codes = arena_alloc(b->arena, n * sizeof(*codes));
	const char **named_phones = arena_alloc(b->arena, n * sizeof(*named_phones));
	int64_t *named = arena_alloc(b->arena, n * sizeof(*named));
	size_t nnamed = 0;
	int64_t *events = arena_alloc(b->arena, n * sizeof(*events));

	for (size_t i = 0; i < n; i++) {
		struct turn *t = b->turns[i];
		char normal[MATCH_NORMAL_MAX + 1], arg[MATCH_ARG_MAX + 1];

		phones[i] = t->phone;
		if (!t->is_text) {
			if (t->event.outside_event_id != 0)
				events[nevents++] = t->event.outside_event_id;
			continue;
		}
		/* One that may be stored already is looked for on its own bind too. */
		int64_t unsure_us = turn_unsure_since(ts->unsure, t, b->now_us);
		arrivals[narrivals++] = (struct store_arrival){t->hash, t->phone, unsure_us != 0 ? "" : t->session,
			link_name(t->link), unsure_us != 0 ? unsure_us : t->sequence, t->ussd == NULL};
		if (t->named != 0) {
			named_phones[nnamed] = t->phone;
			named[nnamed++] = t->named;
		}
		/* "CHECK 12345678": whether the code is genuine must be known before the dialog answers. */
		if ((match_normalise(t->text, strlen(t->text), normal, sizeof(normal)) > 0 &&
				match_reserved(normal, NULL, arg) == WORDS_CHECK && arg[0] != '\0') ||
			(t->ussd != NULL && grants_code_normalise(t->text, arg) == 0)) { /* on a screen the digits alone ask it */
			grants_code_hash(b->g->keys, arg, t->check_hash);
			t->checks = true;
			codes[ncodes++] = t->check_hash;
		}
	}
	/* The order in which conversations are locked, and in which they come. */
	qsort(phones, n, sizeof(*phones), by_octets);
	store_turn_load(pb, id, phones, n);
	stage(b, STAGE_CONVERSATIONS);
	stage(b, STAGE_APPLICATIONS);
	store_save_phones(pb, STMT_TURN_LANGUAGES, id, phones, n);
	stage(b, STAGE_LANGUAGES);
	if (narrivals > 0) {
		store_turn_load_again(pb, id, arrivals, narrivals);
		stage(b, STAGE_AGAIN);
	}
	if (ncodes > 0) {
		store_turn_load_check(pb, id, codes, ncodes);
		stage(b, STAGE_CHECK);
	}
	if (nevents > 0) {
		store_turn_load_events(pb, id, events, nevents);
		stage(b, STAGE_EVENTS);
	}
	if (nnamed > 0) {
		store_turn_load_named(pb, id, named_phones, named, nnamed, suffix_modulus(b->g->conf, b->bureau));
		stage(b, STAGE_NAMED);
	}
	b->ussd_stage = b->nstages;
	for (int more = turn_ussd_load(b, pb); more > 0; more--)
		stage(b, STAGE_USSD);
	b->promised = n * TURN_IDS_EACH;
	ts->promised += b->promised;
	/* In time for the other lanes: what one lane takes is in order, what two would take is not. */
	if (b->lane == &ts->lanes[0] && ts->nids < ts->promised + ids_ahead(ts)) {
		store_turn_load_ids(pb, (int)((ts->promised + 2 * ids_ahead(ts) - ts->nids) / TURN_IDS_STEP) + 1);
		stage(b, STAGE_IDS);
	}
}

static void
text_loaded(struct turn_batch *b, const PGresult *res, int i, int column, struct turn_rows *into)
{
	*(const char **)turn_rows_add(b, into, sizeof(char *)) = arena_dup(b->arena, store_text(res, i, column));
}

static void
ids_loaded(struct turns *ts, const PGresult *res)
{
	size_t more = (size_t)PQntuples(res) * TURN_IDS_STEP;

	if (ts->nids + more > ts->ids_room) {
		int64_t *ids = realloc(ts->ids, (ts->nids + more) * sizeof(*ids));
		if (ids == NULL)
			abort();
		ts->ids = ids;
		ts->ids_room = ts->nids + more;
	}
	/* Taken from the end: the smallest must lie there, so that ids follow the order of the texts. */
	memmove(ts->ids + more, ts->ids, ts->nids * sizeof(*ts->ids));
	for (size_t i = 0; i < more; i++)
		ts->ids[more - 1 - i] = store_int(res, (int)(i / TURN_IDS_STEP), 0) + (int64_t)(i % TURN_IDS_STEP);
	ts->nids += more;
}

static void
again_loaded(struct turn_batch *b, const PGresult *res, int i)
{
	text_loaded(b, res, i, 0, &b->again);
	*(int64_t *)turn_rows_add(b, &b->again_ids, sizeof(int64_t)) = store_int(res, i, 1);
}

void
turn_batch_result(void *arg, int index, const PGresult *res)
{
	struct turn_batch *b = arg;

	if (res == NULL || index >= b->nstages)
		return;
	switch ((enum stage)b->stage[index]) {
	case STAGE_CONVERSATIONS:
		b->conversations = store_turn_conversations(b->arena, res, &b->nconversations);
		break;
	case STAGE_APPLICATIONS:
		b->applications = store_turn_applications(b->arena, res, &b->napplications);
		break;
	case STAGE_LANGUAGES:
		for (int i = 0; i < PQntuples(res); i++) {
			text_loaded(b, res, i, 0, &b->spoken_phones);
			text_loaded(b, res, i, 1, &b->spoken);
		}
		break;
	case STAGE_AGAIN:
		for (int i = 0; i < PQntuples(res); i++) {
			/* Its answer is at the carrier, and the mark that says so is on its way to the disk: a new text. */
			if (!sender_settling(
					b->g, store_int(res, i, 1), store_text(res, i, 2), store_int(res, i, 3), store_int(res, i, 4)))
				again_loaded(b, res, i);
		}
		break;
	case STAGE_CHECK:
		for (int i = 0; i < PQntuples(res); i++) {
			bool good = store_int(res, i, 1) != 0, call = good && store_text(res, i, 2)[0] != '\0';
			text_loaded(b, res, i, 0, call ? &b->called : good ? &b->genuine : &b->expired);
			if (call)
				text_loaded(b, res, i, 2, &b->callers);
		}
		break;
	case STAGE_EVENTS:
		for (int i = 0; i < PQntuples(res); i++)
			*(int64_t *)turn_rows_add(b, &b->events, sizeof(int64_t)) = store_int(res, i, 0);
		break;
	case STAGE_IDS:
		ids_loaded(b->g->turns, res);
		break;
	case STAGE_NAMED:
		for (int i = 0; i < PQntuples(res); i++)
			text_loaded(b, res, i, 0, &b->named_other);
		break;
	case STAGE_USSD:
		turn_ussd_loaded(b, index - b->ussd_stage, res);
		break;
	}
}
