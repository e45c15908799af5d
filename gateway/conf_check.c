/* Checks of configuration values: each alone, and those that must agree with one another. */
#include "dialog/utf8.h"
#include "gateway/conf_internal.h"
#include "gateway/suffix.h"
#include "gateway/target.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialog/dialog.h"
#include "dialog/gsm7.h"
#include "dialog/words.h"

/* ---- One value -------------------------------------------------------------------------------------------------- */

static bool
printable_ascii(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s < 0x20 || *s > 0x7E)
			return false;
	}
	return true;
}

/* A decimal number of at most `digits` digits and nothing else; -1 when it is not. */
static long
small_number(const char *s, size_t len, size_t digits)
{
	long n = 0;
	if (len == 0 || len > digits)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)s[i]))
			return -1;
		n = n * 10 + (s[i] - '0');
	}
	return n;
}

int
conf_host_port(const char *text, char *host, size_t room, int *port)
{
	const char *colon = strrchr(text, ':');
	if (colon == NULL || colon == text)
		return -1;
	long n = small_number(colon + 1, strlen(colon + 1), 5);
	if (n < 0 || n > 65535)
		return -1;

	const char *begin = text;
	size_t len = (size_t)(colon - text);
	if (text[0] == '[') {
		if (len < 3 || text[len - 1] != ']')
			return -1;
		begin++;
		len -= 2;
	} else if (memchr(text, ':', len) != NULL) {
		return -1; /* a bare IPv6 address: nobody could say where it ends */
	}
	if (len == 0 || len >= room)
		return -1;
	memcpy(host, begin, len);
	host[len] = '\0';
	for (const char *p = host; *p != '\0'; p++) {
		if (!isalnum((unsigned char)*p) && strchr(".-_:%", *p) == NULL)
			return -1;
	}
	*port = (int)n;
	return 0;
}

static int
clock_minutes(const char *s, size_t len)
{
	if (len != 5 || s[2] != ':')
		return -1;
	long hour = small_number(s, 2, 2), minute = small_number(s + 3, 2, 2);
	if (hour < 0 || minute < 0 || minute > 59 || hour > 24 || (hour == 24 && minute != 0))
		return -1;
	return (int)(hour * 60 + minute);
}

int
conf_time_of_day(const char *text, int *minute)
{
	*minute = clock_minutes(text, strlen(text));
	return *minute < 0 || *minute >= 1440 ? -1 : 0;
}

int
conf_send_hours(const char *text, int *from, int *to)
{
	const char *dash = strchr(text, '-');
	if (dash == NULL)
		return -1;
	*from = clock_minutes(text, (size_t)(dash - text));
	*to = clock_minutes(dash + 1, strlen(dash + 1));
	return *from < 0 || *to < 0 || *from >= *to ? -1 : 0;
}

const char *
conf_check_host_port(const char *value)
{
	char host[256];
	int port;
	if (conf_host_port(value, host, sizeof host, &port) != 0 || port == 0)
		return "must be host:port, or [v6-address]:port, with a port from 1 to 65535";
	return NULL;
}

const char *
conf_check_network(const char *value)
{
	struct target_network network;

	return target_network_parse(value, &network) == 0 ? NULL : "must be an address, or a network such as 10.1.0.0/16";
}

const char *
conf_check_listen(const char *value)
{
	char host[256];
	int port;
	if (conf_host_port(value, host, sizeof host, &port) != 0)
		return "must be address:port, or [v6-address]:port, with a port from 0 (any) to 65535";
	struct in6_addr address;
	if (inet_pton(AF_INET, host, &address) != 1 && inet_pton(AF_INET6, host, &address) != 1 &&
		strcmp(host, "localhost") != 0)
		return "must be an address of this machine in figures, such as 127.0.0.1:8080";
	return NULL;
}

const char *
conf_check_url(const char *value)
{
	const char *rest = NULL;
	if (strncmp(value, "https://", 8) == 0)
		rest = value + 8;
	else if (strncmp(value, "http://", 7) == 0)
		rest = value + 7;
	if (rest == NULL || *rest == '\0' || *rest == '/')
		return "must begin with https:// or http:// and a host";
	if (!printable_ascii(value) || strpbrk(value, " \"'<>?#\\") != NULL)
		return "must be a plain address without blanks, quotes, ? or #";
	if (value[strlen(value) - 1] == '/')
		return "must not end with a slash";
	/* The link's fixed part goes into every text: with a longer one a Chinese text no longer fits two parts. */
	if (strlen(value) > 60)
		return "is longer than 60 characters, so links would not fit a text";
	return NULL;
}

