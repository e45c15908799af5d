/*
 * What people and programs are shown: the rows of store/stmt/view.def (or of any statement that names its columns) as
 * JSON values. Columns become keys; a value's type follows the column's.
 */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include <jansson.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Numbers, booleans, JSON and arrays (of text and of whole numbers) as such, NULL as null; points of time as
 * 2025-11-21T19:14:00Z, to the second; everything else as text. The caller owns the reference; NULL without memory.
 */
json_t *view_rows(const PGresult *res);			/* an array of objects */
json_t *view_row(const PGresult *res, int row); /* one object */

/* A value of such a row (or of any object): "" where there is no text of that key, 0 where there is no number. */
const char *view_text(const json_t *row, const char *key);
int64_t view_number(const json_t *row, const char *key);
/* Unix seconds as such rows have points of time. */
json_t *view_time(int64_t unix_seconds);
/* Is the text of that key this one? */
bool view_is(const json_t *row, const char *key, const char *text);

#endif
