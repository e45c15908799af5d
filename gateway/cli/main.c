/* `huizhi`, the command line of bureaus and operators: the table of commands and the way into them. */
#include <locale.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/commands.h"
#include "gateway/log.h"
#include "gateway/program.h"

const struct cli_command *const cli_commands[] = {
	&cli_init,
	&cli_keygen,
	&cli_keys_command,
	&cli_conf_command,
	&cli_import,
	&cli_scan,
	&cli_campaign,
	&cli_application,
	&cli_search,
	&cli_conversation,
	&cli_message,
	&cli_worklist,
	&cli_phone_command,
	&cli_signature,
	&cli_suppression,
	&cli_dialog,
	&cli_token,
	&cli_trail,
	&cli_retention,
	&cli_person,
	&cli_report,
	&cli_forecast,
	&cli_letters,
	&cli_link,
	&cli_staff,
	&cli_apikey,
	&cli_webhook,
	&cli_completion,
	NULL,
};

static void
print_commands(FILE *out)
{
	fputs("usage: huizhi [-c FILE] [--json] [--bureau CODE] COMMAND ...\n\n", out);
	for (const struct cli_command *const *p = cli_commands; *p != NULL; p++)
		fprintf(out, "  %-14s %s\n", (*p)->name, (*p)->summary);
	fputs("\n  -c FILE        the configuration; /etc/huizhi/huizhi.conf when not given\n"
		  "  --json         print one JSON document\n"
		  "  --bureau CODE  the bureau meant, where there are several\n"
		  "\nhuizhi COMMAND --help says more. Exit: 0 done, 1 refused or failed, 2 wrong usage.\n",
		out);
}

static void
print_help(const struct cli_command *command)
{
	printf("%s\n\n", command->summary);
	for (const char *line = command->usage; *line != '\0';) {
		size_t len = strcspn(line, "\n");
		/* A line that begins with a space goes on with the one before. */
		printf("  %s%.*s\n", *line == ' ' ? "    " : "huizhi [-c FILE] [--json] ", (int)len, line);
		line += len + (line[len] == '\n');
	}
	if (command->help != NULL)
		printf("\n%s", command->help);
}

static const struct cli_command *
find_command(const char *name)
{
	for (const struct cli_command *const *p = cli_commands; *p != NULL; p++) {
		if (strcmp((*p)->name, name) == 0)
			return *p;
	}
	return NULL;
}

/* The options in front of the command. Returns the index of the command's name, or -1 with an exit code. */
static int
leading_options(struct cli *c, int argc, char **argv, int *code)
{
	int i = 1;
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_commands(stdout);
			*code = CLI_DONE;
			return -1;
		}
		if (strcmp(argv[i], "--version") == 0) {
			puts("huizhi " HUIZHI_VERSION);
			*code = CLI_DONE;
			return -1;
		}
		if (strcmp(argv[i], "--json") == 0) {
			c->json = true;
		} else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
			c->file = argv[++i];
		} else if (strcmp(argv[i], "--bureau") == 0 && i + 1 < argc) {
			c->bureau_code = argv[++i];
		} else {
			fprintf(stderr, "huizhi: unknown option %s, or its value is missing\n", argv[i]);
			print_commands(stderr);
			*code = CLI_USAGE;
			return -1;
		}
	}
	if (i == argc) {
		print_commands(stderr);
		*code = CLI_USAGE;
		return -1;
	}
	return i;
}

int
main(int argc, char **argv)
{
	struct cli c = {.file = "/etc/huizhi/huizhi.conf"};
	int code;

	/* Chinese text has a width only in a locale that knows it; everything else stays as in C. */
	setlocale(LC_CTYPE, "C.UTF-8");
	log_level_set("error");
	/* Reports, letters, exports: whoever asks for a file is who may read it. */
	umask(077);
	program_no_core();
	if (sodium_init() < 0)
		return cli_fail("cannot start libsodium");

	int at = leading_options(&c, argc, argv, &code);
	if (at < 0)
		return code;
	c.command = find_command(argv[at]);
	if (c.command == NULL) {
		fprintf(stderr, "huizhi: there is no command %s\n", argv[at]);
		print_commands(stderr);
		return CLI_USAGE;
	}
	for (int i = at + 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_help(c.command);
			return CLI_DONE;
		}
	}
	code = c.command->run(&c, argc - at - 1, argv + at + 1);
	cli_close(&c);
	/* What could not be written (a full disk, a closed pipe) was not done. */
	if (fflush(stdout) != 0 && code == CLI_DONE)
		code = cli_fail("could not write the output");
	return code;
}
