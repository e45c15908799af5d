/*
 * Log lines on standard error: "<3>2026-01-31T09:00:00.123Z error link=east text key=value". The journal reads the
 * number in front as the priority; a terminal gets the line without it.
 *
 * Passwords, keys, identity numbers, addresses, links and short codes never go into a log line.
 */
#ifndef GATEWAY_LOG_H
#define GATEWAY_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR,
};

/* Sets the least level that is written: "debug", "info", "warn" or "error". 0, or -1 when it is no level. */
int log_level_set(const char *name);
/* Whether a line of this level would be written; for callers whose arguments cost something. */
bool log_enabled(enum log_level level);

/*
 * One line each; the newline is added here, control characters of the arguments are written as \xNN. A phone (+ and
 * eight digits or more) loses the four digits before its last four: logs are read, sent on and kept by people who need
 * no more.
 */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* As log_info, whatever the least level and with phones whole: for what somebody has switched on by itself. */
void log_wire(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What a stranger calls something, fit for a log and the database: printable ASCII, other octets as "?", cut to room.
 */
void log_plain(const char *text, char *out, size_t room);

#endif
