/* huizhid: reads the configuration, starts everything in order, and takes it down again in the reverse. */
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "gateway/conf.h"
#include "gateway/figures.h"
#include "gateway/gateway.h"
#include "gateway/habits.h"
#include "gateway/http/http.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/mirror.h"
#include "gateway/number.h"
#include "gateway/sender.h"
#include "gateway/smpp/link.h"
#include "gateway/smpp/pdu_library.h"
#include "gateway/smpp/wire.h"
#include "gateway/templates.h"
#include "gateway/program.h"
#include "gateway/turn.h"
#include "gateway/versions.h"
#include "gateway/turn_internal.h"
#include "store/pg.h"
#include "store/schema.h"

#define DRAIN_SECONDS 20 /* what is under way may take this long to end */
#define CONNECT_SECONDS 10

static struct gateway gw;
static struct event *drain_timer;
static int64_t drain_until;
static bool drain_quiet; /* nothing was under way at the last look */
static struct number *number;

static void
usage(FILE *out)
{
	fputs("usage: huizhid -c FILE [-n] [-v]\n"
		  "The SMS and USSD gateway; runs in the foreground and logs to standard error.\n"
		  "  -c FILE  the configuration\n"
		  "  -n       check the configuration, keys and templates, say what is wrong, and exit\n"
		  "  -v       print the version\n"
		  "SIGTERM drains and unbinds; SIGHUP reads templates and the configuration again.\n",
		out);
}

/* ---- Links ---------------------------------------------------------------------------------------------------- */

static void
bound_count(void)
{
	uint64_t bound = 0, alarm = 0;

	for (size_t i = 0; i < gw.conf->nlinks; i++) {
		struct link_stats st;

		link_stats_get(gw.links[i], &st);
		bound += st.state == LINK_BOUND;
		alarm += st.alarm[0] != '\0';
	}
	metrics_set(METRIC_LINKS, gw.conf->nlinks);
	metrics_set(METRIC_LINKS_BOUND, bound);
	metrics_set(METRIC_LINKS_ALARM, alarm);
}

static void
on_link_state(void *arg, struct link *l, enum link_state old, enum link_state now, const char *why)
{
	(void)arg;
	(void)why; /* the link logs its own changes */
	if (old == LINK_BOUND)
		sender_link_down(&gw, l);
	if (now == LINK_BOUND)
		sender_wake(&gw);
	bound_count();
	clock_links_changed(&gw);
}

static void
on_link_submitted(void *arg, struct link *l, const struct link_submitted *s)
{
	(void)arg;
	sender_submitted(&gw, l, s);
}

static void
on_link_deliver(void *arg, struct link *l, const struct link_deliver *d)
{
	(void)arg;
	turn_deliver(&gw, l, d);
}

static void
on_link_room(void *arg, struct link *l)
{
	(void)arg;
	sender_room(&gw, l);
}

static void
on_link_operated(void *arg, struct link *l, const struct link_operated *o)
{
	(void)arg;
	sender_operated(&gw, l, o);
}

static int
links_new(void)
{
	static const struct link_owner owner = {.on_state = on_link_state,
		.on_submitted = on_link_submitted,
		.on_deliver = on_link_deliver,
		.on_room = on_link_room,
		.on_operated = on_link_operated};

	gw.links = calloc(gw.conf->nlinks + 1, sizeof(struct link *));
	if (gw.links == NULL)
		return -1;
	for (size_t i = 0; i < gw.conf->nlinks; i++) {
		gw.links[i] = link_new(gw.base, &gw.conf->links[i], &owner);
		if (gw.links[i] == NULL)
			return -1;
	}
	return 0;
}

/* ---- The database --------------------------------------------------------------------------------------------- */

static void
on_pg_state(void *arg, struct pg *pg, enum pg_state state, const char *why)
{
	static bool started;
	const char *what = arg;

	if (state == PG_DOWN) {
		log_error("database connection=%s lost: %s; texts are answered with 0x64 until it is back", what, why);
		turn_store_lost(&gw);
	}
	if (pg == gw.pg_side)
		number_lost(number);
	if (state == PG_READY && pg == gw.pg_turn)
		turn_unsure_tell(&gw);
	if (state != PG_READY || !number_store_ready(&gw))
		return;
	log_info("database ready");
	number_take(number);
	versions_refresh(&gw); /* what was told while nobody listened */
	if (!started) {
		/* Nothing is taken from a carrier before there is somewhere to put it. */
		started = true;
		for (size_t i = 0; i < gw.conf->nlinks; i++)
			link_start(gw.links[i]);
		clock_start(&gw);
		(void)sd_notify(0, "READY=1");
	}
	sender_wake(&gw);
}

