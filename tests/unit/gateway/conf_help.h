/* What the tests of the configuration share: a temporary folder, texts loaded from it, the faults that were told. */
#ifndef TESTS_UNIT_GATEWAY_CONF_HELP_H
#define TESTS_UNIT_GATEWAY_CONF_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/conf.h"
#include "tests/lib/folder.h"

static char folder[256];

static inline int
make_folder(void **state)
{
	(void)state;
	return folder_make(folder, sizeof folder, "conf");
}

static inline int
remove_folder(void **state)
{
	(void)state;
	return folder_drop(folder);
}

/* Writes text to a file of the folder; the path is static. */
static inline const char *
write_conf(const char *name, const char *text)
{
	static char path[300];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	chmod(path, 0600);
	return path;
}

/* Loads a configuration text; *faults gets what was printed (static), with the folder's name left out. */
static inline struct conf *
load(const char *text, const char **faults)
{
	static char told[16384];
	char whole[16384] = "";
	const char *path = write_conf("t.conf", text);
	FILE *err = fmemopen(whole, sizeof whole - 1, "w");
	struct conf *c = conf_load(path, err);
	fclose(err);
	unlink(path);

	told[0] = '\0';
	size_t at = 0, skip = strlen(folder) + 1;
	for (const char *p = whole; *p != '\0';) {
		if (strncmp(p, folder, skip - 1) == 0)
			p += skip;
		else
			told[at++] = *p++;
	}
	told[at] = '\0';
	*faults = told;
	return c;
}

#define LINK "link \"east\" { hosts = {\"127.0.0.1:2775\"} system_id = \"huizhi\" password = \"secret\" }\n"
/* LINK where the carrier lets digits be added to a short code; one line longer. */
#define SUFFIXED                                                                                                       \
	"link \"east\" { hosts = {\"127.0.0.1:2775\"} system_id = \"huizhi\" password = \"secret\"\nsuffix_digits = 4 }\n"
#define BUREAU                                                                                                         \
	"bureau \"wendeng\" { id = 1 name = \"n\" signature = \"s\" short_code = \"10690001\" links = {\"east\"}\n"

static inline void
assert_fault(const char *text, const char *expected)
{
	const char *faults;
	struct conf *c = load(text, &faults);
	if (c != NULL) {
		conf_free(c);
		fail_msg("taken without a fault:\n%s", text);
	}
	if (strstr(faults, expected) == NULL)
		fail_msg("expected \"%s\" in:\n%s", expected, faults);
}

#define ITEM(code, more) "item \"" code "\" { name_zh = \"z\" name_en = \"e\" trigger = \"expiry\"\n" more " }\n"

#endif
