/*
 * Parts of long texts: each is stored before its carrier is answered; when all of one text are there it becomes a turn.
 * The last part is answered with the turn's commit, so a crash in between brings it again.
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
	struct turn *turns[PARTS_BATCH_MAX];
	char *joined[PARTS_BATCH_MAX]; /* the whole text where all parts are there */
	int n;
};

static void run(int fd, short what, void *arg);

static void
run_later(struct turn_parts *p)
{
	if (p->batch == NULL && p->head != NULL)
		event_active(p->run, EV_TIMEOUT, 0);
}

/* Result 0 is the store's; result i+1 the parts of turn i's text so far. */
static void
on_result(void *arg, int index, const PGresult *res)
{
	struct parts_batch *b = arg;

	if (res == NULL || index < 1 || index > b->n)
		return;
	const struct store_part *key = &b->turns[index - 1]->part_key;
	if (PQntuples(res) != key->total)
		return;
	size_t len = 0;
	struct arena *a = arena_new();
	char *text = arena_alloc(a, (size_t)PQntuples(res) * 4096 + 1);
	for (int i = 0; i < PQntuples(res); i++) {
		size_t n;
		uint8_t *octets = store_hex(a, store_text(res, i, 0), &n);
		if (n > 4095)
			n = 4095;
		memcpy(text + len, octets, n);
		len += n;
	}
	text[len] = '\0';
	b->joined[index - 1] = strdup(text);
	arena_free(a);
}

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

static bool
same_text(const struct store_part *a, const struct store_part *b)
{
	return a->reference == b->reference && a->total == b->total && strcmp(a->phone, b->phone) == 0 &&
		   strcmp(a->short_code, b->short_code) == 0 && strcmp(a->kind, b->kind) == 0 && strcmp(a->link, b->link) == 0;
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
		struct turn *t = b->turns[i];
		bool last = b->joined[i] != NULL;

		p->pending--;
		/* Of several parts of one text in this batch, the last to arrive carries the turn. */
		for (int j = i + 1; last && j < b->n; j++)
			last = !same_text(&t->part_key, &b->turns[j]->part_key);
		if (error != NULL) {
			turn_refuse(t);
		} else if (!last) {
			link_answer(t->link, t->token, 0);
			turn_free(t);
		} else {
			free(t->text);
			t->text = b->joined[i];
			b->joined[i] = NULL;
			hash_again(t);
			turn_accept(p->g, t);
		}
		free(b->joined[i]);
	}
	free(b);
	run_later(p);
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
	p->batch = b;
	const struct conf_bureau *bureau = p->head->bureau;
	while (p->head != NULL && b->n < PARTS_BATCH_MAX && p->head->bureau == bureau) {
		struct turn *t = p->head;

		p->head = t->next;
		t->next = NULL;
		if (p->head == NULL)
			p->tail = NULL;
		rows[b->n] = t->part_key;
		rows[b->n].text = t->text;
		b->turns[b->n++] = t;
	}
	struct pg_batch *pb = pg_batch_begin(p->g->pg_turn, true, b, on_result, on_end);
	if (pb == NULL) {
		on_end(b, "not connected", "");
		return;
	}
	store_parts_save(pb, bureau->id, rows, (size_t)b->n);
	for (int i = 0; i < b->n; i++)
		store_parts_load(pb, bureau->id, &rows[i]);
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
