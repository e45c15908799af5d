/* Asks for each bureau which campaigns live, and does for them what is due. Only one question of a bureau at a time. */
#include "gateway/campaigns.h"

#include <stdlib.h>
#include <time.h>

#include "gateway/clock.h"
#include "gateway/conf.h"
#include "gateway/daily.h"
#include "gateway/figures.h"
#include "gateway/gateway.h"
#include "gateway/hours.h"
#include "gateway/log.h"
#include "gateway/sender.h"
#include "store/pg.h"
#include "store/turn.h"

#define AT_ONCE 2000 /* talks or texts that one statement takes back */

struct tending {
	struct gateway *g;
	const struct conf_bureau *bureau;
	bool under_way, again;
	bool stopped;	 /* one of them is being taken back */
	bool live;		 /* there are campaigns to look after */
	int64_t to_scan; /* 0 = none */
	int64_t done;	 /* has just ended; 0 = none */
};

struct campaigns {
	size_t count;
	struct tending list[];
};

static void look(struct tending *t);

/* ---- What is due for them ------------------------------------------------------------------------------------- */

/* The statements of one batch, in their order. */
enum {
	FED,
	UNFED,
	TAKEN_BACK,
	ENDED,
	DONE,
};

static void
on_result(void *arg, int index, const PGresult *res)
{
	struct tending *t = arg;

	if (res == NULL)
		return;
	switch (index) {
	case FED:
		if (PQntuples(res) > 0)
			clock_wake(t->g); /* they are due now */
		break;
	case TAKEN_BACK:
	case ENDED:
		t->again = t->again || store_int(res, 0, 0) == AT_ONCE;
		break;
	case DONE:
		for (int i = 0; i < PQntuples(res); i++) {
			t->done = store_int(res, i, 0);
			log_info("bureau=%s campaign=%lld %s", t->bureau->code, (long long)t->done, store_text(res, i, 1));
		}
		break;
	default:
		break;
	}
}

static void
ended(struct tending *t, const char *error, const char *sqlstate)
{
	t->under_way = false;
	if (error != NULL)
		log_warn("bureau=%s campaigns could not be looked after: %s sqlstate=%s", t->bureau->code, error, sqlstate);
	else if (t->done != 0)
		/* Whoever looks at what is over finds it counted. */
		figures_refresh_campaign(t->g->figures, t->bureau->id, t->done, NULL, NULL);
	t->done = 0;
	if (error == NULL && t->again)
		look(t);
}

static void
on_tended(void *arg, const char *error, const char *sqlstate)
{
	ended(arg, error, sqlstate);
}

static struct pg_params *
of_bureau(const struct tending *t)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, t->bureau->id);
	return p;
}

/* For any campaign; limit 0 = the statement has none. */
static void
add(struct pg_batch *b, enum stmt s, const struct tending *t, int limit)
{
	struct pg_params *p = of_bureau(t);

	pg_param_text(p, NULL);
	if (limit > 0)
		pg_param_int(p, limit);
	pg_batch_add(b, s, p);
	pg_params_free(p);
}

static void
tend(struct tending *t)
{
	if (t->stopped)
		sender_cancel_held(t->g, t->bureau);
	struct pg_batch *b = pg_batch_begin(t->g->pg_side, false, t, on_result, on_tended);
	struct pg_params *p;

	if (b == NULL) {
		t->under_way = false;
		return;
	}
	p = of_bureau(t);
	pg_param_bool(p, hours_open(t->bureau, (int64_t)time(NULL)));
	pg_batch_add(b, STMT_CAMPAIGN_FEED, p);
	pg_params_free(p);
	add(b, STMT_CAMPAIGN_UNFEED, t, 0);
	add(b, STMT_CAMPAIGN_TAKE_BACK, t, AT_ONCE);
	add(b, STMT_CAMPAIGN_END_UNASKED, t, AT_ONCE);
	p = of_bureau(t);
	pg_batch_add(b, STMT_CAMPAIGN_DONE, p);
	pg_params_free(p);
	pg_batch_commit(b);
}

/* ---- Which there are ------------------------------------------------------------------------------------------ */

static void
on_live(void *arg, int index, const PGresult *res)
{
	struct tending *t = arg;

	(void)index;
	for (int i = 0; res != NULL && i < PQntuples(res); i++) {
		t->live = true;
		t->stopped = t->stopped || store_int(res, i, 2) != 0;
		if (t->to_scan == 0 && store_int(res, i, 1) != 0)
			t->to_scan = store_int(res, i, 0);
	}
}

static void
on_asked(void *arg, const char *error, const char *sqlstate)
{
	struct tending *t = arg;

	if (error != NULL || !t->live) {
		ended(t, error, sqlstate);
		return;
	}
	if (t->to_scan != 0)
		daily_scan_campaign(t->g, t->bureau, t->to_scan);
	tend(t);
}

static void
look(struct tending *t)
{
	struct pg_params *p;

	if (t->under_way) {
		t->again = true;
		return;
	}
	t->live = t->stopped = false;
	t->to_scan = 0;
	t->again = false;
	p = of_bureau(t);
	t->under_way = pg_run(t->g->pg_side, STMT_CAMPAIGN_LIVE, p, t, on_live, on_asked) == 0;
	pg_params_free(p);
}

void
campaigns_look(struct campaigns *c)
{
	for (size_t i = 0; i < c->count; i++)
		look(&c->list[i]);
}

struct campaigns *
campaigns_new(struct gateway *g)
{
	struct campaigns *c = calloc(1, sizeof(*c) + g->conf->nbureaus * sizeof(c->list[0]));

	if (c == NULL)
		return NULL;
	c->count = g->conf->nbureaus;
	for (size_t i = 0; i < c->count; i++)
		c->list[i] = (struct tending){.g = g, .bureau = &g->conf->bureaus[i]};
	return c;
}

void
campaigns_free(struct campaigns *c)
{
	free(c);
}
