/* What a data_coding means, and the names of the codings in the configuration. */
#include "dialog/text.h"

#include <stdlib.h>
#include <string.h>

enum text_coding
text_coding_of(uint8_t data_coding, enum text_coding link_default)
{
	enum text_coding gsm = link_default == TEXT_CODING_GSM7_PACKED ? TEXT_CODING_GSM7_PACKED : TEXT_CODING_GSM7;

	switch (data_coding) {
	case 0:
		return link_default;
	case 1:
		return TEXT_CODING_ASCII;
	case 3:
		return TEXT_CODING_LATIN1;
	case 6:
		return TEXT_CODING_CYRILLIC;
	case 7:
		return TEXT_CODING_HEBREW;
	case 8:
		return TEXT_CODING_UTF16;
	case 0x0F:
		return gsm; /* reserved by SMPP; cell broadcast's default alphabet, which USSD is marked with */
	default:
		break;
	}
	if (data_coding < 0x10)
		return TEXT_CODING_BINARY; /* 8-bit data, and the East Asian codings that nobody sends */
	if (data_coding < 0x80) {	   /* TS 23.038 general and automatic deletion groups */
		if (data_coding & 0x20)
			return TEXT_CODING_BINARY; /* compressed */
		if ((data_coding & 0x0C) == 0x04)
			return TEXT_CODING_BINARY;
		return (data_coding & 0x0C) == 0x08 ? TEXT_CODING_UTF16 : gsm;
	}
	if (data_coding >= 0xE0 && data_coding < 0xF0)
		return TEXT_CODING_UTF16; /* message waiting, UCS-2 */
	if (data_coding >= 0xF0)
		return data_coding & 0x04 ? TEXT_CODING_BINARY : gsm;
	return gsm; /* message waiting, and reserved groups, which the specification reads as the default alphabet */
}

void
text_codings_fill(struct text_codings *c, enum text_coding zero, bool packed)
{
	enum text_coding gsm = packed ? TEXT_CODING_GSM7_PACKED : TEXT_CODING_GSM7;

	for (int i = 0; i < 256; i++)
		c->of[i] = (uint8_t)text_coding_of((uint8_t)i, gsm);
	c->of[0] = (uint8_t)(zero == TEXT_CODING_GSM7 ? gsm : zero);
}

int
text_codings_override(struct text_codings *c, const char *entry)
{
	char number[8];
	const char *equals = strchr(entry, '=');
	size_t len = equals != NULL ? (size_t)(equals - entry) : 0;
	enum text_coding coding;
	char *end;

	if (len == 0 || len >= sizeof number || text_coding_by_name(equals + 1, &coding) != 0)
		return -1;
	memcpy(number, entry, len);
	number[len] = '\0';
	if (number[0] < '0' || number[0] > '9')
		return -1;
	unsigned long n = strtoul(number, &end, strncmp(number, "0x", 2) == 0 ? 16 : 10);
	if (*end != '\0' || n > 255)
		return -1;
	if (c != NULL)
		c->of[n] = (uint8_t)coding;
	return (int)n;
}

static const char *const names[] = {
	[TEXT_CODING_GSM7] = "gsm7",
	[TEXT_CODING_GSM7_PACKED] = "gsm7-packed",
	[TEXT_CODING_ASCII] = "ascii",
	[TEXT_CODING_LATIN1] = "latin1",
	[TEXT_CODING_CYRILLIC] = "cyrillic",
	[TEXT_CODING_HEBREW] = "hebrew",
	[TEXT_CODING_UTF16] = "ucs2",
	[TEXT_CODING_UTF8] = "utf8",
	[TEXT_CODING_BINARY] = "binary",
};

int
text_coding_by_name(const char *name, enum text_coding *coding)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(name, names[i]) == 0) {
			*coding = (enum text_coding)i;
			return 0;
		}
	}
	return -1;
}

const char *
text_coding_name(enum text_coding coding)
{
	return names[coding];
}
