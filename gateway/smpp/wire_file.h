/* The capture's file: appended to, bounded, mode 0600. */
#ifndef GATEWAY_SMPP_WIRE_FILE_H
#define GATEWAY_SMPP_WIRE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_file {
	int fd; /* -1 when none is open */
	size_t size, limit;
	uint32_t generation; /* another number for each file that was begun or taken up */
	char path[4096];
};

/*
 * Goes on at the end of a capture of ours, begins a new file where there is none, and puts any other file aside as
 * PATH.1. limit: octets. 0, or -1 with errno set and nothing open.
 */
int wire_file_open(struct wire_file *f, const char *path, size_t limit);
/* Makes sure that `len` octets more fit under the limit: puts a full file aside and begins another. As wire_file_open.
 */
int wire_file_room(struct wire_file *f, size_t len);
/* 0, or -1 with errno set: the file is closed then, because a record may stand in it in part. */
int wire_file_write(struct wire_file *f, const uint8_t *octets, size_t len);
void wire_file_close(struct wire_file *f);

#endif
