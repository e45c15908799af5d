/* The rows of a batch of turns, from results and into parameters. */
#include "store/turn.h"

#include <stdlib.h>
#include <string.h>

#include "store/arena.h"
#include "store/columns.h"
#include "store/outbox.h"

const char *
store_text(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? "" : PQgetvalue(res, row, column);
}

int64_t
store_int(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? 0 : strtoll(PQgetvalue(res, row, column), NULL, 10);
}

uint32_t
store_xid(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? 0 : (uint32_t)strtoul(PQgetvalue(res, row, column), NULL, 10);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

uint8_t *
store_hex(struct arena *a, const char *hex, size_t *len)
{
	size_t n = strlen(hex) / 2;
	uint8_t *out = arena_alloc(a, n + 1);

	for (size_t i = 0; i < n; i++) {
		int hi = hex_digit(hex[2 * i]), lo = hex_digit(hex[2 * i + 1]);
		out[i] = (uint8_t)(hi < 0 || lo < 0 ? 0 : hi << 4 | lo);
	}
	*len = n;
	return out;
}

struct store_conversation *
store_turn_conversations(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_conversation *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++) {
		struct store_conversation *c = &list[i];
		size_t len;

		c->id = store_int(res, i, 0);
		c->phone = arena_dup(a, store_text(res, i, 1));
		c->holder_id = store_int(res, i, 2);
		c->campaign_id = store_int(res, i, 3);
		c->link = arena_dup(a, store_text(res, i, 4));
		c->language = arena_dup(a, store_text(res, i, 5));
		c->dialog = arena_dup(a, store_text(res, i, 6));
		c->dialog_version = (int)store_int(res, i, 7);
		c->step = arena_dup(a, store_text(res, i, 8));
		c->selected = (uint64_t)store_int(res, i, 9);
		c->begun = store_int(res, i, 10) != 0;
		c->ask_owed = store_int(res, i, 11) != 0;
		uint8_t *counts = store_hex(a, store_text(res, i, 12), &len);
		memcpy(c->counts, counts, len < sizeof(c->counts) ? len : sizeof(c->counts));
		c->slots = arena_dup(a, store_text(res, i, 13));
		c->deadline_us = PQgetisnull(res, i, 14) ? INT64_MIN : store_int(res, i, 14);
		c->open = store_int(res, i, 15) != 0;
		c->version = (int)store_int(res, i, 16);
		c->texts = (int)store_int(res, i, 17);
		c->outcome = "";
	}
	*n = (size_t)rows;
	return list;
}

static int
by_number(const void *a, const void *b)
{
	const struct store_application *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

struct store_application *
store_turn_applications(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_application *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++) {
		struct store_application *p = &list[i];

		p->id = store_int(res, i, 0);
		p->conversation_id = store_int(res, i, 1);
		p->number = (int)store_int(res, i, 2);
		p->status = arena_dup(a, store_text(res, i, 3));
		p->item_code = arena_dup(a, store_text(res, i, 4));
		p->name_zh = arena_dup(a, store_text(res, i, 5));
		p->name_en = arena_dup(a, store_text(res, i, 6));
		p->licence_no = arena_dup(a, store_text(res, i, 7));
		p->issued_on = arena_dup(a, store_text(res, i, 8));
		p->expires_on = arena_dup(a, store_text(res, i, 9));
		p->holder = arena_dup(a, store_text(res, i, 10));
		if (!PQgetisnull(res, i, 11))
			p->holder_address = store_hex(a, PQgetvalue(res, i, 11), &p->holder_address_len);
		if (!PQgetisnull(res, i, 12))
			p->address = store_hex(a, PQgetvalue(res, i, 12), &p->address_len);
		p->old_certificate = arena_dup(a, store_text(res, i, 13));
		p->delivery = arena_dup(a, store_text(res, i, 14));
		p->tracking_no = arena_dup(a, store_text(res, i, 15));
		p->pickup_code = arena_dup(a, store_text(res, i, 16));
		p->decision_reason = arena_dup(a, store_text(res, i, 17));
		p->rating = (int)store_int(res, i, 18);
		p->verified_by = arena_dup(a, store_text(res, i, 19));
		p->tags = arena_dup(a, store_text(res, i, 20));
		p->cycle = arena_dup(a, store_text(res, i, 21));
		p->last_day = arena_dup(a, store_text(res, i, 22));
		p->changes = arena_dup(a, store_text(res, i, 23));
		p->certificate_no = arena_dup(a, store_text(res, i, 24));
		p->check_due_on = arena_dup(a, store_text(res, i, 25));
		p->xid = store_xid(res, i, 26);
	}
	/* Those of one talk lie side by side. */
	for (int from = 0, to; from < rows; from = to) {
		for (to = from + 1; to < rows && list[to].conversation_id == list[from].conversation_id; to++)
			;
		if (to - from > 1)
			qsort(&list[from], (size_t)(to - from), sizeof(*list), by_number);
	}
	*n = (size_t)rows;
	return list;
}

