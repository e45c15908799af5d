/* huizhi application: what a bureau sees of its applications and does with them. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/application_assist.h"
#include "gateway/cli/commands.h"
#include "dialog/dialog.h"
#include "gateway/keys.h"
#include "gateway/smpp/ussd.h"
#include "store/application.h"
#include "store/view.h"

#define PAGE_ROWS 5000 /* of a list without a limit, one statement each */

static const struct cli_column list_columns[] = {
	{"bureau", "BUREAU"},
	{"id", "ID"},
	{"status", "STATUS"},
	{"item_name", "ITEM"},
	{"licence_no", "LICENCE"},
	{"holder", "HOLDER"},
	{"phone", "PHONE"},
	{"expires_on", "EXPIRES"},
	{"old_certificate", "OLD"},
	{"delivery", "DELIVERY"},
	{NULL, NULL},
};

static const struct cli_column show_columns[] = {
	{"bureau", "Bureau"},
	{"id", "Application"},
	{"status", "Status"},
	{"item_name", "Item"},
	{"item", "Item's code"},
	{"licence_no", "Licence"},
	{"issued_on", "Issued"},
	{"expires_on", "Expires"},
	{"holder", "Holder"},
	{"phone", "Phone"},
	{"language", "Language"},
	{"tags", "Tags"},
	{"approval", "Approval"},
	{"verified_by", "Identity proven by"},
	{"old_certificate", "Old certificate"},
	{"delivery", "Delivery"},
	{"address", "Address"},
	{"decided_by", "Decided by"},
	{"reason", "Reason"},
	{"tracking_no", "Tracking number"},
	{"rating", "Rating"},
	{"conversation", "Conversation"},
	{"step", "Step"},
	{"worklists", "On the lists"},
	{"reminders", "Reminders"},
	{"created_at", "Due since"},
	{"reminded_at", "Reminded"},
	{"consented_at", "Consented"},
	{"confirmed_at", "Confirmed"},
	{"submitted_at", "Submitted"},
	{"decided_at", "Decided"},
	{"old_received_at", "Old one received"},
	{"sent_at", "Sent or ready"},
	{"collected_at", "Collected"},
	{"closed_at", "Closed"},
	{NULL, NULL},
};

/* ---- list, show ------------------------------------------------------------------------------------------------- */

/* Adds a bureau's applications to all, at most `limit`; page by page, so that no statement carries everything. */
static int
add_applications(
	struct cli *c, const struct conf_bureau *b, const char *status, const char *item, int64_t limit, json_t *all)
{
	int64_t after = 0;
	for (size_t rows = PAGE_ROWS; rows == PAGE_ROWS && (int64_t)json_array_size(all) < limit;) {
		struct pg_params *p = cli_params(b);
		pg_param_text(p, status);
		pg_param_text(p, item);
		pg_param_int(p, after);
		pg_param_int(p, PAGE_ROWS);
		json_t *page = cli_rows_run(c, STMT_VIEW_APPLICATIONS, p, b);
		if (page == NULL)
			return CLI_FAILED;
		rows = json_array_size(page);
		if (rows > 0)
			after = view_number(json_array_get(page, rows - 1), "id");
		for (size_t i = 0; i < rows && (int64_t)json_array_size(all) < limit; i++)
			json_array_append(all, json_array_get(page, i));
		json_decref(page);
	}
	return CLI_DONE;
}

static int
list(struct cli *c, int argc, char **argv)
{
	const char *status = NULL, *item = NULL, *limit_text = NULL;
	const struct cli_option options[] = {
		{"--status", &status, NULL}, {"--item", &item, NULL}, {"--limit", &limit_text, NULL}, {NULL, NULL, NULL}};
	int64_t limit = INT64_MAX;
	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0 ||
		(limit_text != NULL && cli_number(c, "--limit", limit_text, 1, INT64_MAX, &limit) != 0))
		return CLI_USAGE;
	const char *const *s = application_statuses();
	while (status != NULL && *s != NULL && strcmp(*s, status) != 0)
		s++;
	if (*s == NULL)
		return cli_usage(c, "there is no status \"%s\"", status);

	size_t n;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *all = json_array();
	for (size_t i = 0; i < n; i++) {
		if (add_applications(c, &b[i], status, item, limit, all) != CLI_DONE) {
			json_decref(all);
			return CLI_FAILED;
		}
	}
	return cli_print_list(c, all, list_columns);
}

