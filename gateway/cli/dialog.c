/* huizhi dialog: checks, prints, draws and plays the dialogs that staff write. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dialog/dialog.h"
#include "dialog/national.h"
#include "dialog/play.h"
#include "dialog/utf8.h"
#include "gateway/cli/commands.h"
#include "gateway/cli/dialog_version.h"
#include "gateway/conf.h"
#include "gateway/smpp/alphabet.h"
#include "gateway/templates.h"
#include "gateway/version_text.h"

#define COSTS_MAX 4096

/* The templates folder: of the configuration when there is one, else where the program keeps them. */
static int
find_folder(struct cli *c, char *out, size_t room)
{
	if (access(c->file, R_OK) == 0) {
		if (cli_conf(c) == NULL)
			return -1;
		snprintf(out, room, "%s", c->conf->templates);
		return 0;
	}
	if (conf_find_folder(NULL, "templates", out, room) == 0)
		return 0;
	cli_fail("no folder templates here; name the dialog's file, or a configuration with -c");
	return -1;
}

/* A bureau's version of a dialog: "draft", "file" or a number. NULL with the faults printed. */
static struct dialog *
open_version(struct cli *c, const char *name, const char *word)
{
	struct dialog_faults faults = {0};
	struct version_text v;
	int version = cli_dialog_version_of(c, word);
	const struct conf_bureau *b = version == -2 ? NULL : cli_bureau(c);

	if (b == NULL || cli_pg(c) == NULL || cli_dialog_text(c, b, name, version, &v) != 0)
		return NULL;
	struct dialog *d = version_text_load(&v, &faults);
	templates_tell(&faults, stderr);
	version_text_free(&v);
	return d;
}

/*
 * FILE.dlg, or the NAME of a dialog of the templates folder, or with a version what a bureau has. NULL with the faults
 * printed.
 */
static struct dialog *
open_dialog(struct cli *c, const char *word, const char *version)
{
	if (version != NULL)
		return open_version(c, word, version);
	char folder[PATH_MAX], path[PATH_MAX + 64];
	size_t len = strlen(word);
	if (len > 4 && strcmp(word + len - 4, ".dlg") == 0)
		return templates_load_file(word, stderr);
	if (find_folder(c, folder, sizeof folder) != 0)
		return NULL;
	snprintf(path, sizeof path, "%s/%s.dlg", folder, word);
	return templates_load_file(path, stderr);
}

/* ---- check ------------------------------------------------------------------------------------------------------ */

/* What a bureau's own settings make of costs. */
struct reckoning {
	const struct conf_bureau *bureau; /* NULL: what could be saved at most */
	struct alphabet alphabet;
	unsigned substitutions;
	struct dialog_cost_rules rules;
};

static int
reckon_by(struct cli *c, const char *code, struct reckoning *r)
{
	const struct conf_link *link;

	memset(r, 0, sizeof *r);
	if (code == NULL)
		return 0;
	if (cli_conf(c) == NULL)
		return -1;
	r->bureau = conf_bureau_by_code(c->conf, code);
	if (r->bureau == NULL) {
		cli_fail("no bureau \"%s\" in %s", code, c->file);
		return -1;
	}
	link = conf_link_by_name(c->conf, r->bureau->links[0]);
	alphabet_of(link, &r->alphabet);
	r->substitutions = conf_substitutions(r->bureau);
	r->rules = (struct dialog_cost_rules){
		.text = &r->alphabet.out, .substitutions = &r->substitutions, .signature = r->bureau->signature};
	return 0;
}

/* "U+2019 ’ (line 4), U+2013 – (line 7)" */
static void
name_odd(const struct dialog_cost *k, char *out, size_t room)
{
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < k->nodd && at < room; i++) {
		char sign[5] = "";
		sign[utf8_encode(k->odd[i].cp, sign)] = '\0';
		at += (size_t)snprintf(out + at, room - at, "%s%s U+%04X (line %d)", i > 0 ? ", " : "", sign,
			(unsigned)k->odd[i].cp, k->odd[i].line);
	}
}

