/* huizhi trail seal: seals what is new in the trail. The daemon runs it too. */
#include <stdio.h>

#include "gateway/cli/progress.h"
#include "gateway/cli/trail.h"
#include "gateway/keys.h"
#include "gateway/now.h"
#include "gateway/sealing.h"

#define WAIT_SECONDS 10 /* for transactions that write the trail */

static void
on_progress(void *arg, int64_t done, int64_t all)
{
	progress_show(arg, "sealing", done, all);
}

int
trail_seal(struct cli *c, int argc, char **argv)
{
	size_t n;
	const char *error = "";
	int64_t highest, settled_us;
	struct sealing_done all = {0};

	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	PGconn *conn = pg_raw_begin(c->pg);
	if (conn == NULL)
		return cli_fail("could not use the connection to the database; try again");
	struct progress *progress = progress_new();
	const struct sealing_watch watch = {.arg = progress, .on_progress = on_progress};
	int64_t began_us = now_wait_us();
	int rc = sealing_settle(conn, WAIT_SECONDS, &highest, &settled_us, &error);
	if (rc == 1)
		error = "a transaction that writes the trail stays open; what is new is sealed when it is over";
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct sealing_done done;
		rc = sealing_run(conn, keys_sign_secret(c->keys), b[i].id, highest, settled_us, &watch, &done, &error);
		all.seals += done.seals;
		all.events += done.events;
		if (done.busy && !c->json) {
			progress_clear(progress);
			printf("bureau %s: another process is sealing\n", b[i].code);
		}
	}
	progress_end(progress);
	pg_raw_end(c->pg);
	if (rc != 0)
		return cli_fail("could not seal: %s", error);
	double took = (double)(now_wait_us() - began_us) / 1e6;
	if (c->json)
		return cli_print_object(c,
			json_pack(
				"{s:I, s:I, s:f}", "events", (json_int_t)all.events, "seals", (json_int_t)all.seals, "seconds", took),
			NULL);
	printf("sealed %lld events in %lld seals, %.2f s\n", (long long)all.events, (long long)all.seals, took);
	return CLI_DONE;
}
