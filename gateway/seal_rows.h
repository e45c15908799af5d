/* Seals, redactions and events as rows of store/stmt/seal.def, and back into parameters. */
#ifndef GATEWAY_SEAL_ROWS_H
#define GATEWAY_SEAL_ROWS_H

#include <libpq-fe.h>
#include "gateway/seal.h"

struct pg_params;

/* A row of SEAL_EVENTS; the texts are those of the result. */
void seal_row_event(const PGresult *res, int row, int bureau_id, struct seal_event *out);
/* A row of SEAL_LIST. 0 with a body to free, or -1 when its columns cannot be what they should. */
int seal_row_seal(const PGresult *res, int row, int bureau_id, struct seal *out);
/* A row of SEAL_REDACTIONS, as above. */
int seal_row_redaction(const PGresult *res, int row, int bureau_id, struct seal_redaction *out);
/* A row of SEAL_DROPS. 0, or -1. */
int seal_row_drop(const PGresult *res, int row, int bureau_id, struct seal_drop *out);
/* A bytea of exactly n octets into out. 0, or -1. */
int seal_row_octets(const PGresult *res, int row, int column, uint8_t *out, size_t n);

/* The parameters of SEAL_PUT. */
void seal_params(struct pg_params *p, const struct seal *s, int64_t settled_us);

#endif