static const char *
parts_word(int n)
{
	return n == 1 ? "part" : "parts";
}

/* In words: which signs make the text dear, by how much, and what would help. */
static void
note_of(const struct dialog_cost *k, const struct reckoning *r, char *out, size_t room)
{
	size_t at;
	const char *table = national_name(k->locking ? k->locking : k->single);

	out[0] = '\0';
	if (k->narrow == 0)
		return;
	name_odd(k, out, room);
	at = strlen(out);
	if (k->narrow <= k->narrow_plain) {
		snprintf(out + at, room - at, ": no part more at its longest");
		return;
	}
	at += (size_t)snprintf(
		out + at, room - at, ": %d %s instead of %d", k->narrow, parts_word(k->narrow), k->narrow_plain);
	if (k->narrow_substituted < k->narrow && at < room)
		at += (size_t)snprintf(out + at, room - at, "; %d with %s", k->narrow_substituted,
			r->bureau != NULL ? "the bureau's substitutions" : "substitutions");
	if (k->narrow_national < k->narrow && table[0] != '\0' && at < room)
		at += (size_t)snprintf(out + at, room - at, "; %d with the %s tables%s", k->narrow_national, table,
			r->bureau != NULL ? " of its link" : "");
	if (k->narrow_substituted >= k->narrow && k->narrow_national >= k->narrow && r->bureau != NULL && at < room)
		snprintf(out + at, room - at, "; nothing that the bureau has set helps");
}

static json_t *
cost_row(const struct dialog_cost *k, const struct reckoning *r)
{
	char note[800];
	json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:i, s:I, s:i, s:i}", "text", k->text, "language", k->language,
		"form", k->ussd ? (k->many ? "many ussd" : "ussd") : (k->many ? "many" : "sms"), "file", k->file, "line",
		k->line, "characters", (json_int_t)k->characters, "parts", k->parts, "allowed", k->allowed);

	note_of(k, r, note, sizeof note);
	if (note[0] == '\0')
		return row;
	json_object_set_new(row, "note", json_string(note));
	json_t *odd = json_array();
	for (size_t i = 0; i < k->nodd; i++) {
		char sign[5] = "", code[12];
		sign[utf8_encode(k->odd[i].cp, sign)] = '\0';
		snprintf(code, sizeof code, "U+%04X", (unsigned)k->odd[i].cp);
		json_array_append_new(
			odd, json_pack("{s:s, s:s, s:i}", "character", sign, "code", code, "line", k->odd[i].line));
	}
	json_object_set_new(row, "outside_gsm", odd);
	json_object_set_new(row, "gsm_values",
		json_pack("{s:i, s:i, s:i, s:i}", "parts", k->narrow, "plain", k->narrow_plain, "substituted",
			k->narrow_substituted, "national", k->narrow_national));
	return row;
}

static json_t *
dialog_row(const struct dialog *d, bool with_costs, const struct reckoning *r)
{
	static struct dialog_cost costs[COSTS_MAX];
	static int lines[COSTS_MAX];
	const char *languages[DIALOG_LANGUAGES_MAX];
	size_t n = dialog_languages(d, languages);
	size_t ncosts = dialog_costs(d, r->bureau != NULL ? &r->rules : NULL, costs, COSTS_MAX);
	json_t *row = json_pack("{s:s, s:i, s:s, s:I}", "dialog", dialog_name(d), "version", dialog_version(d),
		"first_step", dialog_first_step(d), "branches", (json_int_t)dialog_branch_lines(d, lines, COSTS_MAX));
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(languages[i]));
	json_object_set_new(row, "languages", list);
	json_object_set_new(row, "wordings", json_integer((json_int_t)ncosts));
	if (with_costs) {
		json_t *texts = json_array();
		for (size_t i = 0; i < ncosts && i < COSTS_MAX; i++)
			json_array_append_new(texts, cost_row(&costs[i], r));
		json_object_set_new(row, "texts", texts);
	}
	return row;
}