const char *
conf_check_timezone(const char *value)
{
	char path[160], magic[4];
	bool plain = value[0] != '\0' && value[0] != '/' && strstr(value, "..") == NULL && strlen(value) < 100;
	if (plain) {
		snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", value);
		FILE *in = fopen(path, "re");
		if (in != NULL) {
			bool zone = fread(magic, 1, 4, in) == 4 && memcmp(magic, "TZif", 4) == 0;
			fclose(in);
			if (zone)
				return NULL;
		}
	}
	return "is no time zone of this machine; take a name such as Asia/Shanghai (and see that tzdata is installed)";
}

const char *
conf_check_send_hours(const char *value)
{
	int from, to;
	return conf_send_hours(value, &from, &to) == 0 ? NULL
												   : "must be HH:MM-HH:MM, the first before the second, at most 24:00";
}

const char *
conf_check_scan_at(const char *value)
{
	int minute;
	return value[0] == '\0' || conf_time_of_day(value, &minute) == 0 ? NULL : "must be HH:MM, or empty for never";
}

const char *
conf_check_date(const char *value)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (strlen(value) == 10 && value[4] == '-' && value[7] == '-') {
		long year = small_number(value, 4, 4), month = small_number(value + 5, 2, 2),
			 day = small_number(value + 8, 2, 2);
		bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
		if (year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (leap && month == 2))
			return NULL;
	}
	return "must be a day as YYYY-MM-DD";
}

const char *
conf_check_identity_url(const char *value)
{
	if (value[0] == '\0')
		return NULL;
	if (strncmp(value, "https://", 8) != 0 && strncmp(value, "http://", 7) != 0)
		return "must begin with https:// or http://";
	if (!printable_ascii(value) || strpbrk(value, " \"'<>#\\") != NULL || strlen(value) > 500)
		return "must be a plain address of at most 500 characters, without blanks, quotes or #";
	return NULL;
}

const char *
conf_check_identity_key(const char *value)
{
	size_t n = strspn(value, "0123456789abcdefABCDEF");

	return value[0] == '\0' || (n == 64 && value[64] == '\0') ? NULL : "must be 64 hexadecimal digits";
}

const char *
conf_check_certificate(const char *value)
{
	size_t n = 0;
	const char *serial = strstr(value, "{serial}");

	if (value[0] == '\0')
		return NULL;
	if (serial == NULL)
		return "must have {serial}, or every certificate would have the same number";
	for (const char *p = value; *p != '\0'; p++) {
		if (strncmp(p, "{serial}", 8) == 0) {
			n += 9;
			p += 7;
		} else if (strncmp(p, "{year}", 6) == 0) {
			n += 4;
			p += 5;
		} else if (*p == '{' || *p == '}') {
			return "may have {year} and {serial} in braces, nothing else";
		} else {
			n += ((unsigned char)*p & 0xC0) != 0x80;
		}
	}
	return n <= 30 ? NULL : "is longer than the 30 characters that texts have room for";
}

const char *
conf_check_digits(const char *value)
{
	return small_number(value, strlen(value), 3) > 0 && value[0] != '0'
			   ? NULL
			   : "must be a country code of 1 to 3 digits, such as 86";
}

const char *
conf_check_trial_phone(const char *value)
{
	size_t len = strlen(value);

	/* Whether it is a phone at all depends on the bureau's country. */
	return len >= 5 && len <= 20 && strspn(value + (value[0] == '+'), "0123456789") == len - (value[0] == '+')
			   ? NULL
			   : "must be a phone of 5 to 20 digits";
}

const char *
conf_check_cost(const char *value)
{
	size_t whole = strspn(value, "0123456789"), len = strlen(value);

	if (len == 0 || (whole > 0 && whole <= 6 && whole == len))
		return NULL;
	return whole > 0 && whole <= 6 && value[whole] == '.' && len - whole > 1 && len - whole <= 7 &&
				   strspn(value + whole + 1, "0123456789") == len - whole - 1
			   ? NULL
			   : "must be an amount such as 0.045, at most 6 digits before and behind the point";
}

