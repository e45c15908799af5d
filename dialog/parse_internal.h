/* What the files that read a .dlg share: the words of one line, and how far they were read. */
#ifndef DIALOG_PARSE_INTERNAL_H
#define DIALOG_PARSE_INTERNAL_H

#include "dialog/internal.h"
#include "dialog/utf8.h"

struct parser {
	struct dialog *d;
	struct source src;
	struct step *step; /* the block that lines belong to; NULL = none yet */
	bool skipping;	   /* the block's own line was at fault, and was told: its lines are not */
	bool no_memory;
};

struct words {
	struct token list[DIALOG_TOKENS_MAX];
	size_t count, at;
};

#define FAULT(p, code, ...) FAULT_AT((p)->src.faults, (p)->src.file, (p)->src.line, code, ##__VA_ARGS__)
#define SHOWN(t) (int)((t)->len > 60 ? utf8_cut((t)->s, (t)->len, 60) : (t)->len), (t)->s

static inline bool
more(const struct words *w)
{
	return w->at < w->count;
}

static inline bool
next_is(const struct words *w, const char *word)
{
	return more(w) && token_is(&w->list[w->at], word);
}

static inline bool
take(struct words *w, const char *word)
{
	if (!next_is(w, word))
		return false;
	w->at++;
	return true;
}

/* Each reads on in the line; false when a fault was told. */
bool take_name(struct parser *p, struct words *w, const char *what, char out[DIALOG_NAME_MAX + 1]);
bool parse_list_name(struct parser *p, struct words *w, char out[DIALOG_NAME_MAX + 1]);
bool parse_trigger(struct parser *p, struct words *w, struct trigger *t);
/* A whole branch, all of the line. The branch owns its triggers when true. */
bool parse_branch(struct parser *p, struct words *w, struct branch *b);
/* Tells that there is no such name in the table, and the one that was perhaps meant. */
void fault_unknown(struct parser *p, enum table table, const char *kind, const char *name);

#endif
