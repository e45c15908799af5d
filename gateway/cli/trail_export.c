/* huizhi trail export: a bureau's trail with its seals as lines of JSON, for an auditor who has the public key alone.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/progress.h"
#include "gateway/cli/trail.h"

static json_t *
octets(const uint8_t *data, size_t n)
{
	size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(room);
	if (text == NULL)
		abort();
	sodium_bin2base64(text, room, data, n, sodium_base64_VARIANT_ORIGINAL);
	json_t *value = json_string(text);
	free(text);
	return value;
}

static json_t *
number_or_null(int64_t id)
{
	return id == SEAL_NONE ? json_null() : json_integer(id);
}

struct lines {
	FILE *out;
	int64_t n;
};

static void
write_line(struct lines *to, json_t *o)
{
	json_dumpf(o, to->out, JSON_COMPACT);
	fputc('\n', to->out);
	json_decref(o);
	to->n++;
}

static void
on_event(void *arg, const struct seal_event *e)
{
	/* data is a text: the octets that were hashed. */
	write_line(
		arg, json_pack("{s:i, s:I, s:I, s:o, s:o, s:s, s:s, s:s}", "event", e->bureau_id, "id", (json_int_t)e->id,
				 "at_us", (json_int_t)e->at_us, "application", number_or_null(e->application_id), "conversation",
				 number_or_null(e->conversation_id), "actor", e->actor, "kind", e->kind, "data", e->data));
}

static void
on_seal(void *arg, const struct seal *s)
{
	write_line(arg, json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "seal", s->bureau_id,
						"number", (json_int_t)s->number, "after_id", (json_int_t)s->after_id, "to_id",
						(json_int_t)s->to_id, "first_us", (json_int_t)s->first_us, "last_us", (json_int_t)s->last_us,
						"sealed_us", (json_int_t)s->sealed_us, "previous", octets(s->previous, SEAL_HASH), "head",
						octets(s->head, SEAL_HASH), "public_key", octets(s->public_key, SEAL_KEY), "signature",
						octets(s->signature, SEAL_SIGNATURE), "body", octets(s->body, (size_t)s->events * SEAL_ENTRY)));
}

static void
on_redaction(void *arg, const struct seal_redaction *r)
{
	write_line(
		arg, json_pack("{s:i, s:I, s:I, s:o, s:o, s:o}", "redaction", r->bureau_id, "number", (json_int_t)r->number,
				 "order", (json_int_t)r->order_id, "public_key", octets(r->public_key, SEAL_KEY), "signature",
				 octets(r->signature, SEAL_SIGNATURE), "body", octets(r->body, (size_t)r->entries * SEAL_REDACTED)));
}

static void
on_drop(void *arg, const struct seal_drop *d)
{
	write_line(arg, json_pack("{s:i, s:I, s:I, s:o, s:o}", "drop", d->bureau_id, "order", (json_int_t)d->order_id,
						"before_us", (json_int_t)d->before_us, "public_key", octets(d->public_key, SEAL_KEY),
						"signature", octets(d->signature, SEAL_SIGNATURE)));
}

int
trail_export(struct cli *c, int argc, char **argv)
{
	const char *file;
	size_t n;
	if (cli_args(c, argc, argv, NULL, &file, 1, 1) < 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;
	bool to_stdout = strcmp(file, "-") == 0;
	struct lines lines = {.out = to_stdout ? stdout : fopen(file, "wxe")};
	if (lines.out == NULL)
		return cli_fail("cannot make %s: %s", file, strerror(errno));
	PGconn *conn = pg_raw_begin(c->pg);
	if (conn == NULL) {
		if (!to_stdout)
			fclose(lines.out);
		return cli_fail("could not use the connection to the database; try again");
	}
	struct progress *progress = to_stdout ? NULL : progress_new();
	const struct trail_walk w = {.progress = progress,
		.arg = &lines,
		.drop = on_drop,
		.seal = on_seal,
		.redaction = on_redaction,
		.event = on_event};
	int rc = 0;
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = trail_walk_database(conn, b[i].id, &w);
	progress_end(progress);
	pg_raw_end(c->pg);
	if (!to_stdout && fclose(lines.out) != 0 && rc == 0) {
		cli_fail("could not write %s: %s", file, strerror(errno));
		rc = -1;
	}
	if (rc == 0 && c->json && !to_stdout)
		return cli_told_file(c, file, lines.n);
	return rc == 0 ? CLI_DONE : CLI_FAILED;
}
