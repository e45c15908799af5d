/*
 * Opening, telling the encoding of, and converting a CSV file; memory does not grow with the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dialog/utf8.h"
#include "gateway/csv.h"
#include "gateway/csv_file.h"

#define PIECE 65536
#define TAIL 8 /* octets of a character that a piece's end may cut off */

struct csv_file {
	int fd;
	int64_t size, offset;
	const char *encoding; /* as it is called to people */
	const char *from;	  /* what iconv calls it; NULL for UTF-8 */
	size_t unit;		  /* octets that are passed over where nothing can be read */
	iconv_t iconv;
	size_t held; /* octets at the start of in[] that wait for the rest of their character */
	char in[PIECE + TAIL];
	char out[4 * (PIECE + TAIL)];
};

/* What the octets look like, seen as UTF-8. */
struct look {
	uint64_t han; /* three-octet characters: what Chinese text in UTF-8 is made of */
	uint64_t two; /* two-octet characters; one pair in seven of a GB18030 text looks like one by chance */
	uint64_t bad; /* runs of octets that are no UTF-8 */
	bool in_bad;
};

/* Looks at in[0..len); returns how many octets were used (a character cut off at the end is left when more comes). */
static size_t
look_at(const char *in, size_t len, bool more, struct look *look)
{
	size_t i = 0;

	while (i < len) {
		uint32_t cp;
		bool bad;
		size_t n = utf8_decode(in + i, len - i, &cp, &bad);

		if (bad && more && len - i < 4)
			break;
		if (bad && !look->in_bad)
			look->bad++;
		look->in_bad = bad;
		look->two += n == 2;
		look->han += n == 3;
		i += n;
	}
	return i;
}

/* One pass over the file. A GB18030 text is full of what UTF-8 cannot be; a damaged UTF-8 text only here and there. */
static int
find_encoding(struct csv_file *f)
{
	struct look look = {0};
	size_t held = 0;
	ssize_t n;

	while ((n = read(f->fd, f->in + held, PIECE)) > 0) {
		size_t have = held + (size_t)n, used = look_at(f->in, have, true, &look);

		held = have - used;
		memmove(f->in, f->in + used, held);
	}
	if (n < 0 || lseek(f->fd, 0, SEEK_SET) < 0)
		return -1;
	look_at(f->in, held, false, &look);
	if (look.bad > look.han + look.two / 8) {
		f->encoding = f->from = "GB18030";
		f->unit = 1;
	}
	return 0;
}

/* What is often brought instead of CSV, told by its first octets. */
static const char *
find_stranger(int fd)
{
	unsigned char head[4] = {0};
	ssize_t n = pread(fd, head, sizeof head, 0);

	if (n == 0)
		return "the file is empty; its first row must be the header";
	if (n >= 4 && memcmp(head, "PK\3\4", 4) == 0)
		return "this is a workbook, not CSV; save it as \"CSV UTF-8\" in the spreadsheet program";
	if (n >= 4 && memcmp(head, "\xd0\xcf\x11\xe0", 4) == 0)
		return "this is an old workbook, not CSV; save it as \"CSV UTF-8\" in the spreadsheet program";
	return NULL;
}

/* What spreadsheets call "Unicode text" begins with a byte order mark; nothing else begins with these octets. */
static bool
find_utf16(struct csv_file *f)
{
	unsigned char head[2] = {0};

	if (pread(f->fd, head, sizeof head, 0) != sizeof head)
		return false;
	if (head[0] == 0xff && head[1] == 0xfe)
		f->from = "UTF-16LE";
	else if (head[0] == 0xfe && head[1] == 0xff)
		f->from = "UTF-16BE";
	else
		return false;
	f->encoding = "UTF-16";
	f->unit = 2;
	return true;
}

struct csv_file *
csv_file_open(const char *path, const char **error)
{
	static char line[256];
	struct csv_file *f = calloc(1, sizeof *f);
	struct stat st;

	*error = line;
	if (!f) {
		snprintf(line, sizeof line, "no memory");
		return NULL;
	}
	f->iconv = (iconv_t)-1;
	f->encoding = "UTF-8";
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &st) < 0) {
		snprintf(line, sizeof line, "%s", strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		snprintf(line, sizeof line, "not a regular file; it is read twice, so save it to disk first");
	} else if ((*error = find_stranger(f->fd)) != NULL) {
		;
	} else if (f->size = st.st_size, !find_utf16(f) && find_encoding(f) < 0) {
		*error = line;
		snprintf(line, sizeof line, "%s", strerror(errno));
	} else if (f->from && (f->iconv = iconv_open("UTF-8", f->from)) == (iconv_t)-1) {
		*error = line;
		snprintf(
			line, sizeof line, "this is %s text, and this system cannot convert it; save it as UTF-8", f->encoding);
	} else {
		return f;
	}
	csv_file_close(f);
	return NULL;
}

void
csv_file_close(struct csv_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	if (f->iconv != (iconv_t)-1)
		iconv_close(f->iconv);
	free(f);
}

const char *
csv_file_encoding(const struct csv_file *f)
{
	return f->encoding;
}

int64_t
csv_file_size(const struct csv_file *f)
{
	return f->size;
}

int64_t
csv_file_offset(const struct csv_file *f)
{
	return f->offset;
}

static void
put_replacement(char **out)
{
	memcpy(*out, "\xef\xbf\xbd", 3);
	*out += 3;
}

/* Both converters turn in[0..len) into out and return how many octets were used; what is left waits for more. */
static size_t
convert_utf8(struct csv_file *f, size_t len, bool more, size_t *out_len)
{
	size_t i = 0;
	char *out = f->out;

	while (i < len) {
		uint32_t cp;
		bool bad;
		size_t n = utf8_decode(f->in + i, len - i, &cp, &bad);

		if (bad && more && len - i < 4)
			break;
		if (bad) {
			put_replacement(&out);
		} else {
			memcpy(out, f->in + i, n);
			out += n;
		}
		i += n;
	}
	*out_len = (size_t)(out - f->out);
	return i;
}

static size_t
convert_other(struct csv_file *f, size_t len, bool more, size_t *out_len)
{
	char *in = f->in, *out = f->out;
	size_t in_left = len, out_left = sizeof f->out;

	while (in_left > 0 && iconv(f->iconv, &in, &in_left, &out, &out_left) == (size_t)-1) {
		if (errno == EINVAL && more)
			break;
		/* out holds four octets for each one of in: E2BIG cannot come */
		put_replacement(&out);
		out_left -= 3;
		size_t over = in_left < f->unit ? in_left : f->unit;
		in += over;
		in_left -= over;
	}
	*out_len = (size_t)(out - f->out);
	return len - in_left;
}

int
csv_file_feed(struct csv_file *f, struct csv *csv)
{
	ssize_t n = read(f->fd, f->in + f->held, PIECE);
	bool more = n > 0;
	size_t have, used, out_len;

	if (n < 0)
		return -1;
	f->offset += n;
	have = f->held + (size_t)n;
	used = f->from ? convert_other(f, have, more, &out_len) : convert_utf8(f, have, more, &out_len);
	f->held = have - used;
	memmove(f->in, f->in + used, f->held);
	if (csv_feed(csv, f->out, out_len) != 0)
		return -1;
	if (more)
		return 1;
	return csv_finish(csv) == 0 ? 0 : -1;
}
