/*
 * One PostgreSQL connection on the event loop: connecting, settings, waiting on the socket, losing it and coming
 * back. How it connects is in pg_connect.c, what travels over it in pg_pipeline.c.
 *
 * libpq owns its reads, so the loop only watches the socket (asked for anew at every wait) and lets libpq work. The
 * owner is never called from inside a call of his own, except by pg_free.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/util.h>
#include <openssl/ssl.h>
#include "store/pg_internal.h"

enum {
	BACKOFF_MIN_MS = 100,
	BACKOFF_MAX_MS = 10000, /* and half as much again: PG_BACK_SECONDS */
	DEADLINE_SECONDS = 30,
};

static void
out_of_memory(void)
{
	static const char text[] = "out of memory\n";

	fwrite(text, 1, sizeof text - 1, stderr);
	abort();
}

void *
pg_realloc(void *old, size_t size)
{
	void *p = realloc(old, size);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
pg_alloc(size_t size)
{
	return pg_realloc(NULL, size);
}

char *
pg_strdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(pg_alloc(size), s, size);
}

/* libpq's messages end in a line feed and may have several lines; ours are one. */
void
pg_set_error(struct pg *pg, const char *text)
{
	size_t n = 0;

	/* "The server closed the connection" says less than the reason it gave before. */
	if (pg->farewell)
		return;
	for (; *text && n < sizeof pg->error - 1; text++) {
		if (*text != '\n' && *text != '\t')
			pg->error[n++] = *text;
		else if (n > 0 && pg->error[n - 1] != ' ')
			pg->error[n++] = ' ';
	}
	while (n > 0 && pg->error[n - 1] == ' ')
		n--;
	pg->error[n] = '\0';
}

void
pg_set_state(struct pg *pg, enum pg_state state, const char *why)
{
	if (pg->state == state)
		return;
	pg->state = state;
	if (pg->owner.on_state != NULL) {
		pg_enter(pg);
		pg->owner.on_state(pg->owner.arg, pg, state, why);
		pg_leave(pg);
	}
}

/* ---- What was sent and waits for its answer ------------------------------------------------------------------- */

void
pg_sent_push(struct pg *pg, enum pg_sent_kind kind, struct pg_batch *b, int stmt, int index)
{
	struct pg_sent *s;

	if (pg->sent_count == pg->sent_room) {
		size_t room = pg->sent_room ? 2 * pg->sent_room : 64;
		struct pg_sent *ring = pg_alloc(room * sizeof *ring);

		for (size_t i = 0; i < pg->sent_count; i++)
			ring[i] = pg->sent[(pg->sent_head + i) % pg->sent_room];
		free(pg->sent);
		pg->sent = ring;
		pg->sent_head = 0;
		pg->sent_room = room;
	}
	s = &pg->sent[(pg->sent_head + pg->sent_count++) % pg->sent_room];
	*s = (struct pg_sent){.kind = kind, .batch = b, .stmt = stmt, .index = index};
}

bool
pg_send_sync(struct pg *pg, enum pg_sent_kind kind, struct pg_batch *b)
{
	if (PQpipelineSync(pg->conn) != 1) {
		pg_lose_later(pg);
		return false;
	}
	pg_sent_push(pg, kind, b, -1, -1);
	return true;
}

bool
pg_send_sql(struct pg *pg, const char *sql, enum pg_sent_kind kind, struct pg_batch *b)
{
	if (PQsendQueryParams(pg->conn, sql, 0, NULL, NULL, NULL, NULL, 0) != 1) {
		pg_lose_later(pg);
		return false;
	}
	pg_sent_push(pg, kind, b, -1, -1);
	return true;
}

/* ---- The socket -------------------------------------------------------------------------------------------------- */

static void on_socket(evutil_socket_t fd, short what, void *arg);

void
pg_wait_for(struct pg *pg, short what)
{
	evutil_socket_t fd = PQsocket(pg->conn);

	if (fd == pg->waiting_fd && what == pg->waiting_for)
		return;
	if (pg->waiting_for != 0)
		event_del(pg->socket);
	pg->waiting_for = 0;
	if (fd < 0) {
		pg_lose_later(pg);
		return;
	}
	event_assign(pg->socket, pg->base, fd, what | EV_PERSIST, on_socket, pg);
	event_add(pg->socket, NULL);
	pg->waiting_fd = fd;
	pg->waiting_for = what;
}

