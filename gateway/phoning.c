/* Calls to those on the list to phone: script, code, outcomes. */
#include "gateway/phoning.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "gateway/conf.h"
#include "gateway/hours.h"
#include "gateway/keys.h"
#include "gateway/mask.h"
#include "store/pg.h"
#include "store/view.h"

#define TRIES_UNTIL_VISIT 3
#define DRAWS 8 /* a draw in many thousands is none */

static const struct phoning_outcome outcomes[] = {
	{"agreed", "consented", "the holder wants it and lets staff act", true, 0},
	{"will_reply", "", "reached, and will answer without help: again after three working days", false, 3},
	{"no_answer", "", "nobody answered: again on the next working day", false, 1},
	{"call_again", "", "again on the day of --on", false, 0},
	{"spoken", "", "spoken to, nothing more to do", true, 0},
	{"visit", "", "nobody can be reached: somebody goes there", false, 1},
	{"declined", "declined", "the holder does not want it", true, 0},
	{"wrong_number", "not_me", "the number is somebody else's", true, 0},
};

const struct phoning_outcome *
phoning_outcomes(size_t *n)
{
	*n = sizeof(outcomes) / sizeof(outcomes[0]);
	return outcomes;
}

const struct phoning_outcome *
phoning_outcome(const char *word)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strcmp(outcomes[i].word, word) == 0)
			return &outcomes[i];
	return NULL;
}

const struct phoning_outcome *
phoning_kept(const struct phoning_outcome *o, int64_t tries)
{
	return strcmp(o->word, "no_answer") == 0 && tries >= TRIES_UNTIL_VISIT ? phoning_outcome("visit") : o;
}

void
phoning_day(const struct conf_bureau *b, int64_t now, int workdays, char out[11])
{
	struct tm tm;
	char today[40];

	hours_local(b, now, &tm);
	strftime(today, sizeof(today), "%Y-%m-%d", &tm);
	int64_t day = hours_day_number(today);
	/* A calendar without working days must not keep anybody here. */
	for (int i = 1; i < 100 && workdays > 0; i++) {
		hours_day_text(day + i, out);
		workdays -= hours_workday(b, out);
	}
}

/* ---- The code ---------------------------------------------------------------------------------------------------- */

int
phoning_draw(char code[TOKEN_CODE_LEN + 1])
{
	uint8_t random[32];

	for (int i = 0; i < DRAWS; i++) {
		randombytes_buf(random, sizeof(random));
		if (token_code_draw(random, sizeof(random), code) == 0)
			return 0;
	}
	return -1;
}

int
phoning_code(const struct keys *keys, int bureau_id, int64_t entry, int64_t claimed_us, const char *actor,
	char code[TOKEN_CODE_LEN + 1])
{
	char about[200];
	uint8_t hash[32];

	for (int i = 0; i < DRAWS; i++) {
		int n =
			snprintf(about, sizeof(about), "%d %" PRId64 " %" PRId64 " %d %s", bureau_id, entry, claimed_us, i, actor);
		if (n < 0 || (size_t)n >= sizeof(about))
			return -1;
		keys_hash(keys, "call", about, (size_t)n, hash);
		if (token_code_draw(hash, sizeof(hash), code) == 0)
			return 0;
	}
	return -1;
}

/* ---- The script -------------------------------------------------------------------------------------------------- */

struct reading {
	const struct conf_bureau *b;
	const json_t *entry;
	const char *staff, *code;
	char holder[256];
};

static const char *
value(void *arg, const char *placeholder, int index)
{
	const struct reading *r = arg;
	const struct {
		const char *name, *value;
	} known[] = {
		{"bureau", r->b->name},
		{"telephone", r->b->telephone},
		{"counter", r->b->address},
		{"staff", r->staff},
		{"check", r->code},
		{"holder", r->holder},
		{"item", view_text(r->entry, strcmp(view_text(r->entry, "language"), "zh") == 0 ? "name_zh" : "name_en")},
		{"expires_on", view_text(r->entry, "expires_on")},
		{"due_on", view_text(r->entry, "expires_on")},
	};

	(void)index;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, placeholder) == 0)
			return known[i].value;
	return NULL;
}

int
phoning_script(const struct dialog *d, const struct conf_bureau *b, const json_t *entry, const char *staff,
	const char *code, char *out, size_t room)
{
	struct reading r = {.b = b, .entry = entry, .staff = staff, .code = code};

	mask_name(view_text(entry, "holder"), r.holder, sizeof(r.holder));
	return dialog_render(d, "phone_script", view_text(entry, "language"), NULL, value, &r, out, room);
}

void
phoning_params(struct pg_params *p, int64_t entry, const struct phoning_outcome *kept, const char *words,
	const char *actor, const char *day)
{
	pg_param_int(p, entry);
	pg_param_text(p, kept->word);
	pg_param_text(p, words);
	pg_param_text(p, actor);
	pg_param_bool(p, kept->done);
	pg_param_text(p, kept->done ? NULL : day);
	pg_param_text(p, kept->event);
}
