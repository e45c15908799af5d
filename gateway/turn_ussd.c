/*
 * USSD sessions and turns. The path of one input: it arrives (turn_ussd_deliver), waits for its phone and goes into a
 * batch like a text; the session's row is loaded with it (turn_ussd_load); it becomes an answer, an identity number or
 * a wish for another page (turn_ussd_screen.c), the conversation is stepped, and one screen is stored with the commit
 * (turn_ussd_save) and written after it. The screen has one attempt: a carrier would show a second one to nobody. What
 * was not seen becomes a text (turn_ussd_unsaid).
 */
#include "gateway/turn_ussd.h"

#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/sender.h"
#include "gateway/smpp/link.h"
#include "gateway/ussd_live.h"
#include "store/pg.h"

#define STATUS_OK 0x00
#define STATUS_UNKNOWN_CODE 0x0B /* ESME_RINVDSTADR */
#define DIGITS_OF_A_NUMBER 4	 /* six characters with so many digits may be somebody's identity number */

void
turn_ussd_free(struct turn_ussd *u)
{
	if (u == NULL)
		return;
	sodium_memzero(u->typed, sizeof(u->typed));
	free(u);
}

/* ---- Arrival ---------------------------------------------------------------------------------------------------- */

static const struct conf_bureau *
first_on(const struct conf *c, const char *link)
{
	for (size_t i = 0; i < c->nbureaus; i++) {
		for (size_t k = 0; k < c->bureaus[i].nlinks; k++) {
			if (strcmp(c->bureaus[i].links[k], link) == 0)
				return &c->bureaus[i];
		}
	}
	return NULL;
}

/* What was dialled says whose session it is; later on we remember, or the address tells. */
static const struct conf_bureau *
bureau_of(struct gateway *g, const char *link, const struct link_deliver *d)
{
	const struct ussd_in *in = d->ussd;
	const struct conf_bureau *b = in->code[0] != '\0' ? conf_bureau_by_ussd(g->conf, link, in->code) : NULL, *known,
							 *any;
	char phone[TURN_PHONE_MAX];

	if (b == NULL)
		b = conf_bureau_by_ussd(g->conf, link, d->dest);
	if (b == NULL)
		b = conf_bureau_by_address(g->conf, link, d->dest);
	any = b != NULL ? b : first_on(g->conf, link);
	if (in->event == USSD_DIAL || any == NULL)
		return b;
	if (conf_phone_normalise(any, d->source, phone, sizeof(phone), NULL) != 0)
		(void)snprintf(phone, sizeof(phone), "%s", d->source);
	known = conf_bureau_by_id(g->conf, ussd_live_bureau(g->turns->live, link, phone, in->session));
	return known != NULL ? known : b;
}

/*
 * What the carrier would send again unchanged, the session and its place in it included: "1" twice is two answers.
 * Keyed, for the octets may be an identity number.
 */
static void
hash_of(const struct keys *keys, const struct turn *t, const struct link_deliver *d, uint8_t out[STORE_HASH])
{
	crypto_generichash_state st;
	uint8_t inner[32], whole[32];
	const struct ussd_in *in = d->ussd;
	const char *const words[] = {link_name(t->link), t->phone, d->dest, in->session, in->state, d->carrier_message_id};

	(void)crypto_generichash_init(&st, NULL, 0, sizeof(inner));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		(void)crypto_generichash_update(&st, (const uint8_t *)words[i], strlen(words[i]) + 1);
	(void)crypto_generichash_update(&st, d->raw, d->raw_len);
	(void)crypto_generichash_final(&st, inner, sizeof(inner));
	keys_hash(keys, "ussd", inner, sizeof(inner), whole);
	memcpy(out, whole, STORE_HASH);
}

static bool
may_be_number(const char *typed)
{
	int digits = 0;

	for (const char *p = typed; *p != '\0'; p++)
		digits += *p >= '0' && *p <= '9';
	return digits >= DIGITS_OF_A_NUMBER;
}

