/* huizhi trail verify: does each application's trail lead to where it stands, and is the trail as it was sealed? */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/cli/progress.h"
#include "gateway/cli/trail.h"
#include "gateway/keys_public.h"
#include "gateway/now.h"
#include "gateway/trail.h"
#include "store/view.h"

#define PAGE_ROWS 2000
#define EVENTS_MAX 1000 /* of one application that are followed */

struct checked {
	int64_t applications, events; /* followed */
	json_t *faults;
	struct seal_counts seals; /* of all bureaus together */
	json_t *ends;			  /* the last seal of each bureau */
	double seconds;
	struct progress *progress;
};

/* ---- Does each application's trail lead to where it stands? ---------------------------------------------------- */

static void
check_row(const struct conf_bureau *b, const json_t *row, struct checked *checked)
{
	static struct trail_event events[EVENTS_MAX];
	const json_t *kinds = json_object_get(row, "kinds"), *froms = json_object_get(row, "froms"),
				 *times = json_object_get(row, "times");
	size_t n = json_array_size(kinds);
	checked->applications++;
	checked->events += (int64_t)n;
	for (size_t i = 0; i < n && i < EVENTS_MAX; i++)
		events[i] = (struct trail_event){.kind = json_string_value(json_array_get(kinds, i)),
			.from = json_string_value(json_array_get(froms, i)),
			.at = strtoll(json_string_value(json_array_get(times, i)), NULL, 10)};
	const char *why = n > EVENTS_MAX ? "it has more events than can be followed"
									 : trail_check(events, n, json_string_value(json_object_get(row, "status")));
	if (why != NULL)
		json_array_append_new(checked->faults, json_pack("{s:s, s:I, s:s}", "bureau", b->code, "application",
												   json_integer_value(json_object_get(row, "id")), "fault", why));
}

static int
verify_bureau(struct cli *c, const struct conf_bureau *b, int64_t only, struct checked *checked)
{
	struct pg_params *p = pg_params_new();
	int64_t after = 0;
	int code = CLI_DONE;
	for (int rows = PAGE_ROWS; rows == PAGE_ROWS;) {
		pg_params_reset(p);
		pg_param_int(p, b->id);
		pg_param_id(p, only);
		pg_param_int(p, after);
		pg_param_int(p, PAGE_ROWS);
		PGresult *res = cli_run(c, STMT_TRAIL_CHAINS, p);
		if (res == NULL) {
			code = CLI_FAILED;
			break;
		}
		rows = PQntuples(res);
		for (int i = 0; i < rows; i++) {
			json_t *row = view_row(res, i);
			after = json_integer_value(json_object_get(row, "id"));
			check_row(b, row, checked);
			json_decref(row);
		}
		PQclear(res);
		progress_show(checked->progress, "following", checked->applications, -1);
	}
	pg_params_free(p);
	return code;
}

/* ---- Is the trail as it was sealed? ----------------------------------------------------------------------------- */

struct checking {
	const struct conf *conf; /* NULL with an export */
	struct checked *checked;
	uint8_t publics[KEYS_PUBLIC_MAX][32];
	int npublics;
	int bureau_id; /* 0 before the first */
	struct seal_check *check;
	int64_t expect_number; /* 0 = nothing is expected */
	uint8_t expect_head[SEAL_HASH];
};

/* The bureau's code; its number where there is no configuration. */
static json_t *
bureau_json(const struct checking *k)
{
	const struct conf_bureau *b = k->conf == NULL ? NULL : conf_bureau_by_id(k->conf, k->bureau_id);
	return b != NULL ? json_string(b->code) : json_sprintf("%d", k->bureau_id);
}

static void
on_fault(void *arg, const struct seal_fault *f)
{
	struct checking *k = arg;
	json_t *o = json_object();
	json_object_set_new(o, "bureau", bureau_json(k));
	if (f->id != 0) {
		json_object_set_new(o, "event", json_integer(f->id));
		json_object_set_new(o, "at", view_time(f->at_us / 1000000));
	}
	if (f->number != 0)
		json_object_set_new(o, "seal", json_integer(f->number));
	json_object_set_new(o, "fault", json_string(f->text));
	json_array_append_new(k->checked->faults, o);
}

