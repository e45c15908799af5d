/* huizhi person: everything that is kept of one person, and its erasure. */
#include "gateway/person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "gateway/import_check.h"
#include "gateway/keys.h"
#include "gateway/sealing.h"

#define SEAL_SECONDS 10
#define SETTLE_SECONDS 10

/* A phone or an identity number, as the bureau writes them. 0, or -1 (printed). */
static int
read_word(const struct conf_bureau *b, const char *word, char phone[24], char number[41], bool *is_phone)
{
	char clean[200], fault[CHECK_FAULT_MAX + 1];
	(void)check_clean(word, strlen(word), true, clean, sizeof clean);
	*is_phone = conf_phone_normalise(b, clean, phone, 24, NULL) == 0;
	if (*is_phone || check_id_number(b->country, clean, number, fault) == 0)
		return 0;
	cli_fail("\"%s\" is neither a telephone number nor an identity number", word);
	return -1;
}

/* 0 with p filled and the connection lent, or an exit code (printed). */
static int
find(struct cli *c, const char *word, struct person *p)
{
	char phone[24], number[41], line[200] = "";
	bool is_phone;
	/* A number on the command line stands in the list of processes. */
	if (strcmp(word, "-") == 0) {
		if (fgets(line, sizeof line, stdin) == NULL)
			return cli_fail("could not read a telephone number or an identity number from standard input");
		line[strcspn(line, "\r\n")] = '\0';
		word = line;
	}
	p->bureau = cli_bureau(c);
	if (p->bureau == NULL || read_word(p->bureau, word, phone, number, &is_phone) != 0)
		return CLI_FAILED;
	p->keys = cli_keys(c);
	if (p->keys == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	p->conn = pg_raw_begin(c->pg);
	if (p->conn == NULL)
		return cli_fail("could not use the connection to the database; try again");
	p->error = "";
	if (person_find(p, is_phone ? phone : NULL, is_phone ? NULL : number) != 0)
		return cli_fail("the database says: %s", p->error);
	return person_known(p) ? CLI_DONE : cli_fail("nothing is kept of %s at %s", word, p->bureau->code);
}

static int
export_person(struct cli *c, int argc, char **argv)
{
	const char *word, *staff = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	struct person p = {0};
	char actor[80];

	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0)
		return CLI_USAGE;
	int code = find(c, word, &p);
	if (code == CLI_DONE) {
		json_t *all = person_export(&p, cli_actor(staff, actor, sizeof actor));
		if (all == NULL) {
			code = cli_fail("the database says: %s", p.error);
		} else {
			/* It is for the person, or for another program: a document in either case. */
			json_dumpf(all, stdout, JSON_INDENT(2));
			putchar('\n');
			json_decref(all);
		}
	}
	if (p.conn != NULL)
		pg_raw_end(c->pg);
	person_free(&p);
	return code;
}

static int
seal_first(struct person *p)
{
	return sealing_whole(p->conn, keys_sign_secret(p->keys), p->bureau->id, SEAL_SECONDS, &p->error);
}

static void
print_told(const json_t *told)
{
	json_t *row;
	size_t i;
	const char *key;
	bool dry = json_is_true(json_object_get(told, "dry_run"));
	if (dry) {
		printf("would erase conversations %s, holders %s\n", json_string_value(json_object_get(told, "conversations")),
			json_string_value(json_object_get(told, "holders")));
	} else {
		printf("order %" JSON_INTEGER_FORMAT ":", json_integer_value(json_object_get(told, "order")));
		json_object_foreach (json_object_get(told, "erased"), key, row)
			printf(" %" JSON_INTEGER_FORMAT " %s", json_integer_value(row), key);
		puts(" erased");
	}
	json_array_foreach (json_object_get(told, "stays"), i, row) {
		json_int_t id = json_integer_value(json_object_get(row, "id"));
		printf("stays: %s", json_string_value(json_object_get(row, "what")));
		if (id != 0)
			printf(" %" JSON_INTEGER_FORMAT, id);
		printf(": %s\n", json_string_value(json_object_get(row, "why")));
	}
}

static int
erase(struct cli *c, int argc, char **argv)
{
	const char *word, *staff = NULL, *reason = NULL;
	bool dry_run = false;
	const struct cli_option options[] = {
		{"--staff", &staff, NULL}, {"--reason", &reason, NULL}, {"--dry-run", NULL, &dry_run}, {NULL, NULL, NULL}};
	struct person p = {0};
	char actor[80];

	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0)
		return CLI_USAGE;
	if (reason == NULL && !dry_run)
		return cli_usage(c, "--reason says why: the request's date or number, without the person's name");
	int code = find(c, word, &p);
	if (code == CLI_DONE) {
		/* What is on its way out is written down when it has left; then everything is sealed. */
		bool ready = dry_run || (person_settle(&p, SETTLE_SECONDS) == 0 && seal_first(&p) == 0);
		json_t *told =
			ready ? person_erase(&p, reason == NULL ? "" : reason, cli_actor(staff, actor, sizeof actor), dry_run)
				  : NULL;
		if (told == NULL) {
			code = cli_fail("could not erase it all: %s", p.error);
		} else if (c->json) {
			code = cli_print_object(c, told, NULL);
		} else {
			print_told(told);
			json_decref(told);
		}
	}
	if (p.conn != NULL)
		pg_raw_end(c->pg);
	person_free(&p);
	return code;
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"export", export_person}, {"erase", erase}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_person = {
	.name = "person",
	.usage = "person export PHONE|ID-NUMBER [--staff NAME]\n"
			 "person erase PHONE|ID-NUMBER --reason TEXT [--staff NAME]\n"
			 "person erase PHONE|ID-NUMBER --dry-run\n",
	.summary = "everything about one person: a copy for them, or its erasure",
	.help =
		"export  holders, licences, changes, applications, talks, texts, proofs, lists, the trail, what other systems\n"
		"        were told and who of the staff has looked, as one JSON document with numbers and addresses opened:\n"
		"        hand it to that person alone. That it was made is in the trail.\n"
		"erase   takes out phones, texts, names, numbers and addresses where the law allows, and says what stays and\n"
		"        why: what is under way, what ended within keep_days, talks about other holders' licences too, names\n"
		"        and numbers of valid licences, phones that want no reminders. The trail keeps that and when things\n"
		"        happened, and its seals stay valid. The order has --reason and is listed by huizhi retention orders;\n"
		"        what remains in free space of the files and in backups is said at huizhi retention.\n"
		"A phone means every holder who is reached there; an identity number that one. Both are of one bureau.\n"
		"A dash in its place is read from standard input, so that it stands in no list of processes.\n",
	.run = run,
};
