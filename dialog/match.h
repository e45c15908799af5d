/*
 * Decides what a citizen's text means, as a whole message and never by a part of it: "不同意" is not a kind of "同意".
 *
 * Order of use: match_normalise once per message; match_reserved first, for reserved words beat every dialog; then the
 * step's patterns, first match wins. The same functions over a dialog's own literals tell the loader what collides.
 * Words of every language are understood; a few one-letter words count only in conversations of their own language.
 */
#ifndef DIALOG_MATCH_H
#define DIALOG_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dialog/words.h"

#define MATCH_NORMAL_MAX 255 /* octets of a normalised message, without NUL; longer ones are no word */
#define MATCH_VALUE_MAX 512	 /* octets of a value (a slot's), without NUL */

/*
 * Normalises UTF-8 (anything may be in it) for comparing: full-width to ASCII; digits of every script and circled
 * digits to 0-9; lower case; accents, Arabic vowel signs and letter variants folded; spaces collapsed, and dropped
 * beside Chinese characters; punctuation dropped at both ends and read as a space inside, save - / . between digits;
 * emoji, variation selectors and control characters dropped. Kept, so that the message does not match: a question mark
 * at the end ("是?" asks), a minus before a number, and emoji that mean no.
 * out gets a NUL-terminated text. Returns its length; 0 when nothing is left or it does not fit room (at most
 * MATCH_NORMAL_MAX + 1 is used), for then it is no word. Normalising twice changes nothing.
 */
size_t match_normalise(const char *utf8, size_t len, char *out, size_t room);

/* All below take normalised text. language = the conversation's ("zh", ...), or NULL = any: every word counts. */

/*
 * The message is a word of the list, polite words around it or not; of yes and no also a sentence that says so and
 * nothing else, as it is dictated to a phone ("那个好的我要办麻烦你们了").
 */
bool match_list_has(enum words_list list, const char *language, const char *normal);

/*
 * The reserved word that the message is, or WORDS_NONE. arg (may be NULL) gets LANGUAGE's language code or CHECK's
 * digits, "" without one. A language's own name alone ("English", "中文") is LANGUAGE.
 */
#define MATCH_ARG_MAX 15
enum words_reserved match_reserved(const char *normal, const char *language, char arg[MATCH_ARG_MAX + 1]);

/* The message is this literal (normalised), polite words around it or not. An empty literal matches nothing. */
bool match_literal(const char *literal, const char *normal);

/* A whole number in min..max: "3", "٣", "3分", "三", "第3项". */
bool match_number(const char *normal, int64_t min, int64_t max, int64_t *value);

/* A day that exists, 1900..2199: 2026-12-01, 2026/12/1, 2026.12.1, 2026年12月1日, 20261201. out gets YYYY-MM-DD. */
bool match_date(const char *normal, char out[11]);

/*
 * Which of n applications (1..64) are meant: "Y 1 3", "1 3", "1,3", "1、3", "是 1 3", "1-3", "1和3同意"; "all", "全部",
 * "全部同意" and a bare yes mean all of them. "1" means number 1, also where "1" is a yes. Bit k-1 of *mask stands for
 * application k. A number out of range, or any other word, is not understood: false, and *mask is 0.
 */
bool match_select(const char *normal, const char *language, int n, uint64_t *mask);

/* ---- Patterns: what stands on the left of a branch ------------------------------------------------------------ */

enum match_kind {
	MATCH_LITERAL,
	MATCH_LIST,
	MATCH_NUMBER,
	MATCH_DATE,
	MATCH_SELECT,	 /* contains the lists yes and all */
	MATCH_FREE_TEXT, /* anything that is not empty */
};

struct match_pattern {
	enum match_kind kind;
	const char *literal;  /* MATCH_LITERAL: normalised */
	enum words_list list; /* MATCH_LIST */
	int64_t min, max;	  /* MATCH_NUMBER */
};

struct match_message {
	const char *raw; /* UTF-8 as received, NUL-terminated */
	const char *normal;
	const char *language; /* the conversation's */
	int applications;	  /* MATCH_SELECT: 1..64 */
};

struct match_value {
	char text[MATCH_VALUE_MAX + 1]; /* number, date or free text, ready for a slot; "" otherwise */
	uint64_t mask;					/* MATCH_SELECT; 0 otherwise */
};

/* value may be NULL. Free text is cleaned: valid UTF-8, no control characters, trimmed, cut at a character. */
bool match_pattern(const struct match_pattern *p, const struct match_message *m, struct match_value *value);

/*
 * True when some message would match both, in any language, so that the order of branches would decide what a citizen
 * meant. Free text collides only with free text: it is what is left, and the loader lets it stand last. *word (may be
 * NULL) gets such a message for the fault's text (static, or the literal), NULL without one; it need not be the only
 * one.
 */
bool match_collide(const struct match_pattern *a, const struct match_pattern *b, const char **word);

/* True when some message would match both the pattern and a reserved word; *r tells which (may be NULL). */
bool match_collide_reserved(const struct match_pattern *p, enum words_reserved *r, const char **word);

#endif
