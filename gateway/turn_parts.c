/*
 * Parts of long texts: each is stored before its carrier is answered; when all of one text are there it becomes a turn.
 * The last part is answered with the turn's commit, so a crash in between brings it again.
 *
 * A part that comes again unchanged is answered again. One that stands where another text's part waits (phones begin to
 * count anew, some never count) ends that other text's wait: it goes to the worklist, and the new one begins.
 */
#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/log.h"
#include "gateway/smpp/link.h"
#include "gateway/turn_internal.h"
#include "store/pg.h"

#define PARTS_BATCH_MAX 200

struct turn_parts {
	struct gateway *g;
	struct event *run;
	struct turn *head, *tail; /* waiting for the next batch */
	int pending;			  /* waiting and under way */
	struct parts_batch *batch;
};

struct parts_batch {
	struct turn_parts *p;
	struct arena *arena;
	const struct conf_bureau *bureau;
	int n, first; /* turns; the index of the first one's result */
	struct parted {
		struct turn *turn;
		struct store_part *rows; /* of its text, as they are in the store now */
		size_t nrows;
	} turns[PARTS_BATCH_MAX];
};

static void run(int fd, short what, void *arg);

static void
run_later(struct turn_parts *p)
{
	if (p->batch == NULL && p->head != NULL)
		event_active(p->run, EV_TIMEOUT, 0);
}

/* ---- What the store says of a part's text ------------------------------------------------------------------------ */

static bool
same_part(const struct store_part *a, const struct store_part *b)
{
	return a->len == b->len && memcmp(a->octets, b->octets, a->len) == 0 && strcmp(a->coding, b->coding) == 0;
}

/* Another text's part waits at this one's place. */
static bool
displaced(const struct parted *x)
{
	for (size_t i = 0; i < x->nrows; i++)
		if (x->rows[i].part == x->turn->part_key.part)
			return !same_part(&x->rows[i], &x->turn->part_key);
	return false;
}

/* All are there, and none is only left over from a text that was joined before. */
static bool
whole(const struct parted *x)
{
	for (size_t i = 0; i < x->nrows; i++)
		if (strcmp(x->rows[i].state, "joined") == 0)
			return false;
	return x->nrows == (size_t)x->turn->part_key.total;
}

bool
turn_parts_same(const struct store_part *a, const struct store_part *b)
{
	return a->reference == b->reference && a->total == b->total && strcmp(a->phone, b->phone) == 0 &&
		   strcmp(a->short_code, b->short_code) == 0 && strcmp(a->kind, b->kind) == 0;
}

static void
on_result(void *arg, int index, const PGresult *res)
{
	struct parts_batch *b = arg;

	/* The first results are of what was stored. */
	if (res == NULL || index < b->first || index >= b->first + b->n)
		return;
	struct parted *x = &b->turns[index - b->first];
	x->rows = store_parts_rows(b->arena, res, &x->nrows);
}

/* ---- Giving way -------------------------------------------------------------------------------------------------- */

struct giving_way {
	struct turn_parts *p;
	struct turn *turn;
};

static void
on_given_way(void *arg, const char *error, const char *sqlstate)
{
	struct giving_way *w = arg;

	w->p->pending--;
	if (error != NULL) {
		log_warn(
			"phone=%s part of a long text could not take its place: %s sqlstate=%s", w->turn->phone, error, sqlstate);
		turn_refuse(w->turn);
	} else {
		turn_parts_add(w->p, w->turn);
	}
	free(w);
}

/* The older text goes to the worklist; this part is stored once it is out of the way. */
static void
give_way(struct turn_parts *p, const struct parted *x)
{
	struct giving_way *w = malloc(sizeof(*w));
	struct store_part *rows = malloc((x->nrows + 1) * sizeof(*rows));
	size_t n = 0;

	if (w == NULL || rows == NULL)
		abort();
	*w = (struct giving_way){p, x->turn};
	for (size_t i = 0; i < x->nrows; i++)
		if (strcmp(x->rows[i].state, "joined") != 0)
			rows[n++] = x->rows[i];
	struct pg_batch *pb = pg_batch_begin(p->g->pg_turn, true, w, NULL, on_given_way);
	if (pb == NULL) {
		on_given_way(w, "not connected", "");
	} else {
		turn_parts_give_up(pb, x->turn->bureau, rows, n);
		pg_batch_commit(pb);
	}
	free(rows);
}

/* ---- Joining ----------------------------------------------------------------------------------------------------- */

