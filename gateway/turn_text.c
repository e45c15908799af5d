/* One text to the citizen: its placeholders' values, its grant when it carries one, its rows in message and outbox. */
#include "dialog/dialog.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dialog/screen.h"
#include "dialog/text.h"
#include "gateway/hours.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/mask.h"
#include "gateway/sender.h"
#include "gateway/smpp/link.h"
#include "gateway/smpp/reference.h"
#include "gateway/turn_json.h"
#include "gateway/turn_ussd.h"

#define PRIORITY_REPLY 0
#define PRIORITY_NOTICE 1
#define PRIORITY_REMINDER 2

const char *
turn_word(struct turn_scene *s, const char *wording, int application)
{
	struct turn_values v = {.s = s, .application = application, .depth = 1};
	char out[DIALOG_TEXT_MAX + 1];

	int n = s->on_screen
				? dialog_render_ussd(s->dialog, wording, s->language, s->after, turn_value, &v, out, sizeof(out))
				: dialog_render_plain(
					  s->dialog, wording, s->language, s->substitutions, s->after, turn_value, &v, out, sizeof(out));
	if (n < 0)
		return "";
	return arena_dup(s->b->arena, out);
}

static const char *
days_left(struct turn_scene *s, const char *iso)
{
	struct tm tm = {0};

	if (sscanf(iso, "%d-%d-%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3)
		return "";
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	int64_t day = (int64_t)timegm(&tm) / 86400, today;
	hours_local(s->b->bureau, s->b->now_us / 1000000, &tm); /* the bureau's day, not Greenwich's */
	today = (int64_t)timegm(&tm) / 86400;
	return arena_printf(s->b->arena, "%lld", (long long)(day > today ? day - today : 0));
}

static const char *
masked_address(struct turn_scene *s, const struct store_application *a)
{
	char masked[DIALOG_SLOT_MAX + 1];
	const uint8_t *sealed = a->new_address != NULL ? a->new_address
							: a->address != NULL   ? a->address
												   : a->holder_address;
	size_t len = a->new_address != NULL ? a->new_address_len
				 : a->address != NULL	? a->address_len
										: a->holder_address_len;

	if (sealed == NULL)
		return "";
	char *plain = keys_decrypt(s->b->g->keys, sealed, len);
	if (plain == NULL)
		return "";
	mask_address(plain, masked, sizeof(masked));
	free(plain);
	return arena_dup(s->b->arena, masked);
}

static const char *
masked_name(struct turn_scene *s, const char *name)
{
	char masked[256];

	mask_name(name, masked, sizeof(masked));
	return arena_dup(s->b->arena, masked);
}

/* The last n characters of a UTF-8 text. */
static const char *
tail_of(const char *text, int n)
{
	const char *at = text + strlen(text);

	while (at > text && n > 0) {
		at--;
		if (((unsigned char)*at & 0xC0) != 0x80)
			n--;
	}
	return at;
}

/* "1234 5678" -> "12345678": a text has room for the digits. */
static const char *
digits_of(struct arena *a, const char *code)
{
	char *out = arena_dup(a, code), *to = out;

	for (const char *from = code; *from != '\0'; from++) {
		if (*from != ' ')
			*to++ = *from;
	}
	*to = '\0';
	return out;
}

/* What one application has to say for a placeholder; NULL when it is not one of an application's. */
static const char *
application_value(struct turn_values *v, const struct store_application *a, const char *p)
{
	struct turn_scene *s = v->s;

	if (strcmp(p, "item") == 0)
		return strcmp(s->language, "zh") == 0 ? a->name_zh : a->name_en;
	if (strcmp(p, "licence_no") == 0)
		return a->licence_no;
	if (strcmp(p, "licence_tail") == 0)
		return tail_of(a->licence_no, 4);
	if (strcmp(p, "holder") == 0)
		return masked_name(s, a->holder);
	if (strcmp(p, "expires_on") == 0)
		return a->expires_on;
	if (strcmp(p, "days_left") == 0)
		return days_left(s, a->expires_on);
	if (strcmp(p, "application_no") == 0)
		return arena_printf(s->b->arena, "%lld", (long long)a->id);
	if (strcmp(p, "tracking_no") == 0)
		return a->tracking_no;
	if (strcmp(p, "pickup_code") == 0)
		return a->pickup_code;
	if (strcmp(p, "reason") == 0)
		return a->decision_reason;
	if (strcmp(p, "rating") == 0)
		return arena_printf(s->b->arena, "%d", a->rating);
	if (strcmp(p, "address") == 0)
		return masked_address(s, a);
	if (strcmp(p, "due_on") == 0)
		return strncmp(a->cycle, "expiry:", 7) == 0 ? a->expires_on : "";
	if (strcmp(p, "certificate_no") == 0)
		return a->certificate_no;
	if (strcmp(p, "check_due") == 0)
		return a->check_due_on;
	if (v->depth > 0)
		return NULL;
	if (strcmp(p, "changed") == 0)
		return turn_changes(s, a, false);
	if (strcmp(p, "change") == 0)
		return turn_changes(s, a, true);
	if (strcmp(p, "old_certificate") == 0)
		return turn_word(
			s, strcmp(a->old_certificate, "courier") == 0 ? "word_old_courier" : "word_old_on_site", a->number);
	if (strcmp(p, "delivery") == 0)
		return turn_word(s, strcmp(a->delivery, "courier") == 0 ? "word_courier" : "word_pick_up", a->number);
	if (strcmp(p, "status") == 0) {
		const char *word = turn_word(s, arena_printf(s->b->arena, "status_%s", a->status), a->number);
		return word[0] != '\0' ? word : a->status;
	}
	return NULL;
}

static const char *
check_wording(const struct turn_scene *s)
{
	const uint8_t *hash = s->t->check_hash;

	if (!s->t->checks)
		return "check_how";
	if (turn_hash_in(&s->b->genuine, hash, sizeof(s->t->check_hash)))
		return "check_genuine";
	if (turn_hash_in(&s->b->called, hash, sizeof(s->t->check_hash)))
		return "check_call";
	return turn_hash_in(&s->b->expired, hash, sizeof(s->t->check_hash)) ? "check_expired" : "check_unknown";
}

/* Who called with the code that is asked about. */
static const char *
caller(const struct turn_scene *s)
{
	const char *const *hashes = s->b->called.list, *const *names = s->b->callers.list;

	for (size_t i = 0; s->t->checks && i < s->b->called.count; i++) {
		struct turn_rows one = {.list = (void *)&hashes[i], .count = 1};

		if (turn_hash_in(&one, s->t->check_hash, sizeof(s->t->check_hash)))
			return names[i];
	}
	return "";
}

const char *
turn_value(void *arg, const char *p, int index)
{
	struct turn_values *v = arg;
	struct turn_scene *s = v->s;
	const struct conf_bureau *b = s->b->bureau;

	if (strcmp(p, "bureau") == 0)
		return b->name;
	if (strcmp(p, "signature") == 0)
		return b->signature;
	if (strcmp(p, "telephone") == 0)
		return b->telephone;
	if (strcmp(p, "counter") == 0)
		return b->address;
	if (strcmp(p, "link") == 0)
		return v->made != NULL ? v->made->url : "";
	if (strcmp(p, "code") == 0)
		return v->made != NULL ? digits_of(s->b->arena, v->made->code) : "";
	if (strcmp(p, "staff") == 0)
		return caller(s);
	if (strcmp(p, "check_result") == 0)
		return turn_word(s, check_wording(s), 0);
	if (strcmp(p, "identity") == 0)
		return s->screen != NULL && s->screen->identity ? "1" : "";
	if (strcmp(p, "texted") == 0)
		return s->screen != NULL && (s->screen->texted || !s->screen->identity) ? "1" : "";
	const struct store_application *a = turn_application(s, index > 0 ? index : v->application);
	if (a != NULL)
		return application_value(v, a, p);
	if (strcmp(p, "status") == 0)
		return turn_word(s, "status_none", 0);
	return NULL;
}

/* Earlier grants of the talk end with it: one link is valid at a time. */
const struct grants_made *
turn_grant(struct turn_scene *s)
{
	struct turn_batch *b = s->b;

	struct grants_made *made = turn_rows_add(b, &b->grants, sizeof(*made));
	if (grants_make(b->g->conf, b->g->keys, b->bureau, s->row->id, GRANTS_RENEW, turn_batch_id(b), b->now_us, made) !=
		0) {
		log_error("bureau=%s conversation=%lld link cannot be made: the public url is too long", b->bureau->code,
			(long long)s->row->id);
		b->grants.count--;
		return NULL;
	}
	*(int64_t *)turn_rows_add(b, &b->grants_revoked, sizeof(int64_t)) = s->row->id;
	return made;
}

/* A grant for a text that has a place for it. */
static const struct grants_made *
make_grant(struct turn_scene *s, const char *wording)
{
	if (!s->open || (!dialog_text_uses(s->dialog, wording, s->language, "link") &&
						!dialog_text_uses(s->dialog, wording, s->language, "code")))
		return NULL;
	const struct grants_made *made = turn_grant(s);
	if (made != NULL)
		turn_trail(s, "link_sent", arena_printf(s->b->arena, "{\"grant\":%lld}", (long long)made->id));
	return made;
}

/*
 * As it is written; or with the bureau's plain signs for its own, where that alone keeps the text within the GSM
 * alphabet and saves a part. The words as they are sent are the words that are kept.
 */
static int
render_cheap(struct turn_scene *s, const char *wording, struct turn_values *v, char *out, size_t room)
{
	unsigned sets = conf_substitutions(s->b->bureau);
	const struct text_rules *rules = s->t->is_text ? link_text_rules(s->t->link) : NULL;
	size_t signature = strlen(s->b->bureau->signature);
	char plain[2 * (DIALOG_TEXT_MAX + 1)], whole[2 * (DIALOG_TEXT_MAX + 1)];
	struct text_measure as_written, substituted;
	int len = dialog_render(s->dialog, wording, s->language, s->after, turn_value, v, out, room), n;

	if (len < 0 || sets == 0 || signature > DIALOG_TEXT_MAX)
		return len;
	memcpy(whole, s->b->bureau->signature, signature);
	memcpy(whole + signature, out, (size_t)len + 1);
	text_measure_by(rules, whole, signature + (size_t)len, &as_written);
	if (as_written.alphabet == TEXT_GSM7)
		return len;
	s->substitutions = sets;
	n = dialog_render_plain(s->dialog, wording, s->language, sets, s->after, turn_value, v, plain, room);
	s->substitutions = 0;
	if (n < 0)
		return len;
	memcpy(whole + signature, plain, (size_t)n + 1);
	text_measure_by(rules, whole, signature + (size_t)n, &substituted);
	if (substituted.alphabet != TEXT_GSM7 || substituted.parts >= as_written.parts)
		return len;
	memcpy(out, plain, (size_t)n + 1);
	return n;
}

/* The text is rendered: its rows, and its way at once where a link has room for it. */
static void
say(struct turn_scene *s, const char *wording, const char *body, bool reminder)
{
	struct turn_batch *b = s->b;
	struct turn *t = s->t;
	struct text_measure measure;
	const char *text = arena_printf(b->arena, "%s%s", b->bureau->signature, body);
	text_measure(text, strlen(text), &measure);

	struct store_message *m = turn_rows_add(b, &b->messages, sizeof(*m));
	const char *prefer = t->is_text ? link_name(t->link) : s->row != NULL ? s->row->link : "";
	struct link *l = reminder ? NULL : sender_reserve(b->g, b->bureau, t->phone, prefer, measure.parts);
	if (l != NULL) {
		/* The link that takes it may have alphabets of its own; then it takes another number of parts. */
		int parts = measure.parts;
		measure.parts = link_parts(l, text, strlen(text));
		sender_unreserve(b->g, l, parts - measure.parts);
	}
	*m = (struct store_message){.id = turn_batch_id(b),
		.at_us = b->now_us,
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is open has its row */
		.conversation_id = s->open ? s->row->id : 0,
		/* A campaign's text is the first one; that nobody answered it and it comes again is the talk's own affair. */
		.campaign_id = reminder && s->row != NULL && s->before->step[0] == '\0' ? s->row->campaign_id : 0,
		.reply_to = t->is_text ? s->inbound_id : 0,
		.phone = t->phone,
		.kind = reminder	 ? "reminder"
				: t->is_text ? "reply"
							 : "notice",
		.wording = wording,
		.language = arena_dup(b->arena, s->language),
		.text = text,
		.link = l != NULL ? link_name(l) : sender_route(b->g, b->bureau, t->phone, prefer),
		.parts = measure.parts,
		/* Only texts in parts are counted: the more of them lie between two with the same reference. */
		.reference = s->row != NULL && measure.parts > 1 ? references_of(s->row->id, s->row->texts + s->said++) : 0,
		.priority = reminder	 ? PRIORITY_REMINDER
					: t->is_text ? PRIORITY_REPLY
								 : PRIORITY_NOTICE,
		.now = l != NULL};
	turn_asked(s, wording, m->id, text);
	if (l == NULL)
		return;
	struct sender_text *send = turn_rows_add(b, &b->texts, sizeof(*send));
	*send = (struct sender_text){.bureau = b->bureau,
		.message_id = m->id,
		.at_us = m->at_us,
		.conversation_id = m->conversation_id,
		.reference = m->reference,
		.reply_to = m->reply_to,
		.phone = m->phone,
		.kind = m->kind,
		.text = text,
		.attempt = 1,
		.first = true,
		.attempted_us = m->at_us,
		.parts = measure.parts,
		.link = l};
}

/*
 * To whom no text goes. What the page or a clerk at the phone asks is seen or heard there; what the bureau has to tell
 * (a decision, a parcel) a person says, by phone or letter.
 */
static void
tell_by_person(struct turn_scene *s, const char *wording, int application)
{
	const struct turn_event *e = &s->t->event;
	struct turn_values v = {.s = s, .application = application};
	char body[DIALOG_TEXT_MAX + 1];

	if (e->kind != DIALOG_OUTSIDE || e->channel != DIALOG_CHANNEL_STAFF ||
		strcmp(wording, dialog_step_text(s->dialog, s->after->step)) == 0 ||
		dialog_render(s->dialog, wording, s->language, s->after, turn_value, &v, body, sizeof(body)) < 0)
		return;
	struct store_worklist *w = turn_rows_add(s->b, &s->b->worklist, sizeof(*w));
	const char *item_code = NULL;
	for (size_t i = 0; i < s->napplications; i++) {
		if (s->applications[i].id == e->application_id)
			item_code = s->applications[i].item_code;
	}
	*w = (struct store_worklist){.list = "phone",
		.phone = "",
		.reason = arena_printf(s->b->arena, "no mobile number; to be told: %s", body),
		.conversation_id = s->row->id,
		.application_id = e->application_id,
		.item_code = item_code};
}

void
turn_say(struct turn_scene *s, const char *wording, int application, bool reminder)
{
	struct turn_batch *b = s->b;
	struct turn_values v = {.s = s, .application = application};
	char body[DIALOG_TEXT_MAX + 1];

	if (turn_phoneless(s->t->phone)) {
		tell_by_person(s, wording, application);
		return;
	}
	v.made = make_grant(s, wording);
	if (render_cheap(s, wording, &v, body, sizeof(body)) < 0) {
		log_error("bureau=%s phone=%s text %s of dialog %s cannot be rendered in %s", b->bureau->code, s->t->phone,
			wording, dialog_name(s->dialog), s->language);
		return;
	}
	say(s, wording, body, reminder);
}

void
turn_say_by_hand(struct turn_scene *s)
{
	const char *text = s->t->event.by_hand;
	struct turn_json o = turn_json_begin(s->b->arena);

	if (turn_phoneless(s->t->phone)) {
		s->t->outcome = TURN_NO_CONVERSATION;
		return;
	}
	turn_json_text(&o, "channel", "staff");
	turn_json_text(&o, "text", text);
	turn_trail(s, "answered", turn_json_end(&o));
	say(s, "by_hand", text, false);
}