static void
end_bureau(struct checking *k)
{
	struct seal_counts n, *all = &k->checked->seals;
	char head[2 * SEAL_HASH + 1];

	if (k->check == NULL)
		return;
	seal_check_end(k->check, &n);
	seal_check_free(k->check);
	k->check = NULL;
	all->seals += n.seals;
	all->events += n.events;
	all->redacted += n.redacted;
	all->dropped += n.dropped;
	all->unsealed += n.unsealed;
	if (n.seals > 0) {
		json_t *end = json_pack("{s:o, s:I, s:s, s:o}", "bureau", bureau_json(k), "seal", (json_int_t)n.number, "head",
			sodium_bin2hex(head, sizeof head, n.head, SEAL_HASH), "sealed_at", view_time(n.sealed_us / 1000000));
		json_array_append_new(k->checked->ends, end);
	}
}

static struct seal_check *
for_bureau(struct checking *k, int bureau_id)
{
	if (k->check != NULL && k->bureau_id == bureau_id)
		return k->check;
	end_bureau(k);
	k->bureau_id = bureau_id;
	k->check = seal_check_new(bureau_id, k->publics, (size_t)k->npublics, on_fault, k);
	if (k->check == NULL)
		abort();
	if (k->expect_number != 0)
		seal_check_expect(k->check, k->expect_number, k->expect_head);
	return k->check;
}

static void
on_drop(void *arg, const struct seal_drop *d)
{
	seal_check_drop(for_bureau(arg, d->bureau_id), d);
}

static void
on_seal(void *arg, const struct seal *s)
{
	seal_check_seal(for_bureau(arg, s->bureau_id), s);
}

static void
on_redaction(void *arg, const struct seal_redaction *r)
{
	seal_check_redaction(for_bureau(arg, r->bureau_id), r);
}

static void
on_event(void *arg, const struct seal_event *e)
{
	seal_check_event(for_bureau(arg, e->bureau_id), e);
}

static struct trail_walk
walk_of(struct checking *k)
{
	return (struct trail_walk){.progress = k->checked->progress,
		.arg = k,
		.drop = on_drop,
		.seal = on_seal,
		.redaction = on_redaction,
		.event = on_event};
}

static int
verify_seals(struct cli *c, const struct conf_bureau *b, size_t n, struct checking *k)
{
	const char *error;
	k->npublics = keys_public_folder(c->conf->keys, k->publics, &error);
	if (k->npublics < 0)
		return cli_fail("%s", error);
	PGconn *conn = pg_raw_begin(c->pg);
	if (conn == NULL)
		return cli_fail("could not use the connection to the database; try again");
	const struct trail_walk w = walk_of(k);
	int rc = 0;
	for (size_t i = 0; i < n && rc == 0; i++) {
		/* Also a bureau whose seals were all deleted is looked at. */
		(void)for_bureau(k, b[i].id);
		rc = trail_walk_database(conn, b[i].id, &w);
	}
	end_bureau(k);
	pg_raw_end(c->pg);
	return rc == 0 ? CLI_DONE : CLI_FAILED;
}

static int
verify_file(struct checking *k, const char *file, const char *public_keys)
{
	const char *error;
	k->npublics = keys_public_list(public_keys, k->publics, &error);
	if (k->npublics < 0)
		return cli_fail("%s", error);
	FILE *in = fopen(file, "re");
	if (in == NULL)
		return cli_fail("cannot open %s: %s", file, strerror(errno));
	const struct trail_walk w = walk_of(k);
	int rc = trail_walk_file(in, file, &w);
	end_bureau(k);
	fclose(in);
	return rc == 0 ? CLI_DONE : CLI_FAILED;
}

/* ---- What is told ----------------------------------------------------------------------------------------------- */

static void
print_fault(const json_t *fault)
{
	const json_t *application = json_object_get(fault, "application"), *event = json_object_get(fault, "event"),
				 *seal = json_object_get(fault, "seal");
	printf("bureau %s", json_string_value(json_object_get(fault, "bureau")));
	if (application != NULL)
		printf(" application %" JSON_INTEGER_FORMAT, json_integer_value(application));
	if (event != NULL) {
		char *at = cli_cell(json_object_get(fault, "at"));
		printf(" event %" JSON_INTEGER_FORMAT " of %s", json_integer_value(event), at);
		free(at);
	}
	if (seal != NULL)
		printf(event != NULL ? " (seal %" JSON_INTEGER_FORMAT ")" : " seal %" JSON_INTEGER_FORMAT,
			json_integer_value(seal));
	printf(": %s\n", json_string_value(json_object_get(fault, "fault")));
}

