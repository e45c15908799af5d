/* What the files pg*.c share about one connection. Nobody else includes it, but their tests. */
#ifndef STORE_PG_INTERNAL_H
#define STORE_PG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/queue.h>
#include <event2/event.h>
#include "store/pg.h"

/* What was written to the server and is not answered yet, in the order of the answers. */
enum pg_sent_kind {
	PG_SENT_SETUP, /* a setting or LISTEN of a new connection */
	PG_SENT_EXTRA, /* a setting that an older server may refuse */
	PG_SENT_PREPARE,
	PG_SENT_STATEMENT,
	PG_SENT_CONTROL, /* BEGIN, ROLLBACK, LISTEN */
	PG_SENT_COMMIT,
	PG_SENT_SYNC,		/* a synchronisation point that nobody waits for */
	PG_SENT_SYNC_READY, /* ... after which a new connection is ready */
	PG_SENT_SYNC_PHASE, /* ... after which a batch's phase is over */
	PG_SENT_SYNC_END,	/* ... after which a batch is over */
};

struct pg_sent {
	enum pg_sent_kind kind;
	bool answered; /* its result was taken; the NULL that closes it is still to come */
	int stmt;
	int index;
	struct pg_batch *batch; /* NULL: the connection's own */
};

enum pg_batch_stage {
	PG_BATCH_FILLING, /* the caller adds statements */
	PG_BATCH_SENDING, /* in the send queue, perhaps half written */
	PG_BATCH_WAITING, /* all written */
	PG_BATCH_ENDING,
};

enum pg_batch_goal {
	PG_GOAL_PHASE,
	PG_GOAL_COMMIT,
	PG_GOAL_ROLLBACK,
};

/* A statement with its values behind it in the same block; freed as soon as libpq has copied it. */
struct pg_statement {
	int stmt; /* -1: sql as text, without values */
	const char *sql;
	int count;
	int *lengths, *formats; /* of values in binary form: libpq needs their length */
	const char *values[];
};

struct pg_batch {
	TAILQ_ENTRY(pg_batch) all;	/* every batch of the connection, in the order they began */
	TAILQ_ENTRY(pg_batch) send; /* those that have something to write */
	struct pg *pg;
	bool transaction;
	void *arg;
	pg_result_fn on_result;
	pg_end_fn on_end;
	void (*on_phase)(void *arg, struct pg_batch *b);
	struct pg_statement **list;
	int count, room;
	int written;  /* statements handed to libpq */
	int results;  /* statements whose outcome the caller was told */
	bool segment; /* this segment's BEGIN and prepares are written */
	bool pushed;  /* statements of it are written, and nothing that ends what they have begun */
	bool began;	  /* BEGIN was written */
	bool open;	  /* ... and nothing that ends it was run */
	bool give_up; /* rollback was asked for while a phase was in flight */
	enum pg_batch_stage stage;
	enum pg_batch_goal goal;
	char *error; /* first error; NULL = none */
	char sqlstate[6];
	int seconds;
	struct event *timer;
	PGresult **steal; /* pg_wait.c keeps the result */
};

TAILQ_HEAD(pg_batches, pg_batch);

struct pg_channel {
	struct pg_channel *next;
	char name[64];
};

struct pg {
	bool prefer_indexes; /* see pg_prefer_indexes */
	struct event_base *base;
	char *conninfo;
	struct pg_owner owner;
	enum pg_state state;
	PGconn *conn;
	bool polling;		  /* PQconnectPoll has not finished */
	bool raw;			  /* lent out by pg_raw_begin */
	bool lost;			  /* found dead inside a call; the loop tells everyone */
	bool farewell;		  /* error holds the server's own reason for hanging up */
	bool read_only;		  /* the server turned out to be no primary: leave it */
	struct event *socket; /* what we wait for */
	evutil_socket_t waiting_fd;
	short waiting_for;
	struct event *retry; /* backoff, or the limit of one attempt to connect */
	struct event *kick;	 /* runs what must not run inside a call */
	int seconds;		 /* deadline of a new batch */
	int failures;		 /* attempts in a row that failed */
	int host_shift;		 /* which of several hosts is tried first */
	char error[512];
	bool prepared[STMT_COUNT];
	struct pg_sent *sent; /* ring */
	size_t sent_head, sent_count, sent_room;
	struct pg_batches all, send;
	struct pg_batch *holder; /* the batch whose transaction is open between phases */
	struct pg_channel *channels;
	int depth;	 /* calls to the owner under way */
	bool doomed; /* pg_free was called from one of them */
};