static int
check(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"dialog", "DIALOG"}, {"version", "VERSION"},
		{"languages", "LANGUAGES"}, {"branches", "BRANCHES"}, {"wordings", "WORDINGS"}, {NULL, NULL}};
	static const struct cli_column cost_columns[] = {{"text", "TEXT"}, {"language", "LANGUAGE"}, {"form", "FORM"},
		{"characters", "CHARACTERS"}, {"parts", "PARTS"}, {"allowed", "ALLOWED"}, {"note", "NOTE"}, {NULL, NULL}};
	const char *words[64], *version = NULL;
	bool costs = false, bad = false;
	struct reckoning reckoning;
	const struct cli_option options[] = {{"--costs", NULL, &costs}, {"--version", &version, NULL}, {NULL, NULL, NULL}};
	int n = cli_args(c, argc, argv, options, words, 0, 64);
	if (n < 0)
		return CLI_USAGE;
	if (version != NULL && n == 0)
		return cli_usage(c, "name the dialog whose version is meant");
	if (reckon_by(c, costs ? c->bureau_code : NULL, &reckoning) != 0)
		return CLI_FAILED;

	json_t *rows = json_array();
	for (int i = 0; i < n; i++) {
		struct dialog *d = open_dialog(c, words[i], version);
		if (d == NULL)
			bad = true;
		else
			json_array_append_new(rows, dialog_row(d, costs, &reckoning));
		dialog_free(d);
	}
	if (n == 0) {
		char folder[PATH_MAX];
		struct templates *t = find_folder(c, folder, sizeof folder) == 0 ? templates_load(folder, stderr) : NULL;
		bad = t == NULL;
		for (size_t i = 0; t != NULL && templates_get(t, i) != NULL; i++)
			json_array_append_new(rows, dialog_row(templates_get(t, i), costs, &reckoning));
		if (t != NULL && c->conf != NULL && templates_check(t, c->conf, false, stderr) > 0)
			bad = true;
		templates_free(t);
	}
	if (bad) {
		json_decref(rows);
		return CLI_FAILED;
	}
	if (!costs || c->json)
		return cli_print_list(c, rows, columns);
	size_t i;
	json_t *row;
	json_array_foreach (rows, i, row) {
		printf("%s%s %lld\n", i > 0 ? "\n" : "", json_string_value(json_object_get(row, "dialog")),
			(long long)json_integer_value(json_object_get(row, "version")));
		cli_print_list(c, json_incref(json_object_get(row, "texts")), cost_columns);
	}
	json_decref(rows);
	return CLI_DONE;
}

/* ---- print, graph ----------------------------------------------------------------------------------------------- */

static int
print(struct cli *c, int argc, char **argv)
{
	const char *word, *version = NULL;
	const struct cli_option options[] = {{"--version", &version, NULL}, {NULL, NULL, NULL}};
	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0)
		return CLI_USAGE;
	struct dialog *d = open_dialog(c, word, version);
	if (d == NULL)
		return CLI_FAILED;
	char *text = dialog_print(d);
	if (text == NULL)
		abort();
	if (c->json)
		cli_print_object(c,
			json_pack("{s:s, s:i, s:s}", "dialog", dialog_name(d), "version", dialog_version(d), "text", text), NULL);
	else
		fputs(text, stdout);
	free(text);
	dialog_free(d);
	return CLI_DONE;
}

