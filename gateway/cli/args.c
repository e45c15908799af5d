/* Arguments of commands: options anywhere, words in order, and what is said when they do not fit. */
#include "gateway/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
print_message(const char *fmt, va_list ap)
{
	fputs("huizhi: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

static void
print_forms(FILE *out, const char *usage)
{
	const char *lead = "usage:";
	while (*usage != '\0') {
		size_t len = strcspn(usage, "\n");
		/* What goes on from the line above is indented as it is there. */
		fprintf(out, "%s %s%.*s\n", lead, *usage == ' ' ? "    " : "huizhi [-c FILE] [--json] ", (int)len, usage);
		usage += len + (usage[len] == '\n');
		lead = "      ";
	}
}

int
cli_usage(const struct cli *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	print_message(fmt, ap);
	va_end(ap);
	print_forms(stderr, c->command->usage);
	return CLI_USAGE;
}

/*
 * The word number n (from 0) that the form of this command asks for, as its usage names it: "ENTRY"; *len is its
 * length. NULL when the form has no word there.
 */
static const char *
word_of_form(const struct cli *c, int n, size_t *len)
{
	const char *at = c->command->usage, *lead = c->command->name;
	size_t lead_len = strlen(lead), sub_len = c->sub == NULL ? 0 : strlen(c->sub);

	for (; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n') {
		const char *word = at + lead_len;

		if (strncmp(at, lead, lead_len) != 0 || *word != ' ')
			continue;
		if (sub_len > 0 && (strncmp(word + 1, c->sub, sub_len) != 0 || strchr(" \n", word[1 + sub_len]) == NULL))
			continue;
		for (word += sub_len > 0 ? 1 + sub_len : 0; *word == ' '; word += *len) {
			*len = strcspn(++word, " \n");
			if (word[0] == '[' || word[0] == '-' || word[0] == '|')
				return NULL; /* what comes from here on may be left out */
			if (n-- == 0)
				return word;
		}
		return NULL;
	}
	return NULL;
}

int
cli_fail(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	print_message(fmt, ap);
	va_end(ap);
	return CLI_FAILED;
}

int
cli_number(const struct cli *c, const char *what, const char *text, int64_t min, int64_t max, int64_t *out)
{
	char *end;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (*text == '\0' || *end != '\0' || errno != 0 || n < min || n > max) {
		cli_usage(c, "%s \"%s\" is no whole number from %lld to %lld", what, text, (long long)min, (long long)max);
		return -1;
	}
	*out = n;
	return 0;
}

/* Finds an option by "--name" or "--name=value". *inlined gets what stands behind the =, or NULL. */
static const struct cli_option *
find_option(const struct cli_option *options, const char *arg, const char **inlined)
{
	const char *equal = strchr(arg, '=');
	size_t len = equal != NULL ? (size_t)(equal - arg) : strlen(arg);
	*inlined = equal != NULL ? equal + 1 : NULL;
	for (; options != NULL && options->name != NULL; options++) {
		if (strlen(options->name) == len && memcmp(options->name, arg, len) == 0)
			return options;
	}
	return NULL;
}

int
cli_args(struct cli *c, int argc, char **argv, const struct cli_option *options, const char **words, int min, int max)
{
	const struct cli_option common[] = {
		{"-c", &c->file, NULL},
		{"--bureau", &c->bureau_code, NULL},
		{"--json", NULL, &c->json},
		{NULL, NULL, NULL},
	};
	int n = 0;
	bool options_over = false;

	for (int i = 0; i < argc; i++) {
		const char *arg = argv[i], *inlined;
		if (!options_over && strcmp(arg, "--") == 0) {
			options_over = true;
			continue;
		}
		if (options_over || arg[0] != '-' || arg[1] == '\0') {
			if (n == max) {
				cli_usage(c, "one word too many: %s", arg);
				return -1;
			}
			words[n++] = arg;
			continue;
		}
		const struct cli_option *o = find_option(options, arg, &inlined);
		if (o == NULL)
			o = find_option(common, arg, &inlined);
		if (o == NULL) {
			cli_usage(c, "unknown option %s", arg);
			return -1;
		}
		if (o->flag != NULL) {
			if (inlined != NULL) {
				cli_usage(c, "option %s takes no value", o->name);
				return -1;
			}
			*o->flag = true;
		} else if (inlined != NULL || i + 1 < argc) {
			/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): an option has a flag or a value */
			*o->value = inlined != NULL ? inlined : argv[++i];
		} else {
			cli_usage(c, "option %s needs a value", o->name);
			return -1;
		}
	}
	if (n < min) {
		size_t len = 0;
		const char *word = word_of_form(c, n, &len);

		if (word != NULL)
			cli_usage(c, "%.*s is missing: huizhi %s%s%s", (int)len, word, c->command->name, c->sub == NULL ? "" : " ",
				c->sub == NULL ? "" : c->sub);
		else
			cli_usage(c, "something is missing");
		return -1;
	}
	return n;
}

const struct cli_sub *
cli_sub_find(struct cli *c, const struct cli_sub *subs, int argc, char **argv)
{
	for (const struct cli_sub *s = subs; argc > 0 && s->name != NULL; s++) {
		if (strcmp(s->name, argv[0]) == 0) {
			c->sub = s->name;
			return s;
		}
	}
	return NULL;
}

int
cli_sub_run(struct cli *c, const struct cli_sub *subs, int argc, char **argv)
{
	const struct cli_sub *s = cli_sub_find(c, subs, argc, argv);

	if (argc == 0)
		return cli_usage(c, "%s what?", c->command->name);
	if (s == NULL)
		return cli_usage(c, "there is no %s %s", c->command->name, argv[0]);
	return s->run(c, argc - 1, argv + 1);
}
