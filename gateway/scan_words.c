/* The reasons of a scan, by where struct scan_counts has them. */
#include "gateway/scan_words.h"

#include <string.h>

#include "store/scan.h"

static const struct {
	size_t offset;
	const char *key, *words;
} reasons[] = {
	{offsetof(struct scan_counts, outside_window), "outside_window", "outside the window"},
	{offsetof(struct scan_counts, not_yet), "not_yet", "inside the window, before the first reminder day"},
	{offsetof(struct scan_counts, no_mobile), "no_mobile", "no mobile number (on the list to phone)"},
	{offsetof(struct scan_counts, opted_out), "opted_out", "opted out"},
	{offsetof(struct scan_counts, wrong_number), "wrong_number", "the number is somebody else's"},
	{offsetof(struct scan_counts, already_open), "already_open", "a conversation with the phone is open already"},
	{offsetof(struct scan_counts, shared_phone), "shared_phone", "the phone is talking about another holder"},
	{offsetof(struct scan_counts, already_reminded), "already_reminded", "reminded already for this reminder day"},
	{offsetof(struct scan_counts, answered), "answered", "answered already"},
	{offsetof(struct scan_counts, language), "language", "no wording of the item in the holder's language"},
	{offsetof(struct scan_counts, trial), "trial", "not a phone of the team (the bureau is on trial)"},
};

const char *
scan_reason(size_t i, const char **words, const struct scan_counts *counts, int64_t *count)
{
	if (i >= sizeof(reasons) / sizeof(reasons[0]))
		return NULL;
	if (words != NULL)
		*words = reasons[i].words;
	if (counts != NULL)
		memcpy(count, (const char *)counts + reasons[i].offset, sizeof(*count));
	return reasons[i].key;
}

json_t *
scan_left_out(const struct scan_counts *counts)
{
	json_t *o = json_object();
	const char *key;
	int64_t n = 0;

	for (size_t i = 0; (key = scan_reason(i, NULL, counts, &n)) != NULL; i++)
		json_object_set_new(o, key, json_integer(n));
	return o;
}
