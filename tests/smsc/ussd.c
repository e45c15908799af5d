/* The life of USSD sessions: what phones do, what ESMEs send, and what the network does when either is late. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/smsc/carrier.h"

enum {
	OP_DIAL = 1,	 /* PSSR indication */
	OP_ANSWER = 18,	 /* USSR confirm */
	OP_NOTICED = 19, /* USSN confirm */
	OP_ANSWER_LAST = 146,
	SCREEN_SEPTETS = 182,
	SCREEN_UNITS = 80,
};

const char *
ussd_state_name(enum ussd_state s)
{
	static const char *const names[] = {"asked", "menu", "note", "over"};

	return names[s];
}

bool
ussd_is(const struct pdu_sm *sm)
{
	return sm->ussd_op >= 0 || strcmp(sm->service_type, "USSD") == 0;
}

/* The session's name as tests and records show it. */
static void
write_name(const struct ussd *u, char out[32])
{
	if (u->way->by == USSD_BY_ID)
		snprintf(out, 32, "%s", u->id);
	else if (u->way->by == USSD_BY_NOTHING)
		out[0] = '\0';
	else
		snprintf(out, 32, "%04x", u->number);
}

/* Something happened: it shows in the record, and to whoever waits. */
static void
note(struct carrier *c, struct ussd *u, const char *what, const char *text, uint32_t session)
{
	char name[32];

	u->version = ++c->ussd_version;
	write_name(u, name);
	struct record_entry e = {
		.kind = RECORD_USSD,
		.session = session,
		.system_id = u->queue->system_id,
		.id = name,
		.source = u->phone->number,
		.dest = u->service,
		.state = ussd_state_name(u->state),
		.note = what,
		.text = text,
		.data_coding = -1,
	};
	record_add(c->record, &e);
}

static void
be_over(struct carrier *c, struct ussd *u, const char *why)
{
	if (u->state != USSD_OVER)
		TAILQ_REMOVE(&c->ussd, u, next);
	u->state = USSD_OVER;
	snprintf(u->reason, sizeof(u->reason), "%s", why);
}

static void
be_patient(struct carrier *c, struct ussd *u)
{
	enum fault which = u->state == USSD_ASKED ? FAULT_USSD_REPLY_TIMEOUT : FAULT_USSD_IDLE_TIMEOUT;

	u->deadline_us = later_now_us() + c->faults.number[which] * 1000;
}

/* ---- To the ESME ------------------------------------------------------------------------------------------------- */

static uint16_t
next_info(struct ussd *u, bool end)
{
	uint16_t info = u->number;

	if (u->way->by == USSD_BY_INFO)
		info = (uint16_t)((info & 0xFF00) | (u->sequence++ << 1 & 0xFE));
	return (uint16_t)(info | end);
}

/* One move of the phone or of the network. over: the session's last. */
static void
tell(struct carrier *c, struct ussd *u, int op, bool end_bit, const char *text, bool over)
{
	struct text_parts parts = {.count = 1};
	uint8_t octets[512];
	struct pdu_sm sm;
	struct pdu_out o;
	bool info = u->way->by == USSD_BY_INFO || u->way->by == USSD_BY_INFO_15;

	pdu_sm_init(&sm);
	snprintf(sm.service_type, sizeof(sm.service_type), "USSD");
	sm.source_ton = sm.source_npi = sm.dest_npi = 1;
	bool plus = c->faults.number[FAULT_MO_PLUS] != 0 || u->phone->number[0] != '+';
	snprintf(sm.source, sizeof(sm.source), "%s", u->phone->number + !plus);
	snprintf(sm.dest, sizeof(sm.dest), "%s", u->service);
	if (text_split(text, "auto", CONCAT_UDH8, &parts) == NULL && parts.count == 1) {
		sm.octets = parts.part[0].octets;
		sm.noctets = parts.part[0].len;
		sm.data_coding = parts.alphabet == ALPHABET_UCS2 ? 8 : 0;
	}
	sm.payload = u->way->data_sm;
	sm.ussd_op = op;
	sm.session_info = info ? next_info(u, end_bit) : -1;
	sm.user_reference = u->way->by == USSD_BY_REFERENCE ? u->number : -1;
	if (u->way->by == USSD_BY_ID)
		snprintf(sm.receipted_id, sizeof(sm.receipted_id), "%s", u->id);
	uint32_t command = u->way->data_sm ? PDU_DATA_SM : PDU_DELIVER_SM;
	pdu_begin(&o, octets, sizeof(octets), command, PDU_OK, 0);
	pdu_add_sm_as(&o, command, &sm);
	size_t len = pdu_end(&o);
	struct delivery *d = len > 0 ? queue_add(c, u->queue, octets, len) : NULL;
	if (d == NULL)
		return;
	d->ussd = over ? NULL : u->phone;
	d->ussd_serial = u->serial;
	d->is_ussd = true;
	queue_pump(c, u->queue);
}

