/* Writes log lines: key=value text on standard error, one write per line, for the journal or a terminal. */
#include "gateway/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PHONE_DIGITS 8
#define LINE_MAX_OCTETS 2048 /* one line, so that one write keeps it whole in a pipe */

static const struct {
	const char *name;
	int priority; /* syslog's numbers, read by the journal */
} levels[] = {
	[LOG_LEVEL_DEBUG] = {"debug", 7},
	[LOG_LEVEL_INFO] = {"info", 6},
	[LOG_LEVEL_WARN] = {"warn", 4},
	[LOG_LEVEL_ERROR] = {"error", 3},
};

static enum log_level least = LOG_LEVEL_INFO;

int
log_level_set(const char *name)
{
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (strcmp(name, levels[i].name) == 0) {
			least = (enum log_level)i;
			return 0;
		}
	}
	return -1;
}

bool
log_enabled(enum log_level level)
{
	return level >= least;
}

/* Appends text to line with control characters made visible: what a peer sent must not forge a second line. */
static size_t
append_visible(char *line, size_t at, size_t room, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p >= 0x20 && *p != 0x7F) {
			if (at + 1 >= room)
				break;
			line[at++] = (char)*p;
		} else {
			if (at + 4 >= room)
				break;
			at += (size_t)snprintf(line + at, room - at, "\\x%02X", *p);
		}
	}
	return at;
}

static void
hide_phones(char *text)
{
	for (char *p = strchr(text, '+'); p != NULL; p = strchr(p + 1, '+')) {
		size_t digits = strspn(p + 1, "0123456789");
		if (digits >= PHONE_DIGITS)
			memset(p + 1 + digits - 8, '*', 4);
	}
}

static void
write_line(enum log_level level, bool whole, const char *fmt, va_list ap)
{
	char text[LINE_MAX_OCTETS - 64];
	vsnprintf(text, sizeof text, fmt, ap);
	if (!whole)
		hide_phones(text);

	struct timespec now;
	struct tm utc;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);

	char line[LINE_MAX_OCTETS];
	size_t at = 0;
	/* systemd sets JOURNAL_STREAM for what it reads from us; only there does the priority belong in front. */
	if (getenv("JOURNAL_STREAM") != NULL && !isatty(STDERR_FILENO))
		at = (size_t)snprintf(line, sizeof line, "<%d>", levels[level].priority);
	at += strftime(line + at, sizeof line - at, "%Y-%m-%dT%H:%M:%S", &utc);
	at += (size_t)snprintf(line + at, sizeof line - at, ".%03ldZ %s ", now.tv_nsec / 1000000, levels[level].name);
	at = append_visible(line, at, sizeof line - 1, text);
	line[at++] = '\n';

	/* A log that cannot be written is nothing that anyone could be told of. */
	ssize_t n = write(STDERR_FILENO, line, at);
	(void)n;
}

#define LOG_FUNCTION(function, level, always)                                                                          \
	void function(const char *fmt, ...)                                                                                \
	{                                                                                                                  \
		va_list ap;                                                                                                    \
		if (!(always) && !log_enabled(level))                                                                          \
			return;                                                                                                    \
		va_start(ap, fmt);                                                                                             \
		write_line(level, always, fmt, ap);                                                                            \
		va_end(ap);                                                                                                    \
	}

LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG, false)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO, false)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN, false)
LOG_FUNCTION(log_error, LOG_LEVEL_ERROR, false)
LOG_FUNCTION(log_wire, LOG_LEVEL_INFO, true)

void
log_plain(const char *text, char *out, size_t room)
{
	size_t n = 0;

	for (; *text != '\0' && n + 1 < room; text++)
		out[n++] = *text >= ' ' && *text <= '~' ? *text : '?';
	out[n] = '\0';
}
