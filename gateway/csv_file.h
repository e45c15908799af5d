/*
 * A CSV file on disk, brought to UTF-8 piece by piece: finds out whether it is UTF-8, GB18030 or (by its byte order
 * mark) UTF-16 and feeds a csv reader.
 *
 * An octet that cannot be read in the file's encoding becomes U+FFFD, so that the row and the column it is in can be
 * named; a field that holds U+FFFD is damaged, whoever damaged it.
 */
#ifndef GATEWAY_CSV_FILE_H
#define GATEWAY_CSV_FILE_H

#include <stdbool.h>
#include <stdint.h>

struct csv;
struct csv_file;

/*
 * Opens the file and looks through all of it once for its encoding. NULL with *error set to one line (static) that
 * says what to do: not there, not a regular file, a workbook instead of CSV, empty.
 */
struct csv_file *csv_file_open(const char *path, const char **error);
void csv_file_close(struct csv_file *f);

const char *csv_file_encoding(const struct csv_file *f); /* "UTF-8", "GB18030", "UTF-16" */
int64_t csv_file_size(const struct csv_file *f);		 /* octets */
int64_t csv_file_offset(const struct csv_file *f);		 /* octets read so far */

/*
 * Reads the next piece and feeds it. 1: there is more; 0: the end, csv_finish is done; -1: could not read (errno), or
 * the reader's callback stopped it.
 */
int csv_file_feed(struct csv_file *f, struct csv *csv);

#endif
