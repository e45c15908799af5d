/*
 * The alphabets of one link, from its configuration: what each data_coding means on it, and how texts are written for
 * it. One map serves both ways, so what a link writes it would also read.
 */
#ifndef GATEWAY_SMPP_ALPHABET_H
#define GATEWAY_SMPP_ALPHABET_H

#include "dialog/text.h"

struct conf_link;

struct alphabet {
	struct text_codings in;
	struct text_rules out;
};

/* The configuration has been checked: a word that is not known here counts as left out. */
void alphabet_of(const struct conf_link *conf, struct alphabet *out);

/*
 * What is wrong with this link's data_coding_gsm7, data_coding_ucs2 and data_codings together, as the end of a sentence
 * that begins with *key; NULL when nothing is.
 */
const char *alphabet_fault(const struct conf_link *conf, const char **key);

#endif
