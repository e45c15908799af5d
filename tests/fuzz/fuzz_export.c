/*
 * Fuzz target of a trail's export, which anybody may bring to be checked with the public key alone: lines of events,
 * seals, redactions and drops. Nothing of a stranger's making is found whole: every seal that is not ours is a fault.
 *
 * links: gateway/cli/trail_walk.c gateway/cli/progress.c gateway/now.c gateway/seal.c gateway/seal_check.c
 * links: gateway/seal_rows.c store/pg_params.c
 */
#include <stdarg.h>
#include <stdio.h>

#include "gateway/cli/trail.h"
#include "gateway/seal_rows.h"
#include "store/pg_internal.h"
#include "store/raw.h"
#include "tests/fuzz/fuzz.h"

/* ---- In the place of the command and the database, which an export does without ---------------------------------- */

static int failures;

int
cli_fail(const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	must(vsnprintf(text, sizeof(text), fmt, ap) > 0);
	va_end(ap);
	failures++;
	return CLI_FAILED;
}

PGresult *
raw_run(PGconn *conn, enum stmt s, const struct pg_params *p, const char **error)
{
	(void)conn;
	(void)s;
	(void)p;
	*error = "there is no database";
	return NULL;
}

int
raw_do(PGconn *conn, const char *sql, const char **error)
{
	(void)conn;
	(void)sql;
	*error = "there is no database";
	return -1;
}

void *
pg_alloc(size_t size)
{
	return pg_realloc(NULL, size);
}

void *
pg_realloc(void *p, size_t size)
{
	p = realloc(p, size);
	must(p != NULL);
	return p;
}

/* ---- The target -------------------------------------------------------------------------------------------------- */

struct checking {
	struct seal_check *check;
	int64_t faults, seals, events;
};

static void
on_fault(void *arg, const struct seal_fault *f)
{
	struct checking *k = arg;

	must(f->text[0] != '\0');
	k->faults++;
}

static void
on_drop(void *arg, const struct seal_drop *d)
{
	seal_check_drop(((struct checking *)arg)->check, d);
}

static void
on_seal(void *arg, const struct seal *s)
{
	struct checking *k = arg;

	must(s->events >= 1 && s->events <= 2 * SEAL_EVENTS);
	k->seals++;
	seal_check_seal(k->check, s);
}

static void
on_redaction(void *arg, const struct seal_redaction *r)
{
	must(r->entries >= 1);
	seal_check_redaction(((struct checking *)arg)->check, r);
}

static void
on_event(void *arg, const struct seal_event *e)
{
	struct checking *k = arg;

	k->events++;
	seal_check_event(k->check, e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Nobody has the secret of this one. */
	static const uint8_t publics[1][SEAL_KEY] = {{0x51, 0x7a}};
	struct checking k = {0};
	struct seal_counts counts;
	const struct trail_walk w = {NULL, &k, on_drop, on_seal, on_redaction, on_event};

	if (size == 0)
		return 0;
	FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
	k.check = seal_check_new(1, publics, 1, on_fault, &k);
	must(in != NULL && k.check != NULL);
	failures = 0;
	int rc = trail_walk_file(in, "export", &w);
	must((rc != 0) == (failures > 0));
	seal_check_end(k.check, &counts);
	must(counts.seals == k.seals && counts.events == k.events && counts.faults == k.faults && k.faults >= k.seals);
	must(counts.redacted == 0 && counts.dropped == 0);
	seal_check_free(k.check);
	fclose(in);
	return 0;
}
