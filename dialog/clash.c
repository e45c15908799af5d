/* Checks that no answer of a citizen could mean two things: in one step, or there and as a reserved word. */
#include <stdio.h>
#include <string.h>
#include "dialog/internal.h"

struct clash {
	const struct dialog *d;
	struct dialog_faults *faults;
	const struct step *step;
};

#define FAULT(c, line, code, ...) FAULT_AT((c)->faults, (c)->d->files[0], line, code, ##__VA_ARGS__)

static void
check_reserved(struct clash *c, const struct branch *b, const struct trigger *t)
{
	enum words_reserved r;
	const char *word = "";
	if (match_collide_reserved(&t->pattern, &r, &word))
		FAULT(c, b->line, WORD_RESERVED, "%s\n%s", word, words_reserved_name(r));
}

static void
check_pair(
	struct clash *c, const struct branch *a, const struct trigger *ta, const struct branch *b, const struct trigger *tb)
{
	const char *word = "";
	if (ta->pattern.kind == MATCH_FREE_TEXT) {
		FAULT(c, b->line, AFTER_FREE_TEXT, "%d", a->line);
		return;
	}
	if (tb->pattern.kind != MATCH_FREE_TEXT && match_collide(&ta->pattern, &tb->pattern, &word))
		FAULT(c, b->line, WORD_TWICE, "%s\n%d", word, a->line);
}

static void
check_step(struct clash *c)
{
	const struct step *s = c->step;
	for (size_t i = 0; i < s->nbranches; i++) {
		const struct branch *a = &s->branches[i];
		for (size_t k = 0; k < a->ntriggers; k++) {
			if (a->triggers[k].kind != TRIGGER_PATTERN)
				continue;
			check_reserved(c, a, &a->triggers[k]);
			for (size_t j = i + 1; j < s->nbranches; j++)
				for (size_t m = 0; m < s->branches[j].ntriggers; m++)
					if (s->branches[j].triggers[m].kind == TRIGGER_PATTERN)
						check_pair(c, a, &a->triggers[k], &s->branches[j], &s->branches[j].triggers[m]);
		}
	}
}

void
check_words(struct dialog *d, struct dialog_faults *faults)
{
	for (size_t i = 0; i < d->nsteps; i++) {
		struct clash c = {d, faults, &d->steps[i]};
		check_step(&c);
	}
}
