/* Reading the page templates and words from their folder. */
#include "gateway/http/html.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (256 * 1024)

static char *
read_file(const char *path, size_t *len, FILE *err)
{
	FILE *f = fopen(path, "re");
	char *text = f == NULL ? NULL : malloc(FILE_MAX);

	if (text != NULL)
		*len = fread(text, 1, FILE_MAX, f);
	if (text == NULL || ferror(f)) {
		fprintf(err, "%s: could not read: %s\n", path, strerror(errno));
		free(text);
		text = NULL;
	} else if (*len == FILE_MAX) {
		fprintf(err, "%s: cannot take a page template of %d octets or more\n", path, FILE_MAX);
		free(text);
		text = NULL;
	}
	if (f != NULL)
		fclose(f);
	return text;
}

/* Adds one file by its ending; other files of the folder (style sheet, pictures) are not ours. */
static int
load_file(struct html *h, const char *folder, const char *file, FILE *err)
{
	char path[4096], name[256];
	const char *dot = strrchr(file, '.');
	size_t len = 0;
	int rc;

	if (dot == NULL || dot == file || (strcmp(dot, ".html") != 0 && strcmp(dot, ".txt") != 0))
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, file) >= sizeof(path))
		return -1;
	snprintf(name, sizeof(name), "%.*s", (int)(dot - file), file);
	char *text = read_file(path, &len, err);
	if (text == NULL)
		return -1;
	if (strcmp(dot, ".html") == 0)
		rc = html_add_template(h, path, name, text, len, err);
	else
		rc = html_add_words(h, path, name, text, len, err);
	free(text);
	return rc;
}

struct html *
html_load(const char *folder, FILE *err)
{
	struct dirent **files = NULL;
	struct html *h = html_new();
	int faults = h == NULL ? 1 : 0;
	int n = scandir(folder, &files, NULL, alphasort);

	if (n < 0) {
		fprintf(err, "%s: could not read the folder of the page templates: %s\n", folder, strerror(errno));
		html_free(h);
		return NULL;
	}
	for (int i = 0; i < n; i++) {
		if (h != NULL && load_file(h, folder, files[i]->d_name, err) != 0)
			faults++;
		free(files[i]);
	}
	free(files);
	if (faults == 0 && html_check(h, err) != 0)
		faults++;
	if (faults == 0)
		return h;
	html_free(h);
	return NULL;
}
