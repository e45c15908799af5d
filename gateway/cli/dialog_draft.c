/* huizhi dialog begin, drop, move: a draft from a dialog or a file, thrown away, and talks that go on with what runs.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialog/dialog.h"
#include "gateway/cli/dialog_version.h"
#include "gateway/templates.h"
#include "gateway/version_move.h"
#include "gateway/version_text.h"

/* ---- begin ------------------------------------------------------------------------------------------------------ */

/* What the draft begins with: a file with the wordings beside it, or what runs under a name. 0, or -1 printed. */
static int
read_source(
	struct cli *c, const struct templates *t, const struct conf_bureau *b, const char *from, struct version_text *v)
{
	const char *slash = strrchr(from, '/'), *file = slash == NULL ? from : slash + 1;
	size_t len = strlen(file);
	char folder[PATH_MAX], name[NAME_MAX + 1];

	if (len > 4 && strcmp(file + len - 4, ".dlg") == 0) {
		snprintf(
			folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - from + 1), slash == NULL ? "." : from);
		snprintf(name, sizeof name, "%.*s", (int)(len - 4), file);
		return version_text_from_files(folder, name, v, stderr) == 0 ? 0 : (cli_fail("cannot begin from %s", from), -1);
	}
	const struct dialog *d = templates_find_for(t, b->id, from, 0);
	if (d == NULL) {
		cli_fail("bureau %s has no dialog %s; see: huizhi dialog check, huizhi dialog versions", b->code, from);
		return -1;
	}
	return cli_dialog_text(c, b, from, dialog_version(d) >= VERSION_FIRST ? dialog_version(d) : -1, v);
}

int
cli_dialog_begin(struct cli *c, int argc, char **argv)
{
	const char *name, *from = NULL, *staff = NULL, *title = NULL;
	const struct cli_option options[] = {
		{"--from", &from, NULL}, {"--title", &title, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char actor[80];
	struct version_text v;
	bool failed = false;

	if (cli_args(c, argc, argv, options, &name, 1, 1) < 0)
		return CLI_USAGE;
	if (from == NULL)
		return cli_usage(c, "--from names the dialog, or the FILE.dlg, that the draft begins with");
	if (!version_text_name_good(name))
		return cli_fail("\"%s\" is no name for a dialog: a small letter first, then small letters, digits and _, at "
						"most %d",
			name, DIALOG_NAME_MAX);
	if (title != NULL && !version_text_title_good(title))
		return cli_fail(
			"\"%s\" is no title: one line without { } [ ] # *, at most %d octets", title, VERSION_TITLE_MAX);
	const struct conf_bureau *b = cli_bureau(c);
	struct templates *t = b == NULL ? NULL : cli_templates(c);
	if (t == NULL)
		return CLI_FAILED;
	const struct dialog *now = templates_find_for(t, b->id, name, 0);
	size_t len = strlen(from);
	bool file = len > 4 && strcmp(from + len - 4, ".dlg") == 0;
	int based = now == NULL ? 0 : dialog_version(now), code = CLI_FAILED;
	if (now != NULL && !file && strcmp(from, name) != 0) {
		templates_free(t);
		return cli_fail("a dialog %s is there already; its draft begins from itself or from a file", name);
	}
	if (read_source(c, t, b, from, &v) == 0) {
		version_text_rename(&v, name);
		if (title != NULL)
			version_text_title(&v, title);
		struct pg_params *p = cli_dialog_params(b, name);
		pg_param_text(p, v.flow);
		pg_param_int(p, based);
		pg_param_text(p, cli_actor(staff, actor, sizeof actor));
		version_text_params(&v, p);
		json_t *row = cli_row_run(c, STMT_VERSION_BEGIN, p, b, &failed);
		if (row != NULL)
			code = cli_told_named(c, b, name, "draft begun");
		else if (!failed)
			cli_fail("bureau %s has a draft of %s already; publish it, or: huizhi dialog drop %s", b->code, name, name);
		json_decref(row);
		version_text_free(&v);
	}
	templates_free(t);
	return code;
}

/* ---- drop, move ------------------------------------------------------------------------------------------------- */

int
cli_dialog_drop(struct cli *c, int argc, char **argv)
{
	const char *name;
	bool failed;

	if (cli_args(c, argc, argv, NULL, &name, 1, 1) < 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *row = cli_row_run(c, STMT_VERSION_DROP, cli_dialog_params(b, name), b, &failed);
	if (row == NULL)
		return failed ? CLI_FAILED : cli_fail("bureau %s has no draft of %s", b->code, name);
	json_decref(row);
	return cli_told_named(c, b, name, "draft thrown away");
}

int
cli_dialog_move(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"dialog", "DIALOG"}, {"step", "STEP"}, {"from_version", "FROM"},
		{"version", "TO"}, {"moved", "MOVED"}, {NULL, NULL}};
	const char *words[3], *staff = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char actor[80];
	int64_t version, n = 0;
	bool failed;

	if (cli_args(c, argc, argv, options, words, 3, 3) < 0 ||
		cli_number(c, "the version", words[1], 1, 2000000000, &version) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	struct templates *t = b == NULL ? NULL : cli_templates(c);
	if (t == NULL)
		return CLI_FAILED;
	cli_actor(staff, actor, sizeof actor);
	/* By hands of so many each, until a hand is not full: each is a transaction of its own. */
	for (int64_t moved = VERSION_MOVED_AT_ONCE; moved == VERSION_MOVED_AT_ONCE; n += moved) {
		struct pg_params *p = version_move_params(t, b->id, words[0], (int)version, words[2], actor);
		json_t *row = p == NULL ? NULL : cli_row_run(c, STMT_VERSION_MOVE, p, b, &failed);
		if (row == NULL) {
			templates_free(t);
			return p != NULL ? CLI_FAILED
							 : cli_fail("nobody can be moved so: %s must run in another version than %lld, and have a "
										"step %s",
								   words[0], (long long)version, words[2]);
		}
		moved = json_integer_value(json_object_get(row, "n"));
		json_decref(row);
	}
	int now = dialog_version(templates_find_for(t, b->id, words[0], 0));
	templates_free(t);
	return cli_print_object(c,
		json_pack("{s:s, s:s, s:s, s:I, s:i, s:I}", "bureau", b->code, "dialog", words[0], "step", words[2],
			"from_version", (json_int_t)version, "version", now, "moved", (json_int_t)n),
		columns);
}
