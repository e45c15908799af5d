/* Dialogs and wordings of a folder: found by name and version, faults told, reloaded without breaking what runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/conf.h"
#include "gateway/templates.h"
#include "tests/lib/folder.h"

static char folder[256], told[8192];

static int
make_folder(void **state)
{
	(void)state;
	return folder_make(folder, sizeof folder, "templates");
}

static int
remove_folder(void **state)
{
	(void)state;
	DIR *dir = opendir(folder);
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
		unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	return rmdir(folder);
}

static void
write_file(const char *name, const char *text)
{
	char path[300];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static FILE *
listen_faults(void)
{
	memset(told, 0, sizeof told);
	return fmemopen(told, sizeof told - 1, "w");
}

static struct templates *
load(void)
{
	FILE *err = listen_faults();
	struct templates *t = templates_load(folder, err);
	fclose(err);
	return t;
}

static int
reload(struct templates *t)
{
	FILE *err = listen_faults();
	int rc = templates_reload(t, err);
	fclose(err);
	return rc;
}

static void
assert_told(const char *expected)
{
	if (strstr(told, expected) == NULL)
		fail_msg("expected \"%s\" in:\n%s", expected, told);
}

#define ANYWHERE                                                                                                       \
	"anywhere\n"                                                                                                       \
	"  STOP -> finished\n  HELP -> same say question\n  STATUS -> same say question\n  LANGUAGE -> same say "          \
	"question\n"                                                                                                       \
	"  NOT ME -> finished\n  CHECK -> same do check say question\n  START -> same do opt_in say question\n"

/* A dialog as small as the language allows. */
static const char *
small(const char *name, int version, const char *days)
{
	static char text[1024];
	snprintf(text, sizeof text,
		"dialog %s %d\n\nstep asked\n  ask question\n  yes -> finished\n  else -> finished\n  silent %s -> finished\n\n"
		"end finished\n\n" ANYWHERE,
		name, version, days);
	return text;
}

/* The text `question` as it comes out; static. */
static const char *
question(const struct dialog *d, const char *language)
{
	static char out[256];
	struct dialog_conversation conversation = {.applications = 1};
	assert_true(dialog_render(d, "question", language, &conversation, NULL, NULL, out, sizeof out) > 0);
	return out;
}

static void
test_shipped_templates_load(void **state)
{
	(void)state;
	struct templates *t = templates_load("templates", stderr);
	assert_non_null(t);
	assert_non_null(templates_find(t, "renewal", 0));
	assert_non_null(templates_find(t, "change", 0));
	assert_non_null(templates_find(t, "visitor", 0));
	assert_null(templates_find(t, "common", 0));
	assert_string_equal(templates_folder(t), "templates");
	struct conf *c = conf_load("conf/minimal.conf", stderr);
	assert_non_null(c);
	assert_int_equal(templates_check(t, c, true, stderr), 0);
	conf_free(c);
	templates_free(t);
}

static void
test_names_and_versions(void **state)
{
	(void)state;
	write_file("a.dlg", small("a", 3, "3d"));
	write_file("a.2.dlg", small("a", 2, "2d"));
	write_file("a.zh.txt", "[question]\n新的\n");
	write_file("a.en.txt", "[question]\nnew\n");
	write_file("a.2.zh.txt", "[question]\n旧的\n");
	write_file("b.dlg", small("b", 1, "3d"));
	struct templates *t = load();
	assert_null(t); /* b has no wording */
	write_file("b.zh.txt", "[question]\n乙\n");
	t = load();
	assert_string_equal(told, "");
	assert_non_null(t);
	assert_int_equal(dialog_version(templates_find(t, "a", 0)), 3);
	assert_int_equal(dialog_version(templates_find(t, "a", 2)), 2);
	assert_null(templates_find(t, "a", 1));
	assert_null(templates_find(t, "c", 0));
	assert_string_equal(question(templates_find(t, "a", 0), "zh"), "新的");
	/* An old version has its own wording where there is one, and the new one's in other languages. */
	assert_string_equal(question(templates_find(t, "a", 2), "zh"), "旧的");
	assert_string_equal(question(templates_find(t, "a", 2), "en"), "new");
	assert_ptr_equal(templates_get(t, 0), templates_find(t, "a", 3));
	assert_ptr_equal(templates_get(t, 1), templates_find(t, "a", 2));
	assert_ptr_equal(templates_get(t, 2), templates_find(t, "b", 1));
	assert_null(templates_get(t, 3));
	templates_free(t);
}

