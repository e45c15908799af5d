/* huizhi phone: the list of those to phone. What to read out, a code that proves the call, and what came of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dialog/token.h"
#include "gateway/cli/application_assist.h"
#include "gateway/cli/commands.h"
#include "gateway/clerk.h"
#include "gateway/grants.h"
#include "gateway/import_check.h"
#include "gateway/keys.h"
#include "gateway/phoning.h"
#include "gateway/templates.h"
#include "store/view.h"

static const struct cli_column script_columns[] = {{"entry", "Entry"}, {"phone", "Phone"}, {"reason", "Why"},
	{"tries", "Calls so far"}, {"code", "Code of this call"}, {"script", "Script"}, {NULL, NULL}};

static json_t *
entry(struct cli *c, const struct conf_bureau *b, int64_t id)
{
	struct pg_params *p = cli_params(b);
	bool failed;
	pg_param_int(p, id);
	json_t *row = cli_row_run(c, STMT_PHONE_ENTRY, p, b, &failed);
	if (row == NULL && !failed)
		cli_fail("bureau %s has no open entry %lld on its phone list", b->code, (long long)id);
	return row;
}

/* ---- script ----------------------------------------------------------------------------------------------------- */

/* Draws and stores a code; 0, or -1 with the reason printed. */
static int
draw(struct cli *c, const struct conf_bureau *b, const char *phone, const char *staff, char code[TOKEN_CODE_LEN + 1])
{
	uint8_t hash[32];
	if (phoning_draw(code) != 0)
		return -1;
	grants_code_hash(c->keys, code, hash);
	struct pg_params *p = cli_params(b);
	pg_param_bytes(p, hash, sizeof hash);
	pg_param_text(p, phone);
	pg_param_text(p, staff);
	pg_param_int(p, PHONING_CODE_HOURS);
	return cli_change(c, STMT_CALL_CODE_ADD, p) < 0 ? -1 : 0;
}

static int
script(struct cli *c, int argc, char **argv)
{
	const char *word, *staff = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char actor[80], code[TOKEN_CODE_LEN + 1], text[DIALOG_TEXT_MAX + 1] = "";
	int64_t id;
	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0 || cli_number(c, "entry", word, 1, INT64_MAX, &id) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *row = entry(c, b, id);
	if (row == NULL)
		return CLI_FAILED;
	struct templates *t = cli_templates(c);
	const struct dialog *d = t == NULL
								 ? NULL
								 : templates_find_for(t, b->id,
									   view_text(row, "dialog")[0] != '\0' ? view_text(row, "dialog") : "visitor", 0);
	const char *who = cli_actor(staff, actor, sizeof actor);
	who = strncmp(who, "staff:", 6) == 0 ? who + 6 : who;
	if (d == NULL || draw(c, b, view_text(row, "phone"), who, code) != 0 ||
		phoning_script(d, b, row, who, code, text, sizeof text) < 0) {
		templates_free(t);
		json_decref(row);
		return d == NULL || text[0] == '\0' ? cli_fail("there is no text phone_script for entry %lld", (long long)id)
											: CLI_FAILED;
	}
	const char *phone = view_text(row, "phone")[0] != '\0' ? view_text(row, "phone") : view_text(row, "landline");
	json_t *out = json_pack("{s:I, s:s, s:s, s:O, s:s, s:s}", "entry", (json_int_t)id, "phone", phone, "reason",
		view_text(row, "reason"), "tries", json_object_get(row, "tries"), "code", code, "script", text);
	templates_free(t);
	json_decref(row);
	return cli_print_object(c, out, script_columns);
}

/* ---- result ----------------------------------------------------------------------------------------------------- */

