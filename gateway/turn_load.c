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
	STAGE_TEXTS,
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

void
turn_ids_forget(struct turns *ts)
{
	if (ts->nids <= ts->promised)
		return;
	/* They are taken from the end. */
	if (ts->promised > 0)
		memmove(ts->ids, ts->ids + ts->nids - ts->promised, ts->promised * sizeof(*ts->ids));
	ts->nids = ts->promised;
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

/* Digits and something else: a number alone, which most answers are, asks about no code, nor do words alone. */
static bool
word_and_digits(const char *normal)
{
	static const char digits[] = "0123456789";

	return normal[strspn(normal, digits)] != '\0' && strpbrk(normal, digits) != NULL;
}

/* "CHECK 12345678": whether the code is genuine must be known before the dialog answers. */
static void
checks(struct turn_batch *b, struct turn *t)
{
	char normal[MATCH_NORMAL_MAX + 1], arg[MATCH_ARG_MAX + 1];

	t->checks = (match_normalise(t->text, strlen(t->text), normal, sizeof(normal)) > 0 && word_and_digits(normal) &&
					match_reserved(normal, NULL, arg) == WORDS_CHECK && arg[0] != '\0') ||
				(t->ussd != NULL && grants_code_normalise(t->text, arg) == 0); /* on a screen the digits alone ask it */
	if (t->checks)
		grants_code_hash(b->g->keys, arg, t->check_hash);
}

/* TURN_AGAIN's judgement, where memory is enough for it: no text of the phone is this one, delivered a second time. */
static bool
is_new(const struct turn_batch *b, const struct turn *t, const struct turn_kept *k)
{
	const struct turn_kept_text *like = NULL;

	for (size_t i = 0; i < k->ntexts; i++) {
		const struct turn_kept_text *x = &k->texts[i];

		if (memcmp(x->hash, t->hash, STORE_HASH) != 0)
			continue;
		if (strcmp(x->session, t->session) == 0 && x->sequence == t->sequence)
			return false;
		like = x;
	}
	return like == NULL ||
		   sender_settling(b->g, like->inbound_id, strcmp(like->session, t->session) == 0 ? "" : like->session,
			   like->received_us, like->received_us);
}

/* Its talk is read, unless it is kept and nothing else must be asked about the text. Whatever else a turn does, what is
 * kept of its phone is not true any more. */
static void
find_kept(struct turn_batch *b, struct turn *t, bool unsure)
{
	struct turn_kept *k = turn_keep_take(b->g->turns->keep, b->bureau->id, t->phone, b->now_us);

	t->keeps = t->is_text && t->ussd == NULL;
	if (k == NULL)
		return;
	if (!t->keeps || t->named != 0 || t->twin || t->checks || unsure || !is_new(b, t, k)) {
		turn_kept_free(k);
		return;
	}
	t->kept = k;
	b->nkept++;
}

bool
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
	const char **texts = arena_alloc(b->arena, n * sizeof(*texts));
	size_t nphones = 0, ntexts = 0;

	for (size_t i = 0; i < n; i++) {
		struct turn *t = b->turns[i];
		int64_t unsure_us = 0;

		if (t->is_text) {
			checks(b, t);
			unsure_us = turn_unsure_since(ts->unsure, t, b->now_us);
		}
		find_kept(b, t, unsure_us != 0);
		if (t->kept != NULL)
			continue;
		phones[nphones++] = t->phone;
		if (t->keeps)
			texts[ntexts++] = t->phone;
		if (!t->is_text) {
			if (t->event.outside_event_id != 0)
				events[nevents++] = t->event.outside_event_id;
			continue;
		}
		/* One that may be stored already is looked for on its own bind too. */
		arrivals[narrivals++] = (struct store_arrival){t->hash, t->phone, unsure_us != 0 ? "" : t->session,
			link_name(t->link), unsure_us != 0 ? unsure_us : t->sequence, t->ussd == NULL};
		if (t->named != 0) {
			named_phones[nnamed] = t->phone;
			named[nnamed++] = t->named;
		}
		if (t->checks)
			codes[ncodes++] = t->check_hash;
	}
	if (nphones > 0) {
		/* The order in which conversations are locked, and in which they come. */
		qsort(phones, nphones, sizeof(*phones), by_octets);
		store_turn_load(pb, id, phones, nphones);
		stage(b, STAGE_CONVERSATIONS);
		stage(b, STAGE_APPLICATIONS);
		store_save_phones(pb, STMT_TURN_LANGUAGES, id, phones, nphones);
		stage(b, STAGE_LANGUAGES);
	}
	if (ntexts > 0) {
		store_turn_load_texts(pb, id, texts, ntexts, TURN_KEPT_TEXTS);
		stage(b, STAGE_TEXTS);
	}
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
	return b->nstages > 0;
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

static void
prior_loaded(struct turn_batch *b, const PGresult *res, int i)
{
	struct turn_prior *x = turn_rows_add(b, &b->prior, sizeof(*x));
	size_t len;
	const uint8_t *hash = store_hex(b->arena, store_text(res, i, 1), &len);

	x->phone = arena_dup(b->arena, store_text(res, i, 0));
	memcpy(x->hash, hash, len < STORE_HASH ? len : STORE_HASH);
}

void
turn_batch_result(void *arg, int index, const PGresult *res)
{
	struct turn_batch *b = arg;

	if (res != NULL && index == b->saved_stage && PQntuples(res) > 0)
		b->xid = store_xid(res, 0, 0);
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
	case STAGE_TEXTS:
		for (int i = 0; i < PQntuples(res); i++)
			prior_loaded(b, res, i);
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

/* ---- Talks that are kept ------------------------------------------------------------------------------------------
 */

static int
by_phone(const void *a, const void *b)
{
	return strcmp(((const struct store_conversation *)a)->phone, ((const struct store_conversation *)b)->phone);
}

/* The transactions that left these as they are, in the order of their ids. */
static const char *
xids_of(struct arena *a, const struct store_application *list, size_t n)
{
	const char *out = "";
	int64_t last = INT64_MIN;

	for (size_t done = 0; done < n; done++) {
		const struct store_application *next = NULL;

		for (size_t i = 0; i < n; i++) {
			if (list[i].id > last && (next == NULL || list[i].id < next->id))
				next = &list[i];
		}
		if (next == NULL)
			break;
		out = arena_printf(a, "%s%s%u", out, done == 0 ? "" : ",", (unsigned)next->xid);
		last = next->id;
	}
	return out;
}

void
turn_batch_loaded(struct turn_batch *b)
{
	size_t n = b->nconversations, m = b->napplications;

	if (b->nkept == 0)
		return;
	for (int i = 0; i < b->nturns; i++)
		m += b->turns[i]->kept == NULL ? 0 : b->turns[i]->kept->napplications;
	struct store_conversation *all = arena_alloc(b->arena, (n + b->nkept) * sizeof(*all));
	struct store_application *applications = arena_alloc(b->arena, m * sizeof(*applications) + 1);
	if (n > 0)
		memcpy(all, b->conversations, n * sizeof(*all));
	if (b->napplications > 0)
		memcpy(applications, b->applications, b->napplications * sizeof(*applications));
	for (int i = 0; i < b->nturns; i++) {
		const struct turn_kept *k = b->turns[i]->kept;

		if (k == NULL)
			continue;
		all[n] = k->row;
		all[n++].kept_applications = xids_of(b->arena, k->applications, k->napplications);
		memcpy(&applications[b->napplications], k->applications, k->napplications * sizeof(*applications));
		b->napplications += k->napplications;
	}
	qsort(all, n, sizeof(*all), by_phone);
	b->conversations = all;
	b->nconversations = n;
	b->applications = applications;
}

static int
by_prior_phone(const void *a, const void *b)
{
	return strcmp(((const struct turn_prior *)a)->phone, ((const struct turn_prior *)b)->phone);
}

/* The texts of the phone that were stored before: those that were read, of which only the hash is known. */
static struct turn_kept_text *
texts_before(struct turn_batch *b, const struct turn *t, size_t *n)
{
	const struct turn_prior *prior = b->prior.list, key = {.phone = t->phone};
	struct turn_kept_text *list;
	size_t from = b->prior.count, to;

	*n = 0;
	const struct turn_prior *any = from == 0 ? NULL : bsearch(&key, prior, from, sizeof(key), by_prior_phone);
	if (any == NULL)
		return NULL;
	for (from = (size_t)(any - prior); from > 0 && strcmp(prior[from - 1].phone, t->phone) == 0; from--)
		;
	for (to = from; to < b->prior.count && strcmp(prior[to].phone, t->phone) == 0; to++)
		;
	list = arena_alloc(b->arena, (to - from) * sizeof(*list));
	memset(list, 0, (to - from) * sizeof(*list));
	for (size_t i = from; i < to; i++)
		memcpy(list[*n].hash, prior[i].hash, STORE_HASH), ++*n;
	return list;
}

void
turn_batch_keep(struct turn_batch *b, const struct turn *t)
{
	struct turn_kept_text text = {.inbound_id = t->inbound_id, .received_us = t->received_us, .sequence = t->sequence};
	const struct store_conversation key = {.phone = t->phone}, *row;
	const struct turn_kept_text *texts = t->kept != NULL ? t->kept->texts : NULL;
	size_t ntexts = t->kept != NULL ? t->kept->ntexts : 0;

	if (t->napplications == 0 || b->xid == 0)
		return;
	row = bsearch(&key, b->saved_conversations.list, b->saved_conversations.count, sizeof(key), by_phone);
	if (row == NULL)
		return;
	if (t->kept == NULL)
		texts = texts_before(b, t, &ntexts);
	memcpy(text.hash, t->hash, STORE_HASH);
	memcpy(text.session, t->session, sizeof(text.session));
	struct turn_kept *k = turn_kept_new(b->bureau->id, t->kept != NULL ? t->kept->read_us : b->now_us, b->xid, row,
		t->applications, t->napplications, texts, ntexts, &text);
	if (k != NULL)
		turn_keep_put(b->g->turns->keep, k);
}

/* Rows that are found by their phones from now on, and locked in that order by a save that did not read them. */
void
turn_batch_sort(struct turn_batch *b)
{
	if (b->saved_conversations.count > 1)
		qsort(b->saved_conversations.list, b->saved_conversations.count, sizeof(struct store_conversation), by_phone);
	if (b->prior.count > 1)
		qsort(b->prior.list, b->prior.count, sizeof(struct turn_prior), by_prior_phone);
}
