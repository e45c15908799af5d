/* huizhi completion: a script for bash that knows every command, its words and options; made from the usage lines. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/commands.h"

/*
 * A table of lines COMMAND|SUBCOMMAND|WORD; a word may be an option, or --option=value,value, and @ stands for a file.
 */
static const char script[] =
	"_huizhi() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= sub= i a b word words= name "
	"values\n"
	"\tCOMPREPLY=()\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tcase ${COMP_WORDS[i]} in\n"
	"\t\t-c | --bureau) ((i++)) ;;\n"
	"\t\t-*) ;;\n"
	"\t\t*) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else sub=${COMP_WORDS[i]}; break; fi ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tif [[ $prev == -c ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\t\treturn\n"
	"\tfi\n"
	"\twhile IFS='|' read -r a b word; do\n"
	"\t\t[[ $a == \"$command\" ]] || continue\n"
	"\t\tif [[ -z $b || $b == \"$sub\" ]]; then\n"
	"\t\t\tname=${word%%=*} values=${word#*=}\n"
	"\t\t\tif [[ $word == -*=* && $name == \"$prev\" ]]; then\n"
	"\t\t\t\tif [[ $values == @ ]]; then\n"
	"\t\t\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\t\t\t\telse\n"
	"\t\t\t\t\tmapfile -t COMPREPLY < <(compgen -W \"${values//,/ }\" -- \"$cur\")\n"
	"\t\t\t\tfi\n"
	"\t\t\t\treturn\n"
	"\t\t\tfi\n"
	"\t\t\tif [[ $word == @ ]]; then words+=\" $(compgen -f -- \"$cur\" | tr '\\n' ' ')\"; else words+=\" $name\"; fi\n"
	"\t\telif [[ -z $sub ]]; then\n"
	"\t\t\twords+=\" $b\"\n"
	"\t\tfi\n"
	"\tdone <<< \"$_huizhi_table\"\n"
	"\t[[ -n $command ]] && words+=' --help'\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$words -c --json --bureau\" -- \"$cur\" | sort -u)\n"
	"}\n"
	"complete -o filenames -F _huizhi huizhi\n";

/* A word of a usage line that is to be typed as it stands. */
static bool
is_literal(const char *word)
{
	return islower((unsigned char)*word) && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-|_") == strlen(word);
}

/* Takes brackets and other signs of usage lines off both ends, in place. */
static char *
bare(char *word)
{
	word += strspn(word, "[(");
	word[strcspn(word, ")],.")] = '\0';
	return word;
}

static void
print_commas(FILE *out, const char *alternatives)
{
	for (; *alternatives != '\0'; alternatives++)
		fputc(*alternatives == '|' ? ',' : *alternatives, out);
}

/* What stands behind the command and one subcommand ("" = none). */
static void
print_words(FILE *out, const char *command, const char *sub, char **words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *word = words[i], *value = i + 1 < n ? words[i + 1] : "";

		if (word[0] == '-' && word[1] != '\0') {
			fprintf(out, "%s|%s|%s", command, sub, word);
			if (strchr(value, '|') != NULL && is_literal(value)) {
				fputc('=', out);
				print_commas(out, value);
				i++;
			} else if (strncmp(value, "FILE", 4) == 0) {
				fputs("=@", out);
				i++;
			}
			fputc('\n', out);
		} else if (strncmp(word, "FILE", 4) == 0 || strncmp(word, "FOLDER", 6) == 0) {
			fprintf(out, "%s|%s|@\n", command, sub);
		}
	}
}

/* One usage line: "campaign pause|resume|stop ID [--staff NAME]". */
static void
print_usage(FILE *out, const char *command, const char *line, size_t len)
{
	char text[512], *words[60], *save = NULL;
	size_t n = 0;

	(void)snprintf(text, sizeof text, "%.*s", (int)len, line);
	for (char *word = strtok_r(text, " \n", &save); word != NULL && n < 60; word = strtok_r(NULL, " \n", &save))
		words[n++] = bare(word);
	fprintf(out, "%s||\n", command);
	if (n < 2 || !is_literal(words[1])) {
		print_words(out, command, "", words + 1, n > 0 ? n - 1 : 0);
		return;
	}
	for (char *sub = strtok_r(words[1], "|", &save); sub != NULL; sub = strtok_r(NULL, "|", &save)) {
		fprintf(out, "%s|%s|\n", command, sub);
		print_words(out, command, sub, words + 2, n - 2);
	}
}

static int
run(struct cli *c, int argc, char **argv)
{
	char *text = NULL;
	size_t len;

	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return cli_fail("no memory");
	fputs("# Completion of huizhi for bash; made by `huizhi completion`.\n_huizhi_table='", out);
	for (const struct cli_command *const *p = cli_commands; *p != NULL; p++)
		fprintf(out, "||%s\n", (*p)->name);
	for (const struct cli_command *const *p = cli_commands; *p != NULL; p++)
		for (const char *line = (*p)->usage; *line != '\0';) {
			size_t n = strcspn(line, "\n");
			/* A line that begins with a space goes on with the one before. */
			while (line[n] == '\n' && line[n + 1] == ' ')
				n += 1 + strcspn(line + n + 1, "\n");
			print_usage(out, (*p)->name, line, n);
			line += n + (line[n] == '\n');
		}
	fprintf(out, "'\n%s", script);
	fclose(out);
	if (c->json)
		cli_print_object(c, json_pack("{s:s, s:s}", "shell", "bash", "script", text), NULL);
	else
		fputs(text, stdout);
	free(text);
	return CLI_DONE;
}

const struct cli_command cli_completion = {
	.name = "completion",
	.usage = "completion\n",
	.summary = "a script by which bash completes these commands",
	.help = "`make install` puts it where bash looks for it. For this shell alone: source <(huizhi completion)\n",
	.run = run,
};
