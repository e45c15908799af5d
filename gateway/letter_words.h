/* The bureau's words in a letter, in Chinese or English: read from templates/letter.LANG.txt, which staff may change.
 */
#ifndef GATEWAY_LETTER_WORDS_H
#define GATEWAY_LETTER_WORDS_H

#include <jansson.h>

struct conf;
struct conf_bureau;

/*
 * {title, hello, ...} with the bureau's own values filled in; the language's file, or the first of the bureau's
 * languages that has one. NULL with *error (static). phone: the talk's, masked, or NULL where texts do not reach.
 */
json_t *letter_words(
	const struct conf *conf, const struct conf_bureau *b, const char *language, const char *phone, const char **error);

#endif