static int
result(struct cli *c, int argc, char **argv)
{
	const char *words[2], *staff = NULL, *said = NULL, *on = NULL;
	const struct cli_option options[] = {
		{"--staff", &staff, NULL}, {"--words", &said, NULL}, {"--on", &on, NULL}, {NULL, NULL, NULL}};
	char actor[80], day[11] = "", fault[CHECK_FAULT_MAX + 1];
	int64_t id;
	if (cli_args(c, argc, argv, options, words, 2, 2) < 0 || cli_number(c, "entry", words[0], 1, INT64_MAX, &id) != 0)
		return CLI_USAGE;
	const struct phoning_outcome *o = phoning_outcome(words[1]);
	if (o == NULL)
		return cli_usage(c, "there is no result \"%s\"", words[1]);
	if (strcmp(o->word, "agreed") == 0 && (said == NULL || said[0] == '\0'))
		return cli_usage(c, "agreed needs --words: what the holder said is the evidence of consent");
	if (strcmp(o->word, "call_again") == 0 && on == NULL)
		return cli_usage(c, "call_again needs --on YYYY-MM-DD");
	if (on != NULL && check_date(on, day, fault) < 0)
		return cli_usage(c, "--on \"%s\" %s", on, fault);
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *row = entry(c, b, id);
	if (row == NULL)
		return CLI_FAILED;
	bool talking = json_is_true(json_object_get(row, "talking"));
	int64_t tries = json_integer_value(json_object_get(row, "tries")) + 1,
			application = json_integer_value(json_object_get(row, "application"));
	json_decref(row);
	/* What is said opens the talk of whom no text reaches. */
	if (o->event[0] != '\0' && !talking && (application == 0 || assist_open(c, b, application) != 0))
		return cli_fail("entry %lld is of an application that is over; close it with spoken", (long long)id);
	o = phoning_kept(o, tries);
	if (!o->done && day[0] == '\0')
		phoning_day(b, time(NULL), o->workdays, day);
	struct pg_params *p = cli_params(b);
	phoning_params(p, id, o, said == NULL ? "" : said, cli_actor(staff, actor, sizeof actor), day);
	int changed = cli_change(c, STMT_PHONE_RESULT, p);
	if (changed < 0)
		return CLI_FAILED;
	if (changed == 0)
		return cli_fail("entry %lld is done already, or somebody else has taken it", (long long)id);
	if (c->json)
		return cli_print_object(c,
			json_pack("{s:s, s:I, s:s, s:I, s:b, s:s*}", "bureau", b->code, "id", (json_int_t)id, "result", o->word,
				"tries", (json_int_t)tries, "done", o->done, "due_on", o->done ? NULL : day),
			NULL);
	printf("entry %lld: %s%s%s\n", (long long)id, o->word, o->done ? ", closed" : ", next on ", o->done ? "" : day);
	return CLI_DONE;
}

/* ---- undo ------------------------------------------------------------------------------------------------------- */

static int
undo(struct cli *c, int argc, char **argv)
{
	const char *word, *staff = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char actor[80];
	int64_t id;
	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0 || cli_number(c, "entry", word, 1, INT64_MAX, &id) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	struct pg_params *p = cli_params(b);
	pg_param_int(p, id);
	pg_param_text(p, cli_actor(staff, actor, sizeof actor));
	pg_param_text(p, NULL);
	pg_param_text(p, "command line");
	pg_param_int(p, CLERK_UNDO_SECONDS);
	pg_param_int(p, CLERK_CLAIM_SECONDS);
	int changed = cli_change(c, STMT_PHONE_UNDO, p);
	if (changed < 0)
		return CLI_FAILED;
	if (changed == 0)
		return cli_fail(
			"what %s noted of a call for entry %lld cannot be taken back: the talk has heard of it, it is older "
			"than ten minutes, or it is somebody else's",
			actor, (long long)id);
	if (c->json)
		return cli_print_object(c,
			json_pack("{s:s, s:I, s:s, s:s}", "bureau", b->code, "id", (json_int_t)id, "result", "undone", "by", actor),
			NULL);
	printf("entry %lld: as before the call, and yours\n", (long long)id);
	return CLI_DONE;
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"script", script}, {"result", result}, {"undo", undo}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_phone_command = {
	.name = "phone",
	.usage = "phone script ENTRY [--staff NAME]\n"
			 "phone result ENTRY agreed|will_reply|no_answer|call_again|spoken|visit|declined|wrong_number\n"
			 "             [--words TEXT] [--on DATE] [--staff NAME]\n"
			 "phone undo ENTRY [--staff NAME]\n",
	.summary = "what to read out to somebody of the phone list, and what came of the call",
	.help =
		"script   the words for the clerk, with a code of this call: whoever doubts it texts CHECK and the code to "
		"the\n"
		"         bureau, or types it on the page, and is told whether the call is genuine\n"
		"result   agreed needs --words, what the holder said; it is the evidence of consent, and the talk goes on by\n"
		"         text, on the page or on the phone (huizhi application assist). no_answer: again on the next working\n"
		"         day, after three times a visit; will_reply: after three working days; call_again: on the day of "
		"--on\n"
		"undo     what you have noted of the last call never was, within ten minutes, unless the talk has heard of "
		"it\n",
	.run = run,
};
