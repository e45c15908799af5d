/* The ring of record entries and its file; each entry keeps its strings in one block. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <event2/event.h>
#include "tests/smsc/record.h"

enum {
	STRINGS = 7
};

struct record {
	struct record_entry *ring;
	char **block; /* the strings of the entry in the same place */
	size_t keep;
	uint64_t n;
	FILE *file;
	bool tell;
	struct event *flush; /* one write to the file per pass of the loop, not one per entry */
	void (*on_entry)(void *arg);
	void *on_entry_arg;
};

static const char *const kind_names[] = {
	[RECORD_CONNECT] = "connect",
	[RECORD_BIND] = "bind",
	[RECORD_UNBIND] = "unbind",
	[RECORD_CLOSE] = "close",
	[RECORD_SUBMIT] = "submit",
	[RECORD_ANSWER] = "answer",
	[RECORD_RECEIPT] = "receipt",
	[RECORD_MO] = "mo",
	[RECORD_DELIVER] = "deliver",
	[RECORD_ANSWERED] = "answered",
	[RECORD_LOST] = "lost",
	[RECORD_NACK] = "nack",
	[RECORD_IGNORED] = "ignored",
	[RECORD_QUERY] = "query",
	[RECORD_CANCEL] = "cancel",
	[RECORD_USSD] = "ussd",
};

int64_t
clock_now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

const char *
clock_text(int64_t at_us, char out[32])
{
	time_t seconds = (time_t)(at_us / 1000000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	size_t n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 32 - n, ".%03dZ", (int)(at_us / 1000 % 1000));
	return out;
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct record *r = arg;
	(void)fd;
	(void)what;

	if (fflush(r->file) != 0) {
		fprintf(stderr, "huizhi-smsc: could not write the record: %s; recording to the file ends\n", strerror(errno));
		fclose(r->file);
		r->file = NULL;
	}
}

struct record *
record_new(struct event_base *base, size_t keep, const char *file, bool tell)
{
	struct record *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->keep = keep;
	r->tell = tell;
	r->ring = calloc(keep, sizeof(struct record_entry));
	r->block = calloc(keep, sizeof(char *));
	if (file != NULL && file[0] != '\0') {
		r->file = fopen(file, "a");
		r->flush = event_new(base, -1, 0, on_flush, r);
		if (r->file != NULL)
			setvbuf(r->file, NULL, _IOFBF, 1 << 20);
	}
	if (r->ring == NULL || r->block == NULL || (r->flush == NULL) != (r->file == NULL)) {
		int why = errno;
		record_free(r);
		errno = why;
		return NULL;
	}
	return r;
}

void
record_free(struct record *r)
{
	if (r == NULL)
		return;
	if (r->block != NULL)
		for (size_t i = 0; i < r->keep; i++)
			free(r->block[i]);
	if (r->file != NULL)
		fclose(r->file);
	if (r->flush != NULL)
		event_free(r->flush);
	free(r->block);
	free(r->ring);
	free(r);
}

void
record_on_entry(struct record *r, void (*fn)(void *arg), void *arg)
{
	r->on_entry = fn;
	r->on_entry_arg = arg;
}

static void
set_text(json_t *o, const char *key, const char *value)
{
	if (value != NULL)
		json_object_set_new(o, key, json_string_nocheck(value));
}

/* Answers of every kind, and submits, have a status; the others have none. */
static bool
has_status(enum record_kind kind)
{
	return kind == RECORD_BIND || kind == RECORD_SUBMIT || kind == RECORD_ANSWER || kind == RECORD_ANSWERED ||
		   kind == RECORD_NACK || kind == RECORD_QUERY || kind == RECORD_CANCEL;
}