/*
 * Asks the bureaus meant, one after the other, until one has rows for this application: $1 the bureau, $2 the
 * application, then what add puts (NULL = nothing). NULL: none has (*at is NULL), or it failed, printed (*at is the
 * bureau). The caller PQclears.
 */
static PGresult *
ask_bureaus(struct cli *c, enum stmt s, int64_t id,
	void (*add)(struct pg_params *p, const struct cli *c, const struct conf_bureau *b, const void *arg),
	const void *arg, const struct conf_bureau **at)
{
	size_t n;
	const struct conf_bureau *b = cli_bureaus(c, &n);

	*at = b;
	if (n == 0 || cli_pg(c) == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct pg_params *p = cli_params(&b[i]);
		pg_param_int(p, id);
		if (add != NULL)
			add(p, c, &b[i], arg);
		*at = &b[i];
		PGresult *res = cli_run(c, s, p);
		pg_params_free(p);
		if (res == NULL || PQntuples(res) > 0)
			return res;
		PQclear(res);
	}
	*at = NULL;
	return NULL;
}

static int
show(struct cli *c, int argc, char **argv)
{
	const char *word;
	const struct conf_bureau *at;
	int64_t id;
	if (cli_args(c, argc, argv, NULL, &word, 1, 1) < 0 || cli_number(c, "application", word, 1, INT64_MAX, &id) != 0)
		return CLI_USAGE;
	if (cli_keys(c) == NULL)
		return CLI_FAILED;
	PGresult *res = ask_bureaus(c, STMT_VIEW_APPLICATION, id, NULL, NULL, &at);
	if (res == NULL)
		return at != NULL ? CLI_FAILED : cli_fail("there is no application %lld", (long long)id);
	json_t *rows = cli_rows(res, at), *found = json_incref(json_array_get(rows, 0));
	PQclear(res);
	json_decref(rows);
	char *address = keys_open(c->keys, json_string_value(json_object_get(found, "address")));
	json_object_set_new(found, "address", address != NULL ? json_string(address) : json_null());
	free(address);
	return cli_print_object(c, found, show_columns);
}

/* ---- What the bureau does --------------------------------------------------------------------------------------- */

/* Does it at the bureau that has the application, and says what came of it. */
static int
act(struct cli *c, struct application_act *a, const char *staff)
{
	char actor[80];
	size_t n;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;
	a->actor = cli_actor(staff, actor, sizeof actor);

	struct application_answer answer = {.outcome = APPLICATION_UNKNOWN};
	size_t i = 0;
	for (; i < n; i++) {
		a->bureau_id = b[i].id;
		answer = application_act_wait(c->pg, a);
		if (answer.outcome != APPLICATION_UNKNOWN)
			break;
	}
	switch (answer.outcome) {
	case APPLICATION_UNKNOWN:
		return cli_fail("there is no application %lld", (long long)a->id);
	case APPLICATION_FAILED:
		return cli_fail("the database says: %s", answer.text);
	case APPLICATION_REFUSED:
		return cli_fail("%s", answer.text);
	case APPLICATION_DONE:
		break;
	}
	if (c->json)
		return cli_print_object(c,
			json_pack("{s:s, s:I, s:s, s:s, s:b, s:b}", "bureau", b[i].code, "id", (json_int_t)a->id, "before",
				answer.before, "status", answer.status, "told", answer.told, "finished", answer.finished),
			NULL);
	printf("application %lld: ", (long long)a->id);
	if (strcmp(answer.before, answer.status) != 0)
		printf("%s, now %s", answer.before, answer.status);
	else
		printf("%s, noted", answer.status);
	puts(answer.told ? "; the citizen is told" : "; nobody is told, for no conversation is open");
	return CLI_DONE;
}

