/* Keys that responses and receipts are matched on. */
#include "gateway/smpp/carrier_id.h"

#include <ctype.h>
#include <string.h>

#define DIGITS_MAX 96 /* decimal digits of the longest hexadecimal id */

int
carrier_id_setting_by_name(const char *name, enum carrier_id_setting *out)
{
	static const char *const names[] = {"auto", "verbatim", "hex", "decimal"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum carrier_id_setting)i;
			return 0;
		}
	}
	return -1;
}

static void
copy_cut(char *out, size_t room, const char *in, size_t len)
{
	if (len >= room)
		len = room - 1;
	memmove(out, in, len);
	out[len] = '\0';
}

static void
fold(const char *id, char *out, size_t room)
{
	size_t len = strlen(id);

	while (len && isspace((unsigned char)*id))
		id++, len--;
	while (len && isspace((unsigned char)id[len - 1]))
		len--;
	while (len > 1 && *id == '0')
		id++, len--;
	copy_cut(out, room, id, len);
	for (char *p = out; *p; p++)
		*p = (char)tolower((unsigned char)*p);
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 99;
}

/* A folded id in another base; false when it is no number in `from`, or too long for the room. */
static bool
convert(const char *in, int from, int to, char *out, size_t room)
{
	uint8_t digits[DIGITS_MAX] = {0}; /* base `to`, least first */
	size_t n = 1;

	if (!*in)
		return false;
	for (; *in; in++) {
		int carry = digit_value(*in);

		if (carry >= from)
			return false;
		for (size_t i = 0; i < n; i++) {
			carry += digits[i] * from;
			digits[i] = (uint8_t)(carry % to);
			carry /= to;
		}
		for (; carry; carry /= to) {
			if (n == DIGITS_MAX)
				return false;
			digits[n++] = (uint8_t)(carry % to);
		}
	}
	if (n >= room)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = "0123456789abcdef"[digits[n - 1 - i]];
	out[n] = '\0';
	return true;
}

void
carrier_id_response_key(enum carrier_id_setting setting, const char *id, char *out, size_t room)
{
	if (setting == CARRIER_ID_VERBATIM)
		copy_cut(out, room, id, strlen(id));
	else
		fold(id, out, room);
}

/* FNV-1a over the key and the phone's last digits: enough to tell the ids of one link's last minutes apart. */
static uint64_t
evidence_hash(const char *key, const char *dest)
{
	uint64_t h = 0xcbf29ce484222325u;
	size_t len = strlen(dest), tail = len > 8 ? 8 : len;

	for (; *key; key++)
		h = (h ^ (uint8_t)*key) * 0x100000001b3u;
	h = (h ^ 0xff) * 0x100000001b3u;
	for (const char *p = dest + len - tail; *p; p++)
		h = (h ^ (uint8_t)*p) * 0x100000001b3u;
	return h ? h : 1;
}

void
carrier_id_remember(struct carrier_id_learnt *l, const char *response_key, const char *dest)
{
	if (!*response_key)
		return;
	l->recent[l->next] = evidence_hash(response_key, dest);
	l->next = (l->next + 1) % CARRIER_ID_REMEMBERED;
}

static bool
remembered(const struct carrier_id_learnt *l, const char *key, const char *dest)
{
	uint64_t h = evidence_hash(key, dest);

	for (size_t i = 0; i < CARRIER_ID_REMEMBERED; i++)
		if (l->recent[i] == h)
			return true;
	return false;
}

/* The receipt's id read by one habit, as the response's key; falls back to the id as it is. */
static void
read_by(enum carrier_id_habit habit, const char *folded, char *out, size_t room)
{
	bool done = false;

	if (habit == CARRIER_HABIT_HEX)
		done = convert(folded, 10, 16, out, room);
	else if (habit == CARRIER_HABIT_DECIMAL)
		done = convert(folded, 16, 10, out, room);
	if (!done)
		copy_cut(out, room, folded, strlen(folded));
}

/* The receipt names one remembered response in one reading only: that is how this carrier writes. */
static void
read_learning(struct carrier_id_learnt *l, const char *folded, const char *dest, char *out, size_t room)
{
	enum carrier_id_habit best = CARRIER_HABIT_SAME, found = CARRIER_HABITS;
	char as_it_is[CARRIER_KEY_MAX], key[CARRIER_KEY_MAX];
	int meetings = 0;

	copy_cut(as_it_is, sizeof(as_it_is), folded, strlen(folded));
	for (enum carrier_id_habit h = 0; h < CARRIER_HABITS; h++) {
		if (l->met[h] > l->met[best])
			best = h;
		read_by(h, folded, key, sizeof(key));
		if (h != CARRIER_HABIT_SAME && strcmp(key, as_it_is) == 0)
			continue; /* reads the same: tells nothing */
		if (remembered(l, key, dest)) {
			meetings++;
			found = h;
		}
	}
	if (meetings == 1 && l->met[found] < UINT32_MAX)
		l->met[found]++;
	read_by(meetings == 1 ? found : best, folded, out, room);
}

void
carrier_id_receipt_key(enum carrier_id_setting setting, struct carrier_id_learnt *l, const char *id, const char *dest,
	char *out, size_t room)
{
	char folded[CARRIER_KEY_MAX];

	if (setting == CARRIER_ID_VERBATIM) {
		copy_cut(out, room, id, strlen(id));
		return;
	}
	fold(id, folded, sizeof(folded));
	switch (setting) {
	case CARRIER_ID_HEX:
		read_by(CARRIER_HABIT_HEX, folded, out, room);
		break;
	case CARRIER_ID_DECIMAL:
		read_by(CARRIER_HABIT_DECIMAL, folded, out, room);
		break;
	default:
		read_learning(l, folded, dest, out, room);
		break;
	}
}