/* Gives the drawing to Graphviz, which writes the picture to our standard output. */
static int
draw_svg(const char *dot)
{
	int pipes[2], status;
	fflush(stdout);
	if (pipe(pipes) != 0)
		return cli_fail("could not make a pipe: %s", strerror(errno));
	pid_t child = fork();
	if (child < 0)
		return cli_fail("could not start dot: %s", strerror(errno));
	if (child == 0) {
		dup2(pipes[0], STDIN_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		execlp("dot", "dot", "-Tsvg", (char *)NULL);
		_exit(127);
	}
	close(pipes[0]);
	FILE *out = fdopen(pipes[1], "w");
	if (out == NULL)
		abort();
	/* Where dot is missing nobody reads: that must come out as its exit code, not end us. */
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	fputs(dot, out);
	fclose(out);
	signal(SIGPIPE, before);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return cli_fail("could not wait for dot: %s", strerror(errno));
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return cli_fail("dot is not installed; install graphviz, or leave --svg out");
	return status == 0 ? CLI_DONE : cli_fail("dot could not draw it");
}

static int
graph(struct cli *c, int argc, char **argv)
{
	const char *word, *language = NULL, *version = NULL;
	bool svg = false;
	const struct cli_option options[] = {
		{"--language", &language, NULL}, {"--svg", NULL, &svg}, {"--version", &version, NULL}, {NULL, NULL, NULL}};
	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0)
		return CLI_USAGE;
	if (svg && c->json)
		return cli_usage(c, "a picture is no JSON document; leave --svg or --json out");
	struct dialog *d = open_dialog(c, word, version);
	if (d == NULL)
		return CLI_FAILED;
	const char *languages[DIALOG_LANGUAGES_MAX];
	size_t n = dialog_languages(d, languages), i = 0;
	while (language != NULL && i < n && strcmp(languages[i], language) != 0)
		i++;
	if (language != NULL && i == n) {
		dialog_free(d);
		return cli_fail("dialog %s has no wording in \"%s\"", word, language);
	}
	char *dot = dialog_dot(d, language != NULL ? language : languages[0]);
	int code = CLI_DONE;
	if (dot == NULL)
		abort();
	if (svg)
		code = draw_svg(dot);
	else if (c->json)
		cli_print_object(c, json_pack("{s:s, s:s}", "dialog", dialog_name(d), "dot", dot), NULL);
	else
		fputs(dot, stdout);
	free(dot);
	dialog_free(d);
	return code;
}

/* ---- play ------------------------------------------------------------------------------------------------------- */

static void
print_line(void *arg, const char *line)
{
	(void)arg;
	puts(line);
}

static void
keep_line(void *arg, const char *line)
{
	json_array_append_new(arg, json_string(line));
}

/* On a terminal a line without one of the marks is what the citizen writes. */
static bool
is_marked(const char *line)
{
	static const char *const marks[] = {"<", ">", "!", "=", "#", "start", "wait ", "applications ", "dial", "hang up"};
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (strncmp(line, marks[i], strlen(marks[i])) == 0)
			return true;
	}
	return line[0] == '\0';
}

static int
play_lines(struct play *p, FILE *in, const char *name, bool person)
{
	char line[2048], marked[2064];
	const char *why;
	for (int number = 1; fgets(line, sizeof line, in) != NULL; number++) {
		line[strcspn(line, "\r\n")] = '\0';
		/* The head of a .chat file says what the command line says here. */
		if (!person && (strncmp(line, "dialog ", 7) == 0 || strncmp(line, "applications ", 13) == 0))
			continue;
		snprintf(marked, sizeof marked, "%s%s", person && !is_marked(line) ? "< " : "", line);
		if (play_line(p, marked, &why) == 0)
			continue;
		fprintf(stderr, "%s:%d: %s\n", name, number, why);
		if (!person)
			return CLI_FAILED;
	}
	return CLI_DONE;
}

