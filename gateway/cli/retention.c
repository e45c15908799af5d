/* huizhi retention: takes out what the bureaus need no longer keep. The daemon runs it too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "gateway/cli/progress.h"
#include "gateway/keys.h"
#include "gateway/redaction.h"
#include "gateway/seal.h"
#include "gateway/sealing.h"
#include "store/raw.h"

#define BATCH 100
#define ROWS 1000
#define SEAL_SECONDS 10
#define STAFF_DAYS 30 /* behind the end of a session */
#define TRY_DAYS 1

static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"id", "ORDER"}, {"at", "TIME"}, {"kind", "KIND"},
	{"reason", "REASON"}, {"actor", "WHO"}, {"result", "ROWS"}, {NULL, NULL}};

static int64_t
number(const PGresult *res, int column)
{
	return strtoll(PQgetvalue(res, 0, column), NULL, 10);
}

/* Rows that were taken out of the bureau so far. */
static int64_t
so_far(const struct redaction *r)
{
	return r->conversations + r->applications + r->holders + r->texts + r->events;
}

/* Runs a statement of bureau, days and limit again until it finds nothing; its counts are added to *sum. */
static int
again(struct redaction *r, struct progress *progress, enum stmt s, int days, int64_t *sum)
{
	struct pg_params *p = pg_params_new();
	int64_t n = 1;
	int rc = 0;
	while (n > 0 && rc == 0) {
		pg_params_reset(p);
		pg_param_int(p, r->bureau_id);
		pg_param_int(p, days);
		pg_param_int(p, ROWS);
		PGresult *res = raw_run(r->conn, s, p, &r->error);
		rc = res == NULL ? -1 : 0;
		n = rc == 0 ? number(res, 0) : 0;
		PQclear(res);
		*sum += n;
		progress_show(progress, "taking out", so_far(r), -1);
	}
	pg_params_free(p);
	return rc;
}

/* Talks and applications that ended so long ago. */
static int
ended(struct redaction *r, struct progress *progress, int days)
{
	struct pg_params *p = pg_params_new();
	int rc = 0;
	for (bool more = true; more && rc == 0;) {
		pg_params_reset(p);
		pg_param_int(p, r->bureau_id);
		pg_param_int(p, days);
		pg_param_int(p, BATCH);
		PGresult *res = raw_run(r->conn, STMT_REDACT_DUE, p, &r->error);
		rc = res == NULL ? -1 : 0;
		more = rc == 0 && strcmp(PQgetvalue(res, 0, 0), "{}") != 0;
		if (more) {
			const struct redaction_set set = {.conversations = PQgetvalue(res, 0, 0),
				.phones = PQgetvalue(res, 0, 1),
				.applications = PQgetvalue(res, 0, 2)};
			/* One order a batch: the note of what it took out of a seal is written once. */
			r->order_id = 0;
			rc = redaction_order(r) == 0 && redaction_trail(r, &set, 0) == 0 && redaction_talks(r, &set) == 0 &&
						 redaction_done(r) == 0
					 ? 0
					 : -1;
		}
		PQclear(res);
		progress_show(progress, "taking out", so_far(r), -1);
	}
	pg_params_free(p);
	return rc;
}

/* What belongs to no talk: texts of strangers, calls, what was put on a list or into the trail by hand. */
static int
strays(struct redaction *r, struct progress *progress, int days)
{
	static const enum stmt others[] = {STMT_REDACT_OLD_ENTRIES, STMT_REDACT_OLD_CALLS, STMT_REDACT_OLD_LANGUAGES,
		STMT_REDACT_OLD_LOOKS, STMT_REDACT_OLD_LISTS};
	const struct redaction_set none = {.conversations = "{}", .phones = "{}", .applications = "{}"};
	int64_t uncounted = 0;
	int rc = again(r, progress, STMT_REDACT_OLD_STRAY_MESSAGES, days, &r->texts) == 0
				 ? again(r, progress, STMT_REDACT_OLD_STRAY_INBOUND, days, &r->texts)
				 : -1;
	for (size_t i = 0; i < sizeof others / sizeof others[0] && rc == 0; i++)
		rc = again(r, progress, others[i], days, &uncounted);
	r->order_id = 0;
	return rc == 0 && redaction_trail(r, &none, days) == 0 ? redaction_done(r) : -1;
}