/* The ESME hears of the end, in the words of its carrier. */
static void
tell_over(struct carrier *c, struct ussd *u, enum ussd_over how)
{
	int op = u->way->over[how];

	if (op == -2 || c->faults.number[FAULT_USSD_SILENT_END] != 0)
		return;
	tell(c, u, op < 0 ? OP_ANSWER : op, op < 0, "", true);
}

bool
ussd_wanted(const struct delivery *d)
{
	if (!d->is_ussd || d->ussd == NULL)
		return true;
	const struct ussd *u = d->ussd->ussd;
	return u != NULL && u->serial == d->ussd_serial && u->state != USSD_OVER;
}

void
ussd_refused(struct carrier *c, const struct delivery *d, uint32_t status)
{
	char why[48];

	if (d->ussd == NULL || !ussd_wanted(d))
		return;
	struct ussd *u = d->ussd->ussd;
	snprintf(why, sizeof(why), "the service refused it with 0x%02X", status);
	be_over(c, u, why);
	note(c, u, "refused", NULL, 0);
}

/* ---- The phone --------------------------------------------------------------------------------------------------- */

/* Its screen from now on; what was there is forgotten. NULL without memory. */
static struct ussd *
open_session(struct carrier *c, struct phone *ph, struct queue *q, bool pushed)
{
	struct ussd *u = ph->ussd;

	if (u == NULL && (u = calloc(1, sizeof(*u))) == NULL)
		return NULL;
	ph->ussd = u;
	*u = (struct ussd){
		.phone = ph, .queue = q, .way = &ussd_ways[c->faults.number[FAULT_USSD_PROFILE]], .pushed = pushed};
	u->serial = ++c->ussd_serial;
	u->number = (uint16_t)(u->way->by == USSD_BY_INFO	   ? (u->serial & 0xFF) << 8
						   : u->way->by == USSD_BY_INFO_15 ? u->serial << 1
														   : u->serial);
	snprintf(u->id, sizeof(u->id), "s%llu", (unsigned long long)u->serial);
	TAILQ_INSERT_TAIL(&c->ussd, u, next);
	return u;
}

bool
ussd_is_code(const char *code)
{
	size_t len = strlen(code);

	return len >= 3 && len < NUMBER_ROOM && (code[0] == '*' || code[0] == '#') && code[len - 1] == '#' &&
		   strspn(code, "0123456789*#") == len;
}

/* The ESME that a code leads to: who sent from its number, or is bound. */
static void
read_service(const struct ussd_way *w, const char *code, const char *to, char out[NUMBER_ROOM])
{
	size_t skip = strcspn(code, "0123456789");

	if (to[0] != '\0')
		snprintf(out, NUMBER_ROOM, "%s", to);
	else if (w->code_in_address || w->by == USSD_BY_NOTHING)
		snprintf(out, NUMBER_ROOM, "%s", code);
	else
		snprintf(out, NUMBER_ROOM, "%.*s", (int)strspn(code + skip, "0123456789"), code + skip);
}

