/* huizhi-smsc: a pretend carrier for demonstrations and tests. Command line, start in order, end. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/event.h>
#include "tests/smsc/carrier.h"
#include "tests/smsc/http.h"

struct options {
	const char *smpp, *http, *system_id, *password, *record, *script;
	const char *fault[2 * FAULT_COUNT];
	int nfault;
	const char *receipt_delay, *seed, *keep;
	bool quiet;
};

/* Every switch with its sentence; between stands before the sentence. */
static void
print_faults(FILE *out, const char *before, const char *between)
{
	for (int i = 0; i < FAULT_COUNT; i++) {
		const struct fault_info *f = &fault_table[i];
		const char *value = f->kind == FAULT_SWITCH	  ? ""
							: f->kind == FAULT_NUMBER ? "=N"
							: f->kind == FAULT_WORD	  ? "="
													  : "=LIST";
		fprintf(
			out, "%s%s%s%s%s%s", before, f->name, value, f->kind == FAULT_WORD ? f->words : "", between, f->sentence);
		if (f->kind == FAULT_NUMBER && f->usual > 0)
			fprintf(out, " (%lld)", (long long)f->usual);
		fputc('\n', out);
	}
}

static void
print_help(FILE *out)
{
	fputs(
		"usage: huizhi-smsc [options]\n"
		"A pretend carrier: an SMPP 3.4 SMSC with pretend phones, and a web page with a phone to read and type on.\n\n"
		"  --smpp ADDRESS:PORT   where ESMEs connect (127.0.0.1:2775; port 0: any free one, printed)\n"
		"  --http ADDRESS:PORT   the phone's page and the control API (127.0.0.1:8082; port 0: any free one, printed)\n"
		"  --system-id ID        only this system_id may bind (anyone)\n"
		"  --password PW         and only with this password (any)\n"
		"  --record FILE         append every PDU's facts to FILE as JSON lines\n"
		"  --script FILE         what the phones do by themselves, see huizhi-smsc(1)\n"
		"  --fault NAME[=VALUE]  switch a fault or a habit on, as listed below; may come several times\n"
		"  --receipt-delay MS    the same as --fault receipt-delay=MS\n"
		"  --seed N              same seed, same message ids, same choices\n"
		"  --keep N              texts kept per phone (100)\n"
		"  --quiet               do not tell on standard error who comes and goes\n"
		"  --list                the faults and habits alone, one a line\n"
		"  --help, --version\n\n"
		"Faults and habits, at the start and with POST /faults while it runs:\n",
		out);
	print_faults(out, "  ", "\n      ");
}

static int
read_options(int argc, char **argv, struct options *o)
{
	enum {
		SMPP = 1000,
		HTTP,
		SYSTEM_ID,
		PASSWORD,
		RECORD,
		SCRIPT,
		FAULT,
		DELAY,
		SEED,
		KEEP,
		QUIET,
		LIST,
		HELP,
		VERSION
	};
	static const struct option longs[] = {
		{"smpp", required_argument, NULL, SMPP},
		{"http", required_argument, NULL, HTTP},
		{"system-id", required_argument, NULL, SYSTEM_ID},
		{"password", required_argument, NULL, PASSWORD},
		{"record", required_argument, NULL, RECORD},
		{"script", required_argument, NULL, SCRIPT},
		{"fault", required_argument, NULL, FAULT},
		{"receipt-delay", required_argument, NULL, DELAY},
		{"seed", required_argument, NULL, SEED},
		{"keep", required_argument, NULL, KEEP},
		{"quiet", no_argument, NULL, QUIET},
		{"list", no_argument, NULL, LIST},
		{"help", no_argument, NULL, HELP},
		{"version", no_argument, NULL, VERSION},
		{NULL, 0, NULL, 0},
	};
	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
		switch (c) {
		case SMPP:
			o->smpp = optarg;
			break;
		case HTTP:
			o->http = optarg;
			break;
		case SYSTEM_ID:
			o->system_id = optarg;
			break;
		case PASSWORD:
			o->password = optarg;
			break;
		case RECORD:
			o->record = optarg;
			break;
		case SCRIPT:
			o->script = optarg;
			break;
		case FAULT:
			if (o->nfault == (int)(sizeof(o->fault) / sizeof(o->fault[0]))) {
				fputs("huizhi-smsc: too many --fault\n", stderr);
				return 2;
			}
			o->fault[o->nfault++] = optarg;
			break;
		case DELAY:
			o->receipt_delay = optarg;
			break;
		case SEED:
			o->seed = optarg;
			break;
		case KEEP:
			o->keep = optarg;
			break;
		case QUIET:
			o->quiet = true;
			break;
		case LIST:
			print_faults(stdout, "", "  ");
			exit(0);
		case HELP:
			print_help(stdout);
			exit(0);
		case VERSION:
			puts("huizhi-smsc " HUIZHI_VERSION);
			exit(0);
		default:
			fputs("huizhi-smsc --help lists the options\n", stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "huizhi-smsc: unexpected \"%s\"; huizhi-smsc --help lists the options\n", argv[optind]);
		return 2;
	}
	return 0;
}

static int
read_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && text[0] != '-' && *out >= least && *out <= most)
		return 0;
	fprintf(stderr, "huizhi-smsc: %s is a number from %llu to %llu, not \"%s\"\n", option, (unsigned long long)least,
		(unsigned long long)most, text);
	return 2;
}

