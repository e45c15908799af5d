/* What a clerk may pick for the citizen at a step: its branches as things to press. */
#include <string.h>
#include "dialog/internal.h"

/* Events that the citizen's page raises too; the others are the bureau's acts, or a proof. */
static const char *const picked[] = {"confirmed", "correct", "old_on_site", "old_courier", "pick_up", "courier"};

/* A word of the list that a conversation in this language understands. */
static const char *
list_word(enum words_list list, const char *language)
{
	size_t n;
	const struct words_row *rows = words_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].kind == WORDS_KIND_LIST && rows[i].which == (int)list &&
			(strcmp(rows[i].language, "*") == 0 || strcmp(rows[i].language, language) == 0))
			return rows[i].words[0];
	return NULL;
}

static bool
take_trigger(const struct trigger *t, const char *language, struct dialog_choice *c)
{
	*c = (struct dialog_choice){0};
	if (t->kind == TRIGGER_EVENT) {
		for (size_t i = 0; i < sizeof(picked) / sizeof(picked[0]); i++)
			if (strcmp(picked[i], t->event) == 0)
				c->event = c->what = t->event;
		return c->event != NULL;
	}
	if (t->kind != TRIGGER_PATTERN)
		return false;
	switch (t->pattern.kind) {
	case MATCH_LITERAL:
		c->say = c->what = t->written;
		return true;
	case MATCH_LIST:
		c->say = list_word(t->pattern.list, language);
		c->what = words_list_name(t->pattern.list);
		return c->say != NULL;
	case MATCH_SELECT:
		c->say = list_word(WORDS_YES, language);
		c->what = words_list_name(WORDS_YES);
		return c->say != NULL;
	default:
		return false;
	}
}

static bool
same(const struct dialog_choice *a, const struct dialog_choice *b)
{
	return strcmp(a->what, b->what) == 0 && strcmp(a->target, b->target) == 0;
}

size_t
dialog_choices(const struct dialog *d, const char *step, const char *language, struct dialog_choice *list, size_t room)
{
	long at = step_index(d, step);
	size_t n = 0;

	for (size_t i = 0; at >= 0 && i < d->steps[at].nbranches; i++) {
		const struct branch *b = &d->steps[at].branches[i];
		struct dialog_choice c;
		size_t k = 0;
		bool known = false;

		while (k < b->ntriggers && !take_trigger(&b->triggers[k], language, &c))
			k++;
		if (k == b->ntriggers)
			continue;
		if (b->ndos > 0)
			c.what = dialog_do_name(b->dos[0]);
		c.target = b->target.kind == TARGET_BACK								   ? "back"
				   : b->target.kind == TARGET_STEP || b->target.kind == TARGET_END ? b->target.name
																				   : "";
		for (k = 0; k < n; k++)
			known = known || same(&list[k], &c);
		if (!known && n < room)
			list[n++] = c;
	}
	return n;
}
