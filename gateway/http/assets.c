/* Reading what <templates>/web holds, with faults going to the log. */
#include "gateway/http/assets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/http/html.h"
#include "gateway/log.h"

#define ASSET_MAX (512 * 1024)

struct html *
assets_html(const struct conf *conf)
{
	char folder[4096];
	char *faults = NULL, *save = NULL;
	size_t len = 0;
	FILE *err = open_memstream(&faults, &len);

	if (err == NULL)
		return NULL;
	snprintf(folder, sizeof(folder), "%s/web", conf->templates);
	struct html *h = html_load(folder, err);
	fclose(err);
	for (char *line = strtok_r(faults, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		log_error("%s", line);
	free(faults);
	return h;
}

char *
assets_read(const struct conf *conf, const char *name, size_t *len)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/web/%s", conf->templates, name);
	FILE *f = fopen(path, "re");
	char *data = f == NULL ? NULL : malloc(ASSET_MAX);
	if (data == NULL)
		log_error("%s: could not read: %s", path, strerror(errno));
	else
		*len = fread(data, 1, ASSET_MAX, f);
	if (f != NULL)
		fclose(f);
	return data;
}
