/* huizhi import: licences, or changes of the business register, from a CSV file. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "gateway/bulk.h"
#include "gateway/cli/commands.h"
#include "gateway/cli/progress.h"

static volatile sig_atomic_t stopped;
static PGcancel *cancel;

/* A statement may take many seconds: it is cancelled too. PQcancel may be called from a signal's handler. */
static void
on_signal(int sig)
{
	char error[256];

	(void)sig;
	stopped = 1;
	if (cancel)
		PQcancel(cancel, error, sizeof error);
}

static void
on_progress(void *arg, const char *word, int64_t done, int64_t all)
{
	progress_show(arg, word, done, all);
}

static void
print_faults(const struct bulk_result *r)
{
	for (size_t i = 0; i < r->nlist; i++) {
		const struct bulk_fault *f = &r->list[i];

		fprintf(stderr, "row %lld", (long long)f->row);
		if (f->column[0])
			fprintf(stderr, ", column %s", f->column);
		if (f->value[0])
			fprintf(stderr, ": \"%s\" %s\n", f->value, f->text);
		else
			fprintf(stderr, ": %s\n", f->text);
	}
	if (r->faults > (int64_t)r->nlist)
		fprintf(stderr, "and %lld more faults\n", (long long)r->faults - (long long)r->nlist);
}

static json_t *
result_json(const struct bulk_options *o, const struct bulk_result *r)
{
	const struct import_counts *n = &r->counts;
	json_t *faults = json_array();
	json_t *object = json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I}", "file", o->file, "encoding",
		r->encoding, "separator", r->separator, "dry_run", o->dry_run, "rows", (json_int_t)r->rows, "new",
		(json_int_t)n->added, "changed", (json_int_t)n->changed, "unchanged", (json_int_t)n->unchanged, "refused",
		(json_int_t)r->refused);

	if (o->kind == BULK_LICENCES)
		json_object_set_new(object, "holders",
			json_pack("{s:I, s:I, s:I, s:I}", "rows", (json_int_t)n->holders, "new", (json_int_t)n->holders_added,
				"changed", (json_int_t)n->holders_changed, "without_mobile", (json_int_t)n->without_mobile));
	json_object_set_new(object, "rejected", r->rejected[0] ? json_string(r->rejected) : json_null());
	json_object_set_new(object, "faults_found", json_integer(r->faults));
	for (size_t i = 0; i < r->nlist; i++)
		json_array_append_new(faults, json_pack("{s:I, s:s, s:s, s:s}", "row", (json_int_t)r->list[i].row, "column",
										  r->list[i].column, "value", r->list[i].value, "fault", r->list[i].text));
	json_object_set_new(object, "faults", faults);
	return object;
}

static void
print_result(const struct bulk_options *o, const struct bulk_result *r)
{
	const struct import_counts *n = &r->counts;

	printf("%s%s: %lld rows (%s%s%s): %lld new, %lld changed, %lld unchanged, %lld refused\n",
		o->dry_run ? "would import " : "", o->file, (long long)r->rows, r->encoding,
		strcmp(r->separator, "comma") == 0 ? "" : ", cells by ", strcmp(r->separator, "comma") == 0 ? "" : r->separator,
		(long long)n->added, (long long)n->changed, (long long)n->unchanged, (long long)r->refused);
	if (o->kind == BULK_LICENCES)
		printf("holders: %lld, of them %lld new, %lld changed, %lld without a mobile number\n", (long long)n->holders,
			(long long)n->holders_added, (long long)n->holders_changed, (long long)n->without_mobile);
	if (r->rejected[0])
		printf("the refused rows are in %s; correct them there and import that file\n", r->rejected);
}

/* One JSON object a line, in the order of the lines. */
static void
on_line(void *arg, const struct bulk_line *line)
{
	json_t *object = json_pack("{s:I, s:s}", "line", (json_int_t)line->line, "result", line->result);

	(void)arg;
	if (line->id > 0)
		json_object_set_new(object, "id", json_integer(line->id));
	if (line->faults)
		json_object_set(object, "faults", (json_t *)line->faults);
	json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(object);
}

/* What was told of lines ends with how many there were: without it nothing was imported. */
static void
print_end(const struct bulk_result *r)
{
	printf("{\"lines\":%lld,\"refused\":%lld}\n", (long long)r->rows, (long long)r->refused);
}

