/* The table of an application's moves, and the acts of a bureau that make them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/application.h"
#include "store/columns.h"

/* ---- The table ----------------------------------------------------------------------------------------------------
 */

/*
 * Each status with those that may follow it. A status that nothing follows is an end. Until consent a citizen can fall
 * silent, decline, opt out or be somebody else; from submission on only the bureau moves it.
 */
static const struct {
	const char *from;
	const char *to[10];
} moves[] = {
	{"due", {"reminded", "consented", "declined", "stopped", "unreachable", "wrong_number", "closed"}},
	/* A reminder that a campaign took back before it left was none. */
	{"reminded", {"consented", "declined", "stopped", "unreachable", "wrong_number", "withdrawn", "closed", "due"}},
	{"consented", {"verified", "declined", "withdrawn", "unreachable", "wrong_number", "closed"}},
	{"verified", {"confirmed", "withdrawn", "unreachable", "closed"}},
	{"confirmed", {"submitted", "withdrawn", "unreachable", "closed"}},
	{"submitted", {"approved", "rejected"}},
	/* What the citizen chose can be undone: a parcel that came back waits at the counter, and the other way round. */
	{"approved", {"ready", "sent"}},
	{"ready", {"collected", "sent"}},
	{"sent", {"collected", "ready"}},
	{"collected", {NULL}},
	{"rejected", {NULL}},
	{"declined", {NULL}},
	{"stopped", {NULL}},
	{"unreachable", {NULL}},
	/* An end; only an import with a new number makes it due again (WRONG_NUMBERS in store/stmt/import.def). */
	{"wrong_number", {"due"}},
	{"withdrawn", {NULL}},
	{"closed", {NULL}},
};

enum {
	STATUSES = sizeof moves / sizeof moves[0]
};

bool
application_status_may(const char *from, const char *to)
{
	for (size_t i = 0; i < STATUSES; i++) {
		if (strcmp(moves[i].from, from) != 0)
			continue;
		for (const char *const *t = moves[i].to; *t != NULL; t++)
			if (strcmp(*t, to) == 0)
				return true;
	}
	return false;
}

bool
application_status_ended(const char *status)
{
	for (size_t i = 0; i < STATUSES; i++)
		if (strcmp(moves[i].from, status) == 0)
			return moves[i].to[0] == NULL || strcmp(status, "wrong_number") == 0;
	return false;
}

const char *const *
application_statuses(void)
{
	static const char *list[STATUSES + 1];

	for (size_t i = 0; i < STATUSES; i++)
		list[i] = moves[i].from;
	return list;
}

/* ---- The acts -----------------------------------------------------------------------------------------------------
 */

static const struct {
	const char *to;	   /* the status it moves to; NULL: it moves none */
	const char *needs; /* what is missing when a text is missing */
} acts[] = {
	[APPLICATION_APPROVE] = {"approved", NULL},
	[APPLICATION_REJECT] = {"rejected", "a reason that the citizen is told"},
	[APPLICATION_SEND] = {"sent", "the tracking number"},
	[APPLICATION_READY] = {"ready", "a pick-up code"},
	[APPLICATION_COLLECT] = {"collected", NULL},
	[APPLICATION_OLD_RECEIVED] = {NULL, NULL},
	[APPLICATION_VERIFY] = {NULL, NULL},
	[APPLICATION_PASSED] = {NULL, NULL},
	[APPLICATION_FAILED_CHECK] = {NULL, "a reason that the firm is told"},
};

struct doing {
	enum application_act_kind kind;
	application_done_fn fn;
	void *arg;
	bool found, missing;
	char when[80], decided_by[80];
	bool wrong_code;
	struct application_answer answer;
};

/* Old certificates come in at any time between consent and the end. */
static const char *const old_may_come[] = {
	"consented", "verified", "confirmed", "submitted", "approved", "ready", "sent", "collected"};
static const char *const proof_waits[] = {"due", "reminded", "consented"};

static void
list_param(struct pg_params *p, const char *const *list, size_t n)
{
	pg_array_begin(p);
	for (size_t i = 0; i < n; i++)
		pg_array_text(p, list[i]);
	pg_array_end(p);
}

static void
add_advance(struct pg_batch *b, const struct application_act *act)
{
	const char *to = acts[act->kind].to;
	struct pg_params *p = params_for(act->bureau_id);

	pg_param_int(p, act->id);
	add(b, STMT_APPLICATION_LOCK, p);

	p = params_for(act->bureau_id);
	pg_param_int(p, act->id);
	pg_param_text(p, to);
	pg_array_begin(p);
	for (size_t i = 0; i < STATUSES; i++)
		if (application_status_may(moves[i].from, to))
			pg_array_text(p, moves[i].from);
	pg_array_end(p);
	pg_array_begin(p);
	for (size_t i = 0; i < STATUSES; i++)
		if (application_status_ended(moves[i].from))
			pg_array_text(p, moves[i].from);
	pg_array_end(p);
	pg_param_text(p, act->actor);
	pg_param_text(p, act->reason ? act->reason : "");
	pg_param_text(p, act->tracking_no ? act->tracking_no : "");
	pg_param_text(p, act->pickup_code ? act->pickup_code : "");
	add(b, STMT_APPLICATION_ADVANCE, p);
}