const char *
conf_check_not_empty(const char *value)
{
	return value[0] != '\0' ? NULL : "must not be empty";
}

const char *
conf_check_signature(const char *value)
{
	if (value[0] == '\0')
		return "must not be empty";
	/* The dialog checker counts 10 characters for it when it proves that every text fits its parts. */
	return utf8_count(value, strlen(value)) <= 10 ? NULL : "is longer than 10 characters";
}

const char *
conf_check_system_id(const char *value)
{
	return value[0] != '\0' && printable_ascii(value) && strlen(value) <= 15 ? NULL
																			 : "must be 1 to 15 ASCII characters";
}

const char *
conf_check_system_type(const char *value)
{
	return printable_ascii(value) && strlen(value) <= 12 ? NULL : "must be at most 12 ASCII characters";
}

const char *
conf_check_password(const char *value)
{
	return printable_ascii(value) && strlen(value) <= 8 ? NULL : "must be at most 8 ASCII characters";
}

const char *
conf_check_address(const char *value)
{
	size_t len = strlen(value);
	if (len > 0 && len <= 20 && strspn(value, "0123456789") == len)
		return NULL;
	return "must be 1 to 20 digits: citizens answer to it";
}

/*
 * An alphanumeric address (SMPP 3.4, 5.2.5: type 5) is at most 11 characters of the GSM alphabet. Carriers read its
 * octets as ASCII or as septets: only what is the same in both comes out as it was meant.
 */
const char *
conf_check_sender(const char *value)
{
	size_t len = strlen(value);
	bool letter = false;

	if (len == 0)
		return NULL;
	if (len > 11)
		return "is longer than 11 characters";
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];
		if (c < ' ' || c > 'z' || gsm7_basic(&gsm7_default, c) != c)
			return "must be letters, digits and signs that ASCII and the GSM alphabet have at the same place (no @ $ _ "
				   "[ ] or "
				   "accents)";
		letter = letter || isalpha(c);
	}
	if (!letter)
		return "must have a letter; a number goes into short_code";
	return value[0] == ' ' || value[len - 1] == ' ' ? "must not begin or end with a blank" : NULL;
}

/* The languages in which the dialogs understand an answer; their wording is the templates' own matter. */
const char *
conf_check_language(const char *value)
{
	static char text[160];
	const char *list[WORDS_LANGUAGES_MAX];
	size_t n = words_languages(list), at;
	if (words_language_known(value))
		return NULL;
	at = (size_t)snprintf(text, sizeof text, "is no language that the dialogs understand; there are");
	for (size_t i = 0; i < n && at < sizeof text; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, " %s", list[i]);
	return text;
}

/* ---- Values that must agree ------------------------------------------------------------------------------------- */

/* A link that both have and that lets digits be added to a short code (suffixed), or does not. NULL: none. */
static const struct conf_link *
shared_link(const struct conf *c, const struct conf_bureau *a, const struct conf_bureau *b, bool suffixed)
{
	for (size_t i = 0; i < a->nlinks; i++) {
		for (size_t j = 0; j < b->nlinks; j++) {
			const struct conf_link *l =
				strcmp(a->links[i], b->links[j]) == 0 ? conf_link_by_name(c, a->links[i]) : NULL;
			if (l != NULL && (l->suffix_digits > 0) == suffixed)
				return l;
		}
	}
	return NULL;
}

static bool
begins_with(const char *text, const char *start)
{
	return start[0] != '\0' && strncmp(text, start, strlen(start)) == 0;
}

