/*
 * Two queues of those who look at figures, each with the one count that is under way: the bureau's, and its campaigns'.
 * A count of one kind does not wait for those of the other.
 */
#include "gateway/figures.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <event2/event.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "store/pg.h"
#include "store/turn.h"

#define READER_WAITS_MS 1500
#define COUNT_SECONDS 900 /* the longest that a count may take */
#define LIST_AT_ONCE 2	  /* campaigns that are counted for one look at the list */

/* What is counted: a bureau's figures (campaign -1), those of one campaign, of the campaigns of the list (0). */
struct scope {
	int bureau_id;
	int64_t campaign_id;
};

#define OF_BUREAU (-1)

struct reader {
	TAILQ_ENTRY(reader) link;
	struct lane *lane;
	struct event *patience;
	struct scope scope;
	void (*then)(void *arg);
	void *arg;
};
TAILQ_HEAD(readers, reader);

struct lane {
	struct gateway *g;
	struct pg *pg; /* NULL: nobody has looked yet */
	struct readers readers;
	bool one_of_many; /* it counts a few rows of a table */
	bool counting;
	struct scope scope;			/* of the count under way */
	int64_t aged[LIST_AT_ONCE]; /* campaigns that are to be counted */
	int naged;
	bool told; /* the readers of the count under way do not wait for it */
};

struct figures {
	struct lane bureaus, campaigns;
};

static void next_count(struct lane *l);
static void count_bureau(struct lane *l);
static void count_campaign(struct lane *l);

static void
tell(struct reader *r)
{
	void (*then)(void *arg) = r->then;
	void *arg = r->arg;

	TAILQ_REMOVE(&r->lane->readers, r, link);
	event_free(r->patience);
	free(r);
	if (then != NULL)
		then(arg);
}

static void
on_patience_over(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tell(arg);
}

static void
tell_all(struct lane *l)
{
	struct reader *r, *next;

	for (r = TAILQ_FIRST(&l->readers); r != NULL; r = next) {
		next = TAILQ_NEXT(r, link);
		if (r->scope.bureau_id == l->scope.bureau_id && r->scope.campaign_id == l->scope.campaign_id)
			tell(r);
	}
}

static void
on_counted(void *arg, const char *error, const char *sqlstate)
{
	struct lane *l = arg;

	if (error != NULL)
		log_warn("figures of bureau=%d could not be counted: %s sqlstate=%s", l->scope.bureau_id, error, sqlstate);
	else if (l->naged > 0 && --l->naged > 0) {
		count_campaign(l);
		return;
	}
	l->counting = false;
	tell_all(l);
	next_count(l);
}

static void
count_bureau(struct lane *l)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, l->scope.bureau_id);
	if (pg_run(l->pg, STMT_FIGURE_COUNT, p, l, NULL, on_counted) != 0)
		on_counted(l, "the connection is not there", "");
	pg_params_free(p);
}

static void
count_campaign(struct lane *l)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, l->scope.bureau_id);
	pg_param_int(p, l->aged[l->naged - 1]);
	pg_param_int(p, FIGURES_SLICES);
	if (pg_run(l->pg, STMT_CAMPAIGN_COUNT, p, l, NULL, on_counted) != 0)
		on_counted(l, "the connection is not there", "");
	pg_params_free(p);
}

static void
on_aged_row(void *arg, int index, const PGresult *res)
{
	struct lane *l = arg;

	(void)index;
	/* The first of them is counted first: it stands last. */
	for (int i = res == NULL ? 0 : PQntuples(res); i-- > 0 && l->naged < LIST_AT_ONCE;) {
		l->aged[l->naged++] = store_int(res, i, 0);
		l->told = l->told && store_int(res, i, 1) == 0;
	}
}

static void
on_aged(void *arg, const char *error, const char *sqlstate)
{
	struct lane *l = arg;

	if (error != NULL || l->naged == 0) {
		l->naged = 0;
		on_counted(l, error, sqlstate);
		return;
	}
	if (l->told)
		tell_all(l);
	if (l->scope.campaign_id == OF_BUREAU)
		count_bureau(l);
	else
		count_campaign(l);
}

