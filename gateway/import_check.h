/*
 * What a cell of an imported row may hold: cleaned, checked and brought to one form, or a fault that says what to do.
 * Pure; knows neither files nor the database.
 */
#ifndef GATEWAY_IMPORT_CHECK_H
#define GATEWAY_IMPORT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#define CHECK_TEXT_MAX 1600 /* octets of one cleaned cell, without NUL */
#define CHECK_FAULT_MAX 240 /* octets of a fault's words, without NUL */
#define CHECK_TAGS_MAX 32

/*
 * Takes off white space at both ends, makes one space of every run of white space and control characters, and drops
 * invisible direction and width marks (they make equal texts differ). fold: also full-width letters, digits and signs
 * to ASCII. Cut at a character when it does not fit (room at least 1). Returns octets written, without NUL.
 */
size_t check_clean(const char *in, size_t len, bool fold, char *out, size_t room);

/* Damaged: holds U+FFFD, what an unreadable octet was turned into. */
bool check_damaged(const char *text);

/*
 * YYYY-MM-DD, YYYY/M/D, YYYY.M.D or YYYY年M月D日, a day that exists, years 1900..2199, to YYYY-MM-DD.
 * 0, or -1 with words in fault.
 */
int check_date(const char *in, char out[11], char fault[CHECK_FAULT_MAX + 1]);

/*
 * An identity number in mainland China (country "86"): 18 characters, a resident's number (GB 11643: a day of birth
 * and a check digit) or a unified social credit code (GB 32100, check character). Elsewhere: 4 to 40 letters, digits
 * and hyphens. `in` is clean and folded; letters become upper case in out (room for 41).
 * 0, or -1 with words in fault.
 */
int check_id_number(const char *country, const char *in, char out[41], char fault[CHECK_FAULT_MAX + 1]);

/* The check characters, of the first 17: '\0' when one of the 17 cannot stand there. */
char check_resident_digit(const char *id);
char check_credit_character(const char *code);

/*
 * Splits a cell of tags at ; ； , ， 、 | into a list of clean words, each once, in order. They point into room, which
 * must hold as many octets as the cell plus one. Returns how many, or -1 with words in fault (too many, too long).
 */
int check_tags(const char *in, char *room, const char *tags[CHECK_TAGS_MAX], char fault[CHECK_FAULT_MAX + 1]);

#endif
