/*
 * The floor: the row changes of turns and of reminders, in batches, by a bare libpq loop on the same tables. No dialog,
 * no PDUs, no carrier; what it needs, no gateway that keeps the same rows can undercut by much.
 *
 * floor turns CONNINFO COUNT BATCH SECONDS
 *
 * COUNT turns, or those of SECONDS, on the open conversations: lock and load BATCH of them, save what a turn saves,
 * commit; a second connection marks what was sent, as many as have come up, as the gateway does.
 *
 * floor bulk CONNINFO BATCH CONNECTIONS PARTS
 *
 * Every conversation that waits to be begun: its turn, its claim, attempts, responses and receipts of PARTS parts (2.2:
 * some have three). The rows and indexes are those that the gateway changes; what it reads to know them is left out,
 * and so are the row locks of a claim.
 *
 * floor commits CONNINFO SECONDS
 *
 * One row, one commit, one connection: latencies of a bare durable commit.
 *
 * Prints one line of JSON. Stored ids come from a range that no sequence reaches.
 */
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COLUMNS_MAX 10
#define AT "date_trunc('month', now(), 'UTC')" /* when every message was made: inside a partition */
#define TEXT                                                                                                           \
	"【沂源审批】您好，这里是沂源县行政审批服务局。您的证照将于2026-12-"                  \
	"19到期，现在可以办理：食品经营许可证延续。要续办请回复 Y，"                            \
	"由我们为您准备申请；不续办回复 N。咨询电话 0533-3241234。不再接收提醒请回复 STOP"

enum {
	LOCK,
	INBOUND,
	TALK,
	APPLICATION,
	MESSAGE,
	OUTBOX,
	DIRECT,
	TRAIL,
	BEGIN_TALK,
	BEGIN_TRAIL,
	ACCEPTED,
	DONE,
	DIRECT_DONE,
	SENDING,
	CLAIM,
	RECEIPT,
	DELIVERED,
	KINDS
};