void
store_turn_load(struct pg_batch *b, int bureau_id, const char *const *phones, size_t n)
{
	struct pg_params *p = params_for_rows(bureau_id, n);

	COLUMN(p, phones, n, pg_array_text(p, *r));
	pg_batch_add(b, n == 1 ? STMT_TURN_CONVERSATIONS_ONE : STMT_TURN_CONVERSATIONS, p);
	pg_batch_add(b, n == 1 ? STMT_TURN_APPLICATIONS_ONE : STMT_TURN_APPLICATIONS, p);
	pg_params_free(p);
}

void
store_turn_load_texts(struct pg_batch *b, int bureau_id, const char *const *phones, size_t n, int limit)
{
	struct pg_params *p = params_for_rows(bureau_id, n);

	COLUMN(p, phones, n, pg_array_text(p, *r));
	pg_param_int(p, limit);
	ADD_ROWS(b, TURN_TEXTS, n, p);
}

void
store_turn_load_again(struct pg_batch *b, int bureau_id, const struct store_arrival *rows, size_t n)
{
	struct pg_params *p = params_for_rows(bureau_id, n);

	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_bytes(p, r->hash, STORE_HASH));
	COLUMN(p, rows, n, pg_array_text(p, r->session));
	COLUMN(p, rows, n, pg_array_int(p, r->sequence));
	COLUMN(p, rows, n, pg_array_text(p, r->link));
	COLUMN(p, rows, n, pg_array_bool(p, r->text));
	ADD_ROWS(b, TURN_AGAIN, n, p);
}

void
store_turn_load_check(struct pg_batch *b, int bureau_id, const uint8_t *const *code_hashes, size_t n)
{
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, code_hashes, n, pg_array_bytes(p, *r, 32));
	add(b, STMT_TURN_CHECK, p);
}

void
store_turn_load_events(struct pg_batch *b, int bureau_id, const int64_t *ids, size_t n)
{
	store_save_ids(b, STMT_TURN_EVENTS, bureau_id, ids, n);
}

void
store_turn_load_named(
	struct pg_batch *b, int bureau_id, const char *const *phones, const int64_t *named, size_t n, int64_t modulus)
{
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, phones, n, pg_array_text(p, *r));
	COLUMN(p, named, n, pg_array_int(p, *r));
	pg_param_int(p, modulus);
	add(b, STMT_TURN_NAMED, p);
}

void
store_turn_load_ids(struct pg_batch *b, int count)
{
	add(b, STMT_TURN_IDS, params_for(count));
}