void
turn_ussd_deliver(struct gateway *g, struct link *l, const struct link_deliver *d)
{
	const struct ussd_in *in = d->ussd;

	if (in->event == USSD_NONE || in->event == USSD_NOTICED) {
		link_answer(l, d->token, STATUS_OK);
		return;
	}
	const struct conf_bureau *b = bureau_of(g, link_name(l), d);
	if (b == NULL) {
		if (in->event == USSD_RELEASED) {
			link_answer(l, d->token, STATUS_OK); /* of a session that was never ours */
			return;
		}
		log_warn("link=%s USSD for a code that no bureau has refused code=%s to=%s", link_name(l), in->code, d->dest);
		link_answer(l, d->token, STATUS_UNKNOWN_CODE);
		return;
	}
	struct turn *t = turn_text_new(g, l, d, b);
	if (t == NULL)
		return;
	if (in->event == USSD_RELEASED || in->ended)
		ussd_live_over(g->turns->live, link_name(l), t->phone, in->session, t->received_us);
	else
		ussd_live_heard(
			g->turns->live, link_name(l), t->phone, in->session, b->id, t->received_us, link_ussd_idle_seconds(l));

	struct turn_ussd *u = calloc(1, sizeof(*u));
	if (u == NULL)
		abort();
	t->ussd = u;
	u->event = in->event;
	u->ended = in->ended;
	(void)snprintf(u->session, sizeof(u->session), "%s", in->session);
	(void)snprintf(u->state, sizeof(u->state), "%s", in->state);
	(void)snprintf(u->code, sizeof(u->code), "%s", in->code);
	(void)snprintf(u->reason, sizeof(u->reason), "%s", in->reason);
	hash_of(g->keys, t, d, t->hash);
	if (in->event == USSD_DIAL) {
		free(t->text);
		t->text = strdup(in->code[0] != '\0' ? in->code : d->dest);
		if (t->text == NULL)
			abort();
	} else if (identity_typed(t->text, u->typed) == 0 && may_be_number(u->typed)) {
		sodium_memzero(t->text, strlen(t->text));
		memcpy(t->text, TURN_MASKED, sizeof(TURN_MASKED)); /* six characters at least stood there */
	} else {
		u->typed[0] = '\0';
	}
	turn_accept(g, t);
}

/* The longest silence of a session on any link; 0 = none has USSD. */
static int
idle_seconds(const struct gateway *g)
{
	int idle = 0;

	for (size_t i = 0; i < g->conf->nlinks; i++) {
		if (link_has_ussd(g->links[i]) && link_ussd_idle_seconds(g->links[i]) > idle)
			idle = link_ussd_idle_seconds(g->links[i]);
	}
	return idle;
}

bool
turn_ussd_live(const struct gateway *g, const char *link, const char *phone, const char *session)
{
	return ussd_live_open(g->turns->live, link, phone, session);
}

int
turn_ussd_recall(struct gateway *g, struct pg *pg, const char **error)
{
	for (size_t i = 0; i < g->conf->nbureaus; i++) {
		const struct conf_bureau *b = &g->conf->bureaus[i];
		struct pg_params *p = pg_params_new();

		pg_param_int(p, b->id);
		pg_param_int(p, idle_seconds(g));
		PGresult *res = pg_run_wait(pg, STMT_USSD_LIVE, p, error);
		pg_params_free(p);
		if (res == NULL)
			return -1;
		for (int row = 0; row < PQntuples(res); row++) {
			const char *link = store_text(res, row, 0);

			for (size_t k = 0; k < g->conf->nlinks; k++) {
				if (strcmp(link_name(g->links[k]), link) == 0)
					ussd_live_heard(g->turns->live, link, store_text(res, row, 1), store_text(res, row, 2), b->id,
						store_int(res, row, 3), link_ussd_idle_seconds(g->links[k]));
			}
		}
		PQclear(res);
	}
	return 0;
}

/* ---- Load and save ---------------------------------------------------------------------------------------------- */

int
turn_ussd_load(struct turn_batch *b, struct pg_batch *pb)
{
	size_t n = 0, typed = 0, max = (size_t)b->nturns;
	const char **phones = arena_alloc(b->arena, max * sizeof(*phones)),
			   **links = arena_alloc(b->arena, max * sizeof(*links)),
			   **sessions = arena_alloc(b->arena, max * sizeof(*sessions)),
			   **numbers = arena_alloc(b->arena, max * sizeof(*numbers));

	b->ussd = NULL;
	for (size_t i = 0; i < max; i++) {
		const struct turn *t = b->turns[i];
		char tail[IDENTITY_TAIL + 1];

		bool ours = !t->is_text && t->event.name != NULL && strcmp(t->event.name, TURN_EVENT_ASK) == 0;
		if (t->ussd == NULL && !ours)
			continue;
		phones[n] = t->phone;
		links[n] = t->ussd != NULL ? link_name(t->link) : "";
		sessions[n++] = t->ussd != NULL ? t->ussd->session : "";
		if (t->ussd != NULL && (t->ussd->typed[0] != '\0' || identity_typed(t->text, tail) == 0))
			numbers[typed++] = t->phone;
		sodium_memzero(tail, sizeof(tail));
	}
	if (n == 0)
		return 0;
	b->ussd = arena_alloc(b->arena, sizeof(*b->ussd));
	memset(b->ussd, 0, sizeof(*b->ussd));
	store_ussd_load(pb, b->bureau->id, phones, links, sessions, n);
	store_ussd_load_tries(pb, b->bureau->id, phones, n);
	if (typed == 0)
		return 2;
	store_ussd_load_holders(pb, b->bureau->id, numbers, typed);
	return 3;
}