static int
set_faults(struct carrier *c, const struct options *o)
{
	char why[256], name[64];

	faults_init(&c->faults);
	for (int i = 0; i < o->nfault; i++) {
		size_t len = strcspn(o->fault[i], "=");
		snprintf(name, sizeof(name), "%.*s", (int)(len < 60 ? len : 60), o->fault[i]);
		if (faults_set(&c->faults, name, o->fault[i][len] == '=' ? o->fault[i] + len + 1 : NULL, why, sizeof(why)) !=
			0) {
			fprintf(stderr, "huizhi-smsc: --fault %s: %s\n", o->fault[i], why);
			return 2;
		}
	}
	if (o->receipt_delay != NULL && faults_set(&c->faults, "receipt-delay", o->receipt_delay, why, sizeof(why)) != 0) {
		fprintf(stderr, "huizhi-smsc: %s\n", why);
		return 2;
	}
	return 0;
}

static struct script *
load_script(const char *file)
{
	char why[256];
	char *text = calloc(1, SCRIPT_MAX + 1);
	FILE *f = file != NULL ? fopen(file, "r") : NULL;
	struct script *s = NULL;

	if (file != NULL && f == NULL) {
		fprintf(stderr, "huizhi-smsc: %s: could not open the script: %s\n", file, strerror(errno));
	} else if (text != NULL) {
		size_t n = f != NULL ? fread(text, 1, SCRIPT_MAX, f) : 0;
		if (n == SCRIPT_MAX)
			fprintf(stderr, "huizhi-smsc: %s: the script is longer than %d octets\n", file, SCRIPT_MAX);
		else if ((s = script_parse(file != NULL ? file : "script", text, why, sizeof(why))) == NULL)
			fprintf(stderr, "huizhi-smsc: %s\n", why);
	}
	if (f != NULL)
		fclose(f);
	free(text);
	return s;
}

static void
on_signal(evutil_socket_t fd, short what, void *arg)
{
	struct carrier *c = arg;
	struct session *s, *next;
	static const struct timeval grace = {0, 300000};
	(void)fd;
	(void)what;

	for (s = TAILQ_FIRST(&c->sessions); s != NULL; s = next) {
		next = TAILQ_NEXT(s, next);
		session_unbind(s);
	}
	event_base_loopexit(c->base, TAILQ_EMPTY(&c->sessions) ? NULL : &grace);
}

static int
run(struct carrier *c, const struct options *o)
{
	char smpp[80], http[80];

	if (session_listen(c, o->smpp, smpp, sizeof(smpp)) != 0) {
		fprintf(stderr, "huizhi-smsc: --smpp %s: could not listen: %s\n", o->smpp, strerror(errno));
		return 1;
	}
	struct http *h = http_start(c, o->http, http, sizeof(http));
	if (h == NULL) {
		fprintf(stderr, "huizhi-smsc: --http %s: could not listen: %s\n", o->http, strerror(errno));
		return 1;
	}
	struct event *term = evsignal_new(c->base, SIGTERM, on_signal, c),
				 *intr = evsignal_new(c->base, SIGINT, on_signal, c);
	event_add(term, NULL);
	event_add(intr, NULL);
	printf("smpp %s\nhttp http://%s/\n", smpp, http);
	fflush(stdout);
	event_base_dispatch(c->base);
	event_free(term);
	event_free(intr);
	sessions_free(c);
	http_stop(h);
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = {.smpp = "127.0.0.1:2775", .http = "127.0.0.1:8082", .system_id = "", .password = ""};
	struct carrier c = {0};
	uint64_t keep = 100;
	int rc = read_options(argc, argv, &o);

	/* Without a seed, ids go on from the clock: a restarted carrier does not give the same id twice. */
	c.next_id = (uint64_t)clock_now_us() / 1000;
	if (rc == 0 && o.seed != NULL && (rc = read_number("--seed", o.seed, 0, 1000000000, &c.seed)) == 0)
		c.next_id = (c.seed + 1) * 1000000;
	if (rc == 0 && o.keep != NULL)
		rc = read_number("--keep", o.keep, 1, 100000, &keep);
	if (rc == 0)
		rc = set_faults(&c, &o);
	if (rc != 0)
		return rc;
	signal(SIGPIPE, SIG_IGN);
	TAILQ_INIT(&c.sessions);
	TAILQ_INIT(&c.dead);
	TAILQ_INIT(&c.queues);
	TAILQ_INIT(&c.nobody.waiting);
	TAILQ_INIT(&c.ussd);
	c.system_id = o.system_id;
	c.password = o.password;
	c.base = event_base_new();
	c.later = c.base != NULL ? later_new(c.base, &c) : NULL;
	c.phones = phones_new((unsigned)keep, 4000000, c.seed);
	c.script = load_script(o.script);
	if (c.script == NULL || c.later == NULL || c.phones == NULL)
		return 1;
	c.record = record_new(c.base, 100000, o.record, !o.quiet);
	if (c.record == NULL) {
		fprintf(stderr, "huizhi-smsc: %s: could not open the record: %s\n", o.record != NULL ? o.record : "record",
			strerror(errno));
		return 1;
	}
	rc = run(&c, &o);
	later_free(c.later);
	queues_free(&c);
	hold_free(&c);
	script_free(c.script);
	faults_clear(&c.faults);
	record_free(c.record);
	phones_free(c.phones);
	event_base_free(c.base);
	return rc;
}