/* "WORD LINK", from `huizhi link log` and `huizhi link capture`. */
static void
switch_wire(const char *words)
{
	const char *name = strchr(words, ' ');
	enum wire_detail detail;
	char word[16];

	if (name == NULL)
		return;
	(void)snprintf(word, sizeof(word), "%.*s", (int)(name - words), words);
	for (size_t i = 0; i < gw.conf->nlinks; i++) {
		if (strcmp(gw.conf->links[i].name, name + 1) != 0)
			continue;
		if (strcmp(word, "capture") == 0 || strcmp(word, "no-capture") == 0)
			wire_set_capture(link_wire(gw.links[i]), strcmp(word, "capture") == 0);
		else if (wire_detail_by_name(word, &detail) == 0)
			wire_set_detail(link_wire(gw.links[i]), detail);
	}
}

static void
on_pg_notify(void *arg, struct pg *pg, const char *channel, const char *payload)
{
	long long bureau, campaign;

	(void)arg;
	(void)pg;
	(void)channel;
	if (strncmp(payload, "wire ", 5) == 0) {
		switch_wire(payload + 5);
		return;
	}
	if (strcmp(payload, "webhook") == 0) {
		clock_webhooks_changed(&gw);
		return;
	}
	if (strcmp(payload, "dialogs") == 0) {
		versions_refresh(&gw);
		return;
	}
	if (sscanf(payload, "canary %lld %lld", &bureau, &campaign) == 2)
		log_info("campaign=%lld held after its canary; go on with: huizhi campaign resume %lld", campaign, campaign);
	clock_wake(&gw);
}

static int
store_open(void)
{
	static const struct pg_owner turn = {"turn", on_pg_state, NULL}, send = {"send", on_pg_state, NULL},
								 side = {"side", on_pg_state, on_pg_notify};

	gw.pg_turn = pg_new(gw.base, gw.conf->database, &turn);
	gw.pg_send = pg_new(gw.base, gw.conf->database, &send);
	gw.pg_side = pg_new(gw.base, gw.conf->database, &side);
	if (gw.pg_turn == NULL || gw.pg_send == NULL || gw.pg_side == NULL)
		return -1;
	pg_prefer_indexes(gw.pg_turn);
	pg_prefer_indexes(gw.pg_send);
	pg_prefer_indexes(gw.pg_side);
	pg_listen(gw.pg_side, "huizhi_event");
	return 0;
}

/* The schema must be this program's, and the bureaus and items those of the configuration. */
static int
store_check(void)
{
	const char *error = NULL;
	struct pg *pg = pg_open_wait(gw.base, gw.conf->database, CONNECT_SECONDS, &error);

	if (pg == NULL) {
		log_error("could not connect to the database: %s; check `database` in %s", error, gw.conf->file);
		return -1;
	}
	int rc = schema_check_wait(pg, gw.conf->file, &error);
	if (rc == 0)
		rc = mirror_conf(pg, gw.conf, &error);
	if (rc == 0)
		rc = habits_load(&gw, pg, &error);
	if (rc == 0)
		rc = turn_ussd_recall(&gw, pg, &error);
	if (rc == 0)
		rc = versions_load(gw.templates, gw.conf, pg, &error);
	if (rc != 0)
		log_error("%s", error);
	pg_free(pg);
	/* Items may be held by a dialog that their bureau has made itself. */
	if (rc == 0 && templates_check(gw.templates, gw.conf, true, stderr) > 0)
		rc = -1;
	return rc;
}

/* ---- The end -------------------------------------------------------------------------------------------------- */

static bool
links_stopped(void)
{
	for (size_t i = 0; i < gw.conf->nlinks; i++) {
		struct link_stats st;

		link_stats_get(gw.links[i], &st);
		if (st.state != LINK_STOPPED)
			return false;
	}
	return true;
}