struct ussd *
ussd_dial(struct carrier *c, struct phone *ph, const char *code, const char *to, const char **why)
{
	const struct ussd_way *w = &ussd_ways[c->faults.number[FAULT_USSD_PROFILE]];
	char service[NUMBER_ROOM];

	*why = "a code begins with * or #, ends with # and has digits between, at most 21 characters";
	if (!ussd_is_code(code))
		return NULL;
	if (ph->ussd != NULL && ph->ussd->state != USSD_OVER)
		ussd_end(c, ph, USSD_HUNG_UP, why);
	read_service(w, code, to, service);
	*why = "could not get memory";
	struct ussd *u = open_session(c, ph, queue_for_code(c, service), false);
	if (u == NULL)
		return NULL;
	snprintf(u->code, sizeof(u->code), "%s", code);
	memcpy(u->service, service, sizeof(u->service));
	u->state = USSD_ASKED;
	be_patient(c, u);
	note(c, u, "dial", code, 0);
	tell(c, u, OP_DIAL, false, w->code_in_address && to[0] == '\0' ? "" : code, false);
	return u;
}

int
ussd_answer(struct carrier *c, struct phone *ph, const char *text, const char **why)
{
	struct ussd *u = ph->ussd;

	*why = "no menu is shown on this phone";
	if (u == NULL || (u->state != USSD_MENU && u->state != USSD_NOTE))
		return -1;
	*why = "an answer has at most 160 characters, or 70 that are not in the GSM alphabet";
	struct text_parts parts;
	if (text_split(text, "auto", CONCAT_UDH8, &parts) != NULL || parts.count != 1)
		return -1;
	if (u->state == USSD_NOTE) {
		be_over(c, u, "confirmed");
		note(c, u, "confirm", NULL, 0);
		tell(c, u, OP_NOTICED, false, "", true);
		return 0;
	}
	if (fault_every(&c->faults, FAULT_USSD_NETWORK_END)) {
		be_over(c, u, "ended by the network");
		note(c, u, "network end", NULL, 0);
		tell_over(c, u, USSD_FAILED);
		return 0;
	}
	if (u->last) {
		be_over(c, u, "ended with this answer");
		note(c, u, "answer", text, 0);
		tell(c, u, OP_ANSWER_LAST, false, text, true);
		return 0;
	}
	u->state = USSD_ASKED;
	be_patient(c, u);
	note(c, u, "answer", text, 0);
	tell(c, u, OP_ANSWER, false, text, false);
	return 0;
}

int
ussd_end(struct carrier *c, struct phone *ph, enum ussd_over how, const char **why)
{
	static const char *const reasons[] = {"hung up", "failed in the network", "rejected by the network"};
	static const char *const notes[] = {"hang-up", "network failure", "network reject"};
	struct ussd *u = ph->ussd;

	*why = "no session is open on this phone";
	if (u == NULL || (u->state == USSD_OVER && u->put_away))
		return -1;
	u->put_away = how == USSD_HUNG_UP;
	if (u->state == USSD_OVER) {
		note(c, u, "put away", NULL, 0);
		return 0;
	}
	be_over(c, u, reasons[how]);
	note(c, u, notes[how], NULL, 0);
	tell_over(c, u, how);
	return 0;
}

void
ussd_tick(struct carrier *c, int64_t now_us)
{
	struct ussd *u, *next;

	for (u = TAILQ_FIRST(&c->ussd); u != NULL; u = next) {
		next = TAILQ_NEXT(u, next);
		if (now_us < u->deadline_us)
			continue;
		be_over(
			c, u, u->state == USSD_ASKED ? "the service did not answer in time" : "the phone did not answer in time");
		note(c, u, "timeout", NULL, 0);
		tell_over(c, u, USSD_FAILED);
	}
}

/* ---- From the ESME ----------------------------------------------------------------------------------------------- */

