/*
 * The placeholders that a wording may use, each with the longest value that is ever rendered for it: the loader counts
 * with these lengths and the renderer cuts to them, so a text never takes more parts than its author allowed.
 */
#include <string.h>
#include "dialog/internal.h"

static const struct placeholder_row rows[] = {
	/* name, characters, wide, whole, in a list, meaning */
	{"bureau", 30, true, false, false, "name of the bureau"},
	{"signature", 10, true, false, false, "the bureau's signature; the gateway puts it before every text by itself"},
	{"telephone", 16, false, true, false, "the bureau's telephone"},
	{"counter", 40, true, false, false, "address of the bureau's counter"},
	{"item", 36, true, false, true, "name of the service item"},
	{"licence_no", 24, true, false, true, "number of the licence"},
	{"licence_tail", 4, true, true, true, "last four characters of the licence's number"},
	{"holder", 20, true, false, false, "name of the holder, masked"},
	{"expires_on", 10, false, true, true, "last day of the licence, YYYY-MM-DD"},
	{"days_left", 4, false, true, true, "days until then"},
	{"link", 72, false, true, false, "the citizen's page; a fresh grant is made for it"},
	{"code", 8, false, true, false, "the short code of the same grant"},
	{"application_no", 20, false, true, true, "number of the application"},
	{"address", 60, true, false, false, "where the new certificate goes; masked"},
	{"old_certificate", 20, true, false, false, "the choice made for the old certificate, in words"},
	{"delivery", 20, true, false, false, "the choice made for the new certificate, in words"},
	{"tracking_no", 30, false, true, false, "the courier's number"},
	{"pickup_code", 10, false, true, false, "code to show at the counter"},
	{"reason", 60, true, false, false, "why an application was refused"},
	{"rating", 1, false, true, false, "the citizen's mark"},
	{"status", 48, true, false, true, "where the application stands, in words"},
	{"count", 2, false, true, false, "how many applications the text is about"},
	{"n", 2, false, true, true, "number of an application in the conversation"},
	{"more", 2, false, true, false, "applications that a list left out"},
	{"check_result", PLACEHOLDER_LONGEST, true, false, false, "what CHECK found, in words"},
	{"check", 12, false, true, false, "the code that was asked about"},
	{"day", 10, false, true, false, "the date that the citizen named"},
	{"identity", 1, false, true, false, "stands when the identity number may be typed into a USSD session"},
	{"texted", 1, false, true, false, "stands on a USSD screen when its link goes out as a text instead"},
	{"due_on", 10, false, true, true,
		"last day of the licence where its expiry is the reason, YYYY-MM-DD; else nothing"},
	{"changed", 20, true, false, true, "what changed in the business register, by name; nothing where nothing did"},
	{"change", 60, true, false, false, "what changed, from what to what, masked"},
	{"certificate_no", 30, true, true, false, "number of the new certificate"},
	{"check_due", 10, false, true, false, "day by which it is checked whether a pledge was kept"},
	{"signed", 9, false, true, false, "the first digits of the hash of what was signed on the page"},
	{"staff", 20, true, false, false, "the clerk who phoned"},
	{"note", 60, true, false, false, "free words of the citizen"},
};

const struct placeholder_row *
placeholder_rows(size_t *count)
{
	*count = sizeof(rows) / sizeof(rows[0]);
	return rows;
}

const struct placeholder_row *
placeholder_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
			return &rows[i];
	return NULL;
}
