/* Reads values out of a normalised message: numbers, days, and which applications are meant. */
#include "dialog/match.h"

#include <stdio.h>
#include <string.h>
#include "dialog/match_internal.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- Numbers --------------------------------------------------------------------------------------------------- */

/* All of s is digits, at most 18 of them. */
static bool
read_digits(const char *s, size_t len, int64_t *value)
{
	*value = 0;
	if (len == 0 || len > 18)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_digit(s[i]))
			return false;
		*value = *value * 10 + (s[i] - '0');
	}
	return true;
}

static bool
read_named(const char *s, size_t len, int64_t *value)
{
	size_t count;
	const struct words_named *numbers = words_numbers(&count);

	for (size_t i = 0; i < count; i++) {
		for (const char *const *word = numbers[i].words; *word != NULL; word++)
			if (strncmp(*word, s, len) == 0 && (*word)[len] == '\0')
				return read_digits(numbers[i].meaning, strlen(numbers[i].meaning), value);
	}
	return false;
}

static void
trim(const char **s, size_t *len)
{
	while (*len > 0 && **s == ' ') {
		(*s)++;
		(*len)--;
	}
	while (*len > 0 && (*s)[*len - 1] == ' ')
		(*len)--;
}

/* Takes the longest of the words off one end. */
static void
take_off(const char **s, size_t *len, const char *const *words, bool at_end)
{
	size_t best = 0;

	for (; *words != NULL; words++) {
		size_t n = strlen(*words);

		if (n > best && n <= *len && memcmp(at_end ? *s + *len - n : *s, *words, n) == 0)
			best = n;
	}
	if (!at_end)
		*s += best;
	*len -= best;
	trim(s, len);
}

static bool
read_number(const char *s, size_t len, int64_t *value)
{
	if (read_digits(s, len, value) || read_named(s, len, value))
		return true;
	take_off(&s, &len, words_number_before(), false);
	take_off(&s, &len, words_number_after(), true);
	return read_digits(s, len, value) || read_named(s, len, value);
}

bool
match_number(const char *normal, int64_t min, int64_t max, int64_t *value)
{
	const char *s = normal;
	size_t len = strlen(s);

	if (len == 0)
		return false;
	do {
		int64_t number;

		if (read_number(s, len, &number)) {
			if (number < min || number > max)
				return false;
			*value = number;
			return true;
		}
	} while (match_narrow(&s, &len));
	return false;
}

/* ---- Days ------------------------------------------------------------------------------------------------------ */

static bool
day_exists(int year, int month, int day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Reads min..max digits at *s. */
static bool
read_field(const char **s, const char *end, int min, int max, int *value)
{
	int n = 0;

	*value = 0;
	for (; *s < end && is_digit(**s) && n < max; (*s)++, n++)
		*value = *value * 10 + (**s - '0');
	return n >= min;
}

/* Steps over the word when it stands at *s. */
static bool
read_word(const char **s, const char *end, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(end - *s) < len || memcmp(*s, word, len) != 0)
		return false;
	*s += len;
	return true;
}

static bool
read_date(const char *s, size_t len, int *year, int *month, int *day)
{
	const char *end = s + len;

	if (!read_field(&s, end, 4, 4, year))
		return false;
	if (len == 8 && is_digit(*s))
		return read_field(&s, end, 2, 2, month) && read_field(&s, end, 2, 2, day) && s == end;
	if (read_word(&s, end, "年")) {
		if (!read_field(&s, end, 1, 2, month) || !read_word(&s, end, "月") || !read_field(&s, end, 1, 2, day))
			return false;
		return s == end ||
			   ((read_word(&s, end, "日") || read_word(&s, end, "号") || read_word(&s, end, "號")) && s == end);
	}
	if (s < end && strchr("-/. ", *s) != NULL) {
		char sign[2] = {*s++, '\0'};

		return read_field(&s, end, 1, 2, month) && read_word(&s, end, sign) && read_field(&s, end, 1, 2, day) &&
			   s == end;
	}
	return false;
}

bool
match_date(const char *normal, char out[11])
{
	const char *s = normal;
	size_t len = strlen(s);

	out[0] = '\0';
	if (len == 0)
		return false;
	do {
		int year, month, day;

		if (read_date(s, len, &year, &month, &day)) {
			if (!day_exists(year, month, day))
				return false;
			for (int i = 3; i >= 0; i--, year /= 10)
				out[i] = (char)('0' + year % 10);
			out[4] = out[7] = '-';
			out[5] = (char)('0' + month / 10);
			out[6] = (char)('0' + month % 10);
			out[8] = (char)('0' + day / 10);
			out[9] = (char)('0' + day % 10);
			out[10] = '\0';
			return true;
		}
	} while (match_narrow(&s, &len));
	return false;
}