void
turn_ussd_loaded(struct turn_batch *b, int nth, const PGresult *res)
{
	struct turn_ussd_rows *u = b->ussd;

	if (nth == 0)
		u->sessions = store_ussd_sessions(b->arena, res, &u->nsessions);
	else if (nth == 1)
		u->tries = store_ussd_tries(b->arena, res, &u->ntries);
	else
		u->holders = store_ussd_holders(b->arena, res, &u->nholders);
}

void
turn_ussd_save(struct turn_batch *b, struct pg_batch *pb)
{
	const struct turn_ussd_rows *u = b->ussd;

	if (u == NULL)
		return;
	store_ussd_save(pb, b->bureau->id, u->saved.list, u->saved.count);
	store_ussd_screens(pb, b->bureau->id, u->screens.list, u->ats.list, u->screens.count);
	for (size_t i = 0; i < u->wrong.count; i++)
		store_ussd_tried(pb, b->bureau->id, ((const int64_t *)u->wrong.list)[i], false);
	for (size_t i = 0; i < u->right.count; i++)
		store_ussd_tried(pb, b->bureau->id, ((const int64_t *)u->right.list)[i], true);
}

const struct store_ussd *
turn_ussd_row(const struct turn_batch *b, const struct turn *t)
{
	for (size_t i = 0; i < b->ussd->nsessions; i++) {
		const struct store_ussd *r = &b->ussd->sessions[i];

		if (strcmp(r->phone, t->phone) == 0 && strcmp(r->link, link_name(t->link)) == 0)
			return r;
	}
	return NULL;
}

void
turn_ussd_over(struct turn_batch *b, struct turn *t)
{
	const struct store_ussd *r = turn_ussd_row(b, t);

	t->outcome = TURN_DONE;
	if (r == NULL)
		return; /* it had ended with what we said last */
	struct store_ussd *row = turn_rows_add(b, &b->ussd->saved, sizeof(*row));
	*row = *r;
	row->session = t->ussd->session;
	row->state = t->ussd->state;
	row->reason = t->ussd->reason[0] != '\0' ? t->ussd->reason : "released";
	row->ended = true;
	log_info(
		"bureau=%s phone=%s link=%s USSD session over: %s", b->bureau->code, t->phone, link_name(t->link), row->reason);
}

/* ---- Screens that nobody saw --------------------------------------------------------------------------------------
 */

static void
on_swept(void *arg, const char *error, const char *sqlstate)
{
	(void)arg;
	if (error != NULL)
		log_warn("USSD sessions could not be looked after: %s sqlstate=%s", error, sqlstate);
}

static void
each_bureau(struct gateway *g, struct pg *pg, enum stmt s, int seconds)
{
	for (size_t i = 0; i < g->conf->nbureaus; i++) {
		const struct conf_bureau *b = &g->conf->bureaus[i];

		if (b->ussd_code[0] == '\0' || !pg_ready(pg))
			continue;
		struct pg_params *p = pg_params_new();
		pg_param_int(p, b->id);
		if (s == STMT_USSD_UNSAID) {
			pg_param_text(p, g->daemon_id);
			pg_param_time(p, g->turns->began_us);
			pg_param_bool(p, sender_may_take_over(g));
		} else {
			pg_param_int(p, seconds);
		}
		(void)pg_run(pg, s, p, NULL, NULL, on_swept);
		pg_params_free(p);
	}
}

void
turn_ussd_unsaid_run(int fd, short what, void *gateway)
{
	(void)fd;
	(void)what;
	struct gateway *g = gateway;

	/* Without a number our own screens look like a dead daemon's. Leases are renewed on this connection. */
	if (g->named)
		each_bureau(g, g->pg_send, STMT_USSD_UNSAID, 0);
}

void
turn_ussd_unsaid(struct gateway *g)
{
	event_active(g->turns->unsaid, EV_TIMEOUT, 0);
}

void
turn_ussd_sweep(struct gateway *g)
{
	int idle = idle_seconds(g);

	if (idle == 0)
		return;
	turn_ussd_unsaid_run(-1, 0, g);
	each_bureau(g, g->pg_side, STMT_USSD_EXPIRE, idle);
}