void
store_save_inbound(struct pg_batch *b, int bureau_id, const struct store_inbound *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for_rows(bureau_id, n);
	COLUMN(p, rows, n, pg_array_int(p, r->id));
	COLUMN(p, rows, n, pg_array_time(p, r->received_us));
	COLUMN(p, rows, n, pg_array_text(p, r->link));
	COLUMN(p, rows, n, pg_array_text(p, r->session));
	COLUMN(p, rows, n, pg_array_int(p, r->sequence));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->short_code));
	COLUMN(p, rows, n, pg_array_text(p, r->text));
	COLUMN(p, rows, n, pg_array_bytes(p, r->hash, STORE_HASH));
	COLUMN(p, rows, n, array_id(p, r->conversation_id));
	COLUMN(p, rows, n, pg_array_text(p, r->step));
	COLUMN(p, rows, n, pg_array_bool(p, r->understood));
	COLUMN(p, rows, n, pg_array_text(p, r->error));
	ADD_ROWS(b, TURN_INBOUND_INSERT, n, p);
}

void
store_save_inbound_found(struct pg_batch *b, int bureau_id, const struct store_inbound *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_int(p, r->id));
	COLUMN(p, rows, n, pg_array_bool(p, r->understood));
	COLUMN(p, rows, n, pg_array_text(p, r->error));
	add(b, STMT_TURN_INBOUND_FOUND, p);
}

void
store_save_conversations(struct pg_batch *b, int bureau_id, const struct store_conversation *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for_rows(bureau_id, n);
	COLUMN(p, rows, n, pg_array_int(p, r->id));
	COLUMN(p, rows, n, pg_array_text(p, r->link));
	COLUMN(p, rows, n, pg_array_text(p, r->language));
	COLUMN(p, rows, n, pg_array_int(p, r->dialog_version));
	COLUMN(p, rows, n, pg_array_text(p, r->step));
	COLUMN(p, rows, n, pg_array_int(p, (int64_t)r->selected));
	COLUMN(p, rows, n, pg_array_bool(p, r->begun));
	COLUMN(p, rows, n, pg_array_bool(p, r->ask_owed));
	COLUMN(p, rows, n, pg_array_bytes(p, r->counts, sizeof(r->counts)));
	COLUMN(p, rows, n, pg_array_text(p, r->slots));
	COLUMN(p, rows, n, pg_array_time(p, r->deadline_us));
	COLUMN(p, rows, n, pg_array_bool(p, r->ended));
	COLUMN(p, rows, n, pg_array_text(p, r->outcome));
	COLUMN(p, rows, n, pg_array_int(p, r->version));
	COLUMN(p, rows, n, pg_array_int(p, r->texts));
	COLUMN(p, rows, n, array_id(p, r->kept_xid));
	ADD_ROWS(b, TURN_CONVERSATION_SAVE, n, p);
}

static bool
answers_for_others(const struct store_conversation *r)
{
	return r->kept_xid != 0 && r->kept_applications != NULL;
}

void
store_check_conversations(struct pg_batch *b, int bureau_id, const struct store_conversation *rows, size_t n)
{
	size_t first = 0;

	while (first < n && !answers_for_others(&rows[first]))
		first++;
	if (first == n)
		return;
	struct pg_params *p = params_for(bureau_id);
	pg_array_begin(p);
	for (size_t i = first; i < n; i++) {
		if (answers_for_others(&rows[i]))
			pg_array_int(p, rows[i].id);
	}
	pg_array_end(p);
	pg_array_begin(p);
	for (size_t i = first; i < n; i++) {
		if (answers_for_others(&rows[i]))
			pg_array_text(p, rows[i].kept_applications);
	}
	pg_array_end(p);
	add(b, STMT_TURN_CONVERSATION_CHECK, p);
}

void
store_save_texts_said(struct pg_batch *b, int bureau_id, const struct store_conversation *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_int(p, r->id));
	COLUMN(p, rows, n, pg_array_int(p, r->texts));
	add(b, STMT_TURN_TEXTS_SAID, p);
}