/* $1 is always an array of ids, but for LOCK's phones. */
static const char *const statements[KINDS] = {
	[LOCK] =
		"SELECT id, holder_id, dialog, step, slots, counts, deadline_at, version FROM conversation WHERE bureau_id = 1 "
		"AND open AND phone = ANY($1::text[]) ORDER BY phone FOR UPDATE",
	[INBOUND] =
		"INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash, "
		"conversation_id, step) SELECT 1, r.id, now(), 'east', 'd1.1', r.id, r.phone, '10690001', 'Y', "
		"decode(md5(r.id::text), 'hex'), r.talk, 'confirm' FROM (SELECT unnest($1::bigint[]), unnest($2::text[]), "
		"unnest($3::bigint[])) "
		"AS r(id, phone, talk)",
	[TALK] = "UPDATE conversation c SET step = 'submitted', begun = true, counts = '\\x00', deadline_at = now() + "
			 "interval '3 days', step_since = now(), version = version + 1 FROM unnest($1::bigint[]) AS r(id) "
			 "WHERE c.bureau_id = 1 AND c.id = r.id",
	[APPLICATION] =
		"UPDATE application a SET status = 'reminded', reminded_at = now() FROM unnest($1::bigint[]) AS r(id) "
		"WHERE a.bureau_id = 1 AND a.conversation_id = r.id",
	[MESSAGE] =
		"INSERT INTO message (bureau_id, id, created_at, conversation_id, phone, kind, wording, language, text, link, "
		"parts) SELECT 1, r.id, " AT ", r.talk, r.phone, 'reminder', 'reminder', 'zh', '" TEXT "', 'east', 2 "
		"FROM (SELECT unnest($1::bigint[]), unnest($2::text[]), unnest($3::bigint[])) AS r(id, phone, talk)",
	[OUTBOX] =
		"INSERT INTO outbox (bureau_id, message_id, message_at, conversation_id, phone, link, priority, kind, text) "
		"SELECT 1, r.id, " AT ", r.talk, r.phone, 'east', 2, 'reminder', '' "
		"FROM (SELECT unnest($1::bigint[]), unnest($2::text[]), unnest($3::bigint[])) AS r(id, phone, talk)",
	/* A reply leaves with its turn: one row for the batch, until the last of it is marked. */
	[DIRECT] =
		"INSERT INTO outbox_direct (bureau_id, id, message_at, messages, \"references\", lease_owner, lease_until) "
		"SELECT 1, (m)[1], " AT ", m, array_fill(0::smallint, ARRAY[cardinality(m)]), 'd1', now() + interval '60 s' "
		"FROM (SELECT $1::bigint[] AS m) AS s",
	[TRAIL] = "INSERT INTO trail (bureau_id, at, conversation_id, actor, kind, data) SELECT 1, now(), r.id, 'citizen', "
			  "'confirmed', '{\"step\": \"confirm\", \"to\": \"submitted\", \"text\": \"Y\", \"inbound\": 123456}' "
			  "FROM unnest($1::bigint[]) AS r(id)",
	/* The first turn of a talk moves it in the index of the deadlines; its applications have a line each. */
	[BEGIN_TALK] =
		"UPDATE conversation c SET step = 'reminded', dialog_version = 1, begun = true, counts = '\\x00', "
		"deadline_at = now() + interval '3 days', wake_at = now() + interval '3 days', step_since = now(), "
		"version = version + 1, texts = 1 FROM unnest($1::bigint[]) AS r(id) WHERE c.bureau_id = 1 AND c.id = r.id",
	[BEGIN_TRAIL] =
		"INSERT INTO trail (bureau_id, at, application_id, conversation_id, actor, kind, data) SELECT 1, now(), a.id, "
		"a.conversation_id, "
		"'clock', 'reminded', '{\"line\": 0, \"step\": \"\", \"dialog\": \"renewal\", \"channel\": \"clock\", "
		"\"version\": 1, \"wording\": \"reminder\", \"to\": \"reminded\"}'::jsonb FROM application a "
		"WHERE a.bureau_id = 1 AND a.conversation_id = ANY($1::bigint[])",
	[ACCEPTED] =
		"INSERT INTO message_part (bureau_id, message_id, part, attempt, link, phone, state, session, carrier_id, "
		"carrier_key, message_at, answered_at) "
		"SELECT 1, r.id, r.part, 1, 'east', r.phone, 'accepted', 'd1.1', r.key, r.key, " AT ", now() "
		"FROM (SELECT unnest($1::bigint[]), unnest($2::int[]), unnest($3::text[]), unnest($4::text[])) AS r(id, part, "
		"phone, key)",
	[DONE] = "DELETE FROM outbox WHERE bureau_id = 1 AND message_id = ANY($1::bigint[])",
	[DIRECT_DONE] = "DELETE FROM outbox_direct WHERE bureau_id = 1 AND id = ANY($1::bigint[])",
	[SENDING] = "UPDATE message SET state = 'delivering', state_at = now() WHERE bureau_id = 1 AND created_at = " AT " "
				"AND id = ANY($1::bigint[])",
	[CLAIM] =
		"UPDATE outbox SET lease_owner = 'd1', lease_until = now() + interval '60 s', attempts = 1 WHERE bureau_id = 1 "
		"AND message_id = ANY($1::bigint[]) RETURNING message_id, phone, text",
	[RECEIPT] = "UPDATE message_part p SET state = 'delivered', receipt = 'DELIVRD', receipted_at = now() "
				"FROM (SELECT unnest($1::text[]), unnest($2::text[])) AS r(key, phone) WHERE p.bureau_id = 1 AND "
				"p.link = 'east' "
				"AND p.carrier_key = r.key AND p.carrier_key <> '' AND p.phone = r.phone",
	[DELIVERED] =
		"UPDATE message SET state = 'delivered', state_at = now() WHERE bureau_id = 1 AND created_at = " AT " "
		"AND id = ANY($1::bigint[])",
};

struct talk {
	int64_t id;
	char phone[24];
};

static struct talk *talks;
static int ntalks;
static int64_t ids_from; /* microseconds now: a second run finds none of the first's */

/* An array literal that grows. */
struct column {
	char *text;
	size_t len, room;
};

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(PGconn *pg, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, pg ? PQerrorMessage(pg) : "");
	exit(1);
}

