/* Reading a PDU's octets with bounds: once something does not fit, everything that follows reads as empty. Inline. */
#ifndef GATEWAY_SMPP_PDU_WALK_H
#define GATEWAY_SMPP_PDU_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Where the walk stands. Once `bad`, nothing more is read. */
struct walk {
	const uint8_t *at, *end;
	bool bad;
};

static inline uint32_t
walk_peek_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint16_t
walk_peek_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint8_t
walk_u8(struct walk *w)
{
	if (w->bad || w->at == w->end) {
		w->bad = true;
		return 0;
	}
	return *w->at++;
}

/* A C-octet string whose NUL stands within `room` octets and before the end; "" when it does not. */
static inline void
walk_string(struct walk *w, char *out, size_t room)
{
	size_t rest = (size_t)(w->end - w->at), most = rest < room ? rest : room;
	const uint8_t *nul = w->bad || !most ? NULL : memchr(w->at, 0, most);

	out[0] = '\0';
	if (!nul) {
		w->bad = true;
		return;
	}
	memcpy(out, w->at, (size_t)(nul - w->at) + 1);
	w->at = nul + 1;
}

#endif