/* What is kept of the staff: sessions that are over, wrong passwords, codes of calls; the log as long as the records.
 */
static int
retain_staff(struct redaction *r, struct progress *progress, const struct conf_bureau *b, int64_t *rows)
{
	const struct {
		enum stmt stmt;
		int days; /* 0: kept */
	} old[] = {{STMT_STAFF_SESSIONS_OLD, STAFF_DAYS}, {STMT_STAFF_TRIES_OLD, TRY_DAYS},
		{STMT_CALL_CODES_OLD, b->retention_records_days}, {STMT_STAFF_EVENTS_OLD, b->retention_records_days}};
	int rc = 0;
	for (size_t i = 0; i < sizeof old / sizeof old[0] && rc == 0; i++)
		rc = old[i].days > 0 ? again(r, progress, old[i].stmt, old[i].days, rows) : 0;
	return rc;
}

static int
retain_bureau(struct redaction *r, struct progress *progress, const struct conf_bureau *b)
{
	int rc = 0, texts = b->retention_texts_days;
	if (b->retention_days > 0)
		rc = ended(r, progress, b->retention_days) == 0 &&
					 again(r, progress, STMT_REDACT_HOLDERS_DUE, b->retention_days, &r->holders) == 0
				 ? strays(r, progress, b->retention_days)
				 : -1;
	if (rc == 0 && texts > 0)
		rc = again(r, progress, STMT_REDACT_OLD_MESSAGES, texts, &r->texts) == 0
				 ? again(r, progress, STMT_REDACT_OLD_INBOUND, texts, &r->texts)
				 : -1;
	return rc;
}

/* ---- Whole months ----------------------------------------------------------------------------------------------- */

static int
sign_drop(struct redaction *r, int64_t before_us)
{
	struct seal_drop d = {.bureau_id = r->bureau_id, .order_id = r->order_id, .before_us = before_us};
	seal_sign_drop(&d, r->secret);
	struct pg_params *p = pg_params_new();
	pg_param_int(p, r->bureau_id);
	pg_param_int(p, r->order_id);
	pg_param_time(p, before_us);
	pg_param_bytes(p, d.public_key, SEAL_KEY);
	pg_param_bytes(p, d.signature, SEAL_SIGNATURE);
	PGresult *res = raw_run(r->conn, STMT_REDACT_DROP_PUT, p, &r->error);
	pg_params_free(p);
	PQclear(res);
	return res == NULL ? -1 : 0;
}

/* Every bureau's chain must know of it, before it happens. */
static int
order_drop(struct cli *c, struct redaction *r, int64_t before_us)
{
	for (size_t i = 0; i < c->conf->nbureaus; i++) {
		r->bureau_id = c->conf->bureaus[i].id;
		r->order_id = 0;
		if (redaction_order(r) != 0 || sign_drop(r, before_us) != 0 || redaction_done(r) != 0)
			return -1;
	}
	return 0;
}

static int
drop_months(struct cli *c, struct redaction *r, const char *table, int days, int *dropped, int *busy)
{
	struct pg_params *p = pg_params_new();
	pg_param_text(p, table);
	pg_param_int(p, days);
	PGresult *months = raw_run(r->conn, STMT_REDACT_MONTHS, p, &r->error);
	int rc = months == NULL ? -1 : 0, n = rc == 0 ? PQntuples(months) : 0;
	if (n > 0 && strcmp(table, "trail") == 0)
		rc = order_drop(c, r, strtoll(PQgetvalue(months, n - 1, 1), NULL, 10));
	for (int i = 0; i < n && rc == 0; i++) {
		pg_params_reset(p);
		pg_param_text(p, table);
		pg_param_text(p, PQgetvalue(months, i, 0));
		PGresult *res = raw_run(r->conn, STMT_REDACT_DROP_MONTH, p, &r->error);
		if (res != NULL)
			*dropped += (int)number(res, 0);
		else if (r->error[0] == '\0')
			++*busy;
		else
			rc = -1;
		PQclear(res);
	}
	PQclear(months);
	pg_params_free(p);
	return rc;
}

