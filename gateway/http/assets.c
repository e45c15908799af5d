/* Reading what <templates>/web holds, with faults going to the log. */
#include "gateway/http/assets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/http/html.h"
#include "gateway/http/http.h"
#include "gateway/http/server.h"
#include "gateway/log.h"

#define ASSET_MAX (512 * 1024)

static struct html *
read_html(const struct conf *conf)
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

static char *
read_asset(const struct conf *conf, const char *name, size_t *len)
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

int
assets_load(const struct conf *conf, struct assets *a)
{
	a->html = read_html(conf);
	a->style = read_asset(conf, "style.css", &a->style_len);
	a->icon = read_asset(conf, "icon.svg", &a->icon_len);
	a->live = read_asset(conf, "live.js", &a->live_len);
	a->openapi = read_asset(conf, "openapi.json", &a->openapi_len);
	if (a->html != NULL && a->style != NULL && a->icon != NULL && a->live != NULL && a->openapi != NULL)
		return 0;
	assets_free(a);
	return -1;
}

void
assets_free(struct assets *a)
{
	html_free(a->html);
	free(a->style);
	free(a->icon);
	free(a->live);
	free(a->openapi);
	memset(a, 0, sizeof(*a));
}

int
assets_reload(const struct conf *conf, struct assets *a, struct http_server *server)
{
	struct assets fresh = {0};

	if (assets_load(conf, &fresh) != 0)
		return -1;
	server->o.html = fresh.html;
	assets_free(a);
	*a = fresh;
	return 0;
}

int
http_check(const struct conf *conf)
{
	struct assets a = {0};
	int rc = assets_load(conf, &a);

	assets_free(&a);
	return rc;
}
