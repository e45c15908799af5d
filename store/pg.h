/*
 * One PostgreSQL connection on a libevent loop, in libpq's pipeline mode.
 *
 * The caller opens a batch, adds prepared statements to it, and gets every result in order, then one end call. A batch
 * is one transaction unless asked otherwise: BEGIN and COMMIT travel with it. Statements of several batches may be in
 * flight at once on one connection; a batch that needs an answer before it can go on (load, then save) holds the
 * connection for itself between its phases.
 */
#ifndef STORE_PG_H
#define STORE_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>
#include "store/stmt.h"

struct event_base;
struct pg;

/* Within so many seconds whoever lost the server has it back when it is there: the longest wait, and an attempt. */
#define PG_BACK_SECONDS 20

enum pg_state {
	PG_DOWN, /* not connected; a reconnect is due */
	PG_CONNECTING,
	PG_READY,
	PG_CLOSED, /* pg_free is under way */
};

struct pg_owner {
	void *arg;
	void (*on_state)(void *arg, struct pg *pg, enum pg_state state, const char *why);	   /* may be NULL */
	void (*on_notify)(void *arg, struct pg *pg, const char *channel, const char *payload); /* may be NULL */
};

/*
 * conninfo as libpq takes it; with several hosts libpq's target_session_attrs chooses. Connecting begins in the loop;
 * it is tried again for ever with backoff. owner may be NULL; it is copied. No callback runs inside a call of this
 * header, except those of pg_free, which ends every batch; pg_free may be called from a callback.
 */
struct pg *pg_new(struct event_base *base, const char *conninfo, const struct pg_owner *owner);
void pg_free(struct pg *pg);
/*
 * For connections that run short statements on keys: plans walk along indexes, also while the tables are so new that
 * the planner knows nothing of them, and each statement is planned once, not for its values. Call it right after
 * pg_new.
 */
void pg_prefer_indexes(struct pg *pg);
/*
 * Listens to a channel (at most 63 octets) from now on and on every later connection. What was notified while the
 * connection was down is lost: look at the tables when the state becomes PG_READY.
 */
void pg_listen(struct pg *pg, const char *channel);
bool pg_ready(const struct pg *pg);
const char *pg_error(const struct pg *pg); /* last error in words, "" when none */

/* ---- Parameters: text format throughout; arrays as PostgreSQL array literals --------------------------------- */

struct pg_params; /* grows; one per statement */
struct pg_params *pg_params_new(void);
void pg_params_free(struct pg_params *p);
void pg_params_reset(struct pg_params *p);
void pg_param_text(struct pg_params *p, const char *s); /* NULL = SQL NULL */
void pg_param_int(struct pg_params *p, int64_t v);
void pg_param_id(struct pg_params *p, int64_t id); /* 0 = SQL NULL */
void pg_param_bool(struct pg_params *p, bool v);
void pg_param_bytes(struct pg_params *p, const void *bytes, size_t len); /* bytea, hex form */
void pg_param_time(
	struct pg_params *p, int64_t unix_microseconds); /* timestamptz; INT64_MIN = NULL, INT64_MAX = infinity */
/* Arrays: begin, then one call per element, then end. Elements are escaped here. */
void pg_array_begin(struct pg_params *p);
void pg_array_text(struct pg_params *p, const char *s); /* NULL = NULL element */
void pg_array_int(struct pg_params *p, int64_t v);
void pg_array_bool(struct pg_params *p, bool v);
void pg_array_bytes(struct pg_params *p, const void *bytes, size_t len);
void pg_array_time(struct pg_params *p, int64_t unix_microseconds);
void pg_array_end(struct pg_params *p);
void pg_param_texts(struct pg_params *p, const char *const *list, size_t n); /* a whole array of them */
/* Every array that is added from now on has one element, and goes as that: for a statement that is about one row. */
void pg_params_single(struct pg_params *p);

/* ---- Batches -------------------------------------------------------------------------------------------------- */

