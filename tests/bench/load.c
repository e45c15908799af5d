/*
 * The carrier's side of the measurements: an SMSC that accepts the daemon's bind and makes load by hand-written octets.
 *
 *   load HOST:PORT        listens (port 0: any), prints {"listen":"HOST:PORT"}, and {"bound":N} at every bind, then
 * obeys lines on its standard input and answers each with one line of JSON: turns COUNT WINDOW BASE RECEIPTS LIMIT
 * WORD... WINDOW citizens talk at once; the first has the number BASE, the next BASE + 1 and so on. Each says the words
 * one after the other, the next when the last was acknowledged and its answer is complete. COUNT turns in all, or
 *       those begun in LIMIT seconds. RECEIPTS 1: every part that asks for a receipt gets one at once.
 *   bulk COUNT RECEIPTS LIMIT
 *       waits until COUNT different phones have a whole text and every receipt was acknowledged.
 *
 * A latency runs from the deliver_sm to the first part of its answer, and to the whole turn. It measures, it asserts
 * nothing.
 */
#include <poll.h>

#include "tests/bench/wire.h"

#define WORDS_MAX 16
#define DRAIN_US 30000000  /* what was under way when the time was over is given up after this */
#define RECEIPT_WINDOW 256 /* receipts that wait for their deliver_sm_resp */
#define PENDING (1u << 16) /* deliver_sm that wait for their response, by sequence number */

/* One of the citizens that talk at the same time. */
struct talk {
	uint64_t phone;
	int word; /* the next one to say; -1 = nobody talks here */
	int64_t said_us, first_us;
	bool acknowledged, answered;
	uint32_t parts_seen; /* bits */
};

/* What a phone has received in a bulk run. */
struct phone {
	uint64_t number; /* 0 = free */
	uint32_t parts_seen;
	bool whole;
};

struct receipt {
	uint64_t phone;
	uint32_t id;
	char source[24];
};

enum job {
	IDLE,
	TURNS,
	BULK
};

static enum job job;
static struct talk *talks;
static int32_t *talk_of; /* by phone - base */
static uint64_t base;
static size_t count, window, started, done, next_phone, phones_max;
static char words[WORDS_MAX][64];
static int nwords;
static bool receipts_wanted;
static int64_t bound_us, began_us, limit_us, first_us, last_us, last_submit_us;
static uint32_t *first_latencies, *whole_latencies;
static size_t parts, refused, unexpected, repeated;
static struct phone *phones;
static size_t phones_room;
static struct receipt *receipts;
static size_t receipts_head, receipts_tail, receipts_room, receipts_open;
static struct {
	int32_t talk; /* -1 = a receipt, -2 = nothing */
} pending[PENDING];
static uint32_t sequence, message_id;
static char short_code[24] = "10690001";

/* A deliver_sm; talk -1 marks it as a receipt's. */
static void
deliver(struct session *s, uint64_t phone, const char *dest, uint8_t esm_class, const char *text, int32_t talk)
{
	uint8_t body[512], *p = body;
	size_t len = strlen(text);
	char number[24];

	snprintf(number, sizeof number, "%llu", (unsigned long long)phone);
	*p++ = 0; /* service_type */
	*p++ = 1;
	*p++ = 1;
	p = put_string(p, number);
	*p++ = 0;
	*p++ = 1;
	p = put_string(p, dest);
	*p++ = esm_class;
	memset(p, 0, 8); /* protocol_id .. sm_default_msg_id: each zero or empty */
	p += 8;
	*p++ = (uint8_t)len;
	memcpy(p, text, len);
	p += len;
	sequence = sequence % 0x7fffffff + 1;
	pending[sequence % PENDING].talk = talk;
	send_pdu(s, 0x00000005, 0, sequence, body, (size_t)(p - body));
}

/* ---- Receipts -------------------------------------------------------------------------------------------------------
 */

static void
receipt_queue(uint64_t phone, const char *source, uint32_t id)
{
	if (receipts_tail == receipts_room) {
		receipts_room = receipts_room ? receipts_room * 2 : 4096;
		receipts = must(realloc(receipts, receipts_room * sizeof *receipts));
	}
	struct receipt *r = &receipts[receipts_tail++];
	r->phone = phone;
	r->id = id;
	snprintf(r->source, sizeof r->source, "%s", source);
}

static void
receipts_send(void)
{
	char text[160];

	while (receipts_head < receipts_tail && receipts_open < RECEIPT_WINDOW) {
		const struct receipt *r = &receipts[receipts_head];
		struct session *s = deliverer(r->phone);

		if (s == NULL)
			return;
		receipts_head++;
		snprintf(text, sizeof text,
			"id:%08x sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:", r->id);
		deliver(s, r->phone, r->source, 0x04, text, -1);
		receipts_open++;
	}
}

