/* Reads delivery receipts: TLVs first, then whatever text the carrier wrote. */
#include "gateway/smpp/receipt.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ESM_KIND 0x3c		  /* bits 5..2 of esm_class (SMPP 3.4, 5.2.12) */
#define ESM_RECEIPT 0x04	  /* SMSC delivery receipt */
#define ESM_INTERMEDIATE 0x20 /* intermediate notification: the same text, a state that is not final */
#define TEXT_MAX 1024		  /* octets of a receipt's text that are looked at */

static const char *const states[] = {
	"UNKNOWN", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "BUFFERD"};
enum {
	UNKNOWN,
	ENROUTE,
	DELIVRD,
	EXPIRED,
	DELETED,
	UNDELIV,
	ACCEPTD,
	UNKNOWN_TOO,
	REJECTD,
	BUFFERD, /* no message_state of the specification: the carrier holds it until the phone takes it */
};
#define STATE_NUMBERS (REJECTD + 1) /* of message_state (SMPP 3.4, 5.2.28) */

/* Every spelling that was met, and what it means; a prefix is enough, so that "DELIVERED_TO_HANDSET" is read too. */
static const struct {
	const char *spelling;
	int state;
} spellings[] = {
	{"DELIV", DELIVRD},
	{"EXPIR", EXPIRED},
	{"DELET", DELETED},
	{"UNDEL", UNDELIV},
	{"FAIL", UNDELIV},
	{"SKIP", UNDELIV},
	{"ACCEP", ACCEPTD},
	{"ACK", ACCEPTD},
	{"BUF", BUFFERD}, /* BUFFRED, BUFFERD */
	{"ENROUT", ENROUTE},
	{"EN_ROUT", ENROUTE},
	{"SCHED", ENROUTE},
	{"REJEC", REJECTD},
};

static const char *
state_of_word(const char *word)
{
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		if (strncasecmp(word, spellings[i].spelling, strlen(spellings[i].spelling)) == 0)
			return states[spellings[i].state];
	return states[UNKNOWN];
}

const char *
receipt_state_of(uint32_t message_state)
{
	return states[message_state < STATE_NUMBERS ? message_state : UNKNOWN];
}

bool
receipt_is_final(const char *state)
{
	static const int final[] = {DELIVRD, EXPIRED, DELETED, UNDELIV, REJECTD};

	for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		if (strcmp(state, states[final[i]]) == 0)
			return true;
	return false;
}

/* The fields of appendix B. The counts are known so that their names are not taken for values. */
enum field {
	FIELD_ID,
	FIELD_STATE,
	FIELD_ERROR,
	FIELD_TEXT,
	FIELD_OTHER,
	FIELD_NONE
};
static const struct {
	const char *name;
	enum field field;
} fields[] = {
	{"id", FIELD_ID},
	{"stat", FIELD_STATE},
	{"status", FIELD_STATE},
	{"state", FIELD_STATE},
	{"err", FIELD_ERROR},
	{"error", FIELD_ERROR},
	{"text", FIELD_TEXT},
	{"sub", FIELD_OTHER},
	{"dlvrd", FIELD_OTHER},
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Which field's name stands here, its colon included; *len gets its octets. */
static enum field
field_at(const char *s, size_t *len)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		size_t n = strlen(fields[i].name);

		if (strncasecmp(s, fields[i].name, n) == 0 && s[n] == ':') {
			*len = n + 1;
			return fields[i].field;
		}
	}
	return FIELD_NONE;
}

/* A value ends at a blank; "err:" with nothing behind it is followed by the next field's name, which is no value. */
static size_t
value_at(const char *s, const char **value)
{
	size_t skip = 0, len = 0, ignored;

	while (is_space(s[skip]))
		skip++;
	if (field_at(s + skip, &ignored) != FIELD_NONE || strncasecmp(s + skip, "submit date:", 12) == 0 ||
		strncasecmp(s + skip, "done date:", 10) == 0) {
		*value = s;
		return 0;
	}
	*value = s + skip;
	while ((*value)[len] && !is_space((*value)[len]))
		len++;
	return len;
}

static void
keep(char *out, size_t room, const char *value, size_t len)
{
	if (len == 0)
		return;
	if (len >= room)
		len = room - 1;
	memcpy(out, value, len);
	out[len] = '\0';
}

/*
 * NULs and other controls (a stray user data header too) are blanks, unless every other octet is a NUL: then it is
 * UTF-16 of ASCII and they are padding.
 */
static void
clean(const uint8_t *text, size_t len, char *out, size_t room)
{
	size_t n = 0, nuls = 0;
	bool utf16;

	for (size_t i = 0; i < len; i += 2)
		nuls += text[i] == 0;
	utf16 = len >= 8 && nuls >= len / 2;
	for (size_t i = 0; i < len && n + 1 < room; i++) {
		if (text[i] >= ' ')
			out[n++] = (char)text[i];
		else if (text[i] || !utf16)
			out[n++] = ' ';
	}
	out[n] = '\0';
}

void
receipt_read_text(const uint8_t *text, size_t len, struct receipt *out)
{
	char copy[TEXT_MAX], word[24];
	const char *s = copy, *value;
	bool have_state = false;
	size_t n;

	clean(text, len, copy, sizeof(copy));
	while (*s) {
		enum field f = s == copy || is_space(s[-1]) ? field_at(s, &n) : FIELD_NONE;

		if (f == FIELD_NONE) {
			s++;
			continue;
		}
		s += n;
		/* Behind text: stands the message itself, which may hold anything; only an odd order makes it be read on. */
		if (f == FIELD_TEXT && (have_state || out->id[0]))
			return;
		n = f == FIELD_TEXT ? 0 : value_at(s, &value);
		if (n == 0)
			continue;
		if (f == FIELD_ID) {
			keep(out->id, sizeof(out->id), value, n);
		} else if (f == FIELD_STATE) {
			keep(word, sizeof(word), value, n);
			out->state = state_of_word(word);
			have_state = true;
		} else if (f == FIELD_ERROR) {
			keep(out->error, sizeof(out->error), value, n);
		}
		s = value + n;
	}
}

static void
read_error(const struct pdu *p, char *out, size_t room)
{
	const struct pdu_tlv *t = pdu_tlv(p, PDU_TLV_NETWORK_ERROR_CODE);

	if (t && t->len == 3 && (t->value[1] || t->value[2]))
		snprintf(out, room, "%u:%u", t->value[0], (unsigned)(t->value[1] << 8 | t->value[2]));
}

bool
receipt_read(const struct pdu *p, struct receipt *out)
{
	uint32_t state = 0;
	char id[sizeof(out->id)], error[sizeof(out->error)] = "";
	bool has_id = pdu_tlv_string(p, PDU_TLV_RECEIPTED_MESSAGE_ID, id, sizeof(id)) && id[0];
	bool has_state = pdu_tlv_number(p, PDU_TLV_MESSAGE_STATE, &state);
	uint8_t kind = p->esm_class & ESM_KIND;

	memset(out, 0, sizeof(*out));
	out->state = states[UNKNOWN];
	if (kind != ESM_RECEIPT && kind != ESM_INTERMEDIATE && !(has_id && has_state))
		return false;
	receipt_read_text(p->message, p->message_len, out);
	if (has_id)
		memcpy(out->id, id, sizeof(id));
	if (has_state && state >= ENROUTE && state < STATE_NUMBERS)
		out->state = receipt_state_of(state);
	read_error(p, error, sizeof(error));
	if (error[0])
		memcpy(out->error, error, sizeof(error));
	else if (strspn(out->error, "0") == strlen(out->error))
		out->error[0] = '\0';
	return true;
}
