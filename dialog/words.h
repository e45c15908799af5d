/*
 * The closed vocabulary as data: for each language the words that mean yes, no, all and keep, the reserved words, the
 * names of languages, polite words around an answer, and small numbers. dialog/match.h decides whether a message is
 * one of them. Every word stands here in its normalised form (match_normalise leaves it as it is).
 */
#ifndef DIALOG_WORDS_H
#define DIALOG_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Word lists that a dialog can name as a branch. */
enum words_list {
	WORDS_YES,
	WORDS_NO,
	WORDS_ALL,
	WORDS_KEEP, /* leave it as it is */
	WORDS_LISTS
};
const char *words_list_name(enum words_list list); /* "yes", "no", "all", "keep" */
bool words_list_by_name(const char *name, enum words_list *list);

/* Words that beat every dialog. */
enum words_reserved {
	WORDS_NONE, /* not reserved */
	WORDS_STOP,
	WORDS_HELP,
	WORDS_STATUS,
	WORDS_LANGUAGE, /* argument: a language's code, or "" */
	WORDS_NOT_ME,
	WORDS_CHECK, /* argument: the digits of a code, or "" */
	WORDS_START, /* coming back after STOP */
	WORDS_RESERVED
};
const char *words_reserved_name(enum words_reserved r); /* "STOP", "NOT ME", ...: as dialogs write it */
bool words_reserved_by_name(const char *name, enum words_reserved *r);

/* Languages that have words: "zh", "en", "ar", ... Returns how many; list may be NULL. */
#define WORDS_LANGUAGES_MAX 16
size_t words_languages(const char *list[WORDS_LANGUAGES_MAX]);
bool words_language_known(const char *code);
/* The language's own name for itself: "中文", "English"; NULL when unknown. */
const char *words_language_name(const char *code);

/* ---- The tables, for the matcher and for tests ------------------------------------------------------------- */

enum words_kind {
	WORDS_KIND_LIST,	 /* which = enum words_list */
	WORDS_KIND_RESERVED, /* which = enum words_reserved */
};

struct words_row {
	const char *language; /* "*": every language writes it so */
	enum words_kind kind;
	int which;
	/* Counts only when the conversation is in this language: one-letter words that mean other things elsewhere. */
	bool own;
	const char *const *words; /* ended by NULL */
};
const struct words_row *words_rows(size_t *count);

/* Polite words around an answer. */
struct words_polite {
	const char *const *words; /* ended by NULL */
	bool spaced;			  /* they stand apart by a space, as words do outside Chinese */
};
const struct words_polite *words_polite_before(size_t *count); /* "您好", "please ", ... */
const struct words_polite *words_polite_after(size_t *count);  /* "谢谢", "的", " thanks", ... */

/* Pieces of which spoken answers are made. */
enum words_spoken_kind {
	WORDS_SPOKEN_FILLER, /* says nothing: "那个", "麻烦你们了" */
	WORDS_SPOKEN_YES,
	WORDS_SPOKEN_NO,	 /* for good: "不办了" */
	WORDS_SPOKEN_ONE_NO, /* "不办": one of them alone */
	WORDS_SPOKEN_BAD,	 /* "不行": likewise, and beside no other no */
	WORDS_SPOKEN_LEAD,	 /* "不", in front of a no or alone */
	WORDS_SPOKEN_WHY,	 /* "店关了": no answer, and no yes beside it */
	WORDS_SPOKEN_UNSURE, /* "要不", "好不好": nobody can tell */
};
struct words_spoken {
	enum words_spoken_kind kind;
	const char *const *words; /* ended by NULL */
};
const struct words_spoken *words_spoken(size_t *count);
/* Traditional and simplified characters in turn, of three octets each; ended by NULL. */
const char *const *words_simplified(void);

struct words_named {
	const char *meaning; /* a language's code, or the digits of a number */
	const char *const *words;
};
const struct words_named *words_language_names(size_t *count); /* names and codes, the code first */
const struct words_named *words_numbers(size_t *count);		   /* "1": "一", "one" */

/* What may stand around a number: "第3项", "5分". Ended by NULL. */
const char *const *words_number_before(void);
const char *const *words_number_after(void);
/* What may stand between the numbers of a selection: "1和3", "1 and 3". */
const char *const *words_number_between(void);

#endif