static int
play(struct cli *c, int argc, char **argv)
{
	const char *words[2], *language = NULL, *applications = "1", *version = NULL, *why;
	const struct cli_option options[] = {{"--language", &language, NULL}, {"--applications", &applications, NULL},
		{"--version", &version, NULL}, {NULL, NULL, NULL}};
	int64_t count;
	int n = cli_args(c, argc, argv, options, words, 1, 2);
	if (n < 0 || cli_number(c, "--applications", applications, 1, 64, &count) != 0)
		return CLI_USAGE;
	FILE *in = stdin;
	if (n == 2 && (in = fopen(words[1], "re")) == NULL)
		return cli_fail("cannot open %s: %s", words[1], strerror(errno));

	struct dialog *d = open_dialog(c, words[0], version);
	int code = CLI_FAILED;
	if (d != NULL) {
		/* A file of its own is a check and says nothing when it is good; standard input is answered line by line. */
		bool person = n == 1 && isatty(STDIN_FILENO);
		json_t *lines = json_array();
		const struct play_options o = {.language = language,
			.applications = (int)count,
			.out = n == 2	 ? NULL
				   : c->json ? keep_line
							 : print_line,
			.arg = lines};
		struct play *p = play_new(d, &o);
		if (p == NULL)
			abort();
		if (person && !c->json)
			puts("# start begins, dial opens a USSD session; then type what the citizen writes. ! event NAME, wait 3d, "
				 "hang up; "
				 "Ctrl-D ends.");
		code = play_lines(p, in, n == 2 ? words[1] : "line", person);
		if (code == CLI_DONE && n == 2 && play_finish(p, &why) != 0) {
			fprintf(stderr, "%s: %s\n", words[1], why);
			code = CLI_FAILED;
		}
		play_free(p);
		if (code == CLI_DONE && c->json)
			code = cli_print_object(c,
				json_pack("{s:s, s:i, s:b, s:O}", "dialog", dialog_name(d), "version", dialog_version(d), "good", 1,
					"lines", lines),
				NULL);
		json_decref(lines);
	}
	dialog_free(d);
	if (in != stdin)
		fclose(in);
	return code;
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"check", check}, {"print", print}, {"graph", graph}, {"play", play},
		{"versions", cli_dialog_versions}, {"publish", cli_dialog_publish}, {"undo", cli_dialog_undo},
		{"diff", cli_dialog_diff}, {"waiting", cli_dialog_waiting}, {"begin", cli_dialog_begin},
		{"drop", cli_dialog_drop}, {"move", cli_dialog_move}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_dialog = {
	.name = "dialog",
	.usage = "dialog check [NAME|FILE.dlg ...] [--costs] [--version VERSION|file|draft]\n"
			 "dialog print NAME|FILE.dlg [--version VERSION|file|draft]\n"
			 "dialog graph NAME|FILE.dlg [--language L] [--svg] [--version VERSION|file|draft]\n"
			 "dialog play NAME|FILE.dlg [FILE.chat] [--language L] [--applications N] [--version VERSION|file|draft]\n"
			 "dialog versions [NAME]\n"
			 "dialog waiting [NAME]\n"
			 "dialog begin NAME --from NAME|FILE.dlg [--title TEXT] [--staff NAME]\n"
			 "dialog drop NAME\n"
			 "dialog move NAME VERSION STEP [--staff NAME]\n"
			 "dialog publish NAME [--file] [--note TEXT] [--staff NAME]\n"
			 "dialog undo NAME VERSION|file [--staff NAME]\n"
			 "dialog diff NAME VERSION|file|draft [VERSION|file|draft]\n",
	.summary = "check, print, draw, play and publish the dialogs",
	.help = "check  every fault of the dialogs named, or of all in the templates folder; --costs: what each text costs "
			"at most,\n"
			"       and which signs alone make it dear where its signature and values are within the GSM alphabet, "
			"with what\n"
			"       helps (--bureau: of what this bureau has set)\n"
			"print  the dialog in its canonical form\n"
			"graph  the dialog as a Graphviz drawing, or as a picture with --svg\n"
			"play   the conversation line by line: start, < what the citizen writes, ! event NAME, wait 3d, dial and "
			"hang up\n"
			"       for a USSD session; with FILE.chat the lines of the file, which say what is expected\n"
			"versions  what the bureau has published itself, and its draft; the files of the templates folder hold as "
			"long as\n"
			"       there is nothing\n"
			"waiting  how many conversations wait at each step of each version, which `move` takes\n"
			"begin  a draft of a new dialog: a copy of another under its own name, or a file with its wordings beside "
			"it; of one\n"
			"       that is there, only from itself or from a file\n"
			"drop   throws the draft away\n"
			"move   conversations of an older version that wait at this step go on with the version that runs\n"
			"publish  the draft, checked first; with --file, what the files say now. Conversations "
			"begin\n"
			"       with it from then on; those under way end on theirs\n"
			"undo   publishes an earlier version again, as a copy; `file` is what the files say\n"
			"diff   lines that differ between two versions; without the second, between the version and the draft\n",
	.run = run,
};
