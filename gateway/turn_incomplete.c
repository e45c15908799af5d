/*
 * Long texts that never became whole: what there is of them is kept and put on the worklist, so that nothing a citizen
 * wrote is lost without a person seeing it. Also how parts are read, whole or not.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "dialog/text.h"
#include "gateway/log.h"
#include "gateway/turn_internal.h"
#include "store/pg.h"

#define GAP "[…]" /* where a part is missing */

/* ---- Reading parts ---------------------------------------------------------------------------------------------- */

static void *
must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

char *
turn_octets_shown(const uint8_t *octets, size_t len)
{
	static const char before[] = "[8-bit data: ", after[] = "]";
	size_t room = sizeof(before) + len * 3 + sizeof(after), n = sizeof(before) - 1;
	char *out = must(malloc(room));

	memcpy(out, before, n);
	n += text_hex(octets, len, out + n, room - n);
	memcpy(out + n, after, sizeof(after));
	return out;
}

/* The pieces in their order, each at its number; what no row gives has octets NULL. */
static struct text_piece *
pieces_of(const struct store_part *rows, size_t n, size_t *octets, bool *binary)
{
	struct text_piece *pieces = must(calloc((size_t)rows[0].total, sizeof(*pieces)));

	*octets = 0;
	*binary = false;
	for (size_t i = 0; i < n; i++) {
		struct text_piece *p = &pieces[rows[i].part - 1];

		if (text_coding_by_name(rows[i].coding, &p->coding) != 0)
			p->coding = TEXT_CODING_BINARY; /* stored by another version of us */
		p->locking = (uint8_t)rows[i].locking;
		p->single = (uint8_t)rows[i].single;
		p->header = (size_t)rows[i].header;
		p->octets = rows[i].octets;
		p->len = rows[i].len;
		*octets += p->len;
		*binary = *binary || p->coding == TEXT_CODING_BINARY;
	}
	return pieces;
}

char *
turn_parts_text(const struct store_part *rows, size_t n)
{
	size_t octets, room;
	bool binary;
	struct text_piece *pieces = pieces_of(rows, n, &octets, &binary);
	char *out;

	room = octets * 3 + (size_t)rows[0].total * (sizeof(GAP) + 3) + 1;
	out = must(malloc(room));
	text_join(pieces, (size_t)rows[0].total, GAP, out, room);
	free(pieces);
	return out;
}

char *
turn_parts_shown(const struct store_part *rows, size_t n)
{
	size_t octets, room, len = 0;
	bool binary;
	struct text_piece *pieces = pieces_of(rows, n, &octets, &binary);
	char *out = NULL;

	if (!binary)
		goto done;
	room = octets * 3 + (size_t)rows[0].total * 32 + 1;
	out = must(malloc(room));
	for (int i = 0; i < rows[0].total; i++) {
		if (pieces[i].octets == NULL || pieces[i].coding != TEXT_CODING_BINARY) {
			len += text_join(&pieces[i], 1, GAP, out + len, room - len);
			continue;
		}
		char *shown = turn_octets_shown(pieces[i].octets, pieces[i].len);
		len += (size_t)snprintf(out + len, room - len, "%s", shown);
		free(shown);
	}
done:
	free(pieces);
	return out;
}

/* ---- Giving up -------------------------------------------------------------------------------------------------- */

/* "part 2 of 3 of a long text never came": what a clerk must know to ask for it. */
static void
reason_of(const struct store_part *rows, size_t n, char *out, size_t room)
{
	int total = rows[0].total, missing = total - (int)n, named = 0;
	size_t len;

	if (missing == 0) {
		(void)snprintf(out, room, "a long text of %d parts came whole and was not answered", total);
		return;
	}
	len = (size_t)snprintf(out, room, "%s ", missing == 1 ? "part" : "parts");
	for (int part = 1; part <= total && named < 5; part++) {
		bool there = false;

		for (size_t i = 0; i < n; i++)
			there = there || rows[i].part == part;
		if (there)
			continue;
		len += (size_t)snprintf(out + len, room - len, "%s%d", named == 0 ? "" : ", ", part);
		named++;
	}
	(void)snprintf(out + len, room - len, "%s of %d of a long text never came", named < missing ? ", ..." : "", total);
}

void
turn_parts_give_up(struct pg_batch *pb, const struct conf_bureau *b, const struct store_part *rows, size_t n)
{
	char *text = turn_parts_text(rows, n), *shown = turn_parts_shown(rows, n), reason[120];
	uint8_t hash[STORE_HASH];
	struct timeval now;
	crypto_generichash_state st;

	/* Two citizens' halves of a text may be the same; each is kept. */
	(void)gettimeofday(&now, NULL);
	(void)crypto_generichash_init(&st, NULL, 0, STORE_HASH);
	(void)crypto_generichash_update(&st, (const uint8_t *)&now, sizeof(now));
	(void)crypto_generichash_update(&st, (const uint8_t *)rows[0].phone, strlen(rows[0].phone) + 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)&rows[0].reference, sizeof(rows[0].reference));
	(void)crypto_generichash_update(&st, (const uint8_t *)text, strlen(text));
	(void)crypto_generichash_final(&st, hash, STORE_HASH);
	reason_of(rows, n, reason, sizeof(reason));
	log_warn("bureau=%s link=%s phone=%s %s; it goes to the worklist", b->code, rows[0].link, rows[0].phone, reason);
	store_parts_give_up(pb, b->id, rows, n, shown != NULL ? shown : text, hash, STORE_HASH, reason);
	free(text);
	free(shown);
}

/* ---- The sweep -------------------------------------------------------------------------------------------------- */

struct sweep {
	struct gateway *g;
	const struct conf_bureau *bureau;
	struct arena *arena;
	struct store_part *rows;
	size_t nrows;
};

static void
on_result(void *arg, int index, const PGresult *res)
{
	struct sweep *w = arg;

	if (index == 0 && res != NULL)
		w->rows = store_parts_rows(w->arena, res, &w->nrows);
}

static void
on_loaded(void *arg, struct pg_batch *pb)
{
	struct sweep *w = arg;

	for (size_t i = 0, n; i < w->nrows; i += n) {
		for (n = 1; i + n < w->nrows && turn_parts_same(&w->rows[i], &w->rows[i + n]);)
			n++;
		turn_parts_give_up(pb, w->bureau, &w->rows[i], n);
	}
	store_parts_forget(pb, w->bureau->id, w->g->conf->incomplete_minutes);
	pg_batch_commit(pb);
}

static void
on_end(void *arg, const char *error, const char *sqlstate)
{
	struct sweep *w = arg;

	if (error != NULL)
		log_warn("bureau=%s parts of long texts could not be looked through: %s sqlstate=%s", w->bureau->code, error,
			sqlstate);
	arena_free(w->arena);
	free(w);
}

void
turn_incomplete(struct gateway *g)
{
	for (size_t i = 0; i < g->conf->nbureaus; i++) {
		struct sweep *w = must(calloc(1, sizeof(*w)));

		*w = (struct sweep){.g = g, .bureau = &g->conf->bureaus[i], .arena = arena_new()};
		struct pg_batch *pb = pg_batch_begin(g->pg_side, true, w, on_result, on_end);
		if (pb == NULL) {
			on_end(w, "not connected", "");
			return;
		}
		store_parts_overdue(pb, w->bureau->id, g->conf->incomplete_minutes);
		pg_batch_flush(pb, on_loaded);
	}
}
