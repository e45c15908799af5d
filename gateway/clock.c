/*
 * The clock: raises a turn for every conversation whose deadline has passed and for every outside event, and does the
 * daily and hourly work. Each question is asked again only after its turns are through.
 */
#include "gateway/clock.h"

#include <event2/event.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/campaigns.h"
#include "gateway/child.h"
#include "gateway/clerk.h"
#include "gateway/conf.h"
#include "gateway/daily.h"
#include "gateway/gateway.h"
#include "gateway/habits.h"
#include "gateway/jobs.h"
#include "gateway/judge.h"
#include "gateway/log.h"
#include "gateway/sender.h"
#include "gateway/smpp/link.h"
#include "gateway/turn.h"
#include "gateway/webhooks.h"
#include "store/pg.h"
#include "store/turn.h"

#define CLOCK_BATCH 500 /* conversations or events of one question */
#define HOUSEKEEPING_SECONDS 10
#define HOURLY_SECONDS 3600
#define OVERDUE_SECONDS 600
#define YOUNG_SECONDS 300 /* after a start the tables may be new: look at every tick */

enum question {
	ASK_DUE,
	ASK_EVENTS,
	ASK_KINDS,
};

/* One bureau's question of one kind; asked again when all the turns it raised are through. */
struct asking {
	struct clock *c;
	const struct conf_bureau *bureau;
	enum question what;
	bool under_way;
	bool again;	 /* woken meanwhile, or the answer was full */
	bool failed; /* turns failed: wait for the next tick */
	int turns;
	int found;
};

struct clock {
	struct gateway *g;
	struct event *tick, *wake;
	struct asking *askings;
	size_t naskings;
	struct campaigns *campaigns;
	struct judge *judge;
	struct webhooks *webhooks;
	int64_t housekept, hourly, overdue, analyzed;
	bool running, links_changed, analyzing;
	uint64_t links_told; /* traffic that link_state knows of */
};

static void ask(struct asking *a);

/* ---- Turns ---------------------------------------------------------------------------------------------------- */

static void
through(struct asking *a)
{
	if (a->turns > 0)
		return;
	a->under_way = false;
	if ((a->again || a->found == CLOCK_BATCH) && !a->failed && a->c->running) {
		a->again = false;
		ask(a);
	}
}

static void
on_turn(void *arg, enum turn_outcome outcome, const char *step)
{
	struct asking *a = arg;

	(void)step;
	if (outcome == TURN_FAILED)
		a->failed = true;
	a->turns--;
	through(a);
}

static void
raise_due(struct asking *a, const PGresult *res)
{
	for (int i = 0; i < PQntuples(res); i++) {
		struct turn_event e = {.bureau_id = a->bureau->id,
			.conversation_id = store_int(res, i, 0),
			.phone = store_text(res, i, 1),
			.kind = store_text(res, i, 2)[0] == '\0' ? DIALOG_START : DIALOG_TIMER,
			.channel = DIALOG_CHANNEL_SMS,
			.actor = "clock"};
		a->turns++;
		turn_raise(a->c->g, &e, on_turn, a);
	}
}

static size_t
slots_from_json(const char *text, struct dialog_slot *slots, size_t room)
{
	json_t *value, *o = json_loads(text, 0, NULL);
	const char *name;
	size_t n = 0;

	json_object_foreach (o, name, value) {
		if (n < room && json_is_string(value)) {
			(void)snprintf(slots[n].name, sizeof(slots[n].name), "%s", name);
			(void)snprintf(slots[n].value, sizeof(slots[n].value), "%s", json_string_value(value));
			n++;
		}
	}
	json_decref(o);
	return n;
}

static void
raise_events(struct asking *a, const PGresult *res)
{
	static struct dialog_slot slots[DIALOG_SLOTS_MAX];

	for (int i = 0; i < PQntuples(res); i++) {
		struct turn_event e = {.outside_event_id = store_int(res, i, 0),
			.bureau_id = a->bureau->id,
			.conversation_id = store_int(res, i, 1),
			.phone = store_text(res, i, 2),
			.application_id = store_int(res, i, 3),
			.kind = DIALOG_OUTSIDE,
			.channel = strcmp(store_text(res, i, 7), "phone") == 0 ? DIALOG_CHANNEL_PHONE : DIALOG_CHANNEL_STAFF,
			.name = store_text(res, i, 4),
			.slots = slots,
			.nslots = slots_from_json(store_text(res, i, 5), slots, DIALOG_SLOTS_MAX),
			.actor = store_text(res, i, 6)};
		/* What a clerk has said by command. */
		json_t *desk = json_loads(store_text(res, i, 8), 0, NULL);
		if (desk != NULL)
			clerk_event_read(desk, &e);
		a->turns++;
		turn_raise(a->c->g, &e, on_turn, a);
		json_decref(desk);
	}
}