static void
column_add(struct column *c, const char *value)
{
	size_t n = strlen(value);

	if (c->len + n + 4 > c->room) {
		c->room = (c->len + n + 4) * 2 + 256;
		c->text = realloc(c->text, c->room);
		if (c->text == NULL)
			die(NULL, "no memory");
	}
	c->text[c->len] = c->len == 0 ? '{' : ',';
	c->len++;
	memcpy(c->text + c->len, value, n);
	c->len += n;
	c->text[c->len] = '}';
	c->text[c->len + 1] = '\0';
}

static void
column_number(struct column *c, int64_t n)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)n);
	column_add(c, text);
}

static PGconn *
connect_and_prepare(const char *conninfo)
{
	PGconn *pg = PQconnectdb(conninfo);
	char name[8];

	if (PQstatus(pg) != CONNECTION_OK)
		die(pg, "could not connect");
	for (int i = 0; i < KINDS; i++) {
		snprintf(name, sizeof name, "s%d", i);
		PGresult *r = PQprepare(pg, name, statements[i], 0, NULL);

		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			die(pg, statements[i]);
		PQclear(r);
	}
	if (!PQenterPipelineMode(pg))
		die(pg, "no pipeline mode");
	return pg;
}

static void
plain(PGconn *pg, const char *sql)
{
	if (!PQsendQueryParams(pg, sql, 0, NULL, NULL, NULL, NULL, 0))
		die(pg, sql);
}

static void
send(PGconn *pg, int kind, int n, const struct column *columns)
{
	const char *values[COLUMNS_MAX];
	char name[8];

	for (int i = 0; i < n; i++)
		values[i] = columns[i].text;
	snprintf(name, sizeof name, "s%d", kind);
	if (!PQsendQueryPrepared(pg, name, n, values, NULL, NULL, 0))
		die(pg, statements[kind]);
}

/* One round trip: what was queued is through. */
static void
through(PGconn *pg)
{
	bool synced = false;

	if (!PQpipelineSync(pg))
		die(pg, "no sync");
	while (!synced) {
		PGresult *r = PQgetResult(pg);

		if (r == NULL)
			continue;
		switch (PQresultStatus(r)) {
		case PGRES_PIPELINE_SYNC:
			synced = true;
			break;
		case PGRES_COMMAND_OK:
		case PGRES_TUPLES_OK:
			break;
		default:
			die(pg, PQresultErrorMessage(r));
		}
		PQclear(r);
	}
}

static void
load_talks(const char *conninfo, const char *where)
{
	PGconn *pg = PQconnectdb(conninfo);
	char sql[200];
	PGresult *r;

	snprintf(
		sql, sizeof sql, "SELECT id, phone FROM conversation WHERE bureau_id = 1 AND open AND %s ORDER BY id", where);
	r = PQexec(pg, sql);
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		die(pg, "could not load the conversations");
	ntalks = PQntuples(r);
	talks = calloc((size_t)ntalks + 1, sizeof *talks);
	if (talks == NULL || ntalks == 0)
		die(pg, "no conversations to work on");
	for (int i = 0; i < ntalks; i++) {
		talks[i].id = strtoll(PQgetvalue(r, i, 0), NULL, 10);
		snprintf(talks[i].phone, sizeof talks[i].phone, "%s", PQgetvalue(r, i, 1));
	}
	PQclear(r);
	PQfinish(pg);
}

/* The columns of messages from..from+n-1; message i is of talks[i % ntalks]. */
struct set {
	struct column message, phone, talk, part_message, part, part_phone, part_key;
};

static void
set_fill(struct set *s, int64_t from, int64_t n, double parts)
{
	char key[24];

	for (struct column *c = &s->message; c <= &s->part_key; c++)
		c->len = 0;
	for (int64_t i = from; i < from + n; i++) {
		const struct talk *t = &talks[i % ntalks];

		column_number(&s->message, ids_from + i);
		column_add(&s->phone, t->phone);
		column_number(&s->talk, t->id);
		int of = (int)((double)(i + 1) * parts) - (int)((double)i * parts);

		for (int p = 1; p <= of; p++) {
			column_number(&s->part_message, ids_from + i);
			column_number(&s->part, p);
			column_add(&s->part_phone, t->phone);
			snprintf(key, sizeof key, "%08llx", (unsigned long long)((ids_from + i) * 8 + p));
			column_add(&s->part_key, key);
		}
	}
}