struct pg_batch;

/*
 * One statement's result, in the order they were added. res is owned by pg and cleared after the call. NULL res: the
 * statement failed, or was not run because an earlier one of the batch failed or the connection was lost; on_end says
 * why. What a result says is true only when on_end has no error.
 */
typedef void (*pg_result_fn)(void *arg, int index, const PGresult *res);
/*
 * The batch is over: error NULL = committed; else the message of the first error, which lives until the call returns,
 * and sqlstate beside it. sqlstate "" = the connection was lost: if pg_batch_commit had been called, the commit may or
 * may not have happened. sqlstate "57014" = given up by us (rollback, deadline before it was sent): nothing happened.
 */
typedef void (*pg_end_fn)(void *arg, const char *error, const char *sqlstate);

/*
 * pg_batch_begin      opens a batch; with transaction, all of its statements are done or none. Without, each is a
 *                     transaction of its own: one that fails does not stop the others, on_end tells the first error
 * pg_batch_add        adds a statement; on_result (may be NULL) is called with its index
 * pg_batch_flush      sends what was added so far and calls on_phase when all its results are in; the transaction
 *                     stays open and the caller adds more from on_phase (load, then save). Other batches of this
 *                     connection wait meanwhile.
 * pg_batch_push       sends what was added so far, in a transaction, for the server to begin with while the caller
 *                     makes the rest: he must add that and call pg_batch_commit before he returns to the loop. Where
 *                     the connection has anything else to write, nothing happens, and all goes with the commit
 * pg_batch_commit     sends the rest with COMMIT (when a transaction) and calls on_end once
 * pg_batch_rollback   gives up; on_end is called with error "rolled back"
 * A batch that is lost (connection, deadline) calls on_end exactly once, whatever phase it was in; on_phase is then
 * not called any more. Returns NULL/-1 only when the connection is not ready; nothing is called then.
 * A batch that has not flushed costs nothing and stops nobody until it is committed. The deadline counts from
 * pg_batch_begin (or pg_batch_deadline); a batch in flight past it takes the connection down with it.
 * The batch is gone after on_end; a batch handed to commit or rollback is not to be touched again.
 */
struct pg_batch *pg_batch_begin(struct pg *pg, bool transaction, void *arg, pg_result_fn on_result, pg_end_fn on_end);
void pg_batch_add(struct pg_batch *b, enum stmt s, const struct pg_params *p);
void pg_batch_flush(struct pg_batch *b, void (*on_phase)(void *arg, struct pg_batch *b));
void pg_batch_push(struct pg_batch *b);
void pg_batch_commit(struct pg_batch *b);
void pg_batch_rollback(struct pg_batch *b);
void pg_batch_deadline(struct pg_batch *b, int seconds);
void pg_deadline(
	struct pg *pg, int seconds); /* for batches that begin from now on, pg_run and pg_run_wait too; at first 30 */

/* One statement, own transaction, for callers off the hot path: same callbacks. -1 when not ready. */
int pg_run(struct pg *pg, enum stmt s, const struct pg_params *p, void *arg, pg_result_fn on_result, pg_end_fn on_end);

/* ---- For the command line: block until done ------------------------------------------------------------------- */

/* Connects and waits; NULL with *error (static) after the first failed attempt (every host tried) or `seconds`. */
struct pg *pg_open_wait(struct event_base *base, const char *conninfo, int seconds, const char **error);
/* Runs one statement and waits. Returns the result (caller PQclears) or NULL with *error set to pg's message. */
PGresult *pg_run_wait(struct pg *pg, enum stmt s, const struct pg_params *p, const char **error);
/* Runs the loop until *done, which a callback sets. */
void pg_wait(struct pg *pg, const bool *done);
/* The raw connection, out of pipeline mode, for COPY and migrations only; give it back with pg_raw_end. */
PGconn *pg_raw_begin(struct pg *pg);
void pg_raw_end(struct pg *pg);

#endif