static json_t *
entry_json(const struct record_entry *e)
{
	json_t *o = json_object();
	char at[32];

	json_object_set_new(o, "n", json_integer((json_int_t)e->n));
	json_object_set_new(o, "time", json_string(clock_text(e->at_us, at)));
	json_object_set_new(o, "time_us", json_integer(e->at_us));
	json_object_set_new(o, "kind", json_string(kind_names[e->kind]));
	if (e->session != 0)
		json_object_set_new(o, "session", json_integer(e->session));
	set_text(o, "system_id", e->system_id);
	if (e->sequence != 0 || e->kind == RECORD_SUBMIT)
		json_object_set_new(o, "sequence", json_integer(e->sequence));
	if (has_status(e->kind))
		json_object_set_new(o, "status", json_integer(e->status));
	set_text(o, "id", e->id);
	set_text(o, "source", e->source);
	set_text(o, "dest", e->dest);
	if (e->data_coding >= 0)
		json_object_set_new(o, "data_coding", json_integer(e->data_coding));
	if (e->parts > 0) {
		json_object_set_new(o, "part", json_integer(e->part));
		json_object_set_new(o, "parts", json_integer(e->parts));
	}
	if (e->concat != CONCAT_NONE) {
		json_object_set_new(o, "concat", json_string(concat_name(e->concat)));
		json_object_set_new(o, "reference", json_integer(e->reference));
	}
	if (e->attempt > 0)
		json_object_set_new(o, "attempt", json_integer(e->attempt));
	if (e->phone_text > 0)
		json_object_set_new(o, "message", json_integer((json_int_t)e->phone_text));
	set_text(o, "state", e->state);
	set_text(o, "note", e->note);
	set_text(o, "text", e->text);
	return o;
}

/* Points *s at its copy in the block. */
static void
keep_string(const char **s, char *block, size_t *used)
{
	if (*s == NULL)
		return;
	size_t len = strlen(*s) + 1;
	memcpy(block + *used, *s, len);
	*s = block + *used;
	*used += len;
}

/* Who comes and goes, for the person at the terminal. */
static void
tell_person(const struct record_entry *e)
{
	if (e->kind == RECORD_BIND)
		fprintf(stderr, "huizhi-smsc: session %u %s%s%s status 0x%02X\n", e->session, e->note,
			e->system_id != NULL ? " system_id " : "", e->system_id != NULL ? e->system_id : "", e->status);
	else if (e->kind == RECORD_CLOSE || e->kind == RECORD_UNBIND || e->kind == RECORD_NACK)
		fprintf(stderr, "huizhi-smsc: session %u %s: %s\n", e->session, kind_names[e->kind], e->note);
}

void
record_add(struct record *r, const struct record_entry *e)
{
	size_t i = ++r->n % r->keep;
	const char *strings[STRINGS] = {e->system_id, e->id, e->source, e->dest, e->state, e->note, e->text};
	size_t need = 1;

	for (int k = 0; k < STRINGS; k++)
		need += strings[k] != NULL ? strlen(strings[k]) + 1 : 0;
	free(r->block[i]);
	r->block[i] = malloc(need);
	struct record_entry *kept = &r->ring[i];
	if (r->block[i] == NULL) {
		memset(kept, 0, sizeof(*kept));
		return;
	}
	*kept = *e;
	kept->n = r->n;
	if (kept->at_us == 0)
		kept->at_us = clock_now_us();
	size_t used = 0;
	keep_string(&kept->system_id, r->block[i], &used);
	keep_string(&kept->id, r->block[i], &used);
	keep_string(&kept->source, r->block[i], &used);
	keep_string(&kept->dest, r->block[i], &used);
	keep_string(&kept->state, r->block[i], &used);
	keep_string(&kept->note, r->block[i], &used);
	keep_string(&kept->text, r->block[i], &used);

	if (r->tell)
		tell_person(kept);
	if (r->file != NULL) {
		json_t *o = entry_json(kept);
		json_dumpf(o, r->file, JSON_COMPACT);
		putc('\n', r->file);
		json_decref(o);
		event_active(r->flush, EV_TIMEOUT, 0);
	}
	if (r->on_entry != NULL)
		r->on_entry(r->on_entry_arg);
}

uint64_t
record_cursor(const struct record *r)
{
	return r->n;
}

json_t *
record_json(const struct record *r, uint64_t after, size_t limit, const char *only, uint64_t *next, uint64_t *missed)
{
	json_t *list = json_array();
	uint64_t oldest = r->n >= r->keep ? r->n - r->keep + 1 : 1;

	if (after > r->n)
		after = r->n;
	*missed = after + 1 < oldest ? oldest - after - 1 : 0;
	if (after + 1 < oldest)
		after = oldest - 1;
	while (after < r->n && json_array_size(list) < limit) {
		const struct record_entry *e = &r->ring[++after % r->keep];
		if (e->n == after && (only == NULL || strcmp(only, kind_names[e->kind]) == 0))
			json_array_append_new(list, entry_json(e));
	}
	*next = after;
	return list;
}