/* Months are of all bureaus together: the longest retention decides, and 0 keeps them. */
static int
months(struct cli *c, struct redaction *r, struct progress *progress, int *dropped, int *busy)
{
	int days = 0;
	int64_t rows = 0;
	for (size_t i = 0; i < c->conf->nbureaus; i++) {
		int own = c->conf->bureaus[i].retention_records_days;
		if (own == 0)
			return 0;
		days = own > days ? own : days;
	}
	int rc =
		drop_months(c, r, "message", days, dropped, busy) == 0 ? drop_months(c, r, "trail", days, dropped, busy) : -1;
	for (size_t i = 0; i < c->conf->nbureaus && rc == 0; i++) {
		r->bureau_id = c->conf->bureaus[i].id;
		rc = again(r, progress, STMT_REDACT_OLD_PARTS, days, &rows) == 0
				 ? again(r, progress, STMT_REDACT_OLD_INBOUND_ROWS, days, &rows)
				 : -1;
	}
	return rc;
}

/* ---- The command ------------------------------------------------------------------------------------------------ */

/* What was there is still in the pages of the files, where nobody can ask for it, until they are used again or
 * rewritten. */
static int
vacuum(PGconn *conn, bool rewrite, struct progress *progress, const char **error)
{
	static const char *const tables[] = {"message", "message_part", "inbound", "conversation", "application", "holder",
		"licence", "register_change", "worklist", "ussd_session", "outside_event", "trail", "trail_seal",
		"inbound_part", "phone_language", "signature", "call_code", "outbox", "receipt_early", "credit_mark",
		"campaign", "staff_event", "webhook_delivery", "api_request", "pg_statistic"};
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		char sql[100];
		progress_show(progress, rewrite ? "writing anew" : "tidying up", (int64_t)i, sizeof tables / sizeof tables[0]);
		bool system = strncmp(tables[i], "pg_", 3) == 0;
		snprintf(sql, sizeof sql, "VACUUM (%s%s) %s", rewrite ? "FULL" : "SKIP_LOCKED", system ? "" : ", ANALYZE",
			tables[i]);
		if (raw_do(conn, sql, error) != 0)
			return -1;
	}
	return 0;
}

static int
seal_first(struct cli *c, PGconn *conn, const uint8_t *secret, const char **error)
{
	int rc = 0;
	for (size_t i = 0; i < c->conf->nbureaus && rc == 0; i++)
		rc = sealing_whole(conn, secret, c->conf->bureaus[i].id, SEAL_SECONDS, error);
	return rc;
}

/* What daemons that are long gone said of their links. */
static int
forget_links(struct redaction *r)
{
	PGresult *res = raw_run(r->conn, STMT_LINK_STATE_FORGET, NULL, &r->error);

	PQclear(res);
	return res == NULL ? -1 : 0;
}

static int
retain(struct cli *c, struct redaction *r, bool rewrite, struct progress *progress, json_t **told)
{
	int dropped = 0, busy = 0;
	int64_t rows = 0;
	*told = json_array();
	PGresult *res = raw_run(r->conn, STMT_REDACT_LOCK, NULL, &r->error);
	bool ours = res != NULL && number(res, 0) == 1;
	PQclear(res);
	if (res == NULL)
		return -1;
	if (!ours) {
		r->error = "another process is at it";
		return -1;
	}
	int rc = seal_first(c, r->conn, r->secret, &r->error);
	for (size_t i = 0; i < c->conf->nbureaus && rc == 0; i++) {
		const struct conf_bureau *b = &c->conf->bureaus[i];
		r->bureau_id = b->id;
		r->conversations = r->applications = r->holders = r->texts = r->events = 0;
		int64_t staff = 0;
		rc = retain_bureau(r, progress, b) == 0 ? retain_staff(r, progress, b, &staff) : -1;
		rows += r->conversations + r->holders + r->texts + r->events;
		json_array_append_new(
			*told, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "bureau", b->code, "conversations",
					   (json_int_t)r->conversations, "applications", (json_int_t)r->applications, "holders",
					   (json_int_t)r->holders, "texts", (json_int_t)r->texts, "events", (json_int_t)r->events, "staff",
					   (json_int_t)staff));
	}
	if (rc == 0)
		rc = months(c, r, progress, &dropped, &busy);
	if (rc == 0)
		rc = forget_links(r);
	if (rc == 0 && (rows > 0 || dropped > 0 || rewrite))
		rc = vacuum(r->conn, rewrite, progress, &r->error);
	json_array_append_new(*told, json_pack("{s:i, s:i}", "months_dropped", dropped, "months_busy", busy));
	return rc;
}

