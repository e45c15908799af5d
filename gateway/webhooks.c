/* The daemon's look at webhooks: every bureau for itself, nothing twice at a time. */
#include "gateway/webhooks.h"

#include <event2/dns.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/now.h"
#include "gateway/webhook_post.h"
#include "store/pg.h"

#define AT_ONCE 8			/* deliveries under way, of a bureau in this daemon */
#define LEASE_SECONDS 60	/* longer than any delivery takes */
#define WAIT_MAX (6 * 3600) /* seconds between two tries */
#define BUSY_MS 300			/* between two looks at a bureau that has webhooks, however much happens there */
#define IDLE_MS 10000		/* at one that had none */

struct bureau_hooks {
	struct webhooks *w;
	const struct conf_bureau *bureau;
	bool asking;	   /* a batch is under way */
	bool again;		   /* something happened meanwhile */
	bool hooks, waits; /* somebody is told; something waits to be brought */
	int64_t asked_at;  /* milliseconds, monotonic */
	int64_t window;	   /* settled: collect it; 0 = none */
	int under_way;
	int claimed; /* by the last claim */
};

struct webhooks {
	struct gateway *g;
	struct evdns_base *dns;
	struct bureau_hooks *bureaus;
	size_t n;
};

/* One delivery under way. */
struct bringing {
	struct bureau_hooks *b;
	int64_t id;
	int attempts;
};

static void look(struct bureau_hooks *b);

int
webhooks_wait(int attempts, int tries, int backoff_seconds)
{
	int64_t wait = backoff_seconds;

	if (attempts >= tries)
		return -1;
	for (int i = 1; i < attempts && wait < WAIT_MAX; i++)
		wait *= 2;
	return (int)(wait < WAIT_MAX ? wait : WAIT_MAX);
}

static struct pg_params *
params(const struct bureau_hooks *b)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, b->bureau->id);
	return p;
}

/* ---- Bringing --------------------------------------------------------------------------------------------------- */

static void
on_noted(void *arg, const char *error, const char *sqlstate)
{
	struct bureau_hooks *b = arg;

	(void)sqlstate;
	if (error != NULL)
		log_warn("bureau=%s a delivery could not be noted, it is brought again: %s", b->bureau->code, error);
	/* A full hand was claimed: there may be more. */
	if (b->claimed == AT_ONCE && b->under_way == 0)
		look(b);
}

static void
on_brought(void *arg, int status, const char *error)
{
	struct bringing *d = arg;
	struct bureau_hooks *b = d->b;
	const struct conf *conf = b->w->g->conf;
	int wait = *error == '\0' ? 0 : webhooks_wait(d->attempts, conf->webhook_tries, conf->webhook_backoff_seconds);

	b->under_way--;
	if (wait != 0)
		log_info("bureau=%s webhook delivery=%lld attempt=%d failed: %s%s", b->bureau->code, (long long)d->id,
			d->attempts, error, wait < 0 ? "; it is dead, see: huizhi webhook deliveries --state dead" : "");
	struct pg_params *p = params(b);
	pg_param_int(p, d->id);
	pg_param_int(p, status);
	pg_param_text(p, error);
	pg_param_int(p, wait);
	(void)pg_run(b->w->g->pg_side, STMT_WEBHOOK_RESULT, p, b, NULL, on_noted);
	pg_params_free(p);
	free(d);
}

static void
bring(struct bureau_hooks *b, const PGresult *res, int row)
{
	struct bringing *d = calloc(1, sizeof(*d));
	char *secret = keys_open(b->w->g->keys, PQgetvalue(res, row, 5));
	struct webhook_event e = {.delivery = strtoll(PQgetvalue(res, row, 0), NULL, 10),
		.type = PQgetvalue(res, row, 1),
		.body = PQgetvalue(res, row, 2),
		.url = PQgetvalue(res, row, 4),
		.secret = secret};

	if (d == NULL) {
		free(secret);
		return; /* its lease ends, and it is brought again */
	}
	d->b = b;
	d->id = e.delivery;
	d->attempts = (int)strtol(PQgetvalue(res, row, 3), NULL, 10);
	b->under_way++;
	if (secret == NULL) {
		on_brought(d, 0, "its secret cannot be opened with the keys that are here");
	} else if (webhook_post(b->w->g, &b->w->dns, &e, on_brought, d) != 0) {
		b->under_way--;
		free(d);
	}
	free(secret);
}

static void
on_claimed(void *arg, int index, const PGresult *res)
{
	struct bureau_hooks *b = arg;

	(void)index;
	b->claimed = res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK ? 0 : PQntuples(res);
	for (int i = 0; i < b->claimed; i++)
		bring(b, res, i);
}