/* ---- Turns ----------------------------------------------------------------------------------------------------------
 */

static void
say(struct talk *t)
{
	struct session *s = deliverer(t->phone);

	if (s == NULL)
		return;
	t->acknowledged = t->answered = false;
	t->parts_seen = 0;
	t->first_us = 0;
	t->said_us = now_us();
	deliver(s, t->phone, short_code, 0, words[t->word], (int32_t)(t - talks));
}

/* May another turn begin? Not when the time is over: what is under way is waited for. */
static bool
more(void)
{
	return started < count && next_phone <= phones_max && now_us() - began_us < limit_us;
}

/* The next citizen sits down here, or nobody when the turns are used up. */
static void
talk_next(struct talk *t)
{
	t->word = -1;
	if (!more() || next_phone >= phones_max)
		return;
	t->phone = base + next_phone;
	talk_of[next_phone++] = (int32_t)(t - talks);
	t->word = 0;
	started++;
	say(t);
}

static void
talk_check(struct talk *t)
{
	if (t->word < 0 || !t->acknowledged || !t->answered)
		return;
	last_us = now_us();
	first_latencies[done] = (uint32_t)(t->first_us - t->said_us);
	whole_latencies[done] = (uint32_t)(last_us - t->said_us);
	done++;
	talk_of[t->phone - base] = -1;
	if (t->word + 1 < nwords && more()) {
		talk_of[t->phone - base] = (int32_t)(t - talks);
		t->word++;
		started++;
		say(t);
		return;
	}
	talk_next(t);
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double
percentile(const uint32_t *sorted, size_t n, double p)
{
	return n == 0 ? 0 : (double)sorted[(size_t)((double)(n - 1) * p)] / 1000.0;
}

static void
turns_end(bool complete)
{
	double seconds = (double)(last_us - began_us) / 1e6;

	qsort(first_latencies, done, sizeof *first_latencies, by_size);
	qsort(whole_latencies, done, sizeof *whole_latencies, by_size);
	printf(
		"{\"turns\":%zu,\"seconds\":%.4f,\"per_second\":%.1f,\"reply_p50_ms\":%.3f,\"reply_p99_ms\":%.3f,"
		"\"turn_p50_ms\":%.3f,\"turn_p99_ms\":%.3f,\"parts\":%zu,\"refused\":%zu,\"unexpected\":%zu,\"complete\":%s}\n",
		done, seconds, seconds > 0 ? (double)done / seconds : 0, percentile(first_latencies, done, 0.5),
		percentile(first_latencies, done, 0.99), percentile(whole_latencies, done, 0.5),
		percentile(whole_latencies, done, 0.99), parts, refused, unexpected, complete ? "true" : "false");
	free(talks);
	free(talk_of);
	free(first_latencies);
	free(whole_latencies);
	talks = NULL;
	talk_of = NULL;
	first_latencies = whole_latencies = NULL;
	job = IDLE;
}

static void
turns_begin(void)
{
	size_t n = window < count ? window : count;

	phones_max = (count + (size_t)nwords - 1) / (size_t)nwords + window;
	talks = must(calloc(window, sizeof *talks));
	talk_of = must(malloc(phones_max * sizeof *talk_of));
	memset(talk_of, 0xff, phones_max * sizeof *talk_of);
	first_latencies = must(malloc((count + 1) * sizeof *first_latencies));
	whole_latencies = must(malloc((count + 1) * sizeof *whole_latencies));
	started = done = next_phone = 0;
	for (size_t i = 0; i < window; i++)
		talks[i].word = -1;
	for (size_t i = 0; i < n; i++)
		talk_next(&talks[i]);
}

/* ---- Bulk -----------------------------------------------------------------------------------------------------------
 */

static struct phone *
phone_find(uint64_t number)
{
	size_t i = (size_t)(number * 0x9e3779b97f4a7c15ull >> 20) & (phones_room - 1);

	while (phones[i].number != 0 && phones[i].number != number)
		i = (i + 1) & (phones_room - 1);
	phones[i].number = number;
	return &phones[i];
}

static void
bulk_begin(void)
{
	for (phones_room = 1024; phones_room < count * 2; phones_room *= 2)
		;
	phones = must(calloc(phones_room, sizeof *phones));
	done = 0;
	first_us = last_submit_us = 0;
}

static void
bulk_end(bool complete)
{
	double seconds = (double)(last_us - first_us) / 1e6;

	printf("{\"messages\":%zu,\"parts\":%zu,\"seconds\":%.4f,\"submit_seconds\":%.4f,\"since_order_seconds\":%.4f,"
		   "\"since_bound_seconds\":%.4f,"
		   "\"repeated\":%zu,\"refused\":%zu,\"complete\":%s}\n",
		done, parts, seconds, (double)(last_submit_us - first_us) / 1e6, (double)(last_us - began_us) / 1e6,
		(double)(last_us - (bound_us > began_us ? bound_us : began_us)) / 1e6, repeated, refused,
		complete ? "true" : "false");
	free(phones);
	phones = NULL;
	job = IDLE;
}

/* ---- What the gateway sends -----------------------------------------------------------------------------------------
 */

/* Which part of how many: 1 of 1 without a concatenation header. */
static void
part_of(uint8_t esm_class, const uint8_t *octets, size_t len, unsigned *part, unsigned *total)
{
	*part = *total = 1;
	if (!(esm_class & 0x40) || len < 6)
		return;
	if (octets[1] == 0x00 && octets[2] == 3) {
		*total = octets[4];
		*part = octets[5];
	} else if (octets[1] == 0x08 && octets[2] == 4 && len >= 7) {
		*total = octets[5];
		*part = octets[6];
	}
}

static void
part_arrived(uint64_t number, unsigned part, unsigned total)
{
	uint32_t bit = 1u << (part & 31), all = (uint32_t)((1ull << (total + 1)) - 2);

	parts++;
	if (job == TURNS) {
		int32_t i = number >= base && number - base < phones_max ? talk_of[number - base] : -1;

		if (i < 0 || talks[i].word < 0 || talks[i].phone != number || (talks[i].parts_seen & bit)) {
			unexpected++;
			return;
		}
		if (talks[i].first_us == 0)
			talks[i].first_us = now_us();
		talks[i].parts_seen |= bit;
		talks[i].answered = (talks[i].parts_seen & all) == all;
		talk_check(&talks[i]);
	} else if (job == BULK) {
		struct phone *p = phone_find(number);

		last_us = last_submit_us = now_us();
		if (first_us == 0)
			first_us = last_us;
		if (p->parts_seen & bit)
			repeated++;
		p->parts_seen |= bit;
		if (!p->whole && (p->parts_seen & all) == all) {
			p->whole = true;
			done++;
		}
	}
}

static void
take_submit(struct session *s, uint32_t seq, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *source, *dest, *octets;
	uint8_t esm_class, registered, len, body[16];
	unsigned part, total;
	uint64_t number;

	p = skip(p, end);
	source = p ? p + 2 : NULL;
	p = source && source < end ? skip(source, end) : NULL;
	dest = p ? p + 2 : NULL;
	p = dest && dest < end ? skip(dest, end) : NULL;
	if (p == NULL || end - p < 3)
		goto bad;
	esm_class = p[0];
	p = skip(p + 3, end);
	p = p ? skip(p, end) : NULL;
	if (p == NULL || end - p < 5)
		goto bad;
	registered = p[0];
	len = p[4];
	octets = p + 5;
	if (end - octets < len)
		goto bad;
	number = strtoull((const char *)dest, NULL, 10);
	part_of(esm_class, octets, len, &part, &total);
	message_id++;
	send_pdu(s, 0x80000004, 0, seq, body, (size_t)snprintf((char *)body, sizeof body, "%08x", message_id) + 1);
	if (receipts_wanted && (registered & 1))
		receipt_queue(number, (const char *)source, message_id);
	part_arrived(number, part, total);
	return;
bad:
	send_pdu(s, 0x80000004, 0x02, seq, NULL, 0);
}

static void
take_deliver_resp(uint32_t seq, uint32_t status)
{
	int32_t i = pending[seq % PENDING].talk;

	pending[seq % PENDING].talk = -2;
	if (status != 0)
		refused++;
	if (i == -1) {
		receipts_open--;
		last_us = now_us();
		if (receipts_head == receipts_tail && receipts_open == 0)
			receipts_head = receipts_tail = 0;
	} else if (i >= 0 && job == TURNS && talks[i].word >= 0) {
		if (status != 0) {
			say(&talks[i]);
			return;
		}
		talks[i].acknowledged = true;
		talk_check(&talks[i]);
	}
}

static void
take_bind(struct session *s, uint32_t command, uint32_t seq)
{
	int bound = 0;

	s->can_deliver = command != 0x00000002;
	bound_us = now_us();
	send_pdu(s, command | 0x80000000u, 0, seq, (const uint8_t *)"bench", 6);
	for (int i = 0; i < SESSIONS_MAX; i++)
		bound += sessions[i].fd >= 0;
	printf("{\"bound\":%d}\n", bound);
}

static void
keep(struct session *s, bool alive)
{
	if (alive)
		return;
	close(s->fd);
	s->fd = -1;
	s->in_len = s->out_len = s->out_sent = 0;
	s->can_deliver = false;
	if (job != IDLE && deliverer(0) == NULL) {
		printf("{\"error\":\"the gateway closed its connection\"}\n");
		job = IDLE;
	}
}

static void
take_pdu(struct session *s, const uint8_t *pdu, size_t len)
{
	uint32_t command = get32(pdu + 4), status = get32(pdu + 8), seq = get32(pdu + 12);

	switch (command) {
	case 0x00000001:
	case 0x00000002:
	case 0x00000009:
		take_bind(s, command, seq);
		break;
	case 0x00000004:
		take_submit(s, seq, pdu + 16, pdu + len);
		break;
	case 0x80000005:
		take_deliver_resp(seq, status);
		break;
	case 0x00000015:
	case 0x00000006:
		send_pdu(s, command | 0x80000000u, 0, seq, NULL, 0);
		break;
	default:
		break;
	}
}

/* ---- Orders ---------------------------------------------------------------------------------------------------------
 */

static void
obey(char *line)
{
	char *save = NULL, *word = strtok_r(line, " \n", &save);
	double numbers[5] = {0};
	size_t n = 0, wanted;

	if (word == NULL)
		return;
	wanted = strcmp(word, "turns") == 0 ? 5 : strcmp(word, "bulk") == 0 ? 3 : 0;
	for (char *next; n < wanted && (next = strtok_r(NULL, " \n", &save)) != NULL; n++)
		numbers[n] = strtod(next, NULL);
	nwords = 0;
	for (char *next; wanted == 5 && nwords < WORDS_MAX && (next = strtok_r(NULL, " \n", &save)) != NULL; nwords++)
		snprintf(words[nwords], sizeof words[nwords], "%s", next);
	if (wanted == 0 || n < wanted || numbers[0] < 1 || (wanted == 5 && (nwords == 0 || numbers[1] < 1))) {
		printf("{\"error\":\"cannot read the order\"}\n");
		return;
	}
	parts = refused = unexpected = repeated = 0;
	count = (size_t)numbers[0];
	receipts_wanted = numbers[wanted - 2] > 0;
	limit_us = (int64_t)(numbers[wanted - 1] * 1e6);
	began_us = last_us = now_us();
	if (wanted == 5) {
		window = (size_t)numbers[1];
		base = (uint64_t)numbers[2];
		job = TURNS;
		turns_begin();
	} else {
		job = BULK;
		bulk_begin();
	}
}

static void
job_check(void)
{
	int64_t over = job == IDLE ? 0 : now_us() - began_us - limit_us;
	bool receipts_through = receipts_open == 0 && receipts_head == receipts_tail;

	if (job == TURNS) {
		bool complete = done == started && !more() && receipts_through;

		if (complete || over > DRAIN_US)
			turns_end(complete);
	} else if (job == BULK) {
		bool complete = done >= count && receipts_through;

		if (complete || over > 0)
			bulk_end(complete);
	}
}

/* Lines of the standard input; false at its end. */
static bool
orders_read(void)
{
	static char buffer[4096];
	static size_t len;
	ssize_t n = read(0, buffer + len, sizeof buffer - 1 - len);
	char *newline;

	if (n <= 0)
		return false;
	len += (size_t)n;
	buffer[len] = '\0';
	while ((newline = strchr(buffer, '\n')) != NULL) {
		*newline = '\0';
		obey(buffer);
		len -= (size_t)(newline + 1 - buffer);
		memmove(buffer, newline + 1, len + 1);
	}
	return len < sizeof buffer - 1;
}

int
main(int argc, char **argv)
{
	struct pollfd fds[SESSIONS_MAX + 2];
	int listener;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < SESSIONS_MAX; i++)
		sessions[i].fd = -1;
	listener = argc == 2 ? listen_on(argv[1]) : -1;
	if (listener < 0) {
		fprintf(stderr, "usage: load HOST:PORT (an IPv4 address to listen on)\n");
		return 2;
	}
	for (;;) {
		fds[0] = (struct pollfd){.fd = 0, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = listener, .events = POLLIN};
		for (int i = 0; i < SESSIONS_MAX; i++) {
			fds[i + 2] = (struct pollfd){.fd = sessions[i].fd,
				.events = (short)(POLLIN | (sessions[i].out_sent < sessions[i].out_len ? POLLOUT : 0))};
		}
		if (poll(fds, SESSIONS_MAX + 2, job == IDLE ? -1 : 100) < 0 && errno != EINTR)
			return 1;
		if (fds[0].revents && !orders_read())
			return 0;
		if (fds[1].revents)
			session_accept(listener);
		for (int i = 0; i < SESSIONS_MAX; i++) {
			if (sessions[i].fd >= 0 && sessions[i].fd == fds[i + 2].fd &&
				(fds[i + 2].revents & (POLLIN | POLLHUP | POLLERR)))
				keep(&sessions[i], session_read(&sessions[i], take_pdu));
		}
		receipts_send();
		for (int i = 0; i < SESSIONS_MAX; i++) {
			if (sessions[i].fd >= 0)
				keep(&sessions[i], session_write(&sessions[i]));
		}
		job_check();
	}
}