/* Where digits follow a short code, no other bureau's short code may begin like it. */
static void
check_codes(const struct conf *c, size_t n, size_t m, const struct conf_file *file, struct conf_faults *faults)
{
	const struct conf_bureau *b = &c->bureaus[n], *other = &c->bureaus[m];

	if (strcmp(b->short_code, other->short_code) == 0) {
		const struct conf_link *l = shared_link(c, b, other, false);
		if (l != NULL && b->short_code[0] != '\0')
			conf_fault(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "short_code", 0),
				"bureau \"%s\": short_code %s belongs to bureau \"%s\" on link \"%s\" too, so replies could not be "
				"told apart; with suffix_digits on that link they could",
				b->code, b->short_code, other->code, l->name);
	} else if (begins_with(b->short_code, other->short_code) || begins_with(other->short_code, b->short_code)) {
		const struct conf_link *l = shared_link(c, b, other, true);
		if (l != NULL)
			conf_fault(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "short_code", 0),
				"bureau \"%s\": short_code %s and %s of bureau \"%s\" begin alike, and link \"%s\" adds digits to them",
				b->code, b->short_code, other->short_code, other->code, l->name);
	}
}

static void
check_bureau(const struct conf *c, size_t n, const struct conf_file *file, struct conf_faults *faults)
{
	const struct conf_bureau *b = &c->bureaus[n];

	for (size_t i = 0; i < b->nlinks; i++) {
		const struct conf_link *l = conf_link_by_name(c, b->links[i]);
		if (l != NULL && l->suffix_digits > 0 && b->sender[0] != '\0')
			conf_warning(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "sender", 0),
				"bureau \"%s\": sender is a name, so the suffix_digits of link \"%s\" are not used", b->code, l->name);
		if (l != NULL && strlen(b->short_code) + (size_t)l->suffix_digits > 20)
			conf_fault(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "short_code", 0),
				"bureau \"%s\": short_code %s and the %d digits that link \"%s\" adds are longer than 20", b->code,
				b->short_code, l->suffix_digits, l->name);
		if (l == NULL)
			conf_fault(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "links", (unsigned)i),
				"bureau \"%s\": unknown link \"%s\"; there is no section link \"%s\"", b->code, b->links[i],
				b->links[i]);
	}
	conf_check_ussd(c, n, file, faults);
	for (size_t i = 0; i < b->ntrial_phones; i++) {
		char phone[20];
		if (conf_phone_normalise(b, b->trial_phones[i], phone, sizeof(phone), NULL) != 0)
			conf_fault(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "trial_phones", (unsigned)i),
				"bureau \"%s\": trial_phones %s is no phone of country %s", b->code, b->trial_phones[i], b->country);
	}
	for (size_t m = 0; m < n; m++) {
		const struct conf_bureau *other = &c->bureaus[m];
		if (b->id > 0 && b->id == other->id)
			conf_fault(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "id", 0),
				"bureau \"%s\": id %d belongs to bureau \"%s\" already", b->code, b->id, other->code);
		check_codes(c, n, m, file, faults);
		for (size_t i = 0; i < b->nlinks; i++) {
			const struct conf_link *l = conf_link_by_name(c, b->links[i]);
			if (l != NULL && l->suffix_digits > 0 && suffix_modulus(c, b) == 0)
				conf_fault(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "short_code", 0),
					"bureau \"%s\": so many bureaus share short_code %s that the %d digits of link \"%s\" do not tell "
					"their "
					"conversations apart",
					b->code, b->short_code, l->suffix_digits, l->name);
		}
	}
}

/*
 * Values that a text has less room for than they need (the worst case by which dialogs are checked) come out cut. That
 * is no fault: pages show them whole.
 */
static void
warn_long(const struct conf *c, const struct conf_file *file, struct conf_faults *faults)
{
	static const struct {
		const char *key;
		size_t offset, room;
	} limits[] = {
		{"name", offsetof(struct conf_bureau, name), 20},
		{"telephone", offsetof(struct conf_bureau, telephone), 16},
		{"address", offsetof(struct conf_bureau, address), 40},
	};
	for (size_t n = 0; n < c->nbureaus; n++) {
		for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
			const char *value = *(const char *const *)((const char *)&c->bureaus[n] + limits[i].offset);
			if (utf8_count(value, strlen(value)) > limits[i].room)
				conf_warning(faults, file->name, conf_file_line(file, CONF_BUREAU, n, limits[i].key, 0),
					"bureau \"%s\": texts have room for %zu characters of %s and cut the rest", c->bureaus[n].code,
					limits[i].room, limits[i].key);
		}
	}
	if (strlen(c->public_url) > 29)
		conf_warning(faults, file->name, conf_file_line(file, CONF_PUBLIC, 0, "url", 0),
			"public: url is longer than 29 characters, so texts with a link may take a part more");
}