#define SEND(pg, kind, ...)                                                                                            \
	do {                                                                                                               \
		const struct column columns_[] = {__VA_ARGS__};                                                                \
		send(pg, kind, (int)(sizeof columns_ / sizeof *columns_), columns_);                                           \
	} while (0)

static void
save_turn(PGconn *pg, const struct set *s, bool inbound)
{
	if (inbound)
		SEND(pg, INBOUND, s->message, s->phone, s->talk);
	SEND(pg, inbound ? TALK : BEGIN_TALK, s->talk);
	SEND(pg, APPLICATION, s->talk);
	SEND(pg, MESSAGE, s->message, s->phone, s->talk);
	if (inbound)
		SEND(pg, DIRECT, s->message);
	else
		SEND(pg, OUTBOX, s->message, s->phone, s->talk);
	SEND(pg, inbound ? TRAIL : BEGIN_TRAIL, s->talk);
	plain(pg, "COMMIT");
	through(pg);
}

static void
mark_sent(PGconn *pg, const struct set *s, bool direct)
{
	plain(pg, "BEGIN");
	SEND(pg, ACCEPTED, s->part_message, s->part, s->part_phone, s->part_key);
	SEND(pg, direct ? DIRECT_DONE : DONE, s->message);
	plain(pg, "COMMIT");
	through(pg);
}

/* ---- Turns ----------------------------------------------------------------------------------------------------------
 */

/* Marks every message up to the numbers that come through the pipe. */
static void
marker(const char *conninfo, int from)
{
	PGconn *pg = connect_and_prepare(conninfo);
	struct set s = {0};
	int64_t marked = 0, saved[512];
	ssize_t n;

	while ((n = read(from, saved, sizeof saved)) > 0) {
		int64_t until = saved[(size_t)n / sizeof *saved - 1];

		while (marked < until) {
			int64_t now_marked = until - marked < 256 ? until - marked : 256;

			set_fill(&s, marked, now_marked, 1);
			mark_sent(pg, &s, true);
			marked += now_marked;
		}
	}
	PQfinish(pg);
}