static int
tell(const struct cli *c, struct checked *k, bool followed)
{
	const struct seal_counts *n = &k->seals;
	json_t *row;
	size_t i, faults = json_array_size(k->faults);

	if (c->json) {
		json_t *o = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:O, s:O, s:f}", "good", faults == 0, "events",
			(json_int_t)(followed ? k->events : n->events), "seals", (json_int_t)n->seals, "sealed",
			(json_int_t)(n->events - n->unsealed), "unsealed", (json_int_t)n->unsealed, "redacted",
			(json_int_t)n->redacted, "dropped", (json_int_t)n->dropped, "faults", k->faults, "ends", k->ends, "seconds",
			k->seconds);
		if (followed)
			json_object_set_new(o, "applications", json_integer(k->applications));
		cli_print_object(c, o, NULL);
	} else {
		json_array_foreach (k->faults, i, row)
			print_fault(row);
		if (n->seals > 0 || n->events > 0)
			printf("%lld events in %lld seals, %lld of them redacted by order; %lld dropped by order; %lld not sealed "
				   "yet; %.2f s\n",
				(long long)(n->events - n->unsealed), (long long)n->seals, (long long)n->redacted,
				(long long)n->dropped, (long long)n->unsealed, k->seconds);
		json_array_foreach (k->ends, i, row)
			printf("bureau %s: the last seal is %" JSON_INTEGER_FORMAT ":%s\n",
				json_string_value(json_object_get(row, "bureau")), json_integer_value(json_object_get(row, "seal")),
				json_string_value(json_object_get(row, "head")));
		if (followed)
			printf("%lld applications with %lld events: ", (long long)k->applications, (long long)k->events);
		printf("%zu at fault\n", faults);
	}
	return faults > 0 ? CLI_FAILED : CLI_DONE;
}

/* "12:6f3a..." -> what a seal must be. 0, or -1. */
static int
read_expected(const char *text, struct checking *k)
{
	char *end;
	size_t got = 0;
	k->expect_number = strtoll(text, &end, 10);
	return k->expect_number > 0 && *end == ':' && strlen(end + 1) == 2 * SEAL_HASH &&
				   sodium_hex2bin(k->expect_head, SEAL_HASH, end + 1, 2 * SEAL_HASH, NULL, &got, NULL) == 0 &&
				   got == SEAL_HASH
			   ? 0
			   : -1;
}

static int
verify_database(struct cli *c, int64_t only, struct checking *k)
{
	struct checked *checked = k->checked;
	size_t n;
	int code = CLI_DONE;
	const struct conf_bureau *b = cli_bureaus(c, &n);

	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;
	if (k->expect_number != 0 && (b = cli_bureau(c)) == NULL)
		return CLI_FAILED;
	for (size_t i = 0; i < n && code == CLI_DONE; i++)
		code = verify_bureau(c, &b[i], only, checked);
	if (code == CLI_DONE && only != 0 && checked->applications == 0)
		return cli_fail("there is no application %lld", (long long)only);
	if (code == CLI_DONE && only == 0) {
		int64_t began_us = now_wait_us();
		k->conf = c->conf;
		code = verify_seals(c, b, n, k);
		checked->seconds = (double)(now_wait_us() - began_us) / 1e6;
	}
	return code;
}

int
trail_verify(struct cli *c, int argc, char **argv)
{
	const char *word, *file = NULL, *keys = NULL, *expect = NULL;
	int64_t id;
	const struct cli_option options[] = {
		{"--export", &file, NULL}, {"--public-key", &keys, NULL}, {"--expect", &expect, NULL}, {NULL, NULL, NULL}};
	int nwords = cli_args(c, argc, argv, options, &word, 0, 1);
	struct checked checked = {0};
	struct checking k = {.checked = &checked};

	if (nwords < 0 || (nwords == 1 && cli_number(c, "application", word, 1, INT64_MAX, &id) != 0))
		return CLI_USAGE;
	if ((file != NULL) != (keys != NULL) || (file != NULL && nwords == 1))
		return cli_usage(c, "--export and --public-key belong together, and stand for the whole trail");
	if (expect != NULL && (nwords == 1 || read_expected(expect, &k) != 0))
		return cli_usage(c, "--expect takes the NUMBER:HEAD that verify printed, and stands for the whole trail");
	checked.faults = json_array();
	checked.ends = json_array();
	checked.progress = progress_new();
	int64_t began_us = now_wait_us();
	int code = file != NULL ? verify_file(&k, file, keys) : verify_database(c, nwords == 1 ? id : 0, &k);
	progress_end(checked.progress);
	if (file != NULL)
		checked.seconds = (double)(now_wait_us() - began_us) / 1e6;
	if (code == CLI_DONE)
		code = tell(c, &checked, file == NULL);
	json_decref(checked.faults);
	json_decref(checked.ends);
	return code;
}
