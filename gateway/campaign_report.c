/* Rows of a campaign's report, for the console and the command line alike. */
#include "gateway/campaign_report.h"

#include <string.h>

#include "gateway/csv.h"
#include "gateway/delivery.h"

const char campaign_report_columns[] = "phone,holder,language,items,licences,state,words,parts,at,link,answer,error";

static void
put(FILE *out, const char *text, bool first)
{
	if (text == NULL)
		text = "";
	csv_write_guarded(out, text, strlen(text), first);
}

void
campaign_report_row(FILE *out, const json_t *row, const char *language)
{
	static const char *const keys[] = {"phone", "holder", "language", "items", "licences", "state"};
	static const char *const rest[] = {"state_at", "link", "answer", "error"};
	const char *state = json_string_value(json_object_get(row, "state"));
	char parts[24];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		put(out, json_string_value(json_object_get(row, keys[i])), i == 0);
	put(out, state == NULL ? "" : delivery_words(state, language), false);
	snprintf(parts, sizeof(parts), "%lld", (long long)json_integer_value(json_object_get(row, "parts")));
	put(out, parts, false);
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		put(out, json_string_value(json_object_get(row, rest[i])), false);
	fputs("\r\n", out);
}