void
store_save_applications(struct pg_batch *b, int bureau_id, const struct store_application *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for_rows(bureau_id, n);
	COLUMN(p, rows, n, pg_array_int(p, r->id));
	COLUMN(p, rows, n, pg_array_text(p, r->status));
	COLUMN(p, rows, n, pg_array_text(p, r->old_certificate));
	COLUMN(p, rows, n, pg_array_text(p, r->delivery));
	pg_array_begin(p);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].new_address == NULL)
			pg_array_text(p, NULL);
		else
			pg_array_bytes(p, rows[i].new_address, rows[i].new_address_len);
	}
	pg_array_end(p);
	COLUMN(p, rows, n, pg_array_text(p, r->verified_by));
	COLUMN(p, rows, n, array_id(p, r->new_rating));
	COLUMN(p, rows, n, pg_array_bool(p, r->detached));
	COLUMN(p, rows, n, pg_array_text(p, r->new_complaint));
	COLUMN(p, rows, n, array_id(p, r->xid));
	ADD_ROWS(b, TURN_APPLICATION_SAVE, n, p);
}

void
store_save_acts(struct pg_batch *b, int bureau_id, const int64_t *ids, const char *const *kinds, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, ids, n, pg_array_int(p, *r));
	COLUMN(p, kinds, n, pg_array_text(p, *r));
	add(b, STMT_ACTS_ADD, p);
}

static bool
is_direct(const struct store_message *m)
{
	return m->now && !m->screen;
}

/* As COLUMN, of those rows that are direct, or of the others. */
#define COLUMN_OF(p, rows, n, direct, call) COLUMN(p, rows, n, if (is_direct(r) == (direct)) call)

static void
save_direct(struct pg_batch *b, int bureau_id, const char *daemon, int lease_seconds, const struct store_message *rows,
	size_t n)
{
	size_t first = 0;

	while (first < n && !is_direct(&rows[first]))
		first++;
	if (first == n)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN_OF(p, rows, n, true, pg_array_int(p, r->id));
	pg_param_time(p, rows[first].at_us);
	COLUMN_OF(p, rows, n, true, pg_array_int(p, r->reference));
	pg_param_text(p, daemon);
	pg_param_int(p, lease_seconds);
	add(b, STMT_TURN_DIRECT_INSERT, p);
}

static void
save_outbox(struct pg_batch *b, int bureau_id, const char *daemon, int lease_seconds, const struct store_message *rows,
	size_t n)
{
	size_t some = 0;

	for (size_t i = 0; i < n; i++)
		some += !is_direct(&rows[i]);
	if (some == 0)
		return;
	struct pg_params *p = params_for_rows(bureau_id, some);
	COLUMN_OF(p, rows, n, false, pg_array_int(p, r->id));
	COLUMN_OF(p, rows, n, false, pg_array_time(p, r->at_us));
	COLUMN_OF(p, rows, n, false, array_id(p, r->conversation_id));
	COLUMN_OF(p, rows, n, false, array_id(p, r->campaign_id));
	COLUMN_OF(p, rows, n, false, pg_array_text(p, r->phone));
	COLUMN_OF(p, rows, n, false, pg_array_text(p, r->link));
	COLUMN_OF(p, rows, n, false, pg_array_int(p, r->priority));
	COLUMN_OF(p, rows, n, false, pg_array_text(p, r->kind));
	COLUMN_OF(p, rows, n, false, array_id(p, r->reply_to));
	COLUMN_OF(p, rows, n, false, pg_array_int(p, r->reference));
	COLUMN_OF(p, rows, n, false, pg_array_bool(p, r->now));
	pg_param_text(p, daemon);
	pg_param_int(p, lease_seconds);
	ADD_ROWS(b, TURN_OUTBOX_INSERT, some, p);
}
#undef COLUMN_OF

void
store_save_messages(struct pg_batch *b, int bureau_id, const char *daemon, int lease_seconds,
	const struct store_message *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for_rows(bureau_id, n);
	COLUMN(p, rows, n, pg_array_int(p, r->id));
	COLUMN(p, rows, n, pg_array_time(p, r->at_us));
	COLUMN(p, rows, n, array_id(p, r->conversation_id));
	COLUMN(p, rows, n, array_id(p, r->campaign_id));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->kind));
	COLUMN(p, rows, n, pg_array_text(p, r->wording));
	COLUMN(p, rows, n, pg_array_text(p, r->language));
	COLUMN(p, rows, n, pg_array_text(p, r->text));
	COLUMN(p, rows, n, array_id(p, r->reply_to));
	COLUMN(p, rows, n, pg_array_text(p, r->link));
	COLUMN(p, rows, n, pg_array_int(p, r->parts));
	COLUMN(p, rows, n, pg_array_bool(p, r->now));
	ADD_ROWS(b, TURN_MESSAGE_INSERT, n, p);
	save_direct(b, bureau_id, daemon, lease_seconds, rows, n);
	save_outbox(b, bureau_id, daemon, lease_seconds, rows, n);
}

