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

/* Every refusal: its code, and in English why, and what to do. {status} and {to}: where it stands, where it was to go.
 */
enum refusal {
	REFUSAL_CODE,
	REFUSAL_APPROVED,
	REFUSAL_REJECTED,
	REFUSAL_NOT_SUBMITTED,
	REFUSAL_ALREADY,
	REFUSAL_PICK_UP,
	REFUSAL_COURIER,
	REFUSAL_UNDECIDED,
	REFUSAL_NOT_ON_ITS_WAY,
	REFUSAL_CANNOT,
	REFUSAL_CHECKED,
	REFUSAL_NO_PLEDGE,
	REFUSAL_OLD_CAME,
	REFUSAL_NO_OLD,
	REFUSAL_NO_TALK,
	REFUSAL_NO_PROOF,
	REFUSAL_REASON,
	REFUSAL_TRACKING,
	REFUSAL_NEW_CODE,
	REFUSAL_FINDING,
	REFUSALS
};

static const struct {
	const char *code, *words;
} refusals[REFUSALS] = {
	[REFUSAL_CODE] = {"wrong_code", "has another pick-up code; ask for the code in the text message"},
	[REFUSAL_APPROVED] = {"approved", "was already approved by {by} at {at}"},
	[REFUSAL_REJECTED] = {"rejected", "was already rejected by {by} at {at}"},
	[REFUSAL_NOT_SUBMITTED] = {"not_submitted", "is {status}, not submitted; it cannot be decided"},
	[REFUSAL_ALREADY] = {"already", "is {status} already"},
	[REFUSAL_PICK_UP] = {"pick_up", "is to be picked up; make it ready for pick-up instead of sending it"},
	[REFUSAL_COURIER] = {"courier", "is to go by courier; send it with its tracking number instead"},
	[REFUSAL_UNDECIDED] = {"undecided", "is submitted and not decided; decide it first"},
	[REFUSAL_NOT_ON_ITS_WAY] = {"not_on_its_way", "is approved and not on its way; send it or make it ready first"},
	[REFUSAL_CANNOT] = {"cannot", "is {status}; it cannot become {to}"},
	[REFUSAL_CHECKED] = {"checked", "was checked already, at {at}"},
	[REFUSAL_NO_PLEDGE] = {"no_pledge", "is {status} and was not issued on a pledge; there is nothing to check"},
	[REFUSAL_OLD_CAME] = {"old_came", "handed in its old certificate already, at {at}"},
	[REFUSAL_NO_OLD] = {"no_old", "is {status}; no old certificate is awaited"},
	[REFUSAL_NO_TALK] = {"no_talk", "is {status} and has no open conversation"},
	[REFUSAL_NO_PROOF] = {"no_proof", "is {status}; no proof of identity is awaited"},
	[REFUSAL_REASON] = {"needs_reason", "needs a reason that the citizen is told"},
	[REFUSAL_TRACKING] = {"needs_tracking", "needs the tracking number"},
	[REFUSAL_NEW_CODE] = {"needs_code", "needs a pick-up code"},
	[REFUSAL_FINDING] = {"needs_finding", "needs a reason that the firm is told"},
};

/* Of an act that needs no text. */
#define NEEDS_NONE REFUSALS

static const struct {
	const char *to;		/* the status it moves to; NULL: it moves none */
	enum refusal needs; /* what is said when its text is missing */
} acts[] = {
	[APPLICATION_APPROVE] = {"approved", NEEDS_NONE},
	[APPLICATION_REJECT] = {"rejected", REFUSAL_REASON},
	[APPLICATION_SEND] = {"sent", REFUSAL_TRACKING},
	[APPLICATION_READY] = {"ready", REFUSAL_NEW_CODE},
	[APPLICATION_COLLECT] = {"collected", NEEDS_NONE},
	[APPLICATION_OLD_RECEIVED] = {NULL, NEEDS_NONE},
	[APPLICATION_VERIFY] = {NULL, NEEDS_NONE},
	[APPLICATION_PASSED] = {NULL, NEEDS_NONE},
	[APPLICATION_FAILED_CHECK] = {NULL, REFUSAL_FINDING},
};

struct doing {
	enum application_act_kind kind;
	application_done_fn fn;
	void *arg;
	bool found, missing;
	bool wrong_code;
	struct application_answer answer;
};

/* Old certificates come in at any time between consent and the end. */
static const char *const old_may_come[] = {
	"consented", "verified", "confirmed", "submitted", "approved", "ready", "sent", "collected"};
static const char *const proof_waits[] = {"due", "reminded", "consented"};

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
		pg_param_texts(p, proof_waits, sizeof proof_waits / sizeof proof_waits[0]);
	else
		pg_param_texts(p, old_may_come, sizeof old_may_come / sizeof old_may_come[0]);
	pg_param_text(p, act->actor);
	if (verify)
		pg_param_text(p, act->evidence);
	add(b, verify ? STMT_APPLICATION_VERIFY : STMT_APPLICATION_OLD_RECEIVED, p);
}

