/* Opens, bounds and writes the capture's file. */
#include "gateway/smpp/wire_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gateway/smpp/pcap.h"

void
wire_file_close(struct wire_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static int
put_aside(const struct wire_file *f)
{
	char old[sizeof(f->path) + 2];

	snprintf(old, sizeof(old), "%s.1", f->path);
	return rename(f->path, old);
}

/* A file of ours ends with a whole record, as each is one write. */
static bool
is_ours(int fd, off_t size)
{
	uint8_t head[PCAP_HEADER];

	return size >= PCAP_HEADER && pread(fd, head, sizeof(head), 0) == PCAP_HEADER && pcap_is_header(head);
}

static int
open_file(struct wire_file *f)
{
	uint8_t head[PCAP_HEADER];
	struct stat st;

	/* No link is followed: the name may stand in a folder where others write. */
	f->fd = open(f->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->fd < 0)
		return -1;
	if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		wire_file_close(f);
		errno = EINVAL;
		return -1;
	}
	f->size = (size_t)st.st_size;
	f->generation++;
	if (f->size == 0) {
		pcap_header(head);
		return wire_file_write(f, head, sizeof(head));
	}
	if (!is_ours(f->fd, st.st_size)) {
		wire_file_close(f);
		return put_aside(f) == 0 ? open_file(f) : -1;
	}
	return 0;
}

int
wire_file_open(struct wire_file *f, const char *path, size_t limit)
{
	uint32_t generation = f->generation;

	*f = (struct wire_file){.fd = -1, .limit = limit, .generation = generation};
	if (strlen(path) >= sizeof(f->path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(f->path, path, strlen(path) + 1);
	return open_file(f);
}

int
wire_file_room(struct wire_file *f, size_t len)
{
	if (f->fd < 0 || f->size + len <= f->limit || f->size <= PCAP_HEADER)
		return f->fd < 0 ? -1 : 0;
	wire_file_close(f);
	return put_aside(f) == 0 ? open_file(f) : -1;
}

int
wire_file_write(struct wire_file *f, const uint8_t *octets, size_t len)
{
	ssize_t n = f->fd < 0 ? -1 : write(f->fd, octets, len);

	if (n == (ssize_t)len) {
		f->size += len;
		return 0;
	}
	if (n >= 0)
		errno = ENOSPC; /* a disk that fills takes a part */
	/* What is left of a record would make the rest unreadable. */
	if (n > 0 && ftruncate(f->fd, (off_t)f->size) != 0)
		errno = ENOSPC;
	wire_file_close(f);
	return -1;
}
