/* huizhi conversation show: the talk with one phone, its applications and its texts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "gateway/delivery_rows.h"

#define CONVERSATIONS 20
#define TEXTS 200

static const struct cli_column columns[] = {
	{"bureau", "Bureau"},
	{"id", "Conversation"},
	{"phone", "Phone"},
	{"open", "Open"},
	{"step", "Step"},
	{"outcome", "Outcome"},
	{"language", "Language"},
	{"dialog", "Dialog"},
	{"dialog_version", "Version"},
	{"opted_out", "Opted out"},
	{"turns", "Turns"},
	{"started_at", "Started"},
	{"step_since", "At this step since"},
	{"deadline_at", "Next deadline"},
	{"ended_at", "Ended"},
	{NULL, NULL},
};

static const struct cli_column application_columns[] = {{"number", "NO"}, {"id", "APPLICATION"}, {"item", "ITEM"},
	{"licence_no", "LICENCE"}, {"status", "STATUS"}, {NULL, NULL}};

static const struct cli_column earlier_columns[] = {
	{"id", "CONVERSATION"}, {"started_at", "STARTED"}, {"ended_at", "ENDED"}, {"outcome", "OUTCOME"}, {NULL, NULL}};

static PGresult *
ask(struct cli *c, enum stmt s, const struct conf_bureau *b, const char *phone, int limit)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_text(p, phone);
	pg_param_int(p, limit);
	PGresult *res = cli_run(c, s, p);
	pg_params_free(p);
	return res;
}

/* The newest conversation with everything about it; NULL when there is none or the database refused. */
static json_t *
load(struct cli *c, const struct conf_bureau *b, const char *phone, bool *failed)
{
	PGresult *res = ask(c, STMT_VIEW_CONVERSATIONS, b, phone, CONVERSATIONS);
	*failed = res == NULL;
	if (res == NULL)
		return NULL;
	json_t *rows = cli_rows(res, b);
	PQclear(res);
	json_t *newest = json_incref(json_array_get(rows, 0));
	if (newest != NULL) {
		json_array_remove(rows, 0);
		json_object_set(newest, "earlier", rows);
		res = ask(c, STMT_VIEW_TEXTS, b, phone, TEXTS);
		*failed = res == NULL;
		if (res != NULL) {
			json_t *texts = cli_rows(res, b);
			delivery_rows(texts, cli_language());
			json_object_set_new(newest, "messages", texts);
		}
		PQclear(res);
	}
	json_decref(rows);
	if (*failed) {
		json_decref(newest);
		newest = NULL;
	}
	return newest;
}

static int
print_person(struct cli *c, json_t *about)
{
	json_t *applications = json_object_get(about, "applications"), *earlier = json_object_get(about, "earlier");
	cli_print_object(c, json_incref(about), columns);
	if (json_array_size(applications) > 0) {
		putchar('\n');
		cli_print_list(c, json_incref(applications), application_columns);
	}
	if (json_array_size(json_object_get(about, "messages")) > 0)
		putchar('\n');
	cli_print_texts(json_object_get(about, "messages"));
	if (json_array_size(earlier) > 0) {
		putchar('\n');
		cli_print_list(c, json_incref(earlier), earlier_columns);
	}
	json_decref(about);
	return CLI_DONE;
}

static int
show(struct cli *c, int argc, char **argv)
{
	const char *word;
	char phone[24];
	size_t n;
	bool failed = false, any = false;
	if (cli_args(c, argc, argv, NULL, &word, 1, 1) < 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;

	/* One phone may talk with several bureaus: the one with the open or the newest talk is shown, the others are named.
	 */
	json_t *best = NULL;
	for (size_t i = 0; i < n && !failed; i++) {
		if (conf_phone_normalise(&b[i], word, phone, sizeof phone, NULL) != 0)
			continue;
		any = true;
		json_t *found = load(c, &b[i], phone, &failed);
		if (found == NULL)
			continue;
		bool open = json_is_true(json_object_get(found, "open"));
		bool better = best == NULL || (open && !json_is_true(json_object_get(best, "open")));
		if (best != NULL)
			fprintf(stderr, "huizhi: bureau %s has a conversation with this phone too\n",
				json_string_value(json_object_get(better ? best : found, "bureau")));
		json_decref(better ? best : found);
		if (better)
			best = found;
	}
	if (failed) {
		json_decref(best);
		return CLI_FAILED;
	}
	if (!any)
		return cli_fail("\"%s\" is no telephone number", word);
	if (best == NULL)
		return cli_fail("there is no conversation with %s", phone);
	return c->json ? cli_print_object(c, best, NULL) : print_person(c, best);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"show", show}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_conversation = {
	.name = "conversation",
	.usage = "conversation show PHONE\n",
	.summary = "the talk with one phone: where it stands, its applications, its texts",
	.help = "The phone may be written +86..., 86... or nationally.\n",
	.run = run,
};