/* ---- The answer ---------------------------------------------------------------------------------------------------
 */

const char *const *
application_refusals(void)
{
	static const char *list[REFUSALS + 1];

	for (size_t i = 0; i < REFUSALS; i++)
		list[i] = refusals[i].code;
	return list;
}

static void
refuse(struct doing *d, enum refusal why)
{
	struct application_answer *a = &d->answer;
	const struct {
		const char *name, *value;
	} facts[] = {{"{status}", a->before}, {"{to}", acts[d->kind].to}, {"{by}", a->refusal.by}, {"{at}", a->refusal.at}};
	size_t n = (size_t)snprintf(a->text, sizeof a->text, "application %lld ", (long long)a->id);
	const char *at = refusals[why].words;

	a->outcome = APPLICATION_REFUSED;
	a->refusal.code = refusals[why].code;
	if (strstr(at, "{by}") == NULL)
		a->refusal.by[0] = '\0';
	if (strstr(at, "{at}") == NULL)
		a->refusal.at[0] = '\0';
	while (*at != '\0' && n + 1 < sizeof a->text) {
		const char *value = NULL;
		for (size_t i = 0; *at == '{' && i < sizeof facts / sizeof facts[0] && value == NULL; i++) {
			size_t len = strlen(facts[i].name);
			if (strncmp(at, facts[i].name, len) == 0) {
				value = facts[i].value == NULL ? "" : facts[i].value;
				at += len;
			}
		}
		if (value != NULL)
			n += (size_t)snprintf(a->text + n, sizeof a->text - n, "%s", value);
		else
			a->text[n++] = *at++;
	}
	a->text[n < sizeof a->text ? n : sizeof a->text - 1] = '\0';
}

/* Why a move was not made. */
static enum refusal
why_not_moved(const struct doing *d)
{
	const char *status = d->answer.before, *to = acts[d->kind].to;

	if (d->wrong_code)
		return REFUSAL_CODE;
	if (strcmp(to, "approved") == 0 || strcmp(to, "rejected") == 0) {
		if (strcmp(status, "rejected") == 0)
			return REFUSAL_REJECTED;
		return strcmp(status, "approved") == 0 || strcmp(status, "ready") == 0 || strcmp(status, "sent") == 0 ||
					   strcmp(status, "collected") == 0
				   ? REFUSAL_APPROVED
				   : REFUSAL_NOT_SUBMITTED;
	}
	if (strcmp(status, to) == 0)
		return REFUSAL_ALREADY;
	if (strcmp(to, "sent") == 0 && application_status_may(status, to))
		return REFUSAL_PICK_UP;
	if (strcmp(to, "ready") == 0 && application_status_may(status, to))
		return REFUSAL_COURIER;
	if (strcmp(status, "submitted") == 0)
		return REFUSAL_UNDECIDED;
	return strcmp(status, "approved") == 0 ? REFUSAL_NOT_ON_ITS_WAY : REFUSAL_CANNOT;
}

/* Why something else was not done. */
static enum refusal
why_not_done(const struct doing *d)
{
	bool before = d->answer.refusal.at[0] != '\0';

	if (is_check(d->kind))
		return before ? REFUSAL_CHECKED : REFUSAL_NO_PLEDGE;
	if (d->kind == APPLICATION_OLD_RECEIVED)
		return before ? REFUSAL_OLD_CAME : REFUSAL_NO_OLD;
	return d->answer.told ? REFUSAL_NO_PROOF : REFUSAL_NO_TALK;
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
		copy(d->answer.refusal.at, sizeof d->answer.refusal.at, res, 2);
		d->answer.told = is_one(res, 4);
		d->answer.finished = is_one(res, 5);
	} else if (d->kind == APPLICATION_OLD_RECEIVED) {
		copy(d->answer.refusal.at, sizeof d->answer.refusal.at, res, 2);
	} else {
		copy(d->answer.refusal.by, sizeof d->answer.refusal.by, res, 2);
		copy(d->answer.refusal.at, sizeof d->answer.refusal.at, res, 3);
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
		refuse(d, acts[d->kind].needs);
	} else if (!d->found) {
		a->outcome = APPLICATION_UNKNOWN;
		snprintf(a->text, sizeof a->text, "there is no application %lld", (long long)a->id);
	} else if (a->status[0] != '\0') {
		a->outcome = APPLICATION_DONE;
	} else {
		refuse(d, acts[d->kind].to != NULL ? why_not_moved(d) : why_not_done(d));
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

	return acts[act->kind].needs != NEEDS_NONE && (text == NULL || *text == '\0');
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