static bool
is_check(enum application_act_kind kind)
{
	return kind == APPLICATION_PASSED || kind == APPLICATION_FAILED_CHECK;
}

static void
add_check(struct pg_batch *b, const struct application_act *act)
{
	struct pg_params *p = params_for(act->bureau_id);

	pg_param_int(p, act->id);
	add(b, STMT_APPLICATION_LOCK, p);
	p = params_for(act->bureau_id);
	pg_param_int(p, act->id);
	pg_param_text(p, act->kind == APPLICATION_PASSED ? "passed" : "failed");
	pg_param_text(p, act->reason ? act->reason : "");
	pg_param_text(p, act->actor);
	pg_array_begin(p);
	for (size_t i = 0; i < STATUSES; i++)
		if (application_status_ended(moves[i].from))
			pg_array_text(p, moves[i].from);
	pg_array_end(p);
	add(b, STMT_APPLICATION_CHECKED, p);
}

static void
add_other(struct pg_batch *b, const struct application_act *act)
{
	struct pg_params *p = params_for(act->bureau_id);
	bool verify = act->kind == APPLICATION_VERIFY;

	pg_param_int(p, act->id);
	add(b, STMT_APPLICATION_LOCK, p);
	p = params_for(act->bureau_id);
	pg_param_int(p, act->id);
	if (verify)
		list_param(p, proof_waits, sizeof proof_waits / sizeof proof_waits[0]);
	else
		list_param(p, old_may_come, sizeof old_may_come / sizeof old_may_come[0]);
	pg_param_text(p, act->actor);
	if (verify)
		pg_param_text(p, act->evidence);
	add(b, verify ? STMT_APPLICATION_VERIFY : STMT_APPLICATION_OLD_RECEIVED, p);
}

/* ---- The answer ---------------------------------------------------------------------------------------------------
 */

static void
say(struct doing *d, const char *what)
{
	d->answer.outcome = APPLICATION_REFUSED;
	snprintf(d->answer.text, sizeof d->answer.text, "application %lld %s", (long long)d->answer.id, what);
}

/* Why it was not moved, and what to do. */
static void
explain(struct doing *d)
{
	const char *status = d->answer.before, *to = acts[d->kind].to;
	bool decided = strcmp(status, "approved") == 0 || strcmp(status, "rejected") == 0 || strcmp(status, "ready") == 0 ||
				   strcmp(status, "sent") == 0 || strcmp(status, "collected") == 0;
	char line[400];

	if (d->wrong_code) {
		say(d, "has another pick-up code; ask for the code in the text message");
		return;
	}
	if (strcmp(to, "approved") == 0 || strcmp(to, "rejected") == 0) {
		if (decided)
			snprintf(line, sizeof line, "was already %s by %s at %s",
				strcmp(status, "rejected") == 0 ? "rejected" : "approved", d->decided_by, d->when);
		else
			snprintf(line, sizeof line, "is %s, not submitted; it cannot be decided", status);
	} else if (strcmp(status, to) == 0) {
		snprintf(line, sizeof line, "is %s already", status);
	} else if (strcmp(to, "sent") == 0 && application_status_may(status, to)) {
		snprintf(line, sizeof line, "is to be picked up; make it ready for pick-up instead of sending it");
	} else if (strcmp(to, "ready") == 0 && application_status_may(status, to)) {
		snprintf(line, sizeof line, "is to go by courier; send it with its tracking number instead");
	} else if (strcmp(status, "submitted") == 0) {
		snprintf(line, sizeof line, "is submitted and not decided; decide it first");
	} else if (strcmp(status, "approved") == 0) {
		snprintf(line, sizeof line, "is approved and not on its way; send it or make it ready first");
	} else {
		snprintf(line, sizeof line, "is %s; it cannot become %s", status, to);
	}
	say(d, line);
}