static void
on_answer(void *arg, int index, const PGresult *res)
{
	struct asking *a = arg;

	(void)index;
	if (res == NULL)
		return;
	a->found = PQntuples(res);
	/* The turns may end before this function does: hold one more until all are raised. */
	a->turns++;
	if (a->what == ASK_DUE)
		raise_due(a, res);
	else
		raise_events(a, res);
	a->turns--;
}

static void
on_asked(void *arg, const char *error, const char *sqlstate)
{
	struct asking *a = arg;

	if (error != NULL) {
		log_warn("bureau=%s clock could not look: %s sqlstate=%s", a->bureau->code, error, sqlstate);
		a->failed = true;
	}
	through(a);
}

static void
ask(struct asking *a)
{
	struct pg_params *p;

	if (a->under_way) {
		a->again = true;
		return;
	}
	a->found = 0;
	a->failed = false;
	p = pg_params_new();
	pg_param_int(p, a->bureau->id);
	pg_param_int(p, CLOCK_BATCH);
	a->under_way = pg_run(a->c->g->pg_side, a->what == ASK_DUE ? STMT_CLOCK_DUE : STMT_CLOCK_EVENTS, p, a, on_answer,
					   on_asked) == 0;
	pg_params_free(p);
}

/* ---- Housekeeping --------------------------------------------------------------------------------------------- */

static void
on_swept(void *arg, const char *error, const char *sqlstate)
{
	(void)arg;
	if (error != NULL)
		log_warn("housekeeping could not be done: %s sqlstate=%s", error, sqlstate);
}

static void
on_analyzed(void *arg, const char *error, const char *sqlstate)
{
	struct clock *c = arg;

	c->analyzing = false;
	on_swept(arg, error, sqlstate);
}

/* Grows with everything that the links do. */
static uint64_t
traffic(const struct clock *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->g->conf->nlinks; i++) {
		struct link_stats st;

		link_stats_get(c->g->links[i], &st);
		n += st.sent + st.received;
	}
	return n;
}

static void
links_tell(struct clock *c)
{
	struct gateway *g = c->g;

	for (size_t i = 0; i < g->conf->nlinks; i++) {
		struct link_stats st;
		struct pg_params *p = pg_params_new();

		link_stats_get(g->links[i], &st);
		pg_param_text(p, link_name(g->links[i]));
		pg_param_text(p, g->daemon_id);
		pg_param_text(p, link_state_name(st.state));
		pg_param_text(p, st.host);
		pg_param_text(p, st.error);
		pg_param_int(p, st.in_flight);
		pg_param_int(p, (int64_t)st.sent);
		pg_param_int(p, (int64_t)st.received);
		pg_param_time(p, st.since * 1000000);
		pg_param_text(p, st.alarm);
		pg_param_int(p, st.rate);
		pg_param_int(p, st.window);
		pg_param_int(p, (int64_t)st.throttled);
		(void)pg_run(g->pg_side, STMT_LINK_STATE_PUT, p, c, NULL, on_swept);
		pg_params_free(p);
	}
	c->links_changed = false;
	c->links_told = traffic(c);
}

static void
each_bureau(struct clock *c, enum stmt s)
{
	for (size_t i = 0; i < c->g->conf->nbureaus; i++) {
		struct pg_params *p = pg_params_new();

		pg_param_int(p, c->g->conf->bureaus[i].id);
		(void)pg_run(c->g->pg_side, s, p, c, NULL, on_swept);
		pg_params_free(p);
	}
}

/* Not with the first tick: the links should be bound, for carriers are asked. */
static void
overdue(struct clock *c, int64_t now)
{
	if (c->overdue == 0) {
		c->overdue = now - OVERDUE_SECONDS + HOUSEKEEPING_SECONDS / 2;
	} else if (now - c->overdue >= OVERDUE_SECONDS) {
		c->overdue = now;
		sender_overdue(c->g);
	}
}

