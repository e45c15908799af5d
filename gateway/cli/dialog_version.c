/* huizhi dialog versions, publish, undo, diff: the versions that a bureau has published itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialog/blocks.h"
#include "dialog/dialog.h"
#include "gateway/cli/dialog_version.h"
#include "gateway/templates.h"
#include "gateway/version_text.h"

struct pg_params *
cli_dialog_params(const struct conf_bureau *b, const char *name)
{
	struct pg_params *p = cli_params(b);

	pg_param_text(p, name);
	return p;
}

static bool
ask_versions(struct pg_params *p, const struct conf_bureau *b, void *arg)
{
	(void)b;
	pg_param_text(p, *(const char **)arg);
	return true;
}

int
cli_dialog_versions(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"dialog", "DIALOG"}, {"version", "VERSION"},
		{"state", "STATE"}, {"based_on", "BASED ON"}, {"changed_by", "CHANGED BY"}, {"changed_at", "CHANGED"},
		{"published_by", "PUBLISHED BY"}, {"published_at", "PUBLISHED"}, {"note", "NOTE"}, {NULL, NULL}};
	const char *name = NULL;
	const struct cli_each each = {.stmt = STMT_VERSION_LIST, .ask = ask_versions, .arg = &name};

	if (cli_args(c, argc, argv, NULL, &name, 0, 1) < 0)
		return CLI_USAGE;
	return cli_list_each(c, &each, columns);
}

static void
name_waiting(json_t *rows, const struct conf_bureau *b, void *arg)
{
	json_t *row;
	size_t i;

	(void)b;
	(void)arg;
	json_array_foreach (rows, i, row) {
		json_object_set(row, "waiting", json_object_get(row, "n"));
		json_object_del(row, "n");
	}
}

/* As the console's pictures show it; the figures are counted anew first. */
int
cli_dialog_waiting(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"dialog", "DIALOG"}, {"version", "VERSION"},
		{"step", "STEP"}, {"waiting", "WAITING"}, {NULL, NULL}};
	const char *name = NULL;
	const struct cli_each each = {.stmt = STMT_FIGURE_WAITING, .ask = ask_versions, .got = name_waiting, .arg = &name};
	size_t n;

	if (cli_args(c, argc, argv, NULL, &name, 0, 1) < 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;
	for (size_t i = 0; i < n; i++)
		if (cli_change(c, STMT_FIGURE_COUNT, cli_params(&b[i])) < 0)
			return CLI_FAILED;
	return cli_list_each(c, &each, columns);
}

/* Everything that is wrong with it on standard error. */
static int
check_text(const struct conf_bureau *b, const struct version_text *v)
{
	struct dialog_faults faults = {0};
	struct dialog *d = version_text_check(v, b, &faults);
	int rc = d == NULL ? -1 : 0;

	templates_tell(&faults, stderr);
	dialog_free(d);
	return rc;
}

static int
told_published(struct cli *c, const struct conf_bureau *b, const char *name, json_t *row)
{
	json_int_t version = json_integer_value(json_object_get(row, "version"));

	json_decref(row);
	if (c->json)
		return cli_print_object(
			c, json_pack("{s:s, s:s, s:I}", "bureau", b->code, "dialog", name, "version", version), NULL);
	printf("%s: published as version %lld\n", name, (long long)version);
	return CLI_DONE;
}

/* Publishes a text as it is; the next number is the database's. */
static int
put_text(struct cli *c, const struct conf_bureau *b, const struct version_text *v, const char *actor, const char *note)
{
	struct pg_params *p = cli_dialog_params(b, v->name);
	bool failed;

	pg_param_text(p, v->flow);
	pg_param_int(p, v->version);
	pg_param_text(p, actor);
	version_text_params(v, p);
	pg_param_text(p, note);
	json_t *row = cli_row_run(c, STMT_VERSION_PUT, p, b, &failed);
	return row == NULL ? CLI_FAILED : told_published(c, b, v->name, row);
}

int
cli_dialog_version_of(const struct cli *c, const char *word)
{
	int64_t n;

	if (strcmp(word, "draft") == 0)
		return 0;
	if (strcmp(word, "file") == 0)
		return -1;
	return cli_number(c, "the version", word, VERSION_FIRST, 2000000000, &n) == 0 ? (int)n : -2;
}

int
cli_dialog_text(struct cli *c, const struct conf_bureau *b, const char *name, int version, struct version_text *v)
{
	bool failed = false;

	memset(v, 0, sizeof *v);
	if (version < 0) {
		if (version_text_from_files(c->conf->templates, name, v, stderr) == 0)
			return 0;
		cli_fail("no dialog %s in %s", name, c->conf->templates);
		return -1;
	}
	struct pg_params *p = cli_dialog_params(b, name);
	pg_param_int(p, version);
	json_t *row = cli_row_run(c, STMT_VERSION_READ, p, b, &failed);
	int rc = row == NULL ? -1 : version_text_from_row(row, v);
	json_decref(row);
	if (rc != 0 && !failed && version == 0)
		cli_fail("bureau %s has no draft of %s", b->code, name);
	else if (rc != 0 && !failed)
		cli_fail("bureau %s has not published version %d of %s; see: huizhi dialog versions %s", b->code, version, name,
			name);
	return rc;
}