static void
explain_other(struct doing *d)
{
	char line[400];

	if (is_check(d->kind)) {
		if (d->when[0] != '\0')
			snprintf(line, sizeof line, "was checked already, at %s", d->when);
		else
			snprintf(
				line, sizeof line, "is %s and was not issued on a pledge; there is nothing to check", d->answer.before);
	} else if (d->kind == APPLICATION_OLD_RECEIVED) {
		if (d->when[0] != '\0')
			snprintf(line, sizeof line, "handed in its old certificate already, at %s", d->when);
		else
			snprintf(line, sizeof line, "is %s; no old certificate is awaited", d->answer.before);
	} else if (!d->answer.told) {
		snprintf(line, sizeof line, "is %s and has no open conversation", d->answer.before);
	} else {
		snprintf(line, sizeof line, "is %s; no proof of identity is awaited", d->answer.before);
	}
	say(d, line);
}

static void
copy(char *out, size_t room, const PGresult *res, int column)
{
	snprintf(out, room, "%s", PQgetvalue(res, 0, column));
}

static bool
is_one(const PGresult *res, int column)
{
	return strcmp(PQgetvalue(res, 0, column), "1") == 0;
}

static void
on_result(void *arg, int index, const PGresult *res)
{
	struct doing *d = arg;

	if (index != 1 || res == NULL || PQntuples(res) == 0)
		return;
	d->found = true;
	copy(d->answer.before, sizeof d->answer.before, res, 0);
	copy(d->answer.status, sizeof d->answer.status, res, 1);
	if (d->kind == APPLICATION_VERIFY) {
		d->answer.told = is_one(res, 2);
	} else if (is_check(d->kind)) {
		copy(d->when, sizeof d->when, res, 2);
		d->answer.told = is_one(res, 4);
		d->answer.finished = is_one(res, 5);
	} else if (d->kind == APPLICATION_OLD_RECEIVED) {
		copy(d->when, sizeof d->when, res, 2);
	} else {
		copy(d->decided_by, sizeof d->decided_by, res, 2);
		copy(d->when, sizeof d->when, res, 3);
		d->wrong_code = is_one(res, 4);
		d->answer.told = is_one(res, 5);
		d->answer.finished = is_one(res, 6);
	}
}

static void
on_end(void *arg, const char *error, const char *sqlstate)
{
	struct doing *d = arg;
	struct application_answer *a = &d->answer;

	if (error != NULL) {
		a->outcome = APPLICATION_FAILED;
		snprintf(a->text, sizeof a->text, "%.500s%s", error,
			*sqlstate ? "" : "; it may have been done: look before you try again");
	} else if (d->missing) {
		char line[200];

		snprintf(line, sizeof line, "needs %s", acts[d->kind].needs);
		say(d, line);
	} else if (!d->found) {
		a->outcome = APPLICATION_UNKNOWN;
		snprintf(a->text, sizeof a->text, "there is no application %lld", (long long)a->id);
	} else if (a->status[0] != '\0') {
		a->outcome = APPLICATION_DONE;
	} else {
		if (acts[d->kind].to != NULL)
			explain(d);
		else
			explain_other(d);
		snprintf(a->status, sizeof a->status, "%s", a->before);
	}
	d->fn(d->arg, a);
	free(d);
}

static bool
missing(const struct application_act *act)
{
	const char *text = act->kind == APPLICATION_REJECT || act->kind == APPLICATION_FAILED_CHECK ? act->reason
					   : act->kind == APPLICATION_SEND											? act->tracking_no
																								: act->pickup_code;

	return acts[act->kind].needs != NULL && (text == NULL || *text == '\0');
}

int
application_act(struct pg *pg, const struct application_act *act, application_done_fn fn, void *arg)
{
	struct doing *d;
	struct pg_batch *b;

	d = calloc(1, sizeof *d);
	if (d == NULL)
		return -1;
	d->kind = act->kind;
	d->fn = fn;
	d->arg = arg;
	d->answer.id = act->id;
	b = pg_batch_begin(pg, true, d, on_result, on_end);
	if (b == NULL) {
		free(d);
		return -1;
	}
	/* An act without its text is refused, and like every answer from the loop. */
	d->missing = missing(act);
	if (!d->missing)
		acts[act->kind].to != NULL ? add_advance(b, act) : is_check(act->kind) ? add_check(b, act) : add_other(b, act);
	pg_batch_commit(b);
	return 0;
}

struct waited {
	bool done;
	struct application_answer answer;
};

static void
on_waited(void *arg, const struct application_answer *answer)
{
	struct waited *w = arg;

	w->answer = *answer;
	w->done = true;
}

struct application_answer
application_act_wait(struct pg *pg, const struct application_act *act)
{
	struct waited w = {.done = false};

	if (application_act(pg, act, on_waited, &w) != 0) {
		w.answer = (struct application_answer){.outcome = APPLICATION_FAILED, .id = act->id};
		snprintf(w.answer.text, sizeof w.answer.text, "not connected to the database");
		return w.answer;
	}
	pg_wait(pg, &w.done);
	return w.answer;
}
