/*
 * Statement parameters: values in PostgreSQL's text format, and arrays as lists of elements, of which a literal is made
 * for who asks for it (store/pg_array.c makes the binary form).
 */
#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "store/pg_internal.h"

struct value {
	size_t at, len;
	bool null, array;
	/* of an array */
	unsigned kinds;
	int64_t min, max;
	char *literal; /* made when it is asked for */
	size_t literal_len;
};

struct pg_params {
	char *text; /* the values one after another, each with a NUL; the lists of arrays as they are */
	size_t len, room;
	struct value *values;
	int count, values_room;
	bool in_array; /* between pg_array_begin and pg_array_end */
	bool single;   /* arrays have one element, which goes by itself */
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
	pg_params_reset(p);
	free(p->text);
	free(p->values);
	free(p);
}

void
pg_params_reset(struct pg_params *p)
{
	for (int i = 0; i < p->count; i++)
		free(p->values[i].literal);
	p->len = 0;
	p->count = 0;
	p->in_array = p->single = false;
}

void
pg_params_single(struct pg_params *p)
{
	p->single = true;
}

int
pg_params_count(const struct pg_params *p)
{
	assert(!p->in_array);
	return p->count;
}

bool
pg_params_list(const struct pg_params *p, int i, struct pg_list *list)
{
	const struct value *v = &p->values[i];

	*list = (struct pg_list){p->text + v->at, v->len, v->kinds, v->min, v->max};
	return v->array;
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
	p->values[p->count++] = (struct value){.at = p->len, .null = null, .min = INT64_MAX, .max = INT64_MIN};
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

/* ---- Arrays --------------------------------------------------------------------------------------------------- */

void
pg_array_begin(struct pg_params *p)
{
	value_begin(p, p->single);
	p->values[p->count - 1].array = !p->single;
	p->in_array = true;
}

/* The array's only element is the value itself. */
static void
only_element(struct pg_params *p, enum pg_element kind, const void *octets, size_t len)
{
	struct value *v = &p->values[p->count - 1];
	char s[64], *digits;
	int64_t number = 0;

	assert(p->len == v->at);
	v->null = kind == PG_ELEMENT_NULL;
	if (kind >= PG_ELEMENT_INT && kind != PG_ELEMENT_BYTES)
		memcpy(&number, octets, sizeof number);
	switch (kind) {
	case PG_ELEMENT_NULL:
		break;
	case PG_ELEMENT_TEXT:
		put(p, octets, len);
		break;
	case PG_ELEMENT_BYTES:
		put(p, "\\x", 2);
		put_hex(p, octets, len);
		break;
	case PG_ELEMENT_INT:
		digits = print_int(number, s + INT_ROOM);
		put(p, digits, (size_t)(s + INT_ROOM - digits));
		break;
	case PG_ELEMENT_BOOL:
		put(p, number != 0 ? "t" : "f", 1);
		break;
	case PG_ELEMENT_TIME:
		put(p, s, print_time(number, s, sizeof s));
		break;
	}
}

static void
element(struct pg_params *p, enum pg_element kind, const void *octets, size_t len)
{
	struct pg_entry e = {kind, (uint32_t)len};

	assert(p->in_array && len <= UINT32_MAX);
	if (p->single) {
		only_element(p, kind, octets, len);
		return;
	}
	if (kind != PG_ELEMENT_NULL)
		p->values[p->count - 1].kinds |= 1u << kind;
	put(p, (const char *)&e, sizeof e);
	put(p, octets, len);
}

static void
number(struct pg_params *p, enum pg_element kind, int64_t v)
{
	struct value *array = &p->values[p->count - 1];

	element(p, kind, &v, sizeof v);
	array->min = v < array->min ? v : array->min;
	array->max = v > array->max ? v : array->max;
}

void
pg_array_text(struct pg_params *p, const char *s)
{
	element(p, s == NULL ? PG_ELEMENT_NULL : PG_ELEMENT_TEXT, s == NULL ? "" : s, s == NULL ? 0 : strlen(s));
}

void
pg_array_int(struct pg_params *p, int64_t v)
{
	number(p, PG_ELEMENT_INT, v);
}

void
pg_array_bool(struct pg_params *p, bool v)
{
	number(p, PG_ELEMENT_BOOL, v);
}

void
pg_array_bytes(struct pg_params *p, const void *bytes, size_t len)
{
	if (bytes == NULL)
		element(p, PG_ELEMENT_NULL, "", 0);
	else
		element(p, PG_ELEMENT_BYTES, bytes, len);
}

void
pg_array_time(struct pg_params *p, int64_t unix_microseconds)
{
	if (unix_microseconds == INT64_MIN)
		element(p, PG_ELEMENT_NULL, "", 0);
	else
		number(p, PG_ELEMENT_TIME, unix_microseconds);
}

void
pg_array_end(struct pg_params *p)
{
	assert(p->in_array);
	p->in_array = false;
	value_end(p);
}

void
pg_param_texts(struct pg_params *p, const char *const *list, size_t n)
{
	pg_array_begin(p);
	for (size_t i = 0; i < n; i++)
		pg_array_text(p, list[i]);
	pg_array_end(p);
}

/* Always quoted: then an empty string, a comma, a brace or the word NULL needs no thought. */
static void
put_quoted(struct pg_params *p, const char *s, size_t len)
{
	put(p, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"' || s[i] == '\\')
			put(p, "\\", 1);
		put(p, &s[i], 1);
	}
	put(p, "\"", 1);
}

static void
put_element(struct pg_params *p, const struct pg_entry *e, const char *value)
{
	char s[64], *digits;
	int64_t v = 0;

	if (e->kind >= PG_ELEMENT_INT && e->kind != PG_ELEMENT_BYTES)
		memcpy(&v, value, sizeof v);
	switch (e->kind) {
	case PG_ELEMENT_NULL:
		put(p, "NULL", 4);
		break;
	case PG_ELEMENT_TEXT:
		put_quoted(p, value, e->len);
		break;
	case PG_ELEMENT_BYTES:
		put(p, "\"\\\\x", 4);
		put_hex(p, (const uint8_t *)value, e->len);
		put(p, "\"", 1);
		break;
	case PG_ELEMENT_INT:
		digits = print_int(v, s + INT_ROOM);
		put(p, digits, (size_t)(s + INT_ROOM - digits));
		break;
	case PG_ELEMENT_BOOL:
		put(p, v != 0 ? "t" : "f", 1);
		break;
	case PG_ELEMENT_TIME:
		put_quoted(p, s, print_time(v, s, sizeof s));
		break;
	}
}

static void
literal_make(const struct pg_params *p, struct value *v)
{
	struct pg_params out = {0};

	put(&out, "{", 1);
	for (size_t at = 0; at < v->len;) {
		struct pg_entry e;
		const char *value = pg_entry_read(p->text + v->at, &at, &e);

		if (out.len > 1)
			put(&out, ",", 1);
		put_element(&out, &e, value);
	}
	put(&out, "}", 2);
	v->literal = out.text;
	v->literal_len = out.len - 1;
}

const char *
pg_params_value(const struct pg_params *p, int i, size_t *len)
{
	struct value *v = &p->values[i];

	if (!v->array) {
		*len = v->len;
		return v->null ? NULL : p->text + v->at;
	}
	if (v->literal == NULL)
		literal_make(p, v);
	*len = v->literal_len;
	return v->literal;
}
