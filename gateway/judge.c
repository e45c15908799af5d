/* One bureau at a time, one application after the other: read what is due, decide, act, strike it off. */
#include "gateway/judge.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/rules.h"
#include "store/application.h"
#include "store/pg.h"
#include "store/turn.h"

#define JUDGE_BATCH 200

/* One application's act. Owns its strings. */
struct task {
	int64_t id;
	bool arrival; /* else a decision */
	enum {
		STRIKE, /* there is nothing to do any more */
		ACT,
		LEAVE, /* to a clerk */
	} what;
	char why[RULES_WHY_MAX];
	const char *actor;
};

struct docket {
	struct judge *j;
	const struct conf_bureau *bureau;
	struct task tasks[JUDGE_BATCH];
	size_t ntasks, next;
	bool under_way;
};

struct judge {
	struct gateway *g;
	struct docket *dockets; /* one a bureau */
	size_t ndockets;
};

static void go_on(struct docket *d);

/* ---- Deciding --------------------------------------------------------------------------------------------------- */

static void
leave(struct task *t, const char *why)
{
	t->what = LEAVE;
	(void)snprintf(t->why, sizeof(t->why), "%s", why);
}

static void
by_rule(struct task *t, const struct conf_item *it, const struct rules_case *c)
{
	t->actor = "rule";
	t->what = rules_hold(it->rules, it->nrules, c, t->why) ? ACT : LEAVE;
}

/* Whoever has broken a pledge is looked at by a person first. */
static void
on_pledge(struct task *t, const struct rules_case *c, bool pledged)
{
	t->actor = "pledge";
	if (!pledged)
		leave(t, "no pledge was made");
	else if (c->marked)
		leave(t, "a pledge of the holder was not kept");
	else
		(void)snprintf(t->why, sizeof(t->why), "on the holder's pledge");
}

static void
decide(struct docket *d, struct task *t, const PGresult *res, int i)
{
	const struct conf_item *it = conf_item_for(d->j->g->conf, d->bureau, store_text(res, i, 3));
	json_t *facts = json_loads(store_text(res, i, 5), 0, NULL);
	const struct rules_case c = {.verified_by = store_text(res, i, 4),
		.facts = facts,
		.said_wrong = store_int(res, i, 6) != 0,
		.changed = store_int(res, i, 7) != 0,
		.marked = store_int(res, i, 8) != 0,
		.in_window = store_int(res, i, 9) != 0};

	t->what = ACT;
	if (strcmp(store_text(res, i, 2), t->arrival ? "sent" : "submitted") != 0)
		t->what = STRIKE;
	else if (t->arrival)
		t->actor = "clock";
	else if (it != NULL && strcmp(it->approval, "rule") == 0)
		by_rule(t, it, &c);
	else if (it != NULL && strcmp(it->approval, "pledge") == 0)
		on_pledge(t, &c, store_int(res, i, 10) != 0);
	else
		leave(t, "submitted");
	json_decref(facts);
}

static void
on_due(void *arg, int index, const PGresult *res)
{
	struct docket *d = arg;

	(void)index;
	for (int i = 0; res != NULL && i < PQntuples(res) && d->ntasks < JUDGE_BATCH; i++) {
		struct task *t = &d->tasks[d->ntasks++];

		*t = (struct task){.id = store_int(res, i, 0), .arrival = strcmp(store_text(res, i, 1), "arrive") == 0};
		decide(d, t, res, i);
	}
}

/* ---- Acting ----------------------------------------------------------------------------------------------------- */

static void
on_struck(void *arg, const char *error, const char *sqlstate)
{
	struct docket *d = arg;

	if (error != NULL)
		log_warn("bureau=%s application=%lld could not be struck off: %s sqlstate=%s", d->bureau->code,
			(long long)d->tasks[d->next].id, error, sqlstate);
	d->next++;
	go_on(d);
}

static void
strike(struct docket *d)
{
	const struct task *t = &d->tasks[d->next];
	struct pg_params *p = pg_params_new();

	pg_param_int(p, d->bureau->id);
	pg_param_int(p, t->id);
	pg_param_text(p, t->what == LEAVE ? t->why : t->arrival ? "arrive" : "judge");
	if (pg_run(d->j->g->pg_side, t->what == LEAVE ? STMT_ACT_TO_CLERK : STMT_ACT_DONE, p, d, NULL, on_struck) != 0)
		d->under_way = false;
	pg_params_free(p);
}

static void
on_acted(void *arg, const struct application_answer *answer)
{
	struct docket *d = arg;
	struct task *t = &d->tasks[d->next];

	if (answer->outcome == APPLICATION_FAILED) {
		/* It stands in the table still: the next look tries again. */
		log_warn(
			"bureau=%s application=%lld could not be decided: %s", d->bureau->code, (long long)t->id, answer->text);
		d->next++;
		go_on(d);
		return;
	}
	if (answer->outcome == APPLICATION_REFUSED)
		log_info("bureau=%s application=%lld nothing to decide: %s", d->bureau->code, (long long)t->id, answer->text);
	t->what = STRIKE;
	strike(d);
}

static void
go_on(struct docket *d)
{
	if (d->next == d->ntasks) {
		d->under_way = false;
		return;
	}
	const struct task *t = &d->tasks[d->next];
	const struct application_act act = {.kind = t->arrival ? APPLICATION_COLLECT : APPLICATION_APPROVE,
		.bureau_id = d->bureau->id,
		.id = t->id,
		.actor = t->actor,
		.reason = t->why};

	if (t->what != ACT)
		strike(d);
	else if (application_act(d->j->g->pg_side, &act, on_acted, d) != 0)
		d->under_way = false;
}

static void
on_due_end(void *arg, const char *error, const char *sqlstate)
{
	struct docket *d = arg;

	if (error != NULL) {
		log_warn("bureau=%s could not look what is to be decided: %s sqlstate=%s", d->bureau->code, error, sqlstate);
		d->under_way = false;
		return;
	}
	go_on(d);
}

void
judge_look(struct judge *j)
{
	for (size_t i = 0; i < j->ndockets; i++) {
		struct docket *d = &j->dockets[i];

		if (d->under_way)
			continue;
		d->ntasks = d->next = 0;
		struct pg_params *p = pg_params_new();
		pg_param_int(p, d->bureau->id);
		pg_param_int(p, JUDGE_BATCH);
		d->under_way = pg_run(j->g->pg_side, STMT_ACTS_DUE, p, d, on_due, on_due_end) == 0;
		pg_params_free(p);
	}
}

struct judge *
judge_new(struct gateway *g)
{
	struct judge *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->g = g;
	j->ndockets = g->conf->nbureaus;
	j->dockets = calloc(j->ndockets + 1, sizeof(*j->dockets));
	if (j->dockets == NULL) {
		judge_free(j);
		return NULL;
	}
	for (size_t i = 0; i < j->ndockets; i++) {
		j->dockets[i].j = j;
		j->dockets[i].bureau = &g->conf->bureaus[i];
	}
	return j;
}

void
judge_free(struct judge *j)
{
	if (j == NULL)
		return;
	free(j->dockets);
	free(j);
}
