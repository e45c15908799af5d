/* A link's PDUs to its log lines and its capture. */
#include "gateway/smpp/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "gateway/conf.h"
#include "gateway/log.h"
#include "gateway/now.h"
#include "gateway/smpp/alphabet.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/pdu_walk.h"
#include "gateway/smpp/wire_file.h"

struct wire {
	const struct conf_link *conf;
	enum wire_detail detail;
	struct alphabet alphabet;
	bool capture;
	struct wire_file file;
	uint8_t copy[PDU_MAX]; /* of a PDU whose octets are blanked */
};

/* ---- Switching ----------------------------------------------------------------------------------------------------
 */

struct wire *
wire_new(const struct conf_link *conf)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->conf = conf;
	w->file.fd = -1;
	alphabet_of(conf, &w->alphabet);
	wire_reload(w);
	return w;
}

void
wire_free(struct wire *w)
{
	if (!w)
		return;
	wire_file_close(&w->file);
	free(w);
}

void
wire_set_detail(struct wire *w, enum wire_detail detail)
{
	if (detail != w->detail)
		log_info("link=%s wire_log=%s was=%s", w->conf->name, wire_detail_name(detail), wire_detail_name(w->detail));
	w->detail = detail;
}

static const char *
capture_path(const struct wire *w)
{
	return w->conf->wire_pcap && *w->conf->wire_pcap ? w->conf->wire_pcap : NULL;
}

static void
capture_failed(struct wire *w, const char *what)
{
	log_error("link=%s could not %s the capture %s: %s; it is off until it is switched on again", w->conf->name, what,
		w->file.path, strerror(errno));
	wire_file_close(&w->file);
	w->capture = false;
}

void
wire_set_capture(struct wire *w, bool on)
{
	size_t limit = (size_t)(w->conf->wire_pcap_mb > 0 ? w->conf->wire_pcap_mb : 1) << 20;

	if (!on) {
		if (w->capture)
			log_info("link=%s capture=off file=%s", w->conf->name, w->file.path);
		wire_file_close(&w->file);
		w->capture = false;
		return;
	}
	if (!capture_path(w)) {
		log_warn("link=%s has no file for a capture: give the key wire_pcap in the configuration", w->conf->name);
		return;
	}
	wire_file_close(&w->file);
	if (wire_file_open(&w->file, capture_path(w), limit) != 0) {
		capture_failed(w, "open");
		return;
	}
	w->capture = true;
	log_info("link=%s capture=on file=%s", w->conf->name, w->file.path);
}

void
wire_reload(struct wire *w)
{
	enum wire_detail detail;
	const char *path = capture_path(w);
	size_t limit = (size_t)(w->conf->wire_pcap_mb > 0 ? w->conf->wire_pcap_mb : 1) << 20;

	if (!w->conf->wire_log || wire_detail_by_name(w->conf->wire_log, &detail) != 0)
		detail = WIRE_OFF;
	wire_set_detail(w, detail);
	if (!path)
		wire_set_capture(w, false);
	else if (!w->capture || strcmp(path, w->file.path) != 0)
		wire_set_capture(w, true);
	w->file.limit = limit;
}

bool
wire_on(const struct wire *w)
{
	return w && (w->detail != WIRE_OFF || w->capture);
}

/* ---- Showing -------------------------------------------------------------------------------------------------------
 */

void
wire_begin(struct wire *w, struct wire_flow *f, int fd)
{
	struct sockaddr_storage local = {0}, peer = {0};
	socklen_t local_len = sizeof(local), peer_len = sizeof(peer);

	if (!w)
		return;
	/* Without addresses the PDUs are worth showing all the same. */
	if (getsockname(fd, (struct sockaddr *)&local, &local_len) != 0 ||
		getpeername(fd, (struct sockaddr *)&peer, &peer_len) != 0)
		local.ss_family = peer.ss_family = AF_UNSPEC;
	*f = (struct wire_flow){.known = true};
	pcap_flow_begin(&f->pcap, (struct sockaddr *)&local, (struct sockaddr *)&peer);
}

static void
record(void *arg, const uint8_t *octets, size_t len)
{
	struct wire *w = arg;

	if (w->capture && wire_file_write(&w->file, octets, len) != 0)
		capture_failed(w, "write");
}

/* The file's room first, so that a connection's beginning and its octets stand in the same one. */
static bool
prepare(struct wire *w, struct wire_flow *f, size_t len)
{
	if (!f->known)
		return false;
	if (wire_file_room(&w->file, PCAP_NEED(len)) != 0) {
		capture_failed(w, "begin");
		return false;
	}
	if (!f->shown || f->generation != w->file.generation) {
		pcap_open(&f->pcap, now_us(), record, w);
		f->shown = true;
		f->generation = w->file.generation;
	}
	return w->capture;
}

static void
capture(struct wire *w, struct wire_flow *f, bool out, const uint8_t *octets, size_t len)
{
	if (len > sizeof(w->copy) || !prepare(w, f, len))
		return;
	memcpy(w->copy, octets, len);
	wire_blank(w->copy, len, w->detail == WIRE_FULL ? WIRE_FULL : WIRE_HEADERS);
	pcap_data(&f->pcap, out, now_us(), w->copy, len, record, w);
}

void
wire_pdu(struct wire *w, struct wire_flow *f, bool out, const uint8_t *octets, size_t len)
{
	char line[WIRE_LINE_MAX];

	if (!wire_on(w))
		return;
	if (w->detail != WIRE_OFF) {
		wire_line(octets, len, w->detail, &w->alphabet.in, line, sizeof(line));
		log_wire("link=%s port=%u wire=%s %s", w->conf->name, f->pcap.port[0], out ? "out" : "in", line);
	}
	if (w->capture)
		capture(w, f, out, octets, len);
}

void
wire_pdus(struct wire *w, struct wire_flow *f, bool out, const uint8_t *octets, size_t len)
{
	while (len >= PDU_HEADER) {
		size_t n = walk_peek_u32(octets);

		if (n < PDU_HEADER || n > len)
			n = len; /* nothing that we write; shown as it is */
		wire_pdu(w, f, out, octets, n);
		octets += n;
		len -= n;
	}
}

void
wire_end(struct wire *w, struct wire_flow *f, bool by_us)
{
	if (w && w->capture && f->shown && f->generation == w->file.generation && prepare(w, f, 0))
		pcap_close(&f->pcap, by_us, now_us(), record, w);
	if (w)
		*f = (struct wire_flow){0};
}
