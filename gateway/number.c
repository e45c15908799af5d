/* The daemon's number among those on one database: asked for, held, lost with its connection, asked for again. */
#include "gateway/number.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/clock.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/sender.h"
#include "store/pg.h"

#define NUMBERS 64 /* that a daemon tries */

struct number {
	struct gateway *g;
	struct event *timer;
	int mine;		 /* the one it has or had, or the first that it tries */
	int offered;	 /* by the question under way; 0 = none is free */
	bool told;		 /* that there is none */
	bool held;		 /* by this daemon's session */
	bool taken_over; /* what one of its name left behind */
};

static void
on_row(void *arg, int index, const PGresult *res)
{
	struct number *n = arg;

	(void)index;
	n->offered = res == NULL || PQntuples(res) == 0 ? 0 : (int)strtol(PQgetvalue(res, 0, 0), NULL, 10);
}

/* What this connection holds already it keeps; without the connection, its return asks again. */
static void
none(struct number *n, const char *error, const char *sqlstate)
{
	const struct timeval second = {1, 0};

	if (n->g->named || !pg_ready(n->g->pg_side))
		return;
	if (!n->told && error != NULL)
		log_warn("this daemon's number could not be taken, and it sends nothing without one: %s sqlstate=%s", error,
			sqlstate);
	else if (!n->told)
		log_warn("all numbers=%d to %d of daemons are held by others: this one sends nothing until one is free",
			n->mine, n->mine + NUMBERS - 1);
	n->told = true;
	(void)event_add(n->timer, &second);
}

static void
named(struct number *n)
{
	n->g->named = true;
	sender_named(n->g);
	clock_wake(n->g);
}

static void
on_taken_over(void *arg, bool good)
{
	struct number *n = arg;
	const struct timeval second = {1, 0};

	n->taken_over = n->taken_over || good;
	if (!n->held)
		return; /* the connection's return asks again */
	if (good)
		named(n);
	else
		(void)event_add(n->timer, &second);
}

static void
on_end(void *arg, const char *error, const char *sqlstate)
{
	struct number *n = arg;
	struct gateway *g = n->g;

	if (error != NULL || n->offered == 0) {
		none(n, error, sqlstate);
		return;
	}
	n->mine = n->offered;
	n->held = true;
	(void)snprintf(g->daemon_id, sizeof(g->daemon_id), "d%d", n->mine);
	n->told = false;
	/* Only before it sends anything itself: from then on its own texts are under the same name. */
	if (!n->taken_over) {
		log_info("daemon=%s takes over what one of its name left behind", g->daemon_id);
		sender_takeover(g, g->daemon_id, on_taken_over, n);
		return;
	}
	if (!g->named)
		log_info("daemon=%s has a number again", g->daemon_id);
	named(n);
}

/* Session locks go with the connection; a daemon that died frees its number with its socket. */
void
number_take(struct number *n)
{
	struct pg_params *p = pg_params_new();

	n->offered = 0;
	pg_param_int(p, n->mine);
	pg_param_int(p, NUMBERS);
	(void)pg_run(n->g->pg_side, STMT_DAEMON_SLOT, p, n, on_row, on_end);
	pg_params_free(p);
}

void
number_lost(struct number *n)
{
	n->held = false;
	n->g->named = false;
}

bool
number_store_ready(const struct gateway *g)
{
	return pg_ready(g->pg_turn) && pg_ready(g->pg_send) && pg_ready(g->pg_side);
}

static void
on_timer(int fd, short what, void *arg)
{
	struct number *n = arg;

	(void)fd;
	(void)what;
	if (!n->g->named && number_store_ready(n->g)) /* else it is asked when the last connection is back */
		number_take(n);
}

struct number *
number_new(struct gateway *g)
{
	struct number *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->g = g;
	n->mine = 1;
	n->timer = evtimer_new(g->base, on_timer, n);
	if (n->timer == NULL) {
		free(n);
		return NULL;
	}
	return n;
}

void
number_free(struct number *n)
{
	if (n == NULL)
		return;
	event_free(n->timer);
	free(n);
}