/* Answers to pages and programs that are not yet given. */
static int
answers_pending(void)
{
	return (int)(http_public_pending(gw.http_public) + http_staff_pending(gw.http_staff));
}

/*
 * Turns, texts and answers under way end first, then the links unbind; a second look every 20 ms until the time is
 * over. What was answered just now has one look's time to leave.
 */
static void
on_drain(int fd, short what, void *arg)
{
	bool over = time(NULL) >= drain_until;

	(void)fd;
	(void)what;
	(void)arg;
	bool was_quiet = drain_quiet;
	drain_quiet = turn_pending(&gw) == 0 && sender_pending(&gw) == 0 && answers_pending() == 0;
	if (gw.draining == 1 && (over || (was_quiet && drain_quiet))) {
		if (over && !drain_quiet)
			log_warn("ending with turns=%d texts=%d answers=%d under way; they go on with the next start",
				turn_pending(&gw), sender_pending(&gw), answers_pending());
		gw.draining = 2;
		for (size_t i = 0; i < gw.conf->nlinks; i++)
			link_drain(gw.links[i]);
	}
	if (gw.draining == 2 && (links_stopped() || time(NULL) >= drain_until + 5))
		(void)event_base_loopbreak(gw.base);
}

static void
on_term(int sig, short what, void *arg)
{
	const struct timeval tick = {0, 20000};

	(void)what;
	(void)arg;
	if (gw.draining) {
		log_warn("signal=%d again: ending at once", sig);
		(void)event_base_loopbreak(gw.base);
		return;
	}
	log_info("signal=%d draining", sig);
	(void)sd_notify(0, "STOPPING=1");
	gw.draining = 1;
	drain_until = time(NULL) + DRAIN_SECONDS;
	clock_stop(&gw);
	habits_save(&gw);
	(void)event_add(drain_timer, &tick);
}

/* The bureaus' and items' rows follow the configuration; on a loop of its own, for the daemon's is under way. */
static void
mirror_again(void)
{
	const char *error = NULL;
	struct event_base *base = event_base_new();
	struct pg *pg = base == NULL ? NULL : pg_open_wait(base, gw.conf->database, CONNECT_SECONDS, &error);

	if (pg == NULL || mirror_conf(pg, gw.conf, &error) != 0)
		log_error("items could not be written into the database: %s; run: huizhi -c %s init",
			error == NULL ? "no memory" : error, gw.conf->file);
	if (pg != NULL)
		pg_free(pg);
	if (base != NULL)
		event_base_free(base);
}

static void
reload_conf(void)
{
	struct conf *next = conf_load(gw.conf->file, stderr);

	if (next == NULL) {
		log_error("configuration not taken over: see the faults above");
		return;
	}
	if (conf_reload_check(gw.conf, next, stderr) > 0)
		log_warn("the keys named above need a restart of huizhid");
	conf_adopt(gw.conf, next);
	(void)log_level_set(gw.conf->log_level);
	for (size_t i = 0; i < gw.conf->nlinks; i++)
		wire_reload(link_wire(gw.links[i]));
	mirror_again();
	log_info("configuration read again");
}

static void
on_hup(int sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	(void)arg;
	if (gw.draining)
		return;
	reload_conf();
	if (templates_reload(gw.templates, stderr) == 0)
		log_info("templates read again");
	else
		log_error("templates not taken over: see the faults above");
	if (http_public_reload(gw.http_public) == 0 && http_staff_reload(gw.http_staff) == 0)
		log_info("pages read again");
}

/* ---- Start ---------------------------------------------------------------------------------------------------- */

static int
read_everything(const char *file, bool check_only)
{
	const char *error = NULL;

	gw.conf = conf_load(file, stderr);
	if (gw.conf == NULL)
		return -1;
	(void)log_level_set(gw.conf->log_level);
	gw.templates = templates_load(gw.conf->templates, stderr);
	if (gw.templates == NULL || (check_only && templates_check(gw.templates, gw.conf, false, stderr) > 0))
		return -1;
	if (check_only && http_check(gw.conf) != 0)
		return -1;
	gw.keys = keys_load(gw.conf->keys, &error);
	if (gw.keys == NULL) {
		/* A check where the keys are not, or not ours to read, still checks everything else; keys that are there count.
		 */
		bool elsewhere = check_only && access(gw.conf->keys, R_OK | X_OK) != 0;

		fprintf(stderr, "%s%s\n", elsewhere ? "warning: " : "", error);
		if (!elsewhere)
			return -1;
	}
	return 0;
}

