/* The report of a campaign as CSV: a row a phone, with what became of its text and what was answered. */
#ifndef GATEWAY_CAMPAIGN_REPORT_H
#define GATEWAY_CAMPAIGN_REPORT_H

#include <jansson.h>
#include <stdio.h>

#define CAMPAIGN_REPORT_ROWS 1000 /* of one STMT_CAMPAIGN_REPORT */

/* The names of the columns, as programs know them. */
extern const char campaign_report_columns[];
/* Writes one row of STMT_CAMPAIGN_REPORT, the words in the language ("zh", else English). */
void campaign_report_row(FILE *out, const json_t *row, const char *language);

#endif
