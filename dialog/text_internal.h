/* What measuring and encoding share: one way to write a text, and its characters. */
#ifndef DIALOG_TEXT_INTERNAL_H
#define DIALOG_TEXT_INTERNAL_H

#include "dialog/national.h"
#include "dialog/text.h"

/* The next character as it will travel. A NUL would end the text early on some phones, so it goes as unreadable. */
size_t text_next(const char *s, size_t len, uint32_t *cp);
/* Can this coding write the character? Only LATIN1 and ASCII are narrower than the GSM alphabet. */
bool text_writable(enum text_coding as, uint32_t cp);
/* Octets of the user data header: concatenation when there are several parts, and the tables that are not the default.
 */
size_t text_header_len(bool several, int locking, int single);

#endif
