/* What commands work on, opened when they first ask: configuration, keys, database, the bureau meant. */
#include "gateway/cli/cli.h"

#include <event2/event.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/keys.h"
#include "gateway/templates.h"
#include "gateway/versions.h"
#include "store/schema.h"

#define CONNECT_SECONDS 10

/* Times are shown as the bureau's clocks go. */
static void
set_zone(const struct cli *c)
{
	char zone[128];
	const struct conf_bureau *b = c->bureau_code != NULL ? conf_bureau_by_code(c->conf, c->bureau_code) : NULL;
	snprintf(zone, sizeof zone, ":%s", (b != NULL ? b : c->conf->bureaus)->timezone);
	setenv("TZ", zone, 1);
	tzset();
}

const struct conf *
cli_conf(struct cli *c)
{
	if (c->conf != NULL)
		return c->conf;

	/* Warnings are for the daemon's log: here they would stand before every table. */
	char *told = NULL;
	size_t len;
	FILE *err = open_memstream(&told, &len);
	if (err == NULL)
		abort();
	c->conf = conf_load(c->file, err);
	fclose(err);
	if (c->conf == NULL)
		fputs(told, stderr);
	else
		set_zone(c);
	free(told);
	return c->conf;
}

const struct keys *
cli_keys(struct cli *c)
{
	const char *error;
	if (c->keys != NULL)
		return c->keys;
	if (cli_conf(c) == NULL)
		return NULL;
	c->keys = keys_load(c->conf->keys, &error);
	if (c->keys == NULL)
		cli_fail("%s", error);
	return c->keys;
}

struct pg *
cli_pg_any(struct cli *c)
{
	const char *error;
	if (c->pg != NULL)
		return c->pg;
	if (cli_conf(c) == NULL)
		return NULL;
	if (c->base == NULL)
		c->base = event_base_new();
	if (c->base == NULL)
		abort();
	c->pg = pg_open_wait(c->base, c->conf->database, CONNECT_SECONDS, &error);
	if (c->pg == NULL)
		cli_fail("could not reach the database: %s", error);
	return c->pg;
}

struct pg *
cli_pg(struct cli *c)
{
	const char *error;
	bool fresh = c->pg == NULL;
	if (cli_pg_any(c) == NULL)
		return NULL;
	if (fresh && schema_check_wait(c->pg, c->file, &error) != SCHEMA_SAME) {
		cli_fail("%s", error);
		return NULL;
	}
	return c->pg;
}

struct templates *
cli_templates(struct cli *c)
{
	const char *error = NULL;
	struct templates *t;

	if (cli_pg(c) == NULL || (t = templates_load(c->conf->templates, stderr)) == NULL)
		return NULL;
	if (versions_load(t, c->conf, c->pg, &error) == 0)
		return t;
	cli_fail("could not read what the bureaus have published: %s", error);
	templates_free(t);
	return NULL;
}

void
cli_close(struct cli *c)
{
	if (c->pg != NULL)
		pg_free(c->pg);
	if (c->base != NULL)
		event_base_free(c->base);
	keys_free(c->keys);
	conf_free(c->conf);
	c->pg = NULL;
	c->base = NULL;
	c->keys = NULL;
	c->conf = NULL;
}

const struct conf_bureau *
cli_bureaus(struct cli *c, size_t *n)
{
	*n = 0;
	if (cli_conf(c) == NULL)
		return NULL;
	if (c->bureau_code == NULL) {
		*n = c->conf->nbureaus;
		return c->conf->bureaus;
	}
	const struct conf_bureau *b = conf_bureau_by_code(c->conf, c->bureau_code);
	if (b == NULL)
		cli_fail("there is no bureau \"%s\" in %s", c->bureau_code, c->conf->file);
	else
		*n = 1;
	return b;
}

const struct conf_bureau *
cli_bureau(struct cli *c)
{
	size_t n;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 1)
		return b;
	if (n > 1) {
		fputs("huizhi: which bureau? give --bureau with one of:", stderr);
		for (size_t i = 0; i < n; i++)
			fprintf(stderr, " %s", b[i].code);
		fputc('\n', stderr);
	}
	return NULL;
}

PGresult *
cli_run(struct cli *c, enum stmt s, const struct pg_params *p)
{
	const char *error;
	PGresult *res = pg_run_wait(c->pg, s, p, &error);
	if (res == NULL)
		cli_fail("the database says: %s", error);
	return res;
}

const char *
cli_actor(const char *staff, char *out, size_t room)
{
	if (staff == NULL) {
		const struct passwd *user = getpwuid(getuid());
		staff = user != NULL ? user->pw_name : "unknown";
	}
	/* A program that asks through the API is named as it is. */
	snprintf(out, room, "%s%s", strncmp(staff, "api:", 4) == 0 ? "" : "staff:", staff);
	return out;
}
