/*
 * UTF-8: decode, encode, validate, cut. Bytes that are not UTF-8 are read as U+FFFD, one for each bad byte, so that
 * nothing a peer sends can stop a reader or run it past its end (Unicode 15, section 3.9, table 3-7).
 */
#ifndef DIALOG_UTF8_H
#define DIALOG_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_BAD 0xFFFDu /* REPLACEMENT CHARACTER */

/*
 * Decodes the character at s[0..len). Returns how many octets it took: 1..4, or 0 only when len is 0. A byte that
 * begins no valid character (overlong, surrogate, above U+10FFFF, cut short) takes 1 and yields UTF8_BAD; *bad (may be
 * NULL) tells it from a genuine U+FFFD.
 */
size_t utf8_decode(const char *s, size_t len, uint32_t *cp, bool *bad);

/* Encodes cp into out[0..4). Returns 1..4. What is no Unicode scalar value is written as U+FFFD. No NUL is added. */
size_t utf8_encode(uint32_t cp, char out[4]);

/* True when s[0..len) is valid UTF-8. *at (may be NULL) gets the offset of the first bad byte, or len. */
bool utf8_valid(const char *s, size_t len, size_t *at);

/* The largest n <= max at which s[0..len) can be cut without cutting a character. */
size_t utf8_cut(const char *s, size_t len, size_t max);

/* Characters in s[0..len); each bad byte counts one. */
size_t utf8_count(const char *s, size_t len);

/*
 * Copies s[0..len) with every bad byte replaced by U+FFFD, and every NUL too, cut at a character when it does not fit.
 * Always NUL-terminates (room must be at least 1). Returns the octets written without the NUL.
 */
size_t utf8_clean(const char *s, size_t len, char *out, size_t room);

/*
 * Value 0..9 of a decimal digit in the scripts that citizens' phones write: ASCII, full-width, Arabic-Indic, extended
 * Arabic-Indic (Persian, Urdu), Devanagari, Bengali; -1 when cp is none of them.
 */
int utf8_digit(uint32_t cp);

#endif
