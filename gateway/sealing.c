/* Takes committed events in order, hashes, chains and signs them, a thousand a seal. */
#include "gateway/sealing.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/now.h"
#include "gateway/seal.h"
#include "gateway/seal_rows.h"
#include "store/pg.h"
#include "store/raw.h"

/* No transaction of ours is open for so long: an event that is new cannot bear an earlier time than this. */
#define OVERTAKE_US (INT64_C(86400) * 1000000)
#define LOOK_AGAIN_NS 20000000

static int64_t
number(const PGresult *res, int row, int column)
{
	return strtoll(PQgetvalue(res, row, column), NULL, 10);
}

int
sealing_settle(PGconn *conn, int seconds, int64_t *highest, int64_t *settled_us, const char **error)
{
	int64_t until = now_us() + seconds * INT64_C(1000000);
	PGresult *res = raw_run(conn, STMT_SEAL_HIGHEST, NULL, error);
	if (res == NULL)
		return -1;
	*highest = number(res, 0, 0);
	*settled_us = number(res, 0, 1);
	PQclear(res);

	PGresult *writers = raw_run(conn, STMT_SEAL_WRITERS, NULL, error);
	if (writers == NULL)
		return -1;
	struct pg_params *p = pg_params_new();
	pg_param_text(p, PQgetvalue(writers, 0, 0));
	int rc = strcmp(PQgetvalue(writers, 0, 0), "{}") == 0 ? 0 : 1;
	PQclear(writers);
	while (rc == 1) {
		res = raw_run(conn, STMT_SEAL_WRITING, p, error);
		rc = res == NULL ? -1 : number(res, 0, 0) > 0;
		PQclear(res);
		if (rc != 1 || now_us() >= until)
			break;
		nanosleep(&(struct timespec){.tv_nsec = LOOK_AGAIN_NS}, NULL);
	}
	pg_params_free(p);
	return rc;
}

/* One fetch of the cursor becomes one seal. */
static void
fill(struct seal *s, const PGresult *res, int64_t highest)
{
	s->events = PQntuples(res);
	s->sealed_us = now_us();
	for (int i = 0; i < s->events; i++) {
		struct seal_event e;
		struct seal_entry entry;
		uint8_t digest[SEAL_HASH];
		seal_row_event(res, i, s->bureau_id, &e);
		entry.id = e.id;
		entry.at_us = e.at_us;
		randombytes_buf(entry.salt, sizeof entry.salt);
		seal_digest(entry.salt, e.data, digest);
		seal_hash(&e, digest, entry.hash);
		seal_entry_put(s->body, i, &entry);
		s->first_us = i == 0 || e.at_us < s->first_us ? e.at_us : s->first_us;
		s->last_us = i == 0 || e.at_us > s->last_us ? e.at_us : s->last_us;
		s->to_id = e.id;
	}
	/* The last one of a run holds, as holding nothing, the ids of other bureaus and of what was rolled back. */
	if (s->events < SEAL_EVENTS)
		s->to_id = highest;
	seal_head(s->previous, s->body, s->events, s->head);
}

/* Where the bureau's chain ends, and from which time on events may be new. 0, or -1. */
static int
last_seal(PGconn *conn, struct pg_params *p, struct seal *s, int64_t *since_us, const char **error)
{
	pg_params_reset(p);
	pg_param_int(p, s->bureau_id);
	PGresult *res = raw_run(conn, STMT_SEAL_LAST, p, error);
	int rc = res == NULL ? -1 : 0;
	*since_us = 0; /* before 1970 nothing was sent */
	if (rc == 0 && PQntuples(res) == 1) {
		s->number = number(res, 0, 0);
		s->to_id = number(res, 0, 1);
		*since_us = number(res, 0, 3) - OVERTAKE_US;
		rc = seal_row_octets(res, 0, 2, s->head, SEAL_HASH);
		if (rc != 0)
			*error = "the last seal's head is damaged";
	}
	PQclear(res);
	return rc;
}

