/* Checks of a link's keys: single values, and those that must agree with one another. */
#include "gateway/conf_internal.h"
#include "dialog/text.h"
#include "gateway/smpp/alphabet.h"
#include "gateway/smpp/status.h"
#include "gateway/smpp/tls.h"

#include <stdlib.h>
#include <string.h>

const char *
conf_check_status(const char *value)
{
	struct status_row row;

	return status_row_read(value, &row) == 0
			   ? NULL
			   : "must be STATUS=ACTION, such as 0x400=retry, 0x410-0x41f=permanent or unknown=retry, with one of the "
				 "actions throttle, retry, rebind, backoff, alarm and permanent";
}

const char *
conf_check_wire_pcap(const char *value)
{
	return value[0] == '\0' || value[0] == '/' ? NULL : "must be an absolute path, or empty for no capture";
}

/* Two links in one file would each put it aside under the other's hands. */
static void
check_capture(const struct conf *c, size_t n, const struct conf_file *file, struct conf_faults *faults)
{
	const char *path = c->links[n].wire_pcap;

	for (size_t i = 0; i < n; i++)
		if (path && *path && c->links[i].wire_pcap && strcmp(path, c->links[i].wire_pcap) == 0)
			conf_fault(faults, file->name, conf_file_line(file, CONF_LINK, n, "wire_pcap", 0),
				"link \"%s\": wire_pcap is that of link \"%s\"; give each link a file of its own", c->links[n].name,
				c->links[i].name);
}

const char *
conf_check_address_range(const char *value)
{
	for (const char *p = value; *p; p++)
		if (*p < 0x21 || *p > 0x7e)
			return "must be at most 40 ASCII characters without blanks";
	return strlen(value) <= 40 ? NULL : "must be at most 40 ASCII characters without blanks";
}

const char *
conf_check_outbind(const char *value)
{
	if (value[0] == '\0')
		return NULL;
	return strncmp(value, "localhost", 9) == 0 ? "must be an address in figures, such as 127.0.0.1:2776"
											   : conf_check_listen(value);
}

const char *
conf_check_ton(const char *value)
{
	size_t len = strlen(value);

	if (strcmp(value, "auto") == 0 ||
		(len >= 1 && len <= 3 && strspn(value, "0123456789") == len && strtol(value, NULL, 10) < 256))
		return NULL;
	return "must be auto or a number from 0 to 255";
}

const char *
conf_check_data_coding(const char *value)
{
	return text_codings_override(NULL, value) >= 0 ? NULL
												   : "must be NUMBER=ALPHABET, a number up to 255 and one of gsm7, "
													 "gsm7-packed, latin1, ascii, cyrillic, hebrew, "
													 "ucs2, utf8 and binary";
}

static void
check_outbind(const struct conf_link *l, size_t n, const struct conf_file *file, struct conf_faults *faults)
{
	int line = conf_file_line(file, CONF_LINK, n, "outbind", 0);

	if (l->nhosts == 0 && (!*l->outbind || strcmp(l->bind, "transmitter+receiver") == 0))
		conf_fault(faults, file->name, conf_file_line(file, CONF_LINK, n, "hosts", 0),
			"link \"%s\": hosts is empty: the carrier's hosts as host:port; only a session that outbind binds needs "
			"none",
			l->name);
	if (!*l->outbind)
		return;
	if (strcmp(l->bind, "transmitter") == 0)
		conf_fault(faults, file->name, line,
			"link \"%s\": outbind needs a session that receives; this link is bound as transmitter", l->name);
	if (l->tls)
		conf_fault(faults, file->name, line,
			"link \"%s\": outbind cannot go with tls: our password would travel on a connection that nobody has "
			"verified",
			l->name);
}

/* A file that TLS cannot use is found here and not on the night of the first reconnect. */
static void
check_tls(const struct conf_link *l, size_t n, const struct conf_file *file, struct conf_faults *faults)
{
	const char *key = l->tls_ca ? "tls_ca" : l->tls_certificate ? "tls_certificate" : "tls_key";
	char why[TLS_WHY];

	if (!l->tls_ca && !l->tls_certificate && !l->tls_key)
		return;
	if (tls_check(l, &key, why, sizeof(why)) != 0)
		conf_fault(
			faults, file->name, conf_file_line(file, CONF_LINK, n, key, 0), "link \"%s\": %s: %s", l->name, key, why);
}

/* Neither is narrower, so nobody could say which one counts. */
static bool
rows_clash(const struct status_row *a, const struct status_row *b)
{
	if (a->first > a->last || b->first > b->last)
		return a->first > a->last && b->first > b->last;
	return a->first <= b->last && b->first <= a->last && a->last - a->first == b->last - b->first;
}

static void
check_statuses(const struct conf_link *l, size_t n, const struct conf_file *file, struct conf_faults *faults)
{
	struct status_row a, b;

	for (size_t i = 0; i < l->nstatuses; i++) {
		for (size_t j = 0; j < i; j++) {
			if (status_row_read(l->statuses[i], &a) == 0 && status_row_read(l->statuses[j], &b) == 0 &&
				strcmp(l->statuses[i], l->statuses[j]) != 0 && rows_clash(&a, &b))
				conf_fault(faults, file->name, conf_file_line(file, CONF_LINK, n, "statuses", (unsigned)i),
					"link \"%s\": statuses: \"%s\" and \"%s\" speak of the same status", l->name, l->statuses[i],
					l->statuses[j]);
		}
	}
}

static void
check_alphabets(const struct conf_link *l, size_t n, const struct conf_file *file, struct conf_faults *faults)
{
	const char *key, *wrong = alphabet_fault(l, &key);

	for (size_t i = 0; i < l->ndata_codings; i++) {
		for (size_t j = 0; j < i; j++) {
			int number = text_codings_override(NULL, l->data_codings[i]);

			if (number >= 0 && number == text_codings_override(NULL, l->data_codings[j]) &&
				strcmp(l->data_codings[i], l->data_codings[j]) != 0)
				conf_fault(faults, file->name, conf_file_line(file, CONF_LINK, n, "data_codings", (unsigned)i),
					"link \"%s\": data_codings: \"%s\" and \"%s\" speak of the same number", l->name,
					l->data_codings[i], l->data_codings[j]);
		}
	}
	if (wrong != NULL)
		conf_fault(
			faults, file->name, conf_file_line(file, CONF_LINK, n, key, 0), "link \"%s\": %s: %s", l->name, key, wrong);
}

void
conf_check_link(const struct conf *c, size_t n, const struct conf_file *file, struct conf_faults *faults)
{
	const struct conf_link *l = &c->links[n];
	bool password = conf_file_given(file, CONF_LINK, n, "password");
	if (l->backoff_min_ms > l->backoff_max_ms)
		conf_fault(faults, file->name, conf_file_line(file, CONF_LINK, n, "backoff_min_ms", 0),
			"link \"%s\": backoff_min_ms %d is larger than backoff_max_ms %d", l->name, l->backoff_min_ms,
			l->backoff_max_ms);
	if (password && l->password_file != NULL)
		conf_fault(faults, file->name, conf_file_line(file, CONF_LINK, n, "password_file", 0),
			"link \"%s\": give password or password_file, not both", l->name);
	if (!password && l->password_file == NULL)
		conf_fault(faults, file->name, conf_file_line(file, CONF_LINK, n, "password", 0),
			"link \"%s\": password is missing; password_file may be given instead", l->name);
	check_statuses(l, n, file, faults);
	check_outbind(l, n, file, faults);
	check_tls(l, n, file, faults);
	check_capture(c, n, file, faults);
	check_alphabets(l, n, file, faults);
}
