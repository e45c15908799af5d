/* huizhi keys: which key the personal fields are sealed with, and sealing them anew with the newest. */
#include "gateway/keys.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "gateway/cli/progress.h"
#include "store/view.h"

static const struct {
	const char *name;
	enum stmt next, put;
} tables[] = {
	{"holder", STMT_RESEAL_HOLDER_NEXT, STMT_RESEAL_HOLDER_PUT},
	{"application", STMT_RESEAL_APPLICATION_NEXT, STMT_RESEAL_APPLICATION_PUT},
	{"register_change", STMT_RESEAL_CHANGE_NEXT, STMT_RESEAL_CHANGE_PUT},
	{"webhook", STMT_RESEAL_WEBHOOK_NEXT, STMT_RESEAL_WEBHOOK_PUT},
	{"signature", STMT_RESEAL_SIGNATURE_NEXT, STMT_RESEAL_SIGNATURE_PUT},
};
#define TABLES (sizeof tables / sizeof tables[0])

static const struct cli_column columns[] = {{"key", "KEY"}, {"field", "FIELD"}, {"values", "VALUES"}, {NULL, NULL}};

/* ---- Which keys are in use? ------------------------------------------------------------------------------------- */

/* What every bureau of the configuration seals, key by key: a key is needed as long as one of them needs it. */
struct usage {
	json_t *fields;	 /* one object a bureau, field and key */
	json_t *keys;	 /* one object a key of the folder: how much it holds, and whether it may go */
	json_t *missing; /* those of the fields whose key is not in the folder: nobody can read them any more */
	json_int_t lost; /* values of these */
};

static json_int_t
sealed_with(const json_t *rows, int number)
{
	json_int_t n = 0;
	json_t *row;
	size_t i;
	json_array_foreach (rows, i, row)
		if (json_integer_value(json_object_get(row, "key")) == number)
			n += json_integer_value(json_object_get(row, "values"));
	return n;
}

static bool
has_key(const int *numbers, size_t n, json_int_t number)
{
	for (size_t k = 0; k < n; k++)
		if (numbers[k] == number)
			return true;
	return false;
}

static void
usage_free(struct usage *u)
{
	json_decref(u->fields);
	json_decref(u->keys);
	json_decref(u->missing);
}

/* 0, or -1 (printed). */
static int
usage_read(struct cli *c, struct usage *u)
{
	int numbers[8];
	size_t n = keys_seal_numbers(c->keys, numbers), k;
	json_t *row;

	*u = (struct usage){.fields = json_array(), .keys = json_array(), .missing = json_array()};
	for (size_t i = 0; i < c->conf->nbureaus; i++) {
		const struct conf_bureau *b = &c->conf->bureaus[i];
		json_t *rows = cli_rows_run(c, STMT_RESEAL_COUNT, cli_params(b), b);
		if (rows == NULL) {
			usage_free(u);
			return -1;
		}
		json_array_extend(u->fields, rows);
		json_decref(rows);
	}
	for (size_t i = 0; i < n; i++) {
		json_int_t values = sealed_with(u->fields, numbers[i]);
		json_array_append_new(u->keys, json_pack("{s:i, s:I, s:b, s:b}", "key", numbers[i], "values", values, "newest",
										   i == 0, "removable", i > 0 && values == 0));
	}
	json_array_foreach (u->fields, k, row) {
		if (has_key(numbers, n, view_number(row, "key")))
			continue;
		u->lost += view_number(row, "values");
		json_array_append(u->missing, row);
	}
	return 0;
}

static void
print_usage(const struct usage *u)
{
	json_t *key;
	size_t i;
	json_array_foreach (u->keys, i, key) {
		int number = (int)view_number(key, "key");
		printf("seal.%d.key seals %" JSON_INTEGER_FORMAT " values%s\n", number,
			json_integer_value(json_object_get(key, "values")),
			i == 0											  ? "; it is the newest"
			: json_is_true(json_object_get(key, "removable")) ? "; it may be removed once no backup needs it"
															  : "; it must stay: run huizhi keys reseal");
	}
	json_array_foreach (u->missing, i, key)
		printf("seal.%d.key is not in the folder: %" JSON_INTEGER_FORMAT
			   " values of %s at %s cannot be opened until its copy is back\n",
			(int)view_number(key, "key"), json_integer_value(json_object_get(key, "values")), view_text(key, "field"),
			view_text(key, "bureau"));
}

