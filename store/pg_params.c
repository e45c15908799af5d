/* Statement parameters in PostgreSQL's text format: values, and arrays as literals. */
#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "store/pg_internal.h"

struct pg_params {
	char *text; /* the values one after another, each with a NUL */
	size_t len, room;
	struct {
		size_t at, len;
		bool null;
	} * values;
	int count, values_room;
	bool in_array, first; /* between pg_array_begin and pg_array_end; no element yet */
};

struct pg_params *
pg_params_new(void)
{
	struct pg_params *p = pg_alloc(sizeof *p);

	memset(p, 0, sizeof *p);
	return p;
}

void
pg_params_free(struct pg_params *p)
{
	if (p == NULL)
		return;
	free(p->text);
	free(p->values);
	free(p);
}

void
pg_params_reset(struct pg_params *p)
{
	p->len = 0;
	p->count = 0;
	p->in_array = false;
}

int
pg_params_count(const struct pg_params *p)
{
	assert(!p->in_array);
	return p->count;
}

const char *
pg_params_value(const struct pg_params *p, int i, size_t *len)
{
	*len = p->values[i].len;
	return p->values[i].null ? NULL : p->text + p->values[i].at;
}

static char *
make_room(struct pg_params *p, size_t more)
{
	if (p->len + more > p->room) {
		size_t room = p->room ? p->room : 256;

		while (room < p->len + more)
			room *= 2;
		p->text = pg_realloc(p->text, room);
		p->room = room;
	}
	return p->text + p->len;
}

static void
put(struct pg_params *p, const char *s, size_t len)
{
	memcpy(make_room(p, len), s, len);
	p->len += len;
}

static void
put_hex(struct pg_params *p, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *out = make_room(p, 2 * len);

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	p->len += 2 * len;
}

/* Begins a value; value_end closes it with its NUL. */
static void
value_begin(struct pg_params *p, bool null)
{
	assert(!p->in_array);
	if (p->count == p->values_room) {
		p->values_room = p->values_room ? 2 * p->values_room : 16;
		p->values = pg_realloc(p->values, (size_t)p->values_room * sizeof *p->values);
	}
	p->values[p->count].at = p->len;
	p->values[p->count].len = 0;
	p->values[p->count].null = null;
	p->count++;
}

static void
value_end(struct pg_params *p)
{
	p->values[p->count - 1].len = p->len - p->values[p->count - 1].at;
	put(p, "", 1);
}

static void
put_value(struct pg_params *p, const char *s, size_t len)
{
	value_begin(p, false);
	put(p, s, len);
	value_end(p);
}

static void
put_null(struct pg_params *p)
{
	value_begin(p, true);
	value_end(p);
}

/* The digits of v behind out + INT_ROOM; returns where they begin. */
enum {
	INT_ROOM = 24,
};
static char *
print_int(int64_t v, char *end)
{
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		*--end = (char)('0' + u % 10);
		u /= 10;
	} while (u != 0);
	if (v < 0)
		*--end = '-';
	return end;
}

