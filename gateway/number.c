/* The daemon's number among those on one database: asked for, held, lost with its connection, asked for again. */
#include "gateway/number.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/clock.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/now.h"
#include "gateway/sender.h"
#include "gateway/turn.h"
#include "store/pg.h"

#define NUMBERS 64 /* that a daemon tries */
#define NAMING_SECONDS 5

struct number {
	struct gateway *g;
	struct event *timer, *patience;
	int mine;		 /* the one it has or had, or the first that it tries */
	int offered;	 /* by the question under way; 0 = none is free */
	bool told;		 /* that there is none */
	bool held;		 /* by this daemon's session */
	bool taking;	 /* over what one of its name left behind: under way */
	bool taken_over; /* done */
	bool impatient;	 /* it was not to be had in time: turns do not wait for it again before there is one */
};

/*
 * A turn without a number is stored, and its answer goes when there is one: too late for a screen, which becomes a
 * text. As the answer to "which number" is mostly there within milliseconds, turns wait for it.
 */
static void
turns_wait(struct number *n)
{
	const struct timeval patience = {NAMING_SECONDS, 0};

	if (n->impatient || n->g->naming)
		return;
	n->g->naming = true;
	(void)event_add(n->patience, &patience);
}

static void
turns_go_on(struct number *n, bool impatient)
{
	n->impatient = impatient;
	n->g->naming = false;
	(void)event_del(n->patience);
	turn_go_on(n->g);
}

static void
on_patience(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	turns_go_on(arg, true);
}

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
	turns_go_on(n, true);
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
	turns_go_on(n, false);
	clock_wake(n->g);
}

static void
on_taken_over(void *arg, bool good)
{
	struct number *n = arg;
	const struct timeval second = {1, 0};

	n->taking = false;
	n->taken_over = n->taken_over || good;
	if (!n->held)
		return; /* the connection's return asks again */
	if (good) {
		named(n);
		return;
	}
	turns_go_on(n, true);
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
	if (n->taking)
		return; /* its end gives the number: a second one would find this daemon's own texts */
	if (!n->taken_over) {
		n->taking = true;
		log_info("daemon=%s takes over what one of its name left behind", g->daemon_id);
		sender_takeover(g, g->daemon_id, on_taken_over, n);
		return;
	}
	if (!g->named) {
		log_info("daemon=%s has a number again", g->daemon_id);
		g->again_ms = now_wait_ms();
	}
	named(n);
}

/* Session locks go with the connection; a daemon that died frees its number with its socket. */
void
number_take(struct number *n)
{
	struct pg_params *p = pg_params_new();

	turns_wait(n);
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
	turns_wait(n);
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
	n->patience = evtimer_new(g->base, on_patience, n);
	if (n->timer == NULL || n->patience == NULL) {
		number_free(n);
		return NULL;
	}
	return n;
}

void
number_free(struct number *n)
{
	if (n == NULL)
		return;
	if (n->timer != NULL)
		event_free(n->timer);
	if (n->patience != NULL)
		event_free(n->patience);
	free(n);
}
