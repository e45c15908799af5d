/*
 * What pretend phones do by themselves, from lines such as
 *   phone * when "回复Y" reply "Y" after 50 ms
 *   phone +86139* receipt UNDELIV
 * Pure, but for reading the file.
 */
#ifndef SMSC_SCRIPT_H
#define SMSC_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SCRIPT_RULES_MAX = 1000,
	SCRIPT_REPLIES_MAX = 4,
	SCRIPT_MAX = 256 * 1024
};

struct script_reply {
	char *text;
	int64_t after_ms;
};

struct script_rule {
	int line;
	char *phone; /* pattern of numbers */
	char *when;	 /* the text contains this; "" = any text. NULL in a receipt rule */
	struct script_reply reply[SCRIPT_REPLIES_MAX];
	int replies; /* 0 = stays silent, and no later rule speaks */
	int at_most; /* so often per phone; 0 = always */
	int percent; /* of the phones, always the same ones; 100 = all */
	int receipt; /* enum text_state; -1 in a when rule */
};

struct script {
	struct script_rule *rules;
	size_t count;
};

/*
 * Reads the whole text of a script; name is for the faults. Returns NULL and the first fault as "NAME:LINE: what" in
 * why. An empty text gives an empty script.
 */
struct script *script_parse(const char *name, const char *text, char *why, size_t room);
void script_free(struct script *s);
/* The first rule that speaks for this number and text; used (at least count of them) says how often each spoke for this
 * phone already, NULL = never. Returns its number, -1 when none speaks. */
int script_match(const struct script *s, uint64_t seed, const char *number, const char *text, const uint8_t *used);
/* The state that texts to this number end in: enum text_state, -1 when no rule says. */
int script_receipt(const struct script *s, const char *number);

#endif
