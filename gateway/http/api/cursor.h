/*
 * Cursors of lists: "LIST KEY" in base64url. It means nothing to anybody else, and a forged one shows no more than a
 * list does. Pure.
 */
#ifndef GATEWAY_HTTP_API_CURSOR_H
#define GATEWAY_HTTP_API_CURSOR_H

#include <stddef.h>

#define CURSOR_PLAIN_MAX 80 /* octets of list, space and key */
#define CURSOR_ROOM 112		/* octets of a cursor and NUL */

/* key: a number, or a telephone number with its plus. */
void cursor_make(const char *list, const char *key, char out[CURSOR_ROOM]);
/* The key into out (room of it); 0, or -1 when it is none of this list. */
int cursor_read(const char *text, const char *list, char *out, size_t room);

#endif