void
conf_check(struct conf_box *box, const struct conf_file *file, struct conf_faults *faults)
{
	const struct conf *c = &box->conf;
	if (c->nbureaus == 0)
		conf_fault(faults, file->name, 0, "no bureau: a section bureau \"CODE\" { ... } is needed");
	if (c->nlinks == 0)
		conf_fault(faults, file->name, 0, "no link: a section link \"NAME\" { ... } is needed");
	for (size_t n = 0; n < c->nlinks; n++)
		conf_check_link(c, n, file, faults);
	for (size_t n = 0; n < c->nbureaus; n++)
		check_bureau(c, n, file, faults);
	warn_long(c, file, faults);
}

/* Whether two definitions of one code are for the same bureau: then nobody could say which one counts. */
static bool
same_bureau(const struct conf_item *a, const struct conf_item *b)
{
	if (a->bureaus == NULL || b->bureaus == NULL)
		return a->bureaus == NULL && b->bureaus == NULL;
	for (size_t i = 0; i < a->nbureaus; i++) {
		if (conf_in_list(b->bureaus, b->nbureaus, a->bureaus[i]))
			return true;
	}
	return false;
}

static void
check_item(const struct conf_item *it, const struct conf_origin *at, struct conf_faults *faults)
{
	/* A change has no expiry day: its reminders count back from the last day of the window. */
	bool change = strcmp(it->trigger, "change") == 0;
	int longest = change ? it->window_before + it->window_after : it->window_before;

	if (strlen(it->code) > 64 || strspn(it->code, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(it->code))
		conf_fault(faults, at->file, at->line,
			"item \"%s\": a code is made of small letters, digits and hyphens, at most 64", it->code);
	for (size_t i = 0; i < it->nreminder_days; i++) {
		if (i > 0 && it->reminder_days[i] >= it->reminder_days[i - 1])
			conf_fault(faults, at->file, at->line, "item \"%s\": reminder_days must fall: %d comes after %d", it->code,
				it->reminder_days[i], it->reminder_days[i - 1]);
		if (it->reminder_days[i] > longest)
			conf_fault(faults, at->file, at->line,
				"item \"%s\": reminder_days %d lies outside the window, which begins %d days before", it->code,
				it->reminder_days[i], longest);
	}
	if (it->nreminder_days == 0)
		conf_fault(faults, at->file, at->line, "item \"%s\": reminder_days is empty", it->code);
	if (it->nold_certificate == 0 || it->ndelivery == 0 || it->nlanguages == 0)
		conf_fault(faults, at->file, at->line,
			"item \"%s\": old_certificate, delivery and languages need one value each", it->code);
	if (it->nidentity == 0 || strcmp(it->identity[0], "page") != 0)
		conf_fault(faults, at->file, at->line,
			"item \"%s\": identity must name page first: who has a link can always open it", it->code);
	if (it->phone_days > 0 && it->nreminder_days > 0 && it->phone_days >= it->reminder_days[0])
		conf_warning(faults, at->file, at->line,
			"item \"%s\": phone_days %d comes before the first reminder: nobody is reminded by text twice", it->code,
			it->phone_days);
	if (strcmp(it->approval, "rule") == 0 && it->nrules == 0)
		conf_fault(faults, at->file, at->line,
			"item \"%s\": approval = \"rule\" needs rules; without one everything would be approved", it->code);
	if (strlen(it->dialog) > DIALOG_NAME_MAX)
		conf_fault(faults, at->file, at->line, "item \"%s\": dialog \"%s\" is longer than %d characters", it->code,
			it->dialog, DIALOG_NAME_MAX);
}

void
conf_check_items(struct conf_box *box, const struct conf_origin *origin, struct conf_faults *faults)
{
	const struct conf *c = &box->conf;
	for (size_t i = 0; i < c->nitems; i++) {
		check_item(&c->items[i], &origin[i], faults);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(c->items[i].code, c->items[j].code) == 0 && same_bureau(&c->items[i], &c->items[j]))
				conf_fault(faults, origin[i].file, origin[i].line,
					"item \"%s\" is defined in %s:%d already; name other bureaus in one of them", c->items[i].code,
					origin[j].file, origin[j].line);
		}
	}
}