static int
status(struct cli *c, int argc, char **argv)
{
	struct usage u;
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	if (cli_keys(c) == NULL || cli_pg(c) == NULL || usage_read(c, &u) != 0)
		return CLI_FAILED;
	if (c->json) {
		cli_print_object(c,
			json_pack("{s:O, s:O, s:I, s:O}", "keys", u.keys, "fields", u.fields, "lost", u.lost, "missing", u.missing),
			NULL);
	} else {
		if (json_array_size(u.fields) > 0)
			cli_print_list(c, json_incref(u.fields), columns);
		print_usage(&u);
	}
	usage_free(&u);
	return u.lost > 0 ? CLI_FAILED : CLI_DONE;
}

/* ---- Sealing anew ----------------------------------------------------------------------------------------------- */

struct resealed {
	int64_t rows, values, unreadable;
	int64_t all; /* values that were to be sealed anew when it began; 0 = nobody watches */
	struct progress *progress;
};

/* A value as it was and as it is now, at the end of two arrays being filled; NULL where nothing is to be done. */
struct value {
	unsigned char *was;
	size_t was_len;
	uint8_t *now;
	size_t now_len;
};

static void
value_make(const struct keys *k, const PGresult *res, int row, int column, struct value *v, struct resealed *r)
{
	*v = (struct value){0};
	if (PQgetisnull(res, row, column))
		return;
	v->was = PQunescapeBytea((const unsigned char *)PQgetvalue(res, row, column), &v->was_len);
	char *plain = v->was == NULL ? NULL : keys_decrypt(k, v->was, v->was_len);
	if (plain == NULL) {
		r->unreadable++;
		return;
	}
	v->now = keys_encrypt(k, plain, strlen(plain), &v->now_len);
	r->values++;
	sodium_memzero(plain, strlen(plain));
	free(plain);
}

static void
put_octets(struct pg_params *p, const void *octets, size_t len)
{
	if (octets == NULL)
		pg_array_text(p, NULL);
	else
		pg_array_bytes(p, octets, len);
}

static void
put_column(struct pg_params *p, const struct value *list, int n, bool now)
{
	pg_array_begin(p);
	for (int i = 0; i < n; i++) {
		/* One that cannot be read is compared with nothing and stays as it is. */
		if (now)
			put_octets(p, list[i].now, list[i].now_len);
		else
			put_octets(p, list[i].now == NULL ? NULL : list[i].was, list[i].was_len);
	}
	pg_array_end(p);
}

static int64_t
put_rows(struct cli *c, enum stmt s, int bureau_id, const PGresult *res, struct value *a, struct value *b)
{
	struct pg_params *p = pg_params_new();
	int n = PQntuples(res);
	pg_param_int(p, bureau_id);
	pg_array_begin(p);
	for (int i = 0; i < n; i++)
		pg_array_int(p, strtoll(PQgetvalue(res, i, 0), NULL, 10));
	pg_array_end(p);
	put_column(p, a, n, false);
	put_column(p, a, n, true);
	put_column(p, b, n, false);
	put_column(p, b, n, true);
	PGresult *put = cli_run(c, s, p);
	int64_t rows = put == NULL ? -1 : strtoll(PQgetvalue(put, 0, 0), NULL, 10);
	PQclear(put);
	pg_params_free(p);
	return rows;
}