static void
print_told(const json_t *told)
{
	json_t *row;
	size_t i;
	json_array_foreach (told, i, row) {
		const char *bureau = json_string_value(json_object_get(row, "bureau"));
		if (bureau == NULL) {
			printf(
				"%" JSON_INTEGER_FORMAT " months dropped", json_integer_value(json_object_get(row, "months_dropped")));
			json_int_t busy = json_integer_value(json_object_get(row, "months_busy"));
			if (busy > 0)
				printf(", %" JSON_INTEGER_FORMAT " in use: left for the next time", busy);
			putchar('\n');
			continue;
		}
		printf("bureau %s:", bureau);
		static const char *const names[] = {"conversations", "applications", "holders", "texts", "events"};
		for (size_t k = 0; k < 5; k++)
			printf("%s %" JSON_INTEGER_FORMAT " %s", k == 0 ? "" : ",",
				json_integer_value(json_object_get(row, names[k])), names[k]);
		printf(" blacked out; %" JSON_INTEGER_FORMAT " rows about staff removed\n",
			json_integer_value(json_object_get(row, "staff")));
	}
}

static int
run_now(struct cli *c, int argc, char **argv)
{
	bool rewrite = false;
	const struct cli_option options[] = {{"--rewrite", NULL, &rewrite}, {NULL, NULL, NULL}};
	json_t *told = NULL;
	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0)
		return CLI_USAGE;
	if (cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	struct redaction r = {.conn = pg_raw_begin(c->pg),
		.secret = keys_sign_secret(c->keys),
		.kind = "retention",
		.reason = "the bureau's retention days are over",
		.actor = "system",
		.error = ""};
	if (r.conn == NULL)
		return cli_fail("could not use the connection to the database; try again");
	struct progress *progress = progress_new();
	int rc = retain(c, &r, rewrite, progress, &told);
	progress_end(progress);
	pg_raw_end(c->pg);
	if (rc != 0) {
		json_decref(told);
		return cli_fail("could not do it all: %s", r.error);
	}
	if (c->json)
		return cli_print_list(c, told, columns);
	print_told(told);
	json_decref(told);
	return CLI_DONE;
}

static int
orders(struct cli *c, int argc, char **argv)
{
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	return cli_list_bureaus(c, STMT_REDACT_ORDERS, columns);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"run", run_now}, {"orders", orders}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_retention = {
	.name = "retention",
	.usage = "retention run [--rewrite]\nretention orders\n",
	.summary = "take out what the bureaus need no longer keep of people",
	.help =
		"run     does what the bureaus' retention keys say (huizhi.conf(5)), a hundred talks at a time while "
		"everything\n"
		"        runs; the daemon does it every six hours. Seals of the trail stay valid: verify counts what was\n"
		"        redacted by order. Whole months are dropped when no bureau wants them any more.\n"
		"        The staff's sessions and wrong passwords go after 30 days and one, the log of what they did with the\n"
		"        records (retention_records_days)\n"
		"orders  every order there was, also those of people who asked (huizhi person erase): when, why, how many "
		"rows\n"
		"What was taken out can no longer be asked for, but lies in free space of the database's files until that is\n"
		"used again. --rewrite writes the tables anew, so that it is nowhere in them; each is locked while it is "
		"written,\n"
		"so do it at night. The write-ahead log and its archive, standbys' too, and backups hold it until they are\n"
		"recycled: keep those no longer than you may.\n",
	.run = run,
};