/* ---- Selections ------------------------------------------------------------------------------------------------ */

/* "1 3", "1.3", "1/3", "1-3", "1和3", "1 and 3": digits with signs between. */
static bool
read_numbers(const char *s, size_t len, int n, uint64_t *mask)
{
	const char *end = s + len;
	int from = 0; /* the number before a dash, when one stands there */

	*mask = 0;
	for (;;) {
		int value;

		if (!read_field(&s, end, 1, 3, &value) || value < 1 || value > n || (from != 0 && value < from))
			return false;
		for (int k = from != 0 ? from : value; k <= value; k++)
			*mask |= UINT64_C(1) << (k - 1);
		if (s == end)
			return true;
		if (*s == '-') {
			if (from != 0)
				return false; /* 1-2-3 says nothing clear */
			from = value;
			s++;
			continue;
		}
		from = 0;
		if (*s == ' ' || *s == '.' || *s == '/')
			s++;
		if (s < end && !is_digit(*s)) {
			const char *const *word = words_number_between();

			while (*word != NULL && !read_word(&s, end, *word))
				word++;
			if (*word == NULL)
				return false;
			if (s < end && *s == ' ')
				s++;
		}
	}
}

static uint64_t
all_of(int n)
{
	return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

/* What stands before or behind the numbers: nothing, a yes, or what stands around numbers anyway ("选", "号"). */
static bool
is_around_numbers(const char *s, size_t len, const char *language, bool behind)
{
	trim(&s, &len);
	if (len == 0 || match_list_word(WORDS_YES, language, s, len))
		return true;
	take_off(&s, &len, behind ? words_number_after() : words_number_before(), !behind);
	return len == 0 || match_list_word(WORDS_YES, language, s, len);
}

/* "all", "yes all", "全部同意": the list all with a yes before or behind it. */
static bool
read_all(const char *s, size_t len, const char *language)
{
	if (match_list_word(WORDS_YES, language, s, len) || match_list_word(WORDS_ALL, language, s, len))
		return true;
	for (size_t i = 1; i < len; i++) {
		const char *left = s, *right = s + i;
		size_t nleft = i, nright = len - i;

		if (((unsigned char)s[i] & 0xC0) == 0x80)
			continue;
		/* Words of letters need a space between them: "yall" is nobody's answer. */
		if (s[i] != ' ' && s[i - 1] != ' ' && (unsigned char)s[i] < 0x80 && (unsigned char)s[i - 1] < 0x80)
			continue;
		trim(&left, &nleft);
		trim(&right, &nright);
		if ((match_list_word(WORDS_YES, language, left, nleft) &&
				match_list_word(WORDS_ALL, language, right, nright)) ||
			(match_list_word(WORDS_ALL, language, left, nleft) && match_list_word(WORDS_YES, language, right, nright)))
			return true;
	}
	return false;
}

static bool
read_selection(const char *s, size_t len, const char *language, int n, uint64_t *mask)
{
	size_t first = 0, last = len;
	int64_t value;

	while (first < len && !is_digit(s[first]))
		first++;
	while (last > 0 && !is_digit(s[last - 1]))
		last--;
	if (first == len) {
		if (read_number(s, len, &value)) {
			*mask = value >= 1 && value <= n ? UINT64_C(1) << (value - 1) : 0;
			return *mask != 0;
		}
		*mask = read_all(s, len, language) ? all_of(n) : 0;
		return *mask != 0;
	}
	return is_around_numbers(s, first, language, false) && is_around_numbers(s + last, len - last, language, true) &&
		   read_numbers(s + first, last - first, n, mask);
}

bool
match_select(const char *normal, const char *language, int n, uint64_t *mask)
{
	const char *s = normal;
	size_t len = strlen(s);

	*mask = 0;
	if (len == 0 || n < 1 || n > 64)
		return false;
	do {
		if (read_selection(s, len, language, n, mask))
			return true;
	} while (match_narrow(&s, &len));
	*mask = match_spoken(normal) == MATCH_SPOKEN_YES ? all_of(n) : 0;
	return *mask != 0;
}