static void
housekeep(struct clock *c, int64_t now)
{
	if (!pg_ready(c->g->pg_side) || c->g->daemon_id[0] == '\0')
		return;
	/* Whoever asks for `link status` sees the last seconds; a quiet link is told of now and then, to say we live. */
	if (c->links_changed || traffic(c) != c->links_told || now - c->housekept >= HOUSEKEEPING_SECONDS)
		links_tell(c);
	if (now - c->housekept >= HOUSEKEEPING_SECONDS) {
		c->housekept = now;
		/* Else our own texts, or those of others who come back with us, are among those that nobody seems to hold. */
		if (sender_may_take_over(c->g))
			sender_takeover(c->g, "", NULL, NULL);
		sender_early_receipts(c->g);
		habits_save(c->g);
		turn_incomplete(c->g);
		turn_kept_sweep(c->g);
		overdue(c, now);
		turn_ussd_sweep(c->g);
		daily_check(c->g, now);
	}
	if (now - c->hourly >= HOURLY_SECONDS) {
		struct pg_params *p = pg_params_new();

		c->hourly = now;
		each_bureau(c, STMT_RECEIPT_EXPIRE);
		each_bureau(c, STMT_API_ONCE_EXPIRE);
		each_bureau(c, STMT_WEBHOOK_EXPIRE);
		pg_param_int(p, 2);
		(void)pg_run(c->g->pg_side, STMT_ENSURE_PARTITIONS, p, c, NULL, on_swept);
		pg_params_free(p);
	}
}

/* New tables get their statistics within a tick or two, not when autovacuum comes by. */
static void
statistics(struct clock *c, int64_t now)
{
	bool young = now - c->g->started_at < YOUNG_SECONDS;

	if (!pg_ready(c->g->pg_side) || c->analyzing || (!young && now - c->analyzed < HOUSEKEEPING_SECONDS))
		return;
	c->analyzed = now;
	struct pg_params *p = pg_params_new();
	c->analyzing = pg_run(c->g->pg_side, STMT_ANALYZE_NEW, p, c, NULL, on_analyzed) == 0;
	pg_params_free(p);
}

/* ---- The ticks ------------------------------------------------------------------------------------------------ */

static void
look(struct clock *c, int kind)
{
	if (!c->running || !pg_ready(c->g->pg_side) || !pg_ready(c->g->pg_turn))
		return;
	for (size_t i = 0; i < c->naskings; i++) {
		if (kind < 0 || c->askings[i].what == (enum question)kind)
			ask(&c->askings[i]);
	}
	campaigns_look(c->campaigns);
	judge_look(c->judge);
	webhooks_look(c->webhooks);
}

static void
on_tick(int fd, short what, void *arg)
{
	struct clock *c = arg;

	(void)fd;
	(void)what;
	look(c, -1);
	housekeep(c, (int64_t)time(NULL));
	if (c->running)
		jobs_check(c->g, (int64_t)time(NULL));
	statistics(c, (int64_t)time(NULL));
}

static void
on_wake(int fd, short what, void *arg)
{
	struct clock *c = arg;

	(void)fd;
	(void)what;
	look(c, -1);
	if (c->links_changed && pg_ready(c->g->pg_side) && c->g->daemon_id[0] != '\0')
		links_tell(c);
}

void
clock_wake(struct gateway *g)
{
	event_active(g->clock->wake, EV_TIMEOUT, 0);
}

void
clock_webhooks_changed(struct gateway *g)
{
	if (g->clock->running)
		webhooks_changed(g->clock->webhooks);
}

void
clock_links_changed(struct gateway *g)
{
	g->clock->links_changed = true;
	event_active(g->clock->wake, EV_TIMEOUT, 0);
}

void
clock_start(struct gateway *g)
{
	const struct timeval second = {1, 0};

	g->clock->running = true;
	(void)event_add(g->clock->tick, &second);
	clock_wake(g);
}

void
clock_stop(struct gateway *g)
{
	g->clock->running = false;
	daily_stop(g);
	jobs_stop();
	child_stop();
}

struct clock *
clock_new(struct gateway *g)
{
	struct clock *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->g = g;
	c->naskings = g->conf->nbureaus * ASK_KINDS;
	c->askings = calloc(c->naskings + 1, sizeof(*c->askings));
	c->campaigns = campaigns_new(g);
	c->judge = judge_new(g);
	c->webhooks = webhooks_new(g);
	c->tick = event_new(g->base, -1, EV_PERSIST, on_tick, c);
	c->wake = event_new(g->base, -1, 0, on_wake, c);
	if (c->askings == NULL || c->campaigns == NULL || c->judge == NULL || c->webhooks == NULL || c->tick == NULL ||
		c->wake == NULL) {
		clock_free(c);
		return NULL;
	}
	for (size_t i = 0; i < c->naskings; i++) {
		c->askings[i].c = c;
		c->askings[i].bureau = &g->conf->bureaus[i / ASK_KINDS];
		c->askings[i].what = (enum question)(i % ASK_KINDS);
	}
	return c;
}

void
clock_free(struct clock *c)
{
	if (c == NULL)
		return;
	if (c->tick != NULL)
		event_free(c->tick);
	if (c->wake != NULL)
		event_free(c->wake);
	campaigns_free(c->campaigns);
	judge_free(c->judge);
	webhooks_free(c->webhooks);
	free(c->askings);
	free(c);
}