void
pg_stop_waiting(struct pg *pg)
{
	if (pg->waiting_for != 0)
		event_del(pg->socket);
	pg->waiting_for = 0;
	pg->waiting_fd = -1;
}

void
pg_wait_socket(struct pg *pg)
{
	int pending = PQflush(pg->conn);

	if (pending < 0) {
		pg_lose_later(pg);
		return;
	}
	/* While a flush is pending, reading matters too: the server may wait for us to take its answers. */
	pg_wait_for(pg, pending ? EV_READ | EV_WRITE : EV_READ);
}

static void
take_notifications(struct pg *pg)
{
	PGnotify *n;

	while (pg->conn != NULL && (n = PQnotifies(pg->conn)) != NULL) {
		if (pg->owner.on_notify != NULL)
			pg->owner.on_notify(pg->owner.arg, pg, n->relname, n->extra);
		PQfreemem(n);
	}
}

static void
take_input(struct pg *pg)
{
	SSL *ssl;

	do {
		if (PQconsumeInput(pg->conn) != 1) {
			pg_set_error(pg, PQerrorMessage(pg->conn));
			/* What came before the end is still taken: the server says why it hangs up. */
			pg_batches_read(pg);
			if (pg->conn != NULL)
				pg_lose(pg, NULL);
			return;
		}
		pg_batches_read(pg);
		if (pg->conn == NULL)
			return;
		take_notifications(pg);
		if (pg->conn == NULL)
			return;
		/* Octets that TLS has decrypted already never make the socket readable. */
		ssl = PQsslStruct(pg->conn, "OpenSSL");
	} while (ssl != NULL && SSL_pending(ssl) > 0);
	pg_batches_pump(pg);
}

/* ---- Losing it and coming back
 * -------------------------------------------------------------------------------------------------- */