/* The draft, checked and published in one go. */
static int
publish_draft(struct cli *c, const struct conf_bureau *b, const char *name, const char *actor, const char *note)
{
	struct version_text v;
	bool failed;
	struct pg_params *p = cli_dialog_params(b, name);

	pg_param_int(p, 0);
	json_t *row = cli_row_run(c, STMT_VERSION_READ, p, b, &failed);
	if (row == NULL)
		return failed ? CLI_FAILED
					  : cli_fail("bureau %s has no draft of %s; --file publishes what the files say", b->code, name);
	int64_t revision = json_integer_value(json_object_get(row, "revision"));
	int good = version_text_from_row(row, &v) == 0 ? check_text(b, &v) : -1;
	json_decref(row);
	version_text_free(&v);
	if (good != 0)
		return CLI_FAILED;
	p = cli_dialog_params(b, name);
	pg_param_int(p, revision);
	pg_param_text(p, actor);
	row = cli_row_run(c, STMT_VERSION_CHECKED, p, b, &failed);
	if (row != NULL) {
		json_decref(row);
		p = cli_dialog_params(b, name);
		pg_param_int(p, revision);
		pg_param_text(p, actor);
		pg_param_text(p, note);
		row = cli_row_run(c, STMT_VERSION_PUBLISH, p, b, &failed);
	}
	if (row == NULL)
		return failed ? CLI_FAILED : cli_fail("the draft of %s has changed meanwhile; look at it again", name);
	return told_published(c, b, name, row);
}

int
cli_dialog_publish(struct cli *c, int argc, char **argv)
{
	const char *name, *note = "", *staff = NULL;
	char actor[80];
	bool file = false;
	const struct cli_option options[] = {
		{"--file", NULL, &file}, {"--note", &note, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	if (cli_args(c, argc, argv, options, &name, 1, 1) < 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	cli_actor(staff, actor, sizeof actor);
	if (!file)
		return publish_draft(c, b, name, actor, note);
	struct version_text v;
	if (cli_dialog_text(c, b, name, -1, &v) != 0)
		return CLI_FAILED;
	int code = check_text(b, &v) == 0 ? put_text(c, b, &v, actor, note) : CLI_FAILED;
	version_text_free(&v);
	return code;
}

int
cli_dialog_undo(struct cli *c, int argc, char **argv)
{
	const char *words[2], *staff = NULL;
	char actor[80], note[40];
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	struct version_text v;
	if (cli_args(c, argc, argv, options, words, 2, 2) < 0)
		return CLI_USAGE;
	int version = cli_dialog_version_of(c, words[1]);
	if (version == -2 || version == 0)
		return version == 0 ? cli_usage(c, "a draft was never published; name a version, or `file`") : CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL || cli_dialog_text(c, b, words[0], version, &v) != 0)
		return CLI_FAILED;
	snprintf(note, sizeof note, "= %d", v.version);
	int code = check_text(b, &v) == 0 ? put_text(c, b, &v, cli_actor(staff, actor, sizeof actor), note) : CLI_FAILED;
	version_text_free(&v);
	return code;
}

/* ---- diff -------------------------------------------------------------------------------------------------------- */

static void
print_changes(struct cli *c, json_t *rows, const char *file, const char *a, const char *b)
{
	struct block_line *lines = calloc(BLOCKS_LINES_MAX, sizeof *lines);
	if (lines == NULL)
		abort();
	int n = blocks_compare(a, b, lines, BLOCKS_LINES_MAX);
	bool any = false;
	for (int i = 0; i < n; i++) {
		if (lines[i].sign == ' ')
			continue;
		if (c->json) {
			char sign[2] = {lines[i].sign, '\0'};
			json_array_append_new(
				rows, json_pack("{s:s, s:s, s:s%}", "file", file, "sign", sign, "line", lines[i].text, lines[i].len));
		} else {
			printf("%s%s%c %.*s\n", any ? "" : file, any ? "" : "\n", lines[i].sign, (int)lines[i].len, lines[i].text);
		}
		any = true;
	}
	if (n < 0)
		fprintf(stderr, "%s: too long to compare\n", file);
	free(lines);
}

int
cli_dialog_diff(struct cli *c, int argc, char **argv)
{
	const char *words[3];
	struct version_text a, b;
	int n = cli_args(c, argc, argv, NULL, words, 2, 3);
	if (n < 0)
		return CLI_USAGE;
	int from = cli_dialog_version_of(c, words[1]), to = n == 3 ? cli_dialog_version_of(c, words[2]) : 0;
	if (from == -2 || to == -2)
		return CLI_USAGE;
	const struct conf_bureau *bureau = cli_bureau(c);
	if (bureau == NULL || cli_pg(c) == NULL || cli_dialog_text(c, bureau, words[0], from, &a) != 0)
		return CLI_FAILED;
	if (cli_dialog_text(c, bureau, words[0], to, &b) != 0) {
		version_text_free(&a);
		return CLI_FAILED;
	}
	json_t *rows = json_array();
	char file[DIALOG_NAME_MAX + 16];
	snprintf(file, sizeof file, "%s.dlg", a.name);
	print_changes(c, rows, file, a.flow, b.flow);
	for (size_t i = 0; i < b.nlanguages; i++) {
		int l = version_text_language(&a, b.languages[i]);
		snprintf(file, sizeof file, "%s.%s.txt", b.name, b.languages[i]);
		print_changes(c, rows, file, l < 0 ? "" : a.wording[l], b.wording[i]);
	}
	version_text_free(&a);
	version_text_free(&b);
	if (c->json)
		return cli_print_list(c, rows, NULL);
	json_decref(rows);
	return CLI_DONE;
}
