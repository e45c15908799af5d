/* huizhi staff: the people of a bureau, what each may do, and what each did. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "gateway/cli/commands.h"
#include "gateway/roles.h"

#define LOG_ROWS 200
#define PASSWORD_MIN 10
#define PASSWORD_MAX 256

/* One line from standard input, without echo on a terminal. -1 at the end of input or when it is too long. */
static int
read_password(const char *prompt, char *out, size_t room)
{
	struct termios before, silent;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	if (terminal) {
		fputs(prompt, stderr);
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	bool got = fgets(out, (int)room, stdin) != NULL;
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	size_t len = got ? strcspn(out, "\r\n") : 0;
	if (!got || (out[len] == '\0' && !feof(stdin)))
		return -1;
	out[len] = '\0';
	return 0;
}

/* Asks for the password (twice on a terminal) and hashes it. */
static int
ask_hash(char hash[crypto_pwhash_STRBYTES])
{
	char first[PASSWORD_MAX + 2], second[PASSWORD_MAX + 2];
	int code = CLI_FAILED;
	if (read_password("Password: ", first, sizeof first) != 0)
		cli_fail("no password; it is read from the terminal, or as one line from standard input");
	else if (strlen(first) < PASSWORD_MIN)
		cli_fail("the password is shorter than %d characters", PASSWORD_MIN);
	else if (isatty(STDIN_FILENO) && read_password("Again: ", second, sizeof second) != 0)
		cli_fail("no password");
	else if (isatty(STDIN_FILENO) && strcmp(first, second) != 0)
		cli_fail("the two are not the same");
	else if (crypto_pwhash_str(hash, first, strlen(first), crypto_pwhash_OPSLIMIT_INTERACTIVE,
				 crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
		cli_fail("no memory to hash the password");
	else
		code = CLI_DONE;
	sodium_memzero(first, sizeof first);
	sodium_memzero(second, sizeof second);
	return code;
}

/* "look,send" -> an array parameter. -1 (printed) for a role that does not exist. */
static int
add_roles(const struct cli *c, struct pg_params *p, const char *list)
{
	const char *bad = "";
	size_t len = 0;
	int bits = roles_parse(list, &bad, &len);
	if (bits <= 0) {
		cli_usage(c, "there is no role \"%.*s\": look, send, write, approve, manage", (int)len, bad);
		return -1;
	}
	pg_array_begin(p);
	for (size_t i = 0; role_word(i) != NULL; i++) {
		if ((bits & 1 << i) != 0)
			pg_array_text(p, role_word(i));
	}
	pg_array_end(p);
	return 0;
}

/* Who did it, and from where: the last parameters of every change of an account. */
static void
add_who(struct pg_params *p)
{
	char actor[80];
	pg_param_text(p, cli_actor(NULL, actor, sizeof actor));
	pg_param_text(p, NULL);
	pg_param_text(p, "command line");
}

/* Runs a change of one account, frees its parameters and says what became of it. */
static int
change(struct cli *c, enum stmt s, struct pg_params *p, const struct conf_bureau *b, const char *name, const char *done)
{
	add_who(p);
	int rows = cli_change(c, s, p);
	if (rows == 0)
		return cli_fail("bureau %s has nobody called %s for whom this can be done", b->code, name);
	return rows < 0 ? CLI_FAILED : cli_told_named(c, b, name, done);
}

/* One account of the bureau meant, and no more words: parameters with bureau and name; NULL with *code to return. */
static struct pg_params *
read_name(struct cli *c, int argc, char **argv, const struct cli_option *options, const struct conf_bureau **b,
	const char **name, int *code)
{
	*code = CLI_USAGE;
	if (cli_args(c, argc, argv, options, name, 1, 1) < 0)
		return NULL;
	*code = CLI_FAILED;
	*b = cli_bureau(c);
	if (*b == NULL || cli_pg(c) == NULL)
		return NULL;
	struct pg_params *p = cli_params(*b);
	pg_param_text(p, *name);
	return p;
}

static int
add(struct cli *c, int argc, char **argv)
{
	const char *name, *role = NULL;
	const struct cli_option options[] = {{"--roles", &role, NULL}, {"--role", &role, NULL}, {NULL, NULL, NULL}};
	if (cli_args(c, argc, argv, options, &name, 1, 1) < 0)
		return CLI_USAGE;
	if (role == NULL || role[0] == '\0')
		return cli_usage(c, "--roles is missing");
	if (strlen(name) > 40 || strpbrk(name, " \t:\n") != NULL || name[0] == '\0')
		return cli_usage(c, "a name has at most 40 characters, no blanks and no colon");

	struct pg_params *p = pg_params_new();
	char hash[crypto_pwhash_STRBYTES];
	int code = CLI_FAILED;
	const struct conf_bureau *b = cli_bureau(c);
	if (b != NULL) {
		pg_param_int(p, b->id);
		pg_param_text(p, name);
		code = add_roles(c, p, role) != 0 ? CLI_USAGE : cli_pg(c) == NULL ? CLI_FAILED : ask_hash(hash);
	}
	if (code == CLI_DONE) {
		add_who(p);
		pg_param_text(p, hash);
		PGresult *res = cli_run(c, STMT_STAFF_PUT, p);
		code = res == NULL ? CLI_FAILED : CLI_DONE;
		if (res != NULL && c->json)
			cli_print_object(c,
				json_pack("{s:s, s:s, s:b}", "bureau", b->code, "name", name, "added", PQgetvalue(res, 0, 2)[0] == 't'),
				NULL);
		else if (res != NULL)
			printf(
				"%s %s of bureau %s\n", strcmp(PQgetvalue(res, 0, 2), "t") == 0 ? "added" : "changed", name, b->code);
		PQclear(res);
	}
	pg_params_free(p);
	return code;
}

static int
set_roles(struct cli *c, int argc, char **argv)
{
	const char *words[2];
	if (cli_args(c, argc, argv, NULL, words, 2, 2) < 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL)
		return CLI_FAILED;
	struct pg_params *p = cli_params(b);
	pg_param_text(p, words[0]);
	int code = add_roles(c, p, words[1]) != 0 ? CLI_USAGE : cli_pg(c) == NULL ? CLI_FAILED : CLI_DONE;
	if (code == CLI_DONE)
		return change(c, STMT_STAFF_ROLES, p, b, words[0], "has the new roles");
	pg_params_free(p);
	return code;
}

static int
passwd(struct cli *c, int argc, char **argv)
{
	const struct conf_bureau *b;
	const char *name;
	char hash[crypto_pwhash_STRBYTES];
	int code;
	struct pg_params *p = read_name(c, argc, argv, NULL, &b, &name, &code);
	if (p == NULL)
		return code;
	code = ask_hash(hash);
	if (code != CLI_DONE) {
		pg_params_free(p);
		return code;
	}
	pg_param_text(p, hash);
	return change(c, STMT_STAFF_PASSWORD, p, b, name, "has the new password; open sessions have ended");
}

static int
set_open(struct cli *c, int argc, char **argv, bool open)
{
	const struct conf_bureau *b;
	const char *name;
	int code;
	struct pg_params *p = read_name(c, argc, argv, NULL, &b, &name, &code);
	if (p == NULL)
		return code;
	pg_param_bool(p, open);
	return change(c, STMT_STAFF_OPEN, p, b, name, open ? "enabled" : "disabled");
}

static int
disable(struct cli *c, int argc, char **argv)
{
	return set_open(c, argc, argv, false);
}

static int
enable(struct cli *c, int argc, char **argv)
{
	return set_open(c, argc, argv, true);
}

static int
list(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"name", "NAME"}, {"roles", "ROLES"},
		{"created_at", "SINCE"}, {"seen_at", "LAST SEEN"}, {"sessions", "SESSIONS"}, {"disabled_at", "DISABLED"},
		{NULL, NULL}};
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	return cli_list_bureaus(c, STMT_STAFF_LIST, columns);
}

static int
sessions(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"id", "SESSION"}, {"address", "FROM"},
		{"agent", "BROWSER"}, {"created_at", "SINCE"}, {"seen_at", "LAST SEEN"}, {NULL, NULL}};
	const struct conf_bureau *b;
	const char *name;
	bool end = false;
	int code;
	const struct cli_option options[] = {{"--end", NULL, &end}, {NULL, NULL, NULL}};
	struct pg_params *p = read_name(c, argc, argv, options, &b, &name, &code);
	if (p == NULL)
		return code;
	pg_param_text(p, NULL);
	if (end)
		add_who(p);
	json_t *rows = cli_rows_run(c, end ? STMT_STAFF_SESSION_END : STMT_STAFF_SESSIONS, p, b);
	if (rows == NULL)
		return CLI_FAILED;
	if (!end)
		return cli_print_list(c, rows, columns);
	int n = (int)json_array_size(rows);
	json_decref(rows);
	if (c->json)
		return cli_print_object(c, json_pack("{s:s, s:s, s:i}", "bureau", b->code, "name", name, "ended", n), NULL);
	printf("%s: %d session%s ended\n", name, n, n == 1 ? "" : "s");
	return CLI_DONE;
}