/* The value's last digits at out, width of them. */
static char *
put_digits(char *out, long value, int width)
{
	for (int i = width; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + width;
}

/*
 * ISO 8601 with an explicit zone: read the same whatever the session's settings, exact to the microsecond.
 * Returns the length; 0 for INT64_MIN (NULL).
 */
static size_t
print_time(int64_t us, char *out, size_t room)
{
	int64_t seconds = us / 1000000, fraction = us % 1000000;
	long year;
	struct tm tm;
	time_t t;
	int n;

	if (us == INT64_MIN)
		return 0;
	if (us == INT64_MAX)
		return (size_t)snprintf(out, room, "infinity");
	if (fraction < 0) {
		fraction += 1000000;
		seconds--;
	}
	t = (time_t)seconds;
	gmtime_r(&t, &tm);
	year = tm.tm_year + 1900L;
	if (year > 0 && year < 10000) {
		char *p = put_digits(out, year, 4);

		*p++ = '-';
		p = put_digits(p, tm.tm_mon + 1, 2);
		*p++ = '-';
		p = put_digits(p, tm.tm_mday, 2);
		*p++ = ' ';
		p = put_digits(p, tm.tm_hour, 2);
		*p++ = ':';
		p = put_digits(p, tm.tm_min, 2);
		*p++ = ':';
		p = put_digits(p, tm.tm_sec, 2);
		*p++ = '.';
		p = put_digits(p, (long)fraction, 6);
		memcpy(p, "+00", 4);
		return (size_t)(p + 3 - out);
	}
	n = snprintf(out, room, "%04ld-%02d-%02d %02d:%02d:%02d.%06" PRId64 "+00%s", year > 0 ? year : 1 - year,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction, year > 0 ? "" : " BC");
	return (size_t)n;
}

void
pg_param_text(struct pg_params *p, const char *s)
{
	if (s == NULL)
		put_null(p);
	else
		put_value(p, s, strlen(s));
}

void
pg_param_int(struct pg_params *p, int64_t v)
{
	char s[INT_ROOM], *digits = print_int(v, s + INT_ROOM);

	put_value(p, digits, (size_t)(s + INT_ROOM - digits));
}

void
pg_param_id(struct pg_params *p, int64_t id)
{
	if (id == 0)
		pg_param_text(p, NULL);
	else
		pg_param_int(p, id);
}

void
pg_param_bool(struct pg_params *p, bool v)
{
	put_value(p, v ? "t" : "f", 1);
}

void
pg_param_bytes(struct pg_params *p, const void *bytes, size_t len)
{
	if (bytes == NULL) {
		put_null(p);
		return;
	}
	value_begin(p, false);
	put(p, "\\x", 2);
	put_hex(p, bytes, len);
	value_end(p);
}

void
pg_param_time(struct pg_params *p, int64_t unix_microseconds)
{
	char s[64];
	size_t n = print_time(unix_microseconds, s, sizeof s);

	if (n == 0)
		put_null(p);
	else
		put_value(p, s, n);
}

void
pg_array_begin(struct pg_params *p)
{
	value_begin(p, false);
	put(p, "{", 1);
	p->in_array = true;
	p->first = true;
}

static void
element_begin(struct pg_params *p)
{
	assert(p->in_array);
	if (!p->first)
		put(p, ",", 1);
	p->first = false;
}

/* Always quoted: then an empty string, a comma, a brace or the word NULL needs no thought. */
void
pg_array_text(struct pg_params *p, const char *s)
{
	element_begin(p);
	if (s == NULL) {
		put(p, "NULL", 4);
		return;
	}
	put(p, "\"", 1);
	while (*s) {
		size_t plain = strcspn(s, "\"\\");

		put(p, s, plain);
		s += plain;
		if (*s) {
			put(p, "\\", 1);
			put(p, s++, 1);
		}
	}
	put(p, "\"", 1);
}

void
pg_array_int(struct pg_params *p, int64_t v)
{
	char s[INT_ROOM], *digits = print_int(v, s + INT_ROOM);

	element_begin(p);
	put(p, digits, (size_t)(s + INT_ROOM - digits));
}

void
pg_array_bool(struct pg_params *p, bool v)
{
	element_begin(p);
	put(p, v ? "t" : "f", 1);
}

void
pg_array_bytes(struct pg_params *p, const void *bytes, size_t len)
{
	element_begin(p);
	if (bytes == NULL) {
		put(p, "NULL", 4);
		return;
	}
	put(p, "\"\\\\x", 4);
	put_hex(p, bytes, len);
	put(p, "\"", 1);
}

void
pg_array_time(struct pg_params *p, int64_t unix_microseconds)
{
	char s[64];
	size_t n = print_time(unix_microseconds, s, sizeof s);

	element_begin(p);
	if (n == 0) {
		put(p, "NULL", 4);
		return;
	}
	put(p, "\"", 1);
	put(p, s, n);
	put(p, "\"", 1);
}

void
pg_array_end(struct pg_params *p)
{
	assert(p->in_array);
	put(p, "}", 1);
	p->in_array = false;
	value_end(p);
}