/* The text of a screen. Longer than one: refused, as the network has no parts. */
static bool
read_screen(const struct pdu_sm *sm, char *out)
{
	enum alphabet a = alphabet_of_coding(sm->data_coding);

	if (a == ALPHABET_BINARY || sm->noctets > (a == ALPHABET_UCS2 ? 2 * SCREEN_UNITS : SCREEN_SEPTETS))
		return false;
	alphabet_decode(a, sm->octets, sm->noctets, out, USSD_SCREEN_ROOM);
	return true;
}

/* The session that a PDU speaks to; a fresh one for a push. NULL with why not. */
static struct ussd *
find_session(struct session *s, const struct ussd_way *w, const struct pdu_sm *sm, const char *phone,
	enum ussd_move *move, const char **why)
{
	struct carrier *c = s->carrier;
	struct phone *ph = phones_get(c->phones, phone);
	struct ussd *u = ph != NULL ? ph->ussd : NULL;
	bool open = u != NULL && u->state != USSD_OVER;

	*why = "there are too many phones";
	if (ph == NULL)
		return NULL;
	/* A carrier whose sessions have no name takes what comes for the one that is open. */
	if (ussd_bears_name(w, sm) || (w->by == USSD_BY_NOTHING && open)) {
		*why = "this session is over, or was never there";
		if (!open || u->way != w || !ussd_names(w, sm, u->number, u->id) || u->queue != s->queue)
			return NULL;
		*why = "the phone has not answered yet";
		if (u->state != USSD_ASKED)
			return NULL;
		*why = "this operation is none of this carrier's";
		*move = ussd_judge(w, sm, true, u->pushed);
		return *move == USSD_WRONG ? NULL : u;
	}
	*why = "this operation needs a session";
	*move = ussd_judge(w, sm, false, false);
	if (*move == USSD_WRONG)
		return NULL;
	*why = "the phone is in another session";
	if (open)
		return NULL;
	*why = "could not get memory";
	return open_session(c, ph, s->queue, true);
}

uint32_t
ussd_submit(struct session *s, uint32_t command, const struct pdu_sm *sm, const char *phone, char id[USSD_ID_ROOM],
	const char **why)
{
	static const char *const notes[] = {"", "menu", "last menu", "end", "push note", "push menu", "release"};
	struct carrier *c = s->carrier;
	const struct ussd_way *w = &ussd_ways[c->faults.number[FAULT_USSD_PROFILE]];
	char screen[USSD_SCREEN_ROOM];
	enum ussd_move move = USSD_WRONG;

	id[0] = '\0';
	*why = w->data_sm ? "this carrier takes USSD as data_sm" : "this carrier takes no data_sm";
	if ((command == PDU_DATA_SM) != w->data_sm)
		return PDU_BAD_COMMAND;
	*why = "longer than a screen";
	if (!read_screen(sm, screen))
		return PDU_BAD_MESSAGE_LENGTH;
	struct ussd *u = find_session(s, w, sm, phone, &move, why);
	if (u == NULL)
		return PDU_SUBMIT_FAILED;
	*why = NULL;
	if (move == USSD_OPEN_MENU || move == USSD_SHOW_NOTE) {
		snprintf(u->service, sizeof(u->service), "%.20s", sm->source);
		snprintf(u->code, sizeof(u->code), "%.20s", sm->source);
	}
	memcpy(u->screen, screen, sizeof(screen));
	u->screens += move != USSD_LET_GO;
	u->last = move == USSD_SHOW_LAST;
	u->state = move == USSD_SHOW_NOTE ? USSD_NOTE : USSD_MENU;
	if (move == USSD_SHOW_END || move == USSD_LET_GO)
		be_over(c, u, "ended by the service");
	else
		be_patient(c, u);
	snprintf(id, USSD_ID_ROOM, "%s", u->id);
	note(c, u, notes[move], screen, s->id);
	return PDU_OK;
}