static void
test_faults_are_told_with_file_and_line(void **state)
{
	(void)state;
	assert_null(load());
	assert_told("no dialog in this folder");
	write_file("a.dlg",
		"dialog a 1\n\nstep asked\n  ask question\n  yes -> nowhere\n  else -> finished\n  silent 3d -> finished\n"
		"end finished\n\n" ANYWHERE);
	write_file("a.zh.txt", "[question]\n问\n");
	write_file("b.dlg", small("b", 1, "3d"));
	assert_null(load());
	assert_told("/a.dlg:5: ");
	assert_told("nowhere");
	assert_told("/b.dlg"); /* no wording: told in the same go */
	write_file("a.dlg", small("z", 1, "3d"));
	write_file("b.zh.txt", "[question]\n问\n");
	assert_null(load());
	assert_told("a.dlg: it holds the dialog z; the file must bear the dialog's name");
	write_file("a.dlg", small("a", 1, "3d"));
	write_file("a.2.dlg", small("a", 3, "3d"));
	assert_null(load());
	assert_told("a.2.dlg: it holds version 3; the file must bear the version's number");
	write_file("a.2.dlg", small("a", 2, "3d"));
	write_file("a.dlg", small("a", 2, "3d"));
	assert_null(load());
	assert_told("version 2 of a stands in another file too");
	FILE *err = listen_faults();
	assert_null(templates_load("/no/such/folder", err));
	fclose(err);
	assert_told("/no/such/folder: cannot open the templates folder: No such file or directory");
}

static void
test_reload(void **state)
{
	(void)state;
	write_file("a.dlg", small("a", 1, "3d"));
	write_file("a.zh.txt", "[question]\n一\n");
	struct templates *t = load();
	assert_non_null(t);
	const struct dialog *first = templates_find(t, "a", 0);

	/* Wording alone: taken at once; the dialog that a turn may hold stays good. */
	write_file("a.zh.txt", "[question]\n二\n");
	assert_int_equal(reload(t), 0);
	assert_string_equal(question(templates_find(t, "a", 0), "zh"), "二");
	assert_string_equal(question(first, "zh"), "一");
	assert_non_null(templates_get(t, 0));
	assert_null(templates_get(t, 1));

	/* Another flow under the same number is refused, and nothing changes. */
	write_file("a.dlg", small("a", 1, "5d"));
	write_file("a.zh.txt", "[question]\n三\n");
	assert_int_equal(reload(t), -1);
	assert_told("a.dlg: the flow has changed but is still version 1; give it the next number");
	assert_string_equal(question(templates_find(t, "a", 0), "zh"), "二");

	/* With the next number it is the newest; the old one stays for its conversations. */
	write_file("a.dlg", small("a", 2, "5d"));
	assert_int_equal(reload(t), 0);
	assert_int_equal(dialog_version(templates_find(t, "a", 0)), 2);
	assert_string_equal(question(templates_find(t, "a", 0), "zh"), "三");
	assert_string_equal(question(templates_find(t, "a", 1), "zh"), "二");

	write_file("a.dlg", "rubbish");
	assert_int_equal(reload(t), -1);
	assert_int_equal(dialog_version(templates_find(t, "a", 0)), 2);
	templates_free(t);
}

static void
test_check_against_bureaus(void **state)
{
	(void)state;
	write_file("renewal.dlg", small("renewal", 1, "3d"));
	write_file("renewal.zh.txt", "[question]\n一\n");
	struct templates *t = load();
	struct conf *c = conf_load("conf/minimal.conf", stderr);
	assert_non_null(t);
	assert_non_null(c);
	FILE *err = listen_faults();
	int bad = templates_check(t, c, true, err);
	fclose(err);
	assert_int_equal(bad, 4);
	assert_told("there is no dialog visitor.dlg, which bureau \"wendeng\" needs for texts without a conversation");
	assert_told(
		"there is no dialog verified_first.dlg, which bureau \"wendeng\" needs for construction-qualification-change");
	assert_told("there is no dialog pledge.dlg, which bureau \"wendeng\" needs for construction-permit-pledge");
	assert_told("dialog renewal has no wording in \"en\", a language of bureau \"wendeng\"");
	conf_free(c);
	templates_free(t);
}

static void
test_single_file(void **state)
{
	(void)state;
	char path[300];
	write_file("a.dlg", small("a", 1, "3d"));
	write_file("a.zh.txt", "[question]\n一\n");
	snprintf(path, sizeof path, "%s/a.dlg", folder);
	FILE *err = listen_faults();
	struct dialog *d = templates_load_file(path, err);
	assert_non_null(d);
	dialog_free(d);
	snprintf(path, sizeof path, "%s/a.zh.txt", folder);
	assert_null(templates_load_file(path, err));
	fclose(err);
	assert_told("a dialog's file is called NAME.dlg");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_shipped_templates_load),
		TEST(test_names_and_versions),
		TEST(test_faults_are_told_with_file_and_line),
		TEST(test_reload),
		TEST(test_check_against_bureaus),
		TEST(test_single_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
