/* The closed vocabulary of dialogs: what `do`, `event`, `list` and `in` may name. */
#include <string.h>
#include "dialog/internal.h"

static const struct effect_row effects[] = {
	{DIALOG_DO_CONSENT, "consent", NULL,
		"the citizen wants it and lets staff act on their behalf; STOP now ends reminders only"},
	{DIALOG_DO_DECLINE, "decline", NULL, "the citizen does not want it"},
	{DIALOG_DO_OPT_OUT, "opt_out", NULL, "no more reminders to this phone"},
	{DIALOG_DO_OPT_IN, "opt_in", NULL, "reminders to this phone again"},
	{DIALOG_DO_NOT_ME, "not_me", NULL, "this phone is not the holder's"},
	{DIALOG_DO_VERIFIED, "verified", NULL, "identity is proven"},
	{DIALOG_DO_CONFIRM, "confirm", NULL, "the prefilled application is right"},
	{DIALOG_DO_CORRECT, "correct", NULL, "the prefilled application is not right; a clerk reads it"},
	{DIALOG_DO_OLD_ON_SITE, "old_on_site", NULL, "the old certificate is handed in at the counter"},
	{DIALOG_DO_OLD_COURIER, "old_courier", NULL, "the old certificate is collected by courier"},
	{DIALOG_DO_PICK_UP, "pick_up", NULL, "the new certificate is fetched at the counter"},
	{DIALOG_DO_COURIER, "courier", NULL, "the new certificate is sent by courier"},
	{DIALOG_DO_ADDRESS, "address", "address", "the slot address is where to send it"},
	{DIALOG_DO_SUBMIT, "submit", NULL, "the application goes to the bureau"},
	{DIALOG_DO_RATE, "rate", "rating", "the slot rating is the citizen's mark, 1 to 5"},
	{DIALOG_DO_CHECK, "check", NULL, "was the code in the slot check issued by this bureau?"},
	{DIALOG_DO_PROVEN, "proven", NULL, "identity is proven before the citizen's will is asked; the status stays"},
	{DIALOG_DO_PLEDGE, "pledge", NULL, "the citizen pledges what the text says; issued first, checked afterwards"},
	{DIALOG_DO_RECEIVED, "received", NULL, "the citizen says that what was sent by courier has come"},
	{DIALOG_DO_COMPLAIN, "complain", "note", "the slot note is why the mark is low"},
	{DIALOG_DO_NEW_LINK, "new_link", NULL, "links and codes so far are void; the next ones are fresh"},
};
#define NEFFECTS (sizeof(effects) / sizeof(effects[0]))

/* What happens outside and a dialog may hear: the page, a clerk or the workflow raises it. */
static const char *const events[] = {
	"verified",							 /* identity is proven */
	"confirmed",						 /* the prefilled application is right */
	"correct",							 /* it is not */
	"old_on_site",						 /* the choices of the page or of a clerk for the citizen */
	"old_courier", "pick_up", "courier", /* slot address may come with it */
	"approved",							 /* the bureau's decision about one application */
	"rejected",							 /* slot reason */
	"sent",								 /* slot tracking_no */
	"ready",							 /* slot pickup_code */
	"collected",						 /* it is in the citizen's hands */
	"finished",							 /* the last application of the conversation reached its end */
	"consented",						 /* the citizen wants it, by the page or on the phone */
	"declined",							 /* does not want it */
	"pledged",							 /* pledges, by the page or on the phone */
	"assisted",							 /* a clerk has entered on the phone what the citizen said */
	"not_me",							 /* on the phone: the number is somebody else's */
	"new_link",							 /* a link that is over was opened: a fresh one is wanted */
	"pledge_passed",					 /* what was issued on a pledge was checked; the pledge was kept */
	"pledge_failed",					 /* it was not; slot reason */
	"undeliverable",					 /* the reminder could not be delivered for good */
};

static const char *const worklists[] = {"phone", "read", "approve", "collect", "send", "check"};

/* What a conversation may keep of the citizen's words, or gets with an event. */
static const char *const slots[] = {
	"address",	   /* where to send the new certificate */
	"rating",	   /* 1 to 5 */
	"check",	   /* the code that the citizen asked about */
	"reason",	   /* why an application was refused */
	"tracking_no", /* of the courier */
	"pickup_code", /* to be shown at the counter */
	"day",		   /* a date that the citizen named */
	"note",		   /* free words for a clerk */
	"staff",	   /* the clerk who phoned */
	"signed",	   /* the first digits of what was signed on the page */
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

const struct effect_row *
effect_by_word(const char *word)
{
	for (size_t i = 0; i < NEFFECTS; i++)
		if (strcmp(effects[i].word, word) == 0)
			return &effects[i];
	return NULL;
}

const struct effect_row *
effect_row(enum dialog_do what)
{
	for (size_t i = 0; i < NEFFECTS; i++)
		if (effects[i].what == what)
			return &effects[i];
	return NULL;
}

const char *
dialog_do_name(enum dialog_do what)
{
	const struct effect_row *row = effect_row(what);
	return row ? row->word : "";
}

static bool
listed(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

bool
event_known(const char *name)
{
	return listed(events, COUNT(events), name);
}

bool
worklist_known(const char *name)
{
	return listed(worklists, COUNT(worklists), name);
}

bool
slot_known(const char *name)
{
	return listed(slots, COUNT(slots), name);
}

/* Changed, missing or extra letters between two names. Names are at most DIALOG_NAME_MAX long. */
static size_t
distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), row[DIALOG_NAME_MAX + 1];
	if (la > DIALOG_NAME_MAX || lb > DIALOG_NAME_MAX)
		return DIALOG_NAME_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			size_t least = row[j - 1] < row[j] ? row[j - 1] + 1 : row[j] + 1;
			row[j] = change < least ? change : least;
		}
	}
	return row[lb];
}

const char *
table_word(enum table table, size_t i)
{
	size_t nplaceholders;
	const struct placeholder_row *placeholders = placeholder_rows(&nplaceholders);
	switch (table) {
	case TABLE_EFFECTS:
		return i < NEFFECTS ? effects[i].word : NULL;
	case TABLE_EVENTS:
		return i < COUNT(events) ? events[i] : NULL;
	case TABLE_WORKLISTS:
		return i < COUNT(worklists) ? worklists[i] : NULL;
	case TABLE_SLOTS:
		return i < COUNT(slots) ? slots[i] : NULL;
	case TABLE_PLACEHOLDERS:
		return i < nplaceholders ? placeholders[i].name : NULL;
	}
	return NULL;
}

const char *
table_nearest(enum table table, const char *word)
{
	const char *best = NULL, *w;
	size_t least = 3; /* three letters off is another word */
	for (size_t i = 0; (w = table_word(table, i)) != NULL; i++) {
		size_t x = distance(word, w);
		if (x < least && x < strlen(w) && x < strlen(word)) {
			least = x;
			best = w;
		}
	}
	return best;
}
