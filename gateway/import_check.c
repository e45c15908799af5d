/*
 * The checks of single cells. Words of a fault say what is wrong and what to write instead; row, column and value are
 * added by whoever prints them.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "dialog/utf8.h"
#include "gateway/import_check.h"

static bool
is_space(uint32_t cp)
{
	return cp <= 0x20 || (cp >= 0x7f && cp <= 0xa0) || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 ||
		   cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

/* Joiners (U+200C, U+200D) stay: words of several languages need them. */
static bool
is_invisible(uint32_t cp)
{
	return cp == 0x200b || cp == 0x200e || cp == 0x200f || (cp >= 0x202a && cp <= 0x202e) ||
		   (cp >= 0x2060 && cp <= 0x2069) || cp == 0xfeff;
}

size_t
check_clean(const char *in, size_t len, bool fold, char *out, size_t room)
{
	size_t used = 0;
	bool space = false;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		char octets[4];
		size_t n;

		i += utf8_decode(in + i, len - i, &cp, NULL);
		if (is_invisible(cp))
			continue;
		if (is_space(cp)) {
			space = used > 0;
			continue;
		}
		if (fold && cp >= 0xff01 && cp <= 0xff5e)
			cp -= 0xfee0;
		n = utf8_encode(cp, octets);
		if (used + space + n >= room)
			break;
		if (space)
			out[used++] = ' ';
		space = false;
		memcpy(out + used, octets, n);
		used += n;
	}
	out[used] = '\0';
	return used;
}

bool
check_damaged(const char *text)
{
	return strstr(text, "\xef\xbf\xbd") != NULL;
}

/* ---- Dates -------------------------------------------------------------------------------------------------- */

static int
month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool
is_day(int year, int month, int day)
{
	return year >= 1900 && year <= 2199 && month >= 1 && month <= 12 && day >= 1 && day <= month_days(year, month);
}

/* Reads up to `digits` digits; moves *s behind them. -1 when there is none. */
static int
read_number(const char **s, int digits)
{
	int n = 0, value = 0;

	for (; n < digits && isdigit((unsigned char)**s); n++)
		value = value * 10 + *(*s)++ - '0';
	return n ? value : -1;
}

static bool
read_mark(const char **s, const char *mark)
{
	size_t n = strlen(mark);

	if (strncmp(*s, mark, n) != 0)
		return false;
	*s += n;
	return true;
}

int
check_date(const char *in, char out[11], char fault[CHECK_FAULT_MAX + 1])
{
	static const char *marks[][3] = {{"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}};
	int year, month = 0, day = 0;
	const char *s = in;
	bool good = false;

	year = read_number(&s, 4);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0] && year >= 1000; i++) {
		if (!read_mark(&s, marks[i][0]))
			continue;
		month = read_number(&s, 2);
		good = read_mark(&s, marks[i][1]) && (day = read_number(&s, 2)) > 0 && read_mark(&s, marks[i][2]) && *s == '\0';
		break;
	}
	if (!good) {
		snprintf(fault, CHECK_FAULT_MAX + 1, "is no date; write it in the form 2026-12-31");
		return -1;
	}
	if (!is_day(year, month, day)) {
		snprintf(fault, CHECK_FAULT_MAX + 1, "is a day that does not exist; correct it, in the form 2026-12-31");
		return -1;
	}
	snprintf(out, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100);
	return 0;
}

/* ---- Identity numbers --------------------------------------------------------------------------------------- */

char
check_resident_digit(const char *id)
{
	static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;

	for (int i = 0; i < 17; i++) {
		if (!isdigit((unsigned char)id[i]))
			return '\0';
		sum += (id[i] - '0') * weights[i];
	}
	return "10X98765432"[sum % 11];
}

char
check_credit_character(const char *code)
{
	static const char letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	int sum = 0, weight = 1;

	for (int i = 0; i < 17; i++) {
		const char *at = code[i] ? strchr(letters, code[i]) : NULL;

		if (!at)
			return '\0';
		sum += (int)(at - letters) * weight;
		weight = weight * 3 % 31;
	}
	return letters[(31 - sum % 31) % 31];
}

static bool
is_birthday(const char *id)
{
	const char *s = id + 6;
	int year = read_number(&s, 4), month = read_number(&s, 2), day = read_number(&s, 2);

	return is_day(year, month, day) && year <= 2099;
}

static int
check_mainland(const char *id, char fault[CHECK_FAULT_MAX + 1])
{
	size_t len = strlen(id), digits = strspn(id, "0123456789");

	if (strchr(id, '.') || strstr(id, "E+"))
		snprintf(fault, CHECK_FAULT_MAX + 1,
			"was rounded by a spreadsheet; format the column as text and bring the number in again");
	else if (len != 18)
		snprintf(fault, CHECK_FAULT_MAX + 1, "has %zu characters; an identity number or credit code has 18", len);
	else if (digits == 18 && memcmp(id + 15, "000", 3) == 0 && check_resident_digit(id) != id[17] &&
			 check_credit_character(id) != id[17])
		snprintf(fault, CHECK_FAULT_MAX + 1,
			"was rounded by a spreadsheet (it ends in 000); format the column as text and bring the number in again");
	else if ((check_resident_digit(id) == id[17] && is_birthday(id)) || check_credit_character(id) == id[17])
		return 0;
	else
		snprintf(fault, CHECK_FAULT_MAX + 1,
			"has a wrong check character: one of its characters is mistyped; compare it with the document");
	return -1;
}

int
check_id_number(const char *country, const char *in, char out[41], char fault[CHECK_FAULT_MAX + 1])
{
	size_t len = strlen(in);

	if (len > 40) {
		snprintf(fault, CHECK_FAULT_MAX + 1, "has %zu characters; that is no identity number", len);
		return -1;
	}
	for (size_t i = 0; i <= len; i++)
		out[i] = (char)toupper((unsigned char)in[i]);
	if (strcmp(country, "86") == 0)
		return check_mainland(out, fault);
	if (len < 4 || strspn(out, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != len) {
		snprintf(fault, CHECK_FAULT_MAX + 1, "is no identity number; it has 4 to 40 letters, digits and hyphens");
		return -1;
	}
	return 0;
}

/* ---- Tags --------------------------------------------------------------------------------------------------- */

static bool
is_separator(uint32_t cp)
{
	return cp == ';' || cp == ',' || cp == '|' || cp == 0xff1b || cp == 0xff0c || cp == 0x3001 || cp == 0xff5c;
}

int
check_tags(const char *in, char *room, const char *tags[CHECK_TAGS_MAX], char fault[CHECK_FAULT_MAX + 1])
{
	size_t len = strlen(in), i = 0;
	int ntags = 0;

	while (i < len) {
		size_t start = i, end, n;
		bool known = false;

		for (end = i; i < len; end = i) {
			uint32_t cp;

			i += utf8_decode(in + i, len - i, &cp, NULL);
			if (is_separator(cp))
				break;
		}
		n = check_clean(in + start, end - start, false, room, end - start + 1);
		for (int t = 0; t < ntags && !known; t++)
			known = strcmp(tags[t], room) == 0;
		if (n == 0 || known)
			continue;
		if (utf8_count(room, n) > 40) {
			snprintf(fault, CHECK_FAULT_MAX + 1, "has a tag of more than 40 characters; separate tags with ;");
			return -1;
		}
		if (ntags == CHECK_TAGS_MAX) {
			snprintf(fault, CHECK_FAULT_MAX + 1, "has more than %d tags", CHECK_TAGS_MAX);
			return -1;
		}
		tags[ntags++] = room;
		room += n + 1;
	}
	return ntags;
}