/* One batch in a transaction of its own. Returns its rows, 0 at the end, -1 (printed). *after moves on. */
static int64_t
reseal_batch(struct cli *c, size_t table, int bureau_id, int64_t *after, struct resealed *r)
{
	int numbers[8];
	(void)keys_seal_numbers(c->keys, numbers);
	struct pg_params *p = pg_params_new();
	pg_param_int(p, bureau_id);
	pg_param_int(p, *after);
	pg_param_int(p, numbers[0]);
	PGresult *res = cli_run(c, tables[table].next, p);
	pg_params_free(p);
	int n = res == NULL ? -1 : PQntuples(res);
	if (n <= 0) {
		PQclear(res);
		return n;
	}
	struct value *a = calloc((size_t)n, sizeof *a), *b = calloc((size_t)n, sizeof *b);
	if (a == NULL || b == NULL)
		abort();
	for (int i = 0; i < n; i++) {
		value_make(c->keys, res, i, 1, &a[i], r);
		value_make(c->keys, res, i, 2, &b[i], r);
		*after = strtoll(PQgetvalue(res, i, 0), NULL, 10);
	}
	int64_t rows = put_rows(c, tables[table].put, bureau_id, res, a, b);
	for (int i = 0; i < n; i++) {
		PQfreemem(a[i].was);
		PQfreemem(b[i].was);
		free(a[i].now);
		free(b[i].now);
	}
	free(a);
	free(b);
	PQclear(res);
	if (rows >= 0)
		r->rows += rows;
	return rows < 0 ? -1 : n;
}

/* How much there is to do, where somebody watches. 0, or -1 (printed). */
static int
foresee(struct cli *c, struct resealed *r)
{
	struct usage u;
	r->progress = progress_new();
	if (r->progress == NULL)
		return 0;
	if (usage_read(c, &u) != 0)
		return -1;
	json_t *key;
	size_t i;
	json_array_foreach (u.keys, i, key)
		r->all += i > 0 ? view_number(key, "values") : 0;
	usage_free(&u);
	return 0;
}

/* Every table of every bureau, in batches. 0, or -1 (printed). */
static int
reseal_all(struct cli *c, struct resealed *r)
{
	for (size_t i = 0; i < c->conf->nbureaus; i++) {
		const struct conf_bureau *b = &c->conf->bureaus[i];
		for (size_t t = 0; t < TABLES; t++) {
			int64_t after = 0, n, before = r->rows;
			while ((n = reseal_batch(c, t, b->id, &after, r)) > 0)
				progress_show(r->progress, "sealing anew", r->values, r->all > r->values ? r->all : r->values);
			if (n < 0)
				return -1;
			if (!c->json && r->rows > before) {
				progress_clear(r->progress);
				printf("bureau %s: %lld rows of %s\n", b->code, (long long)(r->rows - before), tables[t].name);
			}
		}
	}
	return 0;
}

static int
reseal(struct cli *c, int argc, char **argv)
{
	struct resealed done = {0};
	struct usage u;
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	if (cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	int rc = foresee(c, &done) == 0 ? reseal_all(c, &done) : -1;
	progress_end(done.progress);
	if (rc != 0 || usage_read(c, &u) != 0)
		return CLI_FAILED;
	if (c->json) {
		cli_print_object(c,
			json_pack("{s:I, s:I, s:O, s:I, s:O}", "rows", (json_int_t)done.rows, "unreadable",
				(json_int_t)done.unreadable, "keys", u.keys, "lost", u.lost, "missing", u.missing),
			NULL);
	} else {
		printf("%lld rows sealed anew\n", (long long)done.rows);
		print_usage(&u);
	}
	usage_free(&u);
	return done.unreadable > 0 || u.lost > 0 ? CLI_FAILED : CLI_DONE;
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"status", status}, {"reseal", reseal}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_keys_command = {
	.name = "keys",
	.usage = "keys status\nkeys reseal\n",
	.summary = "which keys the personal fields are sealed with; sealing them anew",
	.help =
		"After `keygen --rotate` restart every daemon, so that all know the newer key; then\n"
		"reseal  opens what older keys have sealed and seals it with the newest, 500 rows at a time while everything\n"
		"        runs; it may be stopped and run again\n"
		"status  says how many values each key still seals. An older seal.N.key may be removed when that is none;\n"
		"        keep it as long as you keep backups from its time.\n"
		"Both look at every bureau of the configuration. Exit 1 when a value is sealed with a key that is missing.\n",
	.run = run,
};