static void
next_count(struct lane *l)
{
	struct reader *r = TAILQ_FIRST(&l->readers);
	int rc;

	if (r == NULL || l->counting || !pg_ready(l->pg))
		return;
	struct pg_params *p = pg_params_new();
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): tell takes what it frees off the list */
	l->scope = r->scope;
	l->naged = 0;
	l->told = true;
	pg_param_int(p, l->scope.bureau_id);
	if (l->scope.campaign_id == 0)
		pg_param_text(p, NULL);
	else if (l->scope.campaign_id != OF_BUREAU)
		pg_param_int(p, l->scope.campaign_id);
	if (l->scope.campaign_id != OF_BUREAU)
		pg_param_int(p, LIST_AT_ONCE);
	rc = pg_run(
		l->pg, l->scope.campaign_id == OF_BUREAU ? STMT_FIGURE_AGED : STMT_CAMPAIGN_AGED, p, l, on_aged_row, on_aged);
	l->counting = rc == 0;
	pg_params_free(p);
}

static void
on_state(void *arg, struct pg *pg, enum pg_state state, const char *why)
{
	(void)pg;
	(void)why; /* the other connections say what became of the database */
	if (state == PG_READY)
		next_count(arg);
}

static void
lane_open(struct lane *l, struct gateway *g)
{
	l->g = g;
	TAILQ_INIT(&l->readers);
}

static void
lane_close(struct lane *l)
{
	pg_free(l->pg);
	while (!TAILQ_EMPTY(&l->readers))
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): tell takes what it frees off the list */
		tell(TAILQ_FIRST(&l->readers));
}

struct figures *
figures_new(struct gateway *g)
{
	struct figures *f = calloc(1, sizeof(*f));

	if (f != NULL) {
		lane_open(&f->bureaus, g);
		lane_open(&f->campaigns, g);
		f->campaigns.one_of_many = true;
	}
	return f;
}

void
figures_free(struct figures *f)
{
	if (f == NULL)
		return;
	lane_close(&f->bureaus);
	lane_close(&f->campaigns);
	free(f);
}

static bool
open_connection(struct lane *l)
{
	const struct pg_owner owner = {l, on_state, NULL};

	if (l->pg == NULL) {
		l->pg = pg_new(l->g->base, l->g->conf->database, &owner);
		if (l->pg != NULL) {
			pg_deadline(l->pg, COUNT_SECONDS);
			/* One campaign of many is no reason to read all texts; a bureau's figures are made of all rows. */
			if (l->one_of_many)
				pg_prefer_indexes(l->pg);
		}
	}
	return l->pg != NULL;
}

static void
refresh(struct lane *l, struct scope scope, void (*then)(void *arg), void *arg)
{
	const struct timeval patience = {READER_WAITS_MS / 1000, READER_WAITS_MS % 1000 * 1000}, at_once = {0, 0};
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	*r = (struct reader){.lane = l, .scope = scope, .then = then, .arg = arg};
	r->patience = evtimer_new(l->g->base, on_patience_over, r);
	if (r->patience == NULL)
		abort();
	TAILQ_INSERT_TAIL(&l->readers, r, link);
	bool told = l->counting && l->told && l->naged > 0 && l->scope.bureau_id == scope.bureau_id &&
				l->scope.campaign_id == scope.campaign_id;
	(void)event_add(r->patience, open_connection(l) && !told ? &patience : &at_once);
	if (l->pg != NULL)
		next_count(l);
}

void
figures_refresh(struct figures *f, int bureau_id, void (*then)(void *arg), void *arg)
{
	refresh(&f->bureaus, (struct scope){bureau_id, OF_BUREAU}, then, arg);
}

void
figures_refresh_campaign(struct figures *f, int bureau_id, int64_t campaign_id, void (*then)(void *arg), void *arg)
{
	refresh(&f->campaigns, (struct scope){bureau_id, campaign_id}, then, arg);
}