/* ---- Looking ---------------------------------------------------------------------------------------------------- */

static void
on_looked(void *arg, const char *error, const char *sqlstate)
{
	struct bureau_hooks *b = arg;

	b->asking = false;
	if (error != NULL)
		log_warn("bureau=%s could not look after webhooks: %s sqlstate=%s", b->bureau->code, error, sqlstate);
	else if (b->again)
		look(b);
}

static void
on_collected(void *arg, const char *error, const char *sqlstate)
{
	const struct bureau_hooks *b = arg;

	(void)sqlstate;
	if (error != NULL)
		log_warn("bureau=%s events could not be collected, they are with the next look: %s", b->bureau->code, error);
}

/* The settled window becomes deliveries, and what is due is claimed. Each is a transaction of its own. */
static void
collect(struct bureau_hooks *b)
{
	struct pg_params *p;

	if (b->window != 0) {
		p = params(b);
		pg_param_int(p, b->window);
		pg_param_bool(p, b->bureau->webhook_push);
		(void)pg_run(b->w->g->pg_side, STMT_WEBHOOK_COLLECT, p, b, NULL, on_collected);
		pg_params_free(p);
	}
	p = params(b);
	pg_param_text(p, b->w->g->daemon_id);
	pg_param_int(p, AT_ONCE - b->under_way);
	pg_param_int(p, LEASE_SECONDS);
	b->asking = pg_run(b->w->g->pg_side, STMT_WEBHOOK_CLAIM, p, b, on_claimed, on_looked) == 0;
	pg_params_free(p);
}

enum {
	ACTIVE,
	MARK,
	WRITERS,
	WRITING,
	ASKS
};

static void
on_told(void *arg, int index, const PGresult *res)
{
	struct bureau_hooks *b = arg;

	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
		return;
	if (index == ACTIVE) {
		b->hooks = PQgetvalue(res, 0, 0)[0] == '1';
		b->waits = PQgetvalue(res, 0, 1)[0] == '1';
	} else if (index == WRITING && strcmp(PQgetvalue(res, 0, 1), "0") == 0) {
		b->window = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
	}
}

static void
on_asked(void *arg, const char *error, const char *sqlstate)
{
	struct bureau_hooks *b = arg;

	if (error == NULL && (b->window != 0 || b->waits) && b->under_way < AT_ONCE)
		collect(b);
	else
		on_looked(b, error, sqlstate);
}

static void
look(struct bureau_hooks *b)
{
	static const enum stmt asks[ASKS] = {
		STMT_WEBHOOK_ACTIVE, STMT_WEBHOOK_MARK, STMT_WEBHOOK_WRITERS, STMT_WEBHOOK_WRITING};
	struct gateway *g = b->w->g;

	if (b->asking) {
		b->again = true;
		return;
	}
	if (g->draining || g->daemon_id[0] == '\0')
		return;
	struct pg_batch *batch = pg_batch_begin(g->pg_side, false, b, on_told, on_asked);
	struct pg_params *p = params(b);
	b->again = false;
	b->window = 0;
	b->asked_at = now_wait_ms();
	b->asking = batch != NULL;
	for (int i = 0; batch != NULL && i < (b->hooks ? ASKS : 1); i++)
		pg_batch_add(batch, asks[i], p);
	if (batch != NULL)
		pg_batch_commit(batch);
	pg_params_free(p);
}

void
webhooks_look(struct webhooks *w)
{
	int64_t now = now_wait_ms();

	for (size_t i = 0; i < w->n; i++) {
		struct bureau_hooks *b = &w->bureaus[i];
		if (!b->asking && now - b->asked_at >= (b->hooks || b->waits ? BUSY_MS : IDLE_MS))
			look(b);
	}
}

void
webhooks_changed(struct webhooks *w)
{
	for (size_t i = 0; i < w->n; i++)
		look(&w->bureaus[i]);
}

struct webhooks *
webhooks_new(struct gateway *g)
{
	struct webhooks *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->g = g;
	w->n = g->conf->nbureaus;
	w->bureaus = calloc(w->n + 1, sizeof(*w->bureaus));
	if (w->bureaus == NULL) {
		free(w);
		return NULL;
	}
	for (size_t i = 0; i < w->n; i++) {
		w->bureaus[i].w = w;
		w->bureaus[i].bureau = &g->conf->bureaus[i];
	}
	return w;
}

void
webhooks_free(struct webhooks *w)
{
	if (w == NULL)
		return;
	if (w->dns != NULL)
		evdns_base_free(w->dns, 0);
	free(w->bureaus);
	free(w);
}
