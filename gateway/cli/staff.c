/* huizhi staff add: a person of the bureau, with a password that only its hash is kept of. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "gateway/cli/commands.h"

#define PASSWORD_MIN 10
#define PASSWORD_MAX 256

static const char *const roles[] = {"clerk", "approver", "manager", "admin", NULL};

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

/* "clerk,approver" -> an array parameter. -1 (printed) for a role that does not exist. */
static int
add_roles(const struct cli *c, struct pg_params *p, const char *list)
{
	pg_array_begin(p);
	while (*list != '\0') {
		size_t len = strcspn(list, ",");
		const char *const *r = roles;
		while (*r != NULL && (strlen(*r) != len || memcmp(*r, list, len) != 0))
			r++;
		if (*r == NULL) {
			cli_usage(c, "there is no role \"%.*s\": clerk, approver, manager, admin", (int)len, list);
			return -1;
		}
		pg_array_text(p, *r);
		list += len + (list[len] == ',');
	}
	pg_array_end(p);
	return 0;
}

static int
add(struct cli *c, int argc, char **argv)
{
	const char *name, *role = NULL;
	const struct cli_option options[] = {{"--role", &role, NULL}, {NULL, NULL, NULL}};
	if (cli_args(c, argc, argv, options, &name, 1, 1) < 0)
		return CLI_USAGE;
	if (role == NULL || role[0] == '\0')
		return cli_usage(c, "--role is missing");
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
list(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"name", "NAME"}, {"roles", "ROLES"},
		{"created_at", "SINCE"}, {"disabled_at", "DISABLED"}, {NULL, NULL}};
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	return cli_list_bureaus(c, STMT_STAFF_LIST, columns);
}

static int
disable(struct cli *c, int argc, char **argv)
{
	const char *name;
	if (cli_args(c, argc, argv, NULL, &name, 1, 1) < 0)
		return CLI_USAGE;
	return cli_change_named(c, STMT_STAFF_DISABLE, name, "nobody called", "disabled");
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"add", add}, {"list", list}, {"disable", disable}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_staff = {
	.name = "staff",
	.usage = "staff add NAME --role ROLE[,ROLE...]\nstaff list\nstaff disable NAME\n",
	.summary = "the people of a bureau",
	.help =
		"Roles: clerk (lists, identity at the counter, sending), approver (decisions), manager (campaigns), admin.\n"
		"The password is asked for on the terminal, or read as one line from standard input. Adding a name that is\n"
		"there already gives it the new password and roles.\n",
	.run = run,
};