static void
retry_later(struct pg *pg)
{
	unsigned int ms = BACKOFF_MIN_MS, jitter;
	struct timeval tv;

	for (int i = 1; i < pg->failures && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	/* Daemons that lost the same server do not all come back in the same instant. */
	evutil_secure_rng_get_bytes(&jitter, sizeof jitter);
	ms += jitter % (ms / 2);
	tv = (struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
	event_add(pg->retry, &tv);
}

static void
drop_connection(struct pg *pg)
{
	pg_stop_waiting(pg);
	event_del(pg->retry);
	event_del(pg->kick);
	if (pg->conn != NULL)
		PQfinish(pg->conn);
	pg->conn = NULL;
	pg->polling = false;
	pg->raw = false;
	pg->lost = false;
	pg->farewell = false;
	pg->read_only = false;
	pg->holder = NULL;
	pg->sent_head = pg->sent_count = 0;
	memset(pg->prepared, 0, sizeof pg->prepared);
}

/* why NULL: pg->error already says it. */
void
pg_lose(struct pg *pg, const char *why)
{
	pg_enter(pg);
	if (why != NULL)
		pg_set_error(pg, why);
	if (pg->error[0] == '\0')
		pg_set_error(pg, "lost the connection to the database");
	drop_connection(pg);
	if (pg->state != PG_CLOSED) {
		pg->failures++;
		/* The callbacks below may look at the state: it is down before they run. */
		pg->state = PG_DOWN;
		retry_later(pg);
		pg_batches_fail(pg, pg->error);
		if (pg->state == PG_DOWN && pg->owner.on_state != NULL)
			pg->owner.on_state(pg->owner.arg, pg, PG_DOWN, pg->error);
	}
	pg_leave(pg);
}

void
pg_lose_later(struct pg *pg)
{
	if (!pg->lost && pg->conn != NULL)
		pg_set_error(pg, PQerrorMessage(pg->conn));
	pg->lost = true;
	event_active(pg->kick, EV_TIMEOUT, 1);
}

static void
on_kick(evutil_socket_t fd, short what, void *arg)
{
	struct pg *pg = arg;

	(void)fd, (void)what;
	if (pg->lost)
		pg_lose(pg, NULL);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct pg *pg = arg;

	(void)fd, (void)what;
	pg_enter(pg);
	if (pg->polling)
		pg_connect_poll(pg);
	else
		take_input(pg);
	pg_leave(pg);
}

void
pg_setup_done(struct pg *pg)
{
	event_del(pg->retry);
	pg->failures = 0;
	pg->error[0] = '\0';
	pg_set_state(pg, PG_READY, "");
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct pg *pg = arg;
	char text[200];

	(void)fd, (void)what;
	pg_enter(pg);
	if (pg->conn == NULL) {
		pg_connect_begin(pg);
	} else {
		/* The attempt ran out of time: the next one begins with another host. */
		const char *host = PQhost(pg->conn), *port = PQport(pg->conn);

		snprintf(
			text, sizeof text, "no answer from the database at %.120s port %.20s", host ? host : "", port ? port : "");
		pg->host_shift++;
		pg_lose(pg, text);
	}
	pg_leave(pg);
}

/* ---- The owner's calls --------------------------------------------------------------------------------------------
 */

struct pg *
pg_new(struct event_base *base, const char *conninfo, const struct pg_owner *owner)
{
	static const struct timeval now;
	struct pg *pg = pg_alloc(sizeof *pg);

	memset(pg, 0, sizeof *pg);
	pg->base = base;
	pg->conninfo = pg_strdup(conninfo);
	if (owner != NULL)
		pg->owner = *owner;
	pg->state = PG_DOWN;
	pg->seconds = DEADLINE_SECONDS;
	pg->waiting_fd = -1;
	TAILQ_INIT(&pg->all);
	TAILQ_INIT(&pg->send);
	pg->socket = event_new(base, -1, 0, on_socket, pg);
	pg->retry = evtimer_new(base, on_retry, pg);
	pg->kick = event_new(base, -1, 0, on_kick, pg);
	if (pg->socket == NULL || pg->retry == NULL || pg->kick == NULL)
		out_of_memory();
	event_add(pg->retry, &now);
	return pg;
}

static void
release(struct pg *pg)
{
	struct pg_channel *c;

	event_free(pg->socket);
	event_free(pg->retry);
	event_free(pg->kick);
	while ((c = pg->channels) != NULL) {
		pg->channels = c->next;
		free(c);
	}
	free(pg->sent);
	free(pg->conninfo);
	free(pg);
}

void
pg_enter(struct pg *pg)
{
	pg->depth++;
}

void
pg_leave(struct pg *pg)
{
	if (--pg->depth == 0 && pg->doomed)
		release(pg);
}

void
pg_free(struct pg *pg)
{
	if (pg == NULL || pg->doomed)
		return;
	pg_enter(pg);
	pg->doomed = true;
	pg->state = PG_CLOSED;
	drop_connection(pg);
	pg_batches_fail(pg, "the connection to the database was closed");
	pg_leave(pg);
}

void
pg_prefer_indexes(struct pg *pg)
{
	pg->prefer_indexes = true;
}

bool
pg_ready(const struct pg *pg)
{
	return pg->state == PG_READY && !pg->raw && !pg->lost;
}

const char *
pg_error(const struct pg *pg)
{
	return pg->error;
}

void
pg_listen(struct pg *pg, const char *channel)
{
	struct pg_channel *c;

	for (c = pg->channels; c != NULL; c = c->next)
		if (strcmp(c->name, channel) == 0)
			return;
	c = pg_alloc(sizeof *c);
	snprintf(c->name, sizeof c->name, "%s", channel);
	c->next = pg->channels;
	pg->channels = c;
	/* Not ready yet: the setup of the connection listens to every channel. */
	if (pg_ready(pg)) {
		struct pg_batch *b = pg_batch_begin(pg, false, NULL, NULL, NULL);
		char sql[160], *name = PQescapeIdentifier(pg->conn, c->name, strlen(c->name));

		snprintf(sql, sizeof sql, "LISTEN %s", name ? name : "");
		PQfreemem(name);
		pg_batch_add_sql(b, sql);
		pg_batch_commit(b);
	}
}