struct wanted {
	const char *name, *about;
	int64_t limit;
};

static bool
ask_log(struct pg_params *p, const struct conf_bureau *b, void *arg)
{
	const struct wanted *w = arg;

	(void)b;
	pg_param_text(p, w->name);
	pg_param_text(p, w->about);
	pg_param_text(p, NULL);
	pg_param_int(p, w->limit);
	return true;
}

static int
show_log(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"at", "WHEN"}, {"name", "WHO"}, {"kind", "WHAT"},
		{"subject", "ABOUT"}, {"detail", "DETAIL"}, {"address", "FROM"}, {NULL, NULL}};
	struct wanted w = {.limit = LOG_ROWS};
	const char *limit = NULL;
	const struct cli_option options[] = {
		{"--name", &w.name, NULL}, {"--about", &w.about, NULL}, {"--limit", &limit, NULL}, {NULL, NULL, NULL}};
	const struct cli_each each = {.stmt = STMT_STAFF_EVENTS, .ask = ask_log, .arg = &w};
	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0 ||
		(limit != NULL && cli_number(c, "--limit", limit, 1, 100000, &w.limit) != 0))
		return CLI_USAGE;
	return cli_list_each(c, &each, columns);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"add", add}, {"roles", set_roles}, {"passwd", passwd}, {"list", list},
		{"disable", disable}, {"enable", enable}, {"sessions", sessions}, {"log", show_log}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_staff = {
	.name = "staff",
	.usage = "staff add NAME --roles ROLE[,ROLE...]\n"
			 "staff roles NAME ROLE[,ROLE...]\n"
			 "staff passwd NAME\n"
			 "staff list\n"
			 "staff disable|enable NAME\n"
			 "staff sessions NAME [--end]\n"
			 "staff log [--name NAME] [--about WHAT] [--limit N]\n",
	.summary = "the people of a bureau, what each may do, and what each did",
	.help =
		"Roles: look (pages, numbers masked), send (lists, texts, certificates, the counter), write (the wording),\n"
		"approve (decisions), manage (the people of the bureau). look comes with each of the others.\n"
		"The password is asked for on the terminal, or read as one line from standard input. Adding a name that is\n"
		"there already gives it the new password and roles. A new password, `disable` and `sessions --end` end what "
		"is\n"
		"open. `log` shows the newest first, 200 unless --limit says otherwise; --about is as the column ABOUT has "
		"it,\n"
		"such as \"application 17\".\n",
	.run = run,
};