static void
stop_everything(void)
{
	http_staff_free(gw.http_staff);
	http_public_free(gw.http_public);
	figures_free(gw.figures);
	clock_free(gw.clock);
	for (size_t i = 0; gw.links != NULL && i < gw.conf->nlinks; i++) {
		if (gw.links[i] != NULL)
			link_free(gw.links[i]);
	}
	free(gw.links);
	pg_free(gw.pg_turn);
	gw.pg_turn = NULL;
	pg_free(gw.pg_send);
	pg_free(gw.pg_side);
	turns_free(gw.turns); /* its connections end their batches, whose texts have their place at the sender */
	sender_free(gw.sender);
	templates_free(gw.templates);
	keys_free((struct keys *)gw.keys);
	conf_free(gw.conf);
}

static int
serve(void)
{
	struct event *term, *intr, *hup;
	int rc = 1;

	gw.base = event_base_new();
	number = gw.base == NULL ? NULL : number_new(&gw);
	if (number == NULL || links_new() != 0)
		return 1;
	gw.turns = turns_new(&gw);
	if (gw.turns == NULL || store_check() != 0)
		return 1;
	gw.sender = sender_new(&gw);
	gw.clock = clock_new(&gw);
	gw.figures = figures_new(&gw);
	if (gw.sender == NULL || gw.clock == NULL || gw.figures == NULL || store_open() != 0 ||
		turns_connect(gw.turns) != 0)
		return 1;
	gw.http_public = http_public_new(&gw);
	gw.http_staff = gw.http_public == NULL ? NULL : http_staff_new(&gw);
	if (gw.http_staff == NULL)
		return 1; /* the cause was logged */
	term = evsignal_new(gw.base, SIGTERM, on_term, NULL);
	intr = evsignal_new(gw.base, SIGINT, on_term, NULL);
	hup = evsignal_new(gw.base, SIGHUP, on_hup, NULL);
	drain_timer = event_new(gw.base, -1, EV_PERSIST, on_drain, NULL);
	if (term != NULL && intr != NULL && hup != NULL && drain_timer != NULL) {
		(void)event_add(term, NULL);
		(void)event_add(intr, NULL);
		(void)event_add(hup, NULL);
		gw.started_at = (int64_t)time(NULL);
		log_info("huizhid version=%s started public=http://%s staff=http://%s", HUIZHI_VERSION,
			http_public_address(gw.http_public), http_staff_address(gw.http_staff));
		rc = event_base_dispatch(gw.base) < 0 ? 1 : 0;
	}
	log_info("ended");
	event_free(term);
	event_free(intr);
	event_free(hup);
	event_free(drain_timer);
	number_free(number);
	return rc;
}

int
main(int argc, char **argv)
{
	const char *file = NULL;
	bool check_only = false;
	int option, rc;

	while ((option = getopt(argc, argv, "c:nvh")) != -1) {
		switch (option) {
		case 'c':
			file = optarg;
			break;
		case 'n':
			check_only = true;
			break;
		case 'v':
			puts("huizhid " HUIZHI_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (file == NULL || optind != argc) {
		usage(stderr);
		return 2;
	}
	program_no_core();
	if (sodium_init() < 0) {
		fputs("cannot start: libsodium has no source of randomness\n", stderr);
		return 1;
	}
	/* Two readings of SMPP that were written apart agree, or this build speaks to no carrier. */
	const char *differs = pdu_library_check();
	if (differs != NULL) {
		fprintf(stderr,
			"cannot start: this build writes or reads %s otherwise than libsmpp34 does; install the "
			"libsmpp34 of Debian 12, or build again\n",
			differs);
		return 1;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	if (read_everything(file, check_only) != 0) {
		rc = 1;
	} else if (check_only) {
		printf("%s is good\n", file);
		rc = 0;
	} else {
		rc = serve();
	}
	if (gw.conf != NULL)
		stop_everything();
	if (gw.base != NULL)
		event_base_free(gw.base);
	return rc;
}
