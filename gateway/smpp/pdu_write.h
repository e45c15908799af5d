/* Writing a PDU's octets with bounds: once something does not fit, nothing more is written and there is no PDU. Inline.
 */
#ifndef GATEWAY_SMPP_PDU_WRITE_H
#define GATEWAY_SMPP_PDU_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct writer {
	uint8_t *start, *at, *end;
	bool full;
};

static inline void
write_u8(struct writer *w, uint8_t v)
{
	if (w->at == w->end) {
		w->full = true;
		return;
	}
	*w->at++ = v;
}

static inline void
write_octets(struct writer *w, const void *p, size_t len)
{
	if (w->full || len > (size_t)(w->end - w->at)) {
		w->full = true;
		return;
	}
	if (len)
		memcpy(w->at, p, len);
	w->at += len;
}

static inline void
write_u16(struct writer *w, uint16_t v)
{
	const uint8_t octets[] = {(uint8_t)(v >> 8), (uint8_t)v};

	write_octets(w, octets, sizeof(octets));
}

static inline void
write_u32(struct writer *w, uint32_t v)
{
	const uint8_t octets[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	write_octets(w, octets, sizeof(octets));
}

/* A C-octet string of at most `most` characters; NULL is "". */
static inline void
write_string(struct writer *w, const char *s, size_t most)
{
	size_t len = s ? strlen(s) : 0;

	if (len > most) {
		w->full = true;
		return;
	}
	write_octets(w, s ? s : "", len + 1);
}

static inline struct writer
write_header(uint8_t *out, size_t room, uint32_t command, uint32_t status, uint32_t sequence)
{
	struct writer w = {.start = out, .at = out, .end = out + room};

	write_u32(&w, 0); /* the length, known at the end */
	write_u32(&w, command);
	write_u32(&w, status);
	write_u32(&w, sequence);
	return w;
}

/* The PDU's octets, or -1 when something did not fit. */
static inline int
write_finish(struct writer *w)
{
	size_t len = (size_t)(w->at - w->start);

	if (w->full)
		return -1;
	w->at = w->start;
	write_u32(w, (uint32_t)len);
	return (int)len;
}

#endif