static int
open_lines(struct cli *c, struct bulk_options *o)
{
	o->bureau = cli_bureau(c);
	if (!o->bureau)
		return -1;
	o->lines = strcmp(o->file, "-") == 0 ? stdin : fopen(o->file, "r");
	if (!o->lines) {
		cli_fail("cannot read %s: %s", o->file, strerror(errno));
		return -1;
	}
	o->on_line = on_line;
	return 0;
}

static int
import(struct cli *c, int argc, char **argv, enum bulk_kind kind)
{
	bool lines = kind == BULK_HOLDERS;
	struct bulk_options o = {.kind = kind, .stop = &stopped, .on_progress = on_progress};
	const struct cli_option options[] = {
		{"--dry-run", NULL, &o.dry_run}, {"--lines", NULL, &lines}, {NULL, NULL, NULL}};
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct bulk_result r;
	struct progress *progress;
	char error[1024];
	int rc;

	if (cli_args(c, argc, argv, options, &o.file, 1, 1) < 0)
		return CLI_USAGE;
	o.conf = cli_conf(c);
	if (!o.conf || (o.keys = cli_keys(c)) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	if (lines && open_lines(c, &o) != 0)
		return CLI_FAILED;
	o.conn = pg_raw_begin(c->pg);
	if (!o.conn)
		return cli_fail("could not use the connection to the database; try again");
	cancel = PQgetCancel(o.conn);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	o.arg = progress = progress_new();
	rc = bulk_import(&o, &r, error, sizeof error);
	progress_end(progress);
	PQfreeCancel(cancel);
	cancel = NULL;
	pg_raw_end(c->pg);
	if (o.lines && o.lines != stdin)
		fclose(o.lines);
	if (rc == 0 && !c->json && !lines)
		print_faults(&r);
	if (rc == 0 && lines)
		print_end(&r);
	else if (rc != 0)
		rc = cli_fail("%s", error);
	else if (c->json)
		rc = cli_print_object(c, result_json(&o, &r), NULL);
	else
		print_result(&o, &r);
	if (rc == CLI_DONE && r.refused > 0)
		rc = CLI_FAILED;
	bulk_result_free(&r);
	return rc;
}

static int
import_licences(struct cli *c, int argc, char **argv)
{
	return import(c, argc, argv, BULK_LICENCES);
}

static int
import_changes_file(struct cli *c, int argc, char **argv)
{
	return import(c, argc, argv, BULK_CHANGES);
}

static int
import_holders(struct cli *c, int argc, char **argv)
{
	return import(c, argc, argv, BULK_HOLDERS);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {
		{"licences", import_licences},
		{"changes", import_changes_file},
		{"holders", import_holders},
		{NULL, NULL},
	};

	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_import = {
	.name = "import",
	.usage = "import licences FILE.csv [--dry-run]\nimport changes FILE.csv [--dry-run]\n"
			 "import licences|changes|holders FILE.ndjson --lines [--dry-run]\n",
	.summary = "bring in licences, or changes of the business register, from a CSV file",
	.help =
		"The file is UTF-8, GB18030 or UTF-16 (with its byte order mark), its cells are separated by commas, tabs or\n"
		"semicolons as its first row is; that row names the columns, in any order.\n"
		"  licences  bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags\n"
		"  changes   bureau,licence_no,id_number,changed_on,field,old,new\n"
		"            licence_no or id_number says whose; field is legal_representative, name or address\n"
		"Good rows go in, bad ones into FILE.rejected.csv with what is wrong with them; then the exit code is 1.\n"
		"An empty cell never erases what is on file; importing a file twice changes nothing. Days are written\n"
		"2026-12-31, 2026/12/31 or 2026年12月31日, 长期 in expires_on for a licence that never runs out; tags are\n"
		"separated by ; . --dry-run checks and counts and writes nothing. Ctrl-C leaves everything as it was.\n"
		"With --lines the file (- is standard input) has one JSON object in each line, its members the columns but\n"
		"`bureau` (--bureau says which); holders are holder, phone, language, id_number, address and tags. What "
		"became\n"
		"of each line is printed as JSON, a line each, with its faults; the last one counts them.\n",
	.run = run,
};