static void
turns(const char *conninfo, int64_t count, int64_t batch, double limit)
{
	PGconn *pg;
	struct set s = {0};
	int pipes[2], status;
	double began, latency = 0, saved;
	int64_t done = 0;
	pid_t child;

	load_talks(conninfo, "true");
	if (pipe(pipes) < 0)
		die(NULL, "no pipe");
	child = fork();
	if (child == 0) {
		close(pipes[1]);
		marker(conninfo, pipes[0]);
		_exit(0);
	}
	close(pipes[0]);
	pg = connect_and_prepare(conninfo);
	began = now();
	while (done < count && now() - began < limit) {
		int64_t n = count - done < batch ? count - done : batch;
		double at = now();

		set_fill(&s, done, n, 1);
		plain(pg, "BEGIN");
		SEND(pg, LOCK, s.phone);
		through(pg);
		save_turn(pg, &s, true);
		latency += now() - at;
		done += n;
		if (write(pipes[1], &done, sizeof done) != sizeof done)
			die(NULL, "the marker is gone");
	}
	saved = now() - began;
	close(pipes[1]);
	(void)waitpid(child, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(NULL, "the marker failed");
	printf("{\"turns\":%lld,\"seconds\":%.4f,\"saved_seconds\":%.4f,\"per_second\":%.1f,\"batch_ms\":%.3f}\n",
		(long long)done, now() - began, saved, (double)done / (now() - began),
		latency * 1000 / (double)((done + batch - 1) / batch));
}

/* ---- Bulk -----------------------------------------------------------------------------------------------------------
 */

static void
bulk_share(const char *conninfo, int64_t from, int64_t until, int64_t batch, double parts, int ready, int go)
{
	PGconn *pg = connect_and_prepare(conninfo);
	struct set s = {0};
	char octet = 0;

	if (write(ready, &octet, 1) != 1 || read(go, &octet, 1) != 0)
		exit(1);
	for (; from < until; from += batch) {
		set_fill(&s, from, until - from < batch ? until - from : batch, parts);
		plain(pg, "BEGIN");
		SEND(pg, LOCK, s.phone);
		through(pg);
		save_turn(pg, &s, false);
		plain(pg, "BEGIN");
		SEND(pg, CLAIM, s.message);
		SEND(pg, SENDING, s.message);
		plain(pg, "COMMIT");
		through(pg);
		mark_sent(pg, &s, false);
		plain(pg, "BEGIN");
		SEND(pg, RECEIPT, s.part_key, s.part_phone);
		SEND(pg, DELIVERED, s.message);
		plain(pg, "COMMIT");
		through(pg);
	}
	PQfinish(pg);
}

static void
bulk(const char *conninfo, int64_t batch, int connections, double parts)
{
	int ready[2], go[2], status;
	double began, seconds;
	char octet;

	load_talks(conninfo, "NOT begun");
	if (pipe(ready) < 0 || pipe(go) < 0)
		die(NULL, "no pipe");
	for (int i = 0; i < connections; i++) {
		if (fork() == 0) {
			close(go[1]);
			bulk_share(conninfo, (int64_t)ntalks * i / connections, (int64_t)ntalks * (i + 1) / connections, batch,
				parts, ready[1], go[0]);
			_exit(0);
		}
	}
	close(ready[1]);
	for (int i = 0; i < connections; i++) {
		if (read(ready[0], &octet, 1) != 1)
			die(NULL, "a worker failed");
	}
	began = now();
	close(go[1]);
	for (int i = 0; i < connections; i++) {
		(void)wait(&status);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			die(NULL, "a worker failed");
	}
	seconds = now() - began;
	printf("{\"messages\":%d,\"parts\":%.0f,\"seconds\":%.4f,\"per_second\":%.1f}\n", ntalks, ntalks * parts, seconds,
		ntalks / seconds);
}

/* ---- Commits --------------------------------------------------------------------------------------------------------
 */

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
commits(const char *conninfo, double seconds)
{
	static double latencies[1000000];
	PGconn *pg = PQconnectdb(conninfo);
	double began;
	size_t n = 0;

	PQclear(PQexec(pg, "SET client_min_messages = warning"));
	PQclear(PQexec(pg, "CREATE TABLE IF NOT EXISTS bench_commit (id bigint, text text)"));
	PQclear(PQprepare(
		pg, "commit", "INSERT INTO bench_commit VALUES ($1::bigint, 'one row, as long as a short text')", 0, NULL));
	began = now();
	while (now() - began < seconds && n < 1000000) {
		double at = now();
		const char *values[] = {"1"};
		PGresult *r = PQexecPrepared(pg, "commit", 1, values, NULL, NULL, 0);

		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			die(pg, "could not commit");
		PQclear(r);
		latencies[n++] = now() - at;
	}
	seconds = now() - began;
	qsort(latencies, n, sizeof *latencies, by_size);
	printf("{\"commits\":%zu,\"per_second\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n", n, (double)n / seconds,
		latencies[n / 2] * 1000, latencies[n * 99 / 100] * 1000);
	PQfinish(pg);
}

int
main(int argc, char **argv)
{
	ids_from = (int64_t)time(NULL) * 1000000;
	if (argc == 6 && strcmp(argv[1], "turns") == 0 && strtol(argv[4], NULL, 10) > 0)
		turns(argv[2], strtoll(argv[3], NULL, 10), strtoll(argv[4], NULL, 10), strtod(argv[5], NULL));
	else if (argc == 6 && strcmp(argv[1], "bulk") == 0)
		bulk(argv[2], strtoll(argv[3], NULL, 10), (int)strtol(argv[4], NULL, 10), strtod(argv[5], NULL));
	else if (argc == 4 && strcmp(argv[1], "commits") == 0)
		commits(argv[2], strtod(argv[3], NULL));
	else {
		fprintf(stderr,
			"usage: floor turns CONNINFO COUNT BATCH SECONDS | bulk CONNINFO BATCH CONNECTIONS PARTS | commits "
			"CONNINFO SECONDS\n");
		return 2;
	}
	return 0;
}
