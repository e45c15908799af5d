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

struct words_entry {
	const char *language;
	const char *word;
	unsigned char len; /* octets of word */
	unsigned char kind, which;
	/* Counts only when the conversation is in this language: one-letter words that mean other things elsewhere. */
	bool own;
};
const struct words_entry *words_entries(size_t *count);

struct words_affix {
	const char *word;
	unsigned char len;
	bool spaced; /* must stand apart by a space: scripts that write words apart */
};
const struct words_affix *words_polite_before(size_t *count); /* "您好", "please ", ... */
const struct words_affix *words_polite_after(size_t *count);  /* "谢谢", "的", " thanks", ... */

struct words_named {
	const char *word;
	const char *meaning; /* a language's code, or the digits of a number */
};
const struct words_named *words_language_names(size_t *count);
const struct words_named *words_numbers(size_t *count); /* "一" -> "1", "two" -> "2" */

#endif