static int
read_id(
	struct cli *c, int argc, char **argv, const struct cli_option *options, const char **words, int max, int64_t *id)
{
	int n = cli_args(c, argc, argv, options, words, 1, max);
	if (n < 0 || cli_number(c, "application", words[0], 1, INT64_MAX, id) != 0)
		return -1;
	return n;
}

static int
decide(struct cli *c, int argc, char **argv)
{
	const char *words[2], *reason = NULL, *staff = NULL;
	bool approve = false, reject = false;
	const struct cli_option options[] = {{"--approve", NULL, &approve}, {"--reject", NULL, &reject},
		{"--reason", &reason, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	struct application_act a = {0};
	int n = read_id(c, argc, argv, options, words, 2, &a.id);
	if (n < 0)
		return CLI_USAGE;
	if (n == 2) {
		approve = approve || strcmp(words[1], "approve") == 0;
		reject = reject || strcmp(words[1], "reject") == 0;
	}
	if (approve == reject)
		return cli_usage(c, "say approve or reject");
	if (reject && (reason == NULL || reason[0] == '\0'))
		return cli_usage(c, "a rejection needs --reason, which the citizen is told");
	a.kind = approve ? APPLICATION_APPROVE : APPLICATION_REJECT;
	a.reason = reason;
	return act(c, &a, staff);
}

static int
send_result(struct cli *c, int argc, char **argv)
{
	const char *word, *tracking = NULL, *staff = NULL;
	const struct cli_option options[] = {
		{"--tracking", &tracking, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	struct application_act a = {0};
	char code[8];
	if (read_id(c, argc, argv, options, &word, 1, &a.id) < 0)
		return CLI_USAGE;
	if (tracking != NULL && tracking[0] != '\0') {
		a.kind = APPLICATION_SEND;
		a.tracking_no = tracking;
	} else {
		/* Only the citizen is told the code: it is what the clerk at the counter asks for. */
		snprintf(code, sizeof code, "%06u", (unsigned)randombytes_uniform(1000000));
		a.kind = APPLICATION_READY;
		a.pickup_code = code;
	}
	return act(c, &a, staff);
}

static int
collect(struct cli *c, int argc, char **argv)
{
	const char *word, *code = NULL, *staff = NULL;
	bool old = false;
	const struct cli_option options[] = {
		{"--old", NULL, &old}, {"--code", &code, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	struct application_act a = {0};
	if (read_id(c, argc, argv, options, &word, 1, &a.id) < 0)
		return CLI_USAGE;
	if (old && code != NULL)
		return cli_usage(c, "--code is for the new certificate, --old for the old one");
	a.kind = old ? APPLICATION_OLD_RECEIVED : APPLICATION_COLLECT;
	a.pickup_code = code;
	return act(c, &a, staff);
}

/* Issued on a pledge: was it kept? */
static int
check(struct cli *c, int argc, char **argv)
{
	const char *words[2], *reason = NULL, *staff = NULL;
	const struct cli_option options[] = {{"--reason", &reason, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	struct application_act a = {0};
	if (read_id(c, argc, argv, options, words, 2, &a.id) != 2)
		return cli_usage(c, "say passed or failed");
	bool failed = strcmp(words[1], "failed") == 0;
	if (!failed && strcmp(words[1], "passed") != 0)
		return cli_usage(c, "say passed or failed");
	if (failed && (reason == NULL || reason[0] == '\0'))
		return cli_usage(c, "a pledge that was not kept needs --reason, which the firm is told");
	a.kind = failed ? APPLICATION_FAILED_CHECK : APPLICATION_PASSED;
	a.reason = reason;
	return act(c, &a, staff);
}

static void
add_lift(struct pg_params *p, const struct cli *c, const struct conf_bureau *b, const void *arg)
{
	const char *const *who_why = arg;

	(void)c;
	(void)b;
	pg_param_text(p, who_why[0]);
	pg_param_text(p, who_why[1]);
}

/* A broken pledge's mark on a holder's record does not stand any more. */
static int
lift(struct cli *c, int argc, char **argv)
{
	const char *word, *reason = NULL, *staff = NULL;
	const struct cli_option options[] = {{"--reason", &reason, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	const struct conf_bureau *at;
	char actor[80];
	int64_t id;
	if (read_id(c, argc, argv, options, &word, 1, &id) < 0)
		return CLI_USAGE;
	if (reason == NULL || reason[0] == '\0')
		return cli_usage(c, "lifting a mark needs --reason, which stays in the trail");
	const char *who_why[] = {cli_actor(staff, actor, sizeof actor), reason};
	PGresult *res = ask_bureaus(c, STMT_CREDIT_LIFT, id, add_lift, who_why, &at);
	if (res == NULL)
		return at != NULL ? CLI_FAILED
						  : cli_fail("no mark stands on the record of the holder of application %lld", (long long)id);
	int lifted = PQntuples(res);
	PQclear(res);
	if (c->json)
		return cli_print_object(
			c, json_pack("{s:s, s:I, s:i}", "bureau", at->code, "id", (json_int_t)id, "lifted", lifted), NULL);
	printf("application %lld: %d %s on the holder's record lifted\n", (long long)id, lifted,
		lifted == 1 ? "mark" : "marks");
	return CLI_DONE;
}

static int
assist(struct cli *c, int argc, char **argv)
{
	struct assist a = {0};
	const char *word;
	const struct cli_option options[] = {{"--words", &a.words, NULL}, {"--id", &a.number, NULL},
		{"--old", &a.old, NULL}, {"--delivery", &a.delivery, NULL}, {"--address", &a.address, NULL},
		{"--pledge", &a.pledge, NULL}, {"--staff", &a.staff, NULL}, {NULL, NULL, NULL}};
	int64_t id;
	if (read_id(c, argc, argv, options, &word, 1, &id) < 0)
		return CLI_USAGE;
	if (a.number == NULL)
		return cli_usage(c, "--id is missing: the last six characters of the holder's number, as told on the phone");
	if (a.old == NULL || (strcmp(a.old, "on_site") != 0 && strcmp(a.old, "courier") != 0))
		return cli_usage(c, "--old must be on_site or courier");
	if (a.delivery == NULL || (strcmp(a.delivery, "pick_up") != 0 && strcmp(a.delivery, "courier") != 0))
		return cli_usage(c, "--delivery must be pick_up or courier");
	return assist_run(c, id, &a);
}

static int
verify(struct cli *c, int argc, char **argv)
{
	const char *word, *staff = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	struct application_act a = {.kind = APPLICATION_VERIFY};
	if (read_id(c, argc, argv, options, &word, 1, &a.id) < 0)
		return CLI_USAGE;
	return act(c, &a, staff);
}

/* One of the bureau's links lets us begin a USSD session. */
static bool
can_push(const struct cli *c, const struct conf_bureau *b)
{
	for (size_t i = 0; i < b->nlinks; i++) {
		const struct conf_link *l = conf_link_by_name(c->conf, b->links[i]);
		if (l != NULL && l->ussd_profile != NULL && l->ussd_profile->op[USSD_PUSH_MENU] >= 0)
			return true;
	}
	return false;
}

static void
add_ask(struct pg_params *p, const struct cli *c, const struct conf_bureau *b, const void *actor)
{
	pg_param_bool(p, can_push(c, b));
	pg_param_text(p, actor);
}

/* The question of the step, on the phone's screen, from us: the answer goes on in the same conversation. */
static int
ask(struct cli *c, int argc, char **argv)
{
	const char *word, *staff = NULL;
	bool ussd = false;
	const struct cli_option options[] = {{"--ussd", NULL, &ussd}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	const struct conf_bureau *b;
	char actor[80], step[DIALOG_NAME_MAX + 1], phone[24];
	int64_t id;
	if (read_id(c, argc, argv, options, &word, 1, &id) < 0)
		return CLI_USAGE;
	if (!ussd)
		return cli_usage(c, "say how: --ussd");
	PGresult *res = ask_bureaus(c, STMT_USSD_ASK, id, add_ask, cli_actor(staff, actor, sizeof actor), &b);
	if (res == NULL)
		return b != NULL ? CLI_FAILED : cli_fail("there is no application %lld", (long long)id);
	bool open = strcmp(PQgetvalue(res, 0, 0), "1") == 0;
	snprintf(step, sizeof step, "%s", PQgetvalue(res, 0, 1));
	snprintf(phone, sizeof phone, "%s", PQgetvalue(res, 0, 2));
	PQclear(res);
	if (!open)
		return cli_fail("application %lld has no conversation under way: there is nothing to ask", (long long)id);
	if (step[0] == '\0')
		return cli_fail("application %lld was not reminded yet: there is nothing to ask", (long long)id);
	if (!can_push(c, b))
		return cli_fail("no link of bureau %s can begin a USSD session; the citizen can dial%s%s, or answer by text",
			b->code, b->ussd_code[0] != '\0' ? " " : "", b->ussd_code);
	if (c->json)
		return cli_print_object(c,
			json_pack("{s:s, s:I, s:s, s:s}", "bureau", b->code, "id", (json_int_t)id, "phone", phone, "step", step),
			NULL);
	printf("application %lld: the question of step %s goes to %s, or as a text when no such link is up\n",
		(long long)id, step, phone);
	return CLI_DONE;
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"list", list}, {"ask", ask}, {"show", show}, {"verify", verify},
		{"check", check}, {"lift", lift}, {"assist", assist}, {"decide", decide}, {"send", send_result},
		{"collect", collect}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_application = {
	.name = "application",
	.usage = "application list [--status STATUS] [--item CODE] [--limit N]\n"
			 "application show ID\n"
			 "application ask ID --ussd [--staff NAME]\n"
			 "application verify ID [--staff NAME]\n"
			 "application assist ID --id LAST6 --old on_site|courier --delivery pick_up|courier [--words TEXT] "
			 "[--address TEXT]\n"
			 "                   [--pledge TEXT] [--staff NAME]\n"
			 "application check ID passed|failed [--reason TEXT] [--staff NAME]\n"
			 "application lift ID --reason TEXT [--staff NAME]\n"
			 "application decide ID approve|reject [--reason TEXT] [--staff NAME]\n"
			 "application send ID [--tracking NUMBER] [--staff NAME]\n"
			 "application collect ID [--code CODE | --old] [--staff NAME]\n",
	.summary = "what the bureau sees of its applications and does with them",
	.help =
		"ask      what the conversation waits for comes up on the citizen's phone, as a USSD menu to answer at once\n"
		"assist   a clerk on the phone enters what the holder says: consent in the holder's --words, identity by the "
		"last\n"
		"         six characters, both choices; the talk takes the same steps, and a text says what was entered\n"
		"check    issued on a pledge, and checked afterwards; the firm is told, and a broken pledge marks its record\n"
		"lift     the marks that broken pledges have left on the holder's record do not stand any more\n"
		"verify   a clerk has seen the identity document of the holder\n"
		"decide   approve or reject what was submitted; the reason of a rejection is told to the citizen\n"
		"send     the new certificate went to the courier (--tracking), or is ready at the counter: the citizen gets\n"
		"         the number or a pick-up code\n"
		"collect  the new certificate is in the citizen's hands; at the counter --code is what the citizen was told.\n"
		"         --old: the bureau has the old certificate\n"
		"An application is looked for at every bureau, or at that of --bureau. --staff names who acts; without it the\n"
		"name of the login.\n",
	.run = run,
};
