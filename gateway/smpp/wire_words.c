/* The words of SMPP 3.4, chapter 5, as tables. */
#include "gateway/smpp/wire_words.h"

#include <stdio.h>
#include <string.h>
#include "gateway/smpp/pdu.h"

struct word {
	uint32_t value;
	const char *word;
};

static const char *
find(const struct word *list, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].value == value)
			return list[i].word;
	return "";
}
#define FIND(list, value) find(list, sizeof(list) / sizeof((list)[0]), value)

/* 5.2.5 */
const char *
wire_ton_word(uint8_t ton)
{
	static const struct word words[] = {{0, "unknown"}, {1, "international"}, {2, "national"}, {3, "network"},
		{4, "subscriber"}, {5, "alphanumeric"}, {6, "abbreviated"}};

	return FIND(words, ton);
}

/* 5.2.6 */
const char *
wire_npi_word(uint8_t npi)
{
	static const struct word words[] = {{0, "unknown"}, {1, "ISDN"}, {3, "data"}, {4, "telex"}, {6, "land mobile"},
		{8, "national"}, {9, "private"}, {10, "ERMES"}, {14, "internet"}, {18, "WAP"}};

	return FIND(words, npi);
}

/* 5.2.19, and the groups of 3GPP TS 23.038 that carriers pass through */
const char *
wire_coding_word(uint8_t data_coding)
{
	static const struct word words[] = {{0, "default alphabet"}, {1, "ASCII"}, {2, "octets"}, {3, "Latin-1"},
		{4, "octets"}, {5, "JIS"}, {6, "Cyrillic"}, {7, "Hebrew"}, {8, "UCS-2"}, {9, "pictograms"}, {10, "ISO-2022-JP"},
		{13, "extended Kanji"}, {14, "KS C 5601"}};

	if ((data_coding & 0xf0) == 0xf0)
		return data_coding & 0x04 ? "octets with a class" : "GSM with a class";
	if ((data_coding & 0xf0) == 0x10)
		return data_coding & 0x08	? "UCS-2 with a class"
			   : data_coding & 0x04 ? "octets with a class"
									: "GSM with a class";
	return FIND(words, data_coding);
}

/* 5.2.28 */
const char *
wire_state_word(uint32_t message_state)
{
	static const struct word words[] = {{1, "enroute"}, {2, "delivered"}, {3, "expired"}, {4, "deleted"},
		{5, "undeliverable"}, {6, "accepted"}, {7, "unknown"}, {8, "rejected"}};

	return FIND(words, message_state);
}

/* 5.3.2.44; from 32 on the number means what the carrier says, and these are the meanings in use */
const char *
wire_ussd_word(uint32_t ussd_service_op)
{
	static const struct word words[] = {{0, "PSSD indication"}, {1, "PSSR indication"}, {2, "USSR request"},
		{3, "USSN request"}, {16, "PSSD response"}, {17, "PSSR response"}, {18, "USSR confirm"}, {19, "USSN confirm"}};

	return *FIND(words, ussd_service_op) || ussd_service_op < 32 ? FIND(words, ussd_service_op) : "the carrier's own";
}

/* 5.2.17 */
const char *
wire_delivery_word(uint8_t registered_delivery)
{
	static const struct word words[] = {{0, "no receipt"}, {1, "receipt"}, {2, "receipt of a failure"}};

	return FIND(words, registered_delivery & 3);
}

/* 5.2.12 */
void
wire_esm_words(uint8_t esm_class, char *out, size_t room)
{
	static const struct word modes[] = {{1, "datagram"}, {2, "forward"}, {3, "store and forward"}};
	static const struct word types[] = {{0x04, "receipt"}, {0x08, "delivery acknowledgement"},
		{0x10, "user acknowledgement"}, {0x18, "conversation abort"}, {0x20, "intermediate notification"}};
	const char *words[] = {FIND(modes, esm_class & 0x03), FIND(types, esm_class & 0x3c),
		esm_class & PDU_ESM_UDHI ? "user data header" : "", esm_class & 0x80 ? "reply path" : ""};
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		int n = *words[i] ? snprintf(out + at, room - at, "%s%s", at ? ", " : "", words[i]) : 0;

		if (n < 0 || (size_t)n >= room - at)
			return;
		at += (size_t)n;
	}
}