/* Memory: a daemon that has none left is better restarted than half working. */
void *pg_alloc(size_t size);
void *pg_realloc(void *old, size_t size);
char *pg_strdup(const char *s);

/* pg.c */
void pg_set_error(struct pg *pg, const char *text); /* trimmed to one line */
void pg_lose(struct pg *pg, const char *why);		/* from the loop only */
void pg_lose_later(struct pg *pg);					/* from anywhere */
void pg_wait_socket(struct pg *pg);					/* flush, then wait for what is needed */
void pg_enter(struct pg *pg);
void pg_leave(struct pg *pg); /* may free pg */
void pg_sent_push(struct pg *pg, enum pg_sent_kind kind, struct pg_batch *b, int stmt, int index);
bool pg_send_sync(struct pg *pg, enum pg_sent_kind kind, struct pg_batch *b);
bool pg_send_sql(struct pg *pg, const char *sql, enum pg_sent_kind kind, struct pg_batch *b);
void pg_setup_done(struct pg *pg);
void pg_set_state(struct pg *pg, enum pg_state state, const char *why);
void pg_wait_for(struct pg *pg, short what);
void pg_stop_waiting(struct pg *pg);

/* pg_connect.c */
void pg_connect_begin(struct pg *pg);
void pg_connect_poll(struct pg *pg);

/* pg_batch.c */
#define PG_CANCELED "57014" /* query_canceled: given up by us, nothing was stored */
void pg_batch_fault(struct pg_batch *b, const char *text, const char *sqlstate); /* the first one counts */
void pg_batch_end(struct pg_batch *b);											 /* tells the caller all that is left */
void pg_batch_queue(struct pg_batch *b, enum pg_batch_goal goal);
void pg_batches_fail(struct pg *pg, const char *why); /* the connection is gone: end them all */
void pg_batch_add_sql(struct pg_batch *b, const char *sql);

/* pg_pipeline.c */
void pg_batches_pump(struct pg *pg);		   /* write what may be written */
void pg_batch_write_ahead(struct pg_batch *b); /* what it has so far, before it is queued: see pg_batch_push */
void pg_batches_read(struct pg *pg);		   /* take every answer that is there */

/* pg_params.c */
int pg_params_count(const struct pg_params *p);
const char *pg_params_value(const struct pg_params *p, int i, size_t *len); /* NULL = SQL NULL */
/* An element of an array: this, and behind it its octets; numbers, truth values and times as an int64_t. */
enum pg_element {
	PG_ELEMENT_NULL,
	PG_ELEMENT_TEXT,
	PG_ELEMENT_INT,
	PG_ELEMENT_BOOL,
	PG_ELEMENT_BYTES,
	PG_ELEMENT_TIME,
};
struct pg_entry {
	enum pg_element kind;
	uint32_t len;
};
/* The elements of an array, one entry after another. */
struct pg_list {
	const char *entries;
	size_t len;		  /* octets */
	unsigned kinds;	  /* a bit for each kind that occurs, but for PG_ELEMENT_NULL */
	int64_t min, max; /* of its numbers and times */
};
bool pg_params_list(const struct pg_params *p, int i, struct pg_list *list); /* is it an array at all? */
/* The entry at *at and its octets, which are not aligned; *at goes to the next. */
static inline const char *
pg_entry_read(const char *list, size_t *at, struct pg_entry *e)
{
	const char *value = list + *at + sizeof *e;

	memcpy(e, list + *at, sizeof *e);
	*at += sizeof *e + e->len;
	return value;
}

/* pg_array.c */
#define PG_ARRAYS_MAX 32 /* parameters of a statement that are looked at; further ones go as literals */
struct array_type;
/* The element type that `sql` casts parameter $n to wherever it names it, or NULL. */
const struct array_type *pg_array_type(const char *sql, int n);
const struct array_type *pg_array_type_of(enum stmt s, int n);
/* Can the list be sent as an array of this type? Then in at most so many octets, and in these. */
bool pg_array_fits(const struct array_type *type, const struct pg_list *list);
size_t pg_array_room(const struct pg_list *list);
size_t pg_array_put(const struct array_type *type, const struct pg_list *list, char *out);

/* pg_hosts.c: the comma-separated list turned so that entry `by` comes first; NULL stays NULL. Caller frees. */
char *pg_hosts_turn(const char *list, int by);
int pg_hosts_count(const char *list);

#endif
