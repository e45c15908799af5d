/*
 * The file of refused rows: FILE.csv's are in FILE.rejected.csv, UTF-8 with a byte order mark, in the columns of the
 * imported file and one more, `fault`. It is written under another name and put in place when the import is committed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/bulk_internal.h"

static int
reject_open(struct reject *j)
{
	size_t len = strlen(j->beside);
	struct stat st;
	int fd, n;

	if (len > 4 && strcasecmp(j->beside + len - 4, ".csv") == 0)
		len -= 4;
	n = snprintf(j->path, sizeof j->path, "%.*s.rejected.csv", (int)len, j->beside);
	if (n < 0 || (size_t)n >= sizeof j->path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(j->temporary, sizeof j->temporary, "%s.XXXXXX", j->path);
	fd = mkstemp(j->temporary);
	if (fd < 0) {
		j->temporary[0] = '\0';
		return -1;
	}
	/* The rows are as personal as those they come from: who may read the one may read the other. */
	if (stat(j->beside, &st) < 0 || fchmod(fd, st.st_mode & 0666) < 0 || (j->out = fdopen(fd, "w")) == NULL) {
		int saved = errno;

		close(fd);
		unlink(j->temporary);
		j->temporary[0] = '\0';
		errno = saved;
		return -1;
	}
	fprintf(j->out, "\xef\xbb\xbf%s,fault\r\n", j->header);
	return 0;
}

int
reject_add(struct reject *j, const struct csv_row *row, const char *fault)
{
	size_t columns = j->ncolumns;

	if (!j->out && reject_open(j) < 0)
		return -1;
	if (row->fault && row->fault_column > 0) {
		/* a row that cannot be taken apart stands there as it was, in one cell */
		csv_write_guarded(j->out, row->raw, row->raw_len, true);
		for (size_t i = 1; i < columns; i++)
			csv_write(j->out, "", 0, false);
	} else {
		for (size_t i = 0; i < columns; i++) {
			if (i < row->nfields)
				csv_write_guarded(j->out, row->fields[i].text, row->fields[i].len, i == 0);
			else
				csv_write(j->out, "", 0, i == 0);
		}
	}
	csv_write_guarded(j->out, fault, strlen(fault), false);
	for (size_t i = j->file_columns; i < row->nfields && !row->fault; i++)
		csv_write_guarded(j->out, row->fields[i].text, row->fields[i].len, false);
	fputs("\r\n", j->out);
	return ferror(j->out) ? -1 : 0;
}

int
reject_finish(struct reject *j)
{
	FILE *out = j->out;
	int bad;

	if (!out)
		return 0;
	j->out = NULL;
	bad = fflush(out) != 0 || fsync(fileno(out)) != 0;
	bad |= fclose(out) != 0;
	if (bad || rename(j->temporary, j->path) < 0) {
		int saved = errno;

		unlink(j->temporary);
		j->temporary[0] = '\0';
		errno = saved;
		return -1;
	}
	j->temporary[0] = '\0';
	return 0;
}

void
reject_abandon(struct reject *j)
{
	if (j->out)
		fclose(j->out);
	j->out = NULL;
	if (j->temporary[0])
		unlink(j->temporary);
	j->temporary[0] = '\0';
	free(j->header);
	j->header = NULL;
}