static void
hash_again(struct turn *t)
{
	crypto_generichash_state st;
	int key[3] = {t->part_key.reference, t->part_key.total, 0};

	(void)crypto_generichash_init(&st, NULL, 0, STORE_HASH);
	(void)crypto_generichash_update(&st, (const uint8_t *)key, sizeof(key));
	(void)crypto_generichash_update(&st, (const uint8_t *)t->part_key.link, strlen(t->part_key.link) + 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)t->part_key.kind, strlen(t->part_key.kind) + 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)t->phone, strlen(t->phone) + 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)t->short_code, strlen(t->short_code) + 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)t->text, strlen(t->text));
	(void)crypto_generichash_final(&st, t->hash, STORE_HASH);
}

static void
join(struct turn_parts *p, const struct parted *x)
{
	struct turn *t = x->turn;

	free(t->text);
	t->text = turn_parts_text(x->rows, x->nrows);
	t->shown = turn_parts_shown(x->rows, x->nrows);
	hash_again(t);
	turn_accept(p->g, t);
}

static void
on_end(void *arg, const char *error, const char *sqlstate)
{
	struct parts_batch *b = arg;
	struct turn_parts *p = b->p;

	if (error != NULL)
		log_warn("parts of long texts could not be stored: %s sqlstate=%s", error, sqlstate);
	p->batch = NULL;
	for (int i = 0; i < b->n; i++) {
		const struct parted *x = &b->turns[i];
		struct turn *t = x->turn;
		bool last = whole(x);

		/* Of several parts of one text in this batch, the last to arrive carries the turn. */
		for (int j = i + 1; last && j < b->n; j++)
			last = !turn_parts_same(&t->part_key, &b->turns[j].turn->part_key);
		if (error == NULL && displaced(x)) {
			give_way(p, x); /* still pending */
			continue;
		}
		p->pending--;
		if (error != NULL) {
			turn_refuse(t);
		} else if (last) {
			join(p, x);
		} else {
			link_answer(t->link, t->token, 0);
			turn_free(t);
		}
	}
	arena_free(b->arena);
	free(b);
	run_later(p);
}

/* One statement cannot store a part twice: the second copy waits for the next batch. */
static bool
in_batch(const struct parts_batch *b, const struct store_part *part)
{
	for (int i = 0; i < b->n; i++) {
		const struct store_part *other = &b->turns[i].turn->part_key;

		if (other->part == part->part && turn_parts_same(other, part))
			return true;
	}
	return false;
}

static void
run(int fd, short what, void *arg)
{
	struct turn_parts *p = arg;
	struct store_part rows[PARTS_BATCH_MAX];

	(void)fd;
	(void)what;
	if (p->batch != NULL || p->head == NULL)
		return;
	struct parts_batch *b = calloc(1, sizeof(*b));
	if (b == NULL)
		abort();
	b->p = p;
	b->arena = arena_new();
	b->bureau = p->head->bureau;
	p->batch = b;
	while (
		p->head != NULL && b->n < PARTS_BATCH_MAX && p->head->bureau == b->bureau && !in_batch(b, &p->head->part_key)) {
		struct turn *t = p->head;

		p->head = t->next;
		t->next = NULL;
		if (p->head == NULL)
			p->tail = NULL;
		rows[b->n] = t->part_key;
		b->turns[b->n++].turn = t;
	}
	struct pg_batch *pb = pg_batch_begin(p->g->pg_turn, true, b, on_result, on_end);
	if (pb == NULL) {
		on_end(b, "not connected", "");
		return;
	}
	b->first = store_parts_save(pb, b->bureau->id, rows, (size_t)b->n);
	for (int i = 0; i < b->n; i++)
		store_parts_load(pb, b->bureau->id, &rows[i]);
	pg_batch_commit(pb);
}

void
turn_parts_add(struct turn_parts *p, struct turn *t)
{
	t->next = NULL;
	if (p->tail != NULL)
		p->tail->next = t;
	else
		p->head = t;
	p->tail = t;
	p->pending++;
	run_later(p);
}

int
turn_parts_pending(const struct turn_parts *p)
{
	return p->pending;
}

struct turn_parts *
turn_parts_new(struct gateway *g)
{
	struct turn_parts *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->g = g;
	p->run = event_new(g->base, -1, 0, run, p);
	if (p->run == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

void
turn_parts_free(struct turn_parts *p)
{
	if (p == NULL)
		return;
	while (p->head != NULL) {
		struct turn *t = p->head;
		p->head = t->next;
		turn_free(t);
	}
	event_free(p->run);
	free(p);
}
