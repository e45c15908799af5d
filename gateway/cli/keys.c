/* huizhi keys: which key the personal fields are sealed with, and sealing them anew with the newest. */
#include "gateway/keys.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/commands.h"

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

/* Every bureau of the configuration: a key is needed as long as one of them needs it. */
static json_t *
count_all(struct cli *c)
{
	json_t *rows = json_array();
	struct pg_params *p = pg_params_new();
	bool good = true;
	for (size_t i = 0; i < c->conf->nbureaus && good; i++) {
		pg_params_reset(p);
		pg_param_int(p, c->conf->bureaus[i].id);
		PGresult *res = cli_run(c, STMT_RESEAL_COUNT, p);
		good = res != NULL;
		for (int r = 0; good && r < PQntuples(res); r++)
			json_array_append_new(rows,
				json_pack("{s:s, s:o, s:I, s:I}", "bureau", c->conf->bureaus[i].code, "field",
					json_string(PQgetvalue(res, r, 0)), "key", (json_int_t)strtoll(PQgetvalue(res, r, 1), NULL, 10),
					"values", (json_int_t)strtoll(PQgetvalue(res, r, 2), NULL, 10)));
		PQclear(res);
	}
	pg_params_free(p);
	if (good)
		return rows;
	json_decref(rows);
	return NULL;
}

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

/* One object a key of the folder: how much it holds, and whether it may go. */
static json_t *
key_list(const struct cli *c, const json_t *rows)
{
	int numbers[8];
	size_t n = keys_seal_numbers(c->keys, numbers);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_int_t values = sealed_with(rows, numbers[i]);
		json_array_append_new(list, json_pack("{s:i, s:I, s:b, s:b}", "key", numbers[i], "values", values, "newest",
										i == 0, "removable", i > 0 && values == 0));
	}
	return list;
}

/* Rows of values whose key is not in the folder: nobody can read them any more. *without: how many values. */
static json_t *
lost(const struct cli *c, const json_t *rows, json_int_t *without)
{
	int numbers[8];
	size_t n = keys_seal_numbers(c->keys, numbers), i;
	json_t *row, *list = json_array();
	*without = 0;
	json_array_foreach (rows, i, row) {
		bool known = false;
		for (size_t k = 0; k < n; k++)
			known = known || json_integer_value(json_object_get(row, "key")) == numbers[k];
		if (known)
			continue;
		*without += json_integer_value(json_object_get(row, "values"));
		json_array_append(list, row);
	}
	return list;
}

static void
print_keys(const json_t *list, const json_t *missing)
{
	json_t *key;
	size_t i;
	json_array_foreach (list, i, key) {
		int number = (int)json_integer_value(json_object_get(key, "key"));
		printf("seal.%d.key seals %" JSON_INTEGER_FORMAT " values%s\n", number,
			json_integer_value(json_object_get(key, "values")),
			i == 0											  ? "; it is the newest"
			: json_is_true(json_object_get(key, "removable")) ? "; it may be removed once no backup needs it"
															  : "; it must stay: run huizhi keys reseal");
	}
	json_array_foreach (missing, i, key)
		printf("seal.%d.key is not in the folder: %" JSON_INTEGER_FORMAT
			   " values of %s at %s cannot be opened until its copy "
			   "is back\n",
			(int)json_integer_value(json_object_get(key, "key")), json_integer_value(json_object_get(key, "values")),
			json_string_value(json_object_get(key, "field")), json_string_value(json_object_get(key, "bureau")));
}

static int
status(struct cli *c, int argc, char **argv)
{
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	if (cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *rows = count_all(c);
	if (rows == NULL)
		return CLI_FAILED;
	json_t *list = key_list(c, rows);
	json_int_t without;
	json_t *missing = lost(c, rows, &without);
	if (c->json) {
		cli_print_object(c,
			json_pack("{s:O, s:O, s:I, s:O}", "keys", list, "fields", rows, "lost", without, "missing", missing), NULL);
	} else {
		if (json_array_size(rows) > 0)
			cli_print_list(c, json_incref(rows), columns);
		print_keys(list, missing);
	}
	json_decref(missing);
	json_decref(list);
	json_decref(rows);
	return without > 0 ? CLI_FAILED : CLI_DONE;
}

/* ---- Sealing anew ----------------------------------------------------------------------------------------------- */

struct resealed {
	int64_t rows, unreadable;
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

static int
reseal(struct cli *c, int argc, char **argv)
{
	struct resealed done = {0};
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	if (cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	for (size_t i = 0; i < c->conf->nbureaus; i++) {
		for (size_t t = 0; t < TABLES; t++) {
			int64_t after = 0, n, before = done.rows;
			while ((n = reseal_batch(c, t, c->conf->bureaus[i].id, &after, &done)) > 0)
				;
			if (n < 0)
				return CLI_FAILED;
			if (!c->json && done.rows > before)
				printf("bureau %s: %lld rows of %s\n", c->conf->bureaus[i].code, (long long)(done.rows - before),
					tables[t].name);
		}
	}
	json_t *rows = count_all(c);
	if (rows == NULL)
		return CLI_FAILED;
	json_t *list = key_list(c, rows);
	json_int_t without;
	json_t *missing = lost(c, rows, &without);
	if (c->json) {
		cli_print_object(c,
			json_pack("{s:I, s:I, s:O, s:I, s:O}", "rows", (json_int_t)done.rows, "unreadable",
				(json_int_t)done.unreadable, "keys", list, "lost", without, "missing", missing),
			NULL);
	} else {
		printf("%lld rows sealed anew\n", (long long)done.rows);
		print_keys(list, missing);
	}
	json_decref(missing);
	json_decref(list);
	json_decref(rows);
	return done.unreadable > 0 || without > 0 ? CLI_FAILED : CLI_DONE;
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
