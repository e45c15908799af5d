/* Rows of the database as seals and back. */
#include "gateway/seal_rows.h"

#include <stdlib.h>
#include <string.h>

#include "store/pg.h"

static int64_t
number(const PGresult *res, int row, int column)
{
	return strtoll(PQgetvalue(res, row, column), NULL, 10);
}

static int64_t
number_or_none(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? SEAL_NONE : number(res, row, column);
}

/* A bytea, malloc'd; NULL without memory. */
static uint8_t *
octets(const PGresult *res, int row, int column, size_t *n)
{
	unsigned char *plain = PQunescapeBytea((const unsigned char *)PQgetvalue(res, row, column), n);
	uint8_t *out = plain == NULL ? NULL : malloc(*n + 1);
	if (out != NULL)
		memcpy(out, plain, *n);
	PQfreemem(plain);
	return out;
}

int
seal_row_octets(const PGresult *res, int row, int column, uint8_t *out, size_t n)
{
	size_t got = 0;
	uint8_t *plain = octets(res, row, column, &got);
	int rc = plain != NULL && got == n ? 0 : -1;
	if (rc == 0)
		memcpy(out, plain, n);
	free(plain);
	return rc;
}

void
seal_row_event(const PGresult *res, int row, int bureau_id, struct seal_event *out)
{
	*out = (struct seal_event){.bureau_id = bureau_id,
		.id = number(res, row, 0),
		.at_us = number(res, row, 1),
		.application_id = number_or_none(res, row, 2),
		.conversation_id = number_or_none(res, row, 3),
		.actor = PQgetvalue(res, row, 4),
		.kind = PQgetvalue(res, row, 5),
		.data = PQgetvalue(res, row, 6)};
}

int
seal_row_seal(const PGresult *res, int row, int bureau_id, struct seal *out)
{
	size_t len = 0;
	*out = (struct seal){.bureau_id = bureau_id,
		.number = number(res, row, 0),
		.after_id = number(res, row, 1),
		.to_id = number(res, row, 2),
		.first_us = number(res, row, 4),
		.last_us = number(res, row, 5),
		.sealed_us = number(res, row, 8)};
	if (seal_row_octets(res, row, 6, out->previous, SEAL_HASH) != 0 ||
		seal_row_octets(res, row, 7, out->head, SEAL_HASH) != 0 ||
		seal_row_octets(res, row, 9, out->public_key, SEAL_KEY) != 0 ||
		seal_row_octets(res, row, 10, out->signature, SEAL_SIGNATURE) != 0)
		return -1;
	int64_t events = number(res, row, 3);
	out->body = octets(res, row, 11, &len);
	if (out->body == NULL || events < 1 || events > SEAL_EVENTS || len != (size_t)events * SEAL_ENTRY) {
		free(out->body);
		out->body = NULL;
		return -1;
	}
	out->events = (int)events;
	return 0;
}

int
seal_row_redaction(const PGresult *res, int row, int bureau_id, struct seal_redaction *out)
{
	size_t len = 0;
	*out =
		(struct seal_redaction){.bureau_id = bureau_id, .number = number(res, row, 0), .order_id = number(res, row, 1)};
	if (seal_row_octets(res, row, 2, out->public_key, SEAL_KEY) != 0 ||
		seal_row_octets(res, row, 3, out->signature, SEAL_SIGNATURE) != 0)
		return -1;
	out->body = octets(res, row, 4, &len);
	if (out->body == NULL || len == 0 || len % SEAL_REDACTED != 0 || len / SEAL_REDACTED > SEAL_EVENTS) {
		free(out->body);
		out->body = NULL;
		return -1;
	}
	out->entries = (int)(len / SEAL_REDACTED);
	return 0;
}

int
seal_row_drop(const PGresult *res, int row, int bureau_id, struct seal_drop *out)
{
	*out =
		(struct seal_drop){.bureau_id = bureau_id, .order_id = number(res, row, 0), .before_us = number(res, row, 1)};
	return seal_row_octets(res, row, 2, out->public_key, SEAL_KEY) == 0 &&
				   seal_row_octets(res, row, 3, out->signature, SEAL_SIGNATURE) == 0
			   ? 0
			   : -1;
}

void
seal_params(struct pg_params *p, const struct seal *s, int64_t settled_us)
{
	pg_params_reset(p);
	pg_param_int(p, s->bureau_id);
	pg_param_int(p, s->number);
	pg_param_int(p, s->after_id);
	pg_param_int(p, s->to_id);
	pg_param_int(p, s->events);
	pg_param_time(p, s->first_us);
	pg_param_time(p, s->last_us);
	pg_param_bytes(p, s->previous, SEAL_HASH);
	pg_param_bytes(p, s->head, SEAL_HASH);
	pg_param_time(p, s->sealed_us);
	pg_param_bytes(p, s->public_key, SEAL_KEY);
	pg_param_bytes(p, s->signature, SEAL_SIGNATURE);
	pg_param_bytes(p, s->body, (size_t)s->events * SEAL_ENTRY);
	pg_param_time(p, settled_us);
}