void
store_save_trail(struct pg_batch *b, int bureau_id, const struct store_trail *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for_rows(bureau_id, n);
	COLUMN(p, rows, n, array_id(p, r->application_id));
	COLUMN(p, rows, n, array_id(p, r->conversation_id));
	COLUMN(p, rows, n, pg_array_text(p, r->actor));
	COLUMN(p, rows, n, pg_array_text(p, r->kind));
	COLUMN(p, rows, n, pg_array_text(p, r->data));
	ADD_ROWS(b, TURN_TRAIL_INSERT, n, p);
}

void
store_save_worklist(struct pg_batch *b, int bureau_id, const struct store_worklist *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for_rows(bureau_id, n);
	COLUMN(p, rows, n, pg_array_text(p, r->list));
	COLUMN(p, rows, n, array_id(p, r->application_id));
	COLUMN(p, rows, n, array_id(p, r->conversation_id));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->reason));
	COLUMN(p, rows, n, pg_array_text(p, r->item_code));
	ADD_ROWS(b, TURN_WORKLIST_INSERT, n, p);
}

void
store_worklist_done(struct pg_batch *b, int bureau_id, const int64_t *conversations, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for_rows(bureau_id, n);
	COLUMN(p, conversations, n, pg_array_int(p, *r));
	ADD_ROWS(b, TURN_WORKLIST_DONE, n, p);
}

void
store_save_said(struct pg_batch *b, int bureau_id, const struct store_said *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_int(p, r->entry_id));
	COLUMN(p, rows, n, pg_array_text(p, r->actor));
	COLUMN(p, rows, n, pg_array_text(p, r->became));
	COLUMN(p, rows, n, pg_array_text(p, r->note));
	COLUMN(p, rows, n, pg_array_bool(p, r->closes));
	COLUMN(p, rows, n, array_id(p, r->session));
	COLUMN(p, rows, n, pg_array_text(p, r->address));
	add(b, STMT_WORKLIST_SAID, p);
}

void
store_save_ids(struct pg_batch *b, int stmt, int bureau_id, const int64_t *ids, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, ids, n, pg_array_int(p, *r));
	add(b, (enum stmt)stmt, p);
}

void
store_save_phones(struct pg_batch *b, int stmt, int bureau_id, const char *const *phones, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, phones, n, pg_array_text(p, *r));
	add(b, (enum stmt)stmt, p);
}

void
store_answer_again(struct pg_batch *b, int bureau_id, const struct store_again *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_int(p, r->inbound_id));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->session));
	COLUMN(p, rows, n, pg_array_int(p, r->sequence));
	COLUMN(p, rows, n, pg_array_time(p, r->came_us));
	add(b, STMT_TURN_ANSWER_AGAIN, p);
}

void
store_unsure(struct pg_batch *b, const struct store_unsure *rows, size_t n)
{
	struct pg_params *p = pg_params_new();

	COLUMN(p, rows, n, pg_array_int(p, r->bureau_id));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_bytes(p, r->hash, STORE_HASH));
	COLUMN(p, rows, n, pg_array_time(p, r->came_us));
	add(b, STMT_TURN_UNSURE, p);
}

void
store_save_phone_words(
	struct pg_batch *b, int stmt, int bureau_id, const char *const *phones, const char *const *words, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, phones, n, pg_array_text(p, *r));
	COLUMN(p, words, n, pg_array_text(p, *r));
	add(b, (enum stmt)stmt, p);
}