static int
seal_all(PGconn *conn, const uint8_t *secret, struct seal *s, int64_t highest, int64_t settled_us,
	const struct sealing_watch *watch, struct sealing_done *done, const char **error)
{
	struct pg_params *p = pg_params_new();
	int64_t since_us;
	int rc = last_seal(conn, p, s, &since_us, error), n = SEAL_EVENTS;

	int64_t from = s->to_id;
	if (rc == 0 && s->to_id < highest) {
		pg_params_reset(p);
		pg_param_int(p, s->bureau_id);
		pg_param_int(p, s->to_id);
		pg_param_int(p, highest);
		pg_param_time(p, since_us);
		PGresult *res = raw_run(conn, STMT_SEAL_EVENTS, p, error);
		rc = res == NULL ? -1 : 0;
		PQclear(res);
	} else {
		n = 0;
	}
	while (rc == 0 && n == SEAL_EVENTS) {
		PGresult *res = raw_run(conn, STMT_SEAL_FETCH, NULL, error);
		n = res == NULL ? 0 : PQntuples(res);
		rc = res == NULL ? -1 : 0;
		if (n > 0) {
			s->number++;
			s->after_id = s->to_id;
			memcpy(s->previous, s->head, SEAL_HASH);
			fill(s, res, highest);
			seal_sign(s, secret);
			seal_params(p, s, settled_us);
			PGresult *put = raw_run(conn, STMT_SEAL_PUT, p, error);
			rc = put == NULL ? -1 : 0;
			PQclear(put);
			done->seals++;
			done->events += n;
			if (watch != NULL)
				watch->on_progress(watch->arg, s->to_id - from, highest - from);
		}
		PQclear(res);
	}
	pg_params_free(p);
	return rc;
}

/* 1 when we are the sealer, 0 when another is, -1. */
static int
lock(PGconn *conn, int bureau_id, const char **error)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, bureau_id);
	PGresult *res = raw_run(conn, STMT_SEAL_LOCK, p, error);
	int rc = res == NULL ? -1 : (int)number(res, 0, 0);
	PQclear(res);
	pg_params_free(p);
	return rc;
}

int
sealing_run(PGconn *conn, const uint8_t *secret, int bureau_id, int64_t highest, int64_t settled_us,
	const struct sealing_watch *watch, struct sealing_done *done, const char **error)
{
	struct seal s = {.bureau_id = bureau_id, .body = malloc(SEAL_EVENTS * SEAL_ENTRY)};
	if (s.body == NULL)
		abort();
	*done = (struct sealing_done){0};
	int rc = raw_do(conn, "BEGIN", error);
	if (rc == 0) {
		int locked = lock(conn, bureau_id, error);
		done->busy = locked == 0;
		rc = locked < 0 ? -1 : locked == 0 ? 0 : seal_all(conn, secret, &s, highest, settled_us, watch, done, error);
		const char *ignored;
		if (rc == 0)
			rc = raw_do(conn, "COMMIT", error);
		else
			(void)raw_do(conn, "ROLLBACK", &ignored);
	}
	free(s.body);
	return rc;
}

int
sealing_whole(PGconn *conn, const uint8_t *secret, int bureau_id, int seconds, const char **error)
{
	int64_t highest, settled_us, until = now_us() + seconds * INT64_C(1000000);
	struct sealing_done done;
	int rc = sealing_settle(conn, seconds, &highest, &settled_us, error);
	if (rc == 1) {
		*error = "a transaction that writes the trail stays open; try again when it is over";
		return -1;
	}
	while (rc == 0) {
		rc = sealing_run(conn, secret, bureau_id, highest, settled_us, NULL, &done, error);
		if (rc != 0 || !done.busy)
			break;
		if (now_us() >= until) {
			*error = "another process seals the trail and does not end; try again";
			rc = -1;
		}
		nanosleep(&(struct timespec){.tv_nsec = LOOK_AGAIN_NS}, NULL);
	}
	return rc;
}
