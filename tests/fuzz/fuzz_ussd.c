/*
 * USSD profiles: the first octet chooses. Even: a PDU read by every shipped profile, and whatever comes out said back.
 * Odd: the rest is a profile's file; what it holds is taken apart and made, and a PDU of every operation read by it.
 *
 * links: -DHUIZHI_PREFIX="/usr" gateway/smpp/ussd*.c gateway/smpp/pdu*.c gateway/conf*.c gateway/phone.c
 * links: gateway/suffix.c gateway/target.c gateway/rules.c gateway/smpp/status.c gateway/smpp/alphabet.c
 * links: gateway/smpp/tls.c dialog/[a-z]*.c
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "gateway/conf_internal.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/ussd.h"
#include "tests/fuzz/fuzz.h"

#define PROFILES_MAX 16
static struct ussd_profile profiles[PROFILES_MAX];
static size_t nprofiles;

static void
make_all(const struct conf *c, struct ussd_profile *out, size_t *n)
{
	const char *key;
	char why[128];

	*n = 0;
	for (size_t i = 0; i < c->nprofiles && *n < PROFILES_MAX; i++)
		must(ussd_profile_make(&c->profiles[i], &out[(*n)++], &key, why, sizeof(why)) == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const names[] = {"standard", "tata", "6d", "mica", "smpp+", "glo", "huawei"};
	static struct conf_box box; /* the profiles point into it */
	struct conf_faults faults = {.err = stderr};

	(void)argc;
	(void)argv;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "conf/ussd/%s.conf", names[i]);
		conf_profiles_read(&box, conf_copy(&box, path), &faults);
	}
	must(faults.count == 0);
	make_all(&box.conf, profiles, &nprofiles);
	must(nprofiles == sizeof(names) / sizeof(names[0]));
	return 0;
}

/* Whatever can be said in what was heard. */
static void
say_back(const struct ussd_profile *p, const struct ussd_reading *r)
{
	static const uint8_t text[200];
	struct ussd_out out = {.session = r->session, .state = r->state, .code = r->code};
	struct ussd_wire w;
	uint32_t status;
	const char *why;
	uint8_t octets[PDU_ENCODED_MAX];

	for (out.say = USSD_MENU; out.say < USSD_SAYS; out.say++) {
		for (size_t len = 0; len <= sizeof(text); len += 50) {
			out.pushed = len % 100 == 50;
			if (ussd_write(p, &out, len % 100 == 0, text, len, &w, &status, &why) != 0) {
				must(status && *why);
				continue;
			}
			must(!w.options.full && w.len <= sizeof(w.octets) && (!w.source || strlen(w.source) <= 20));
			struct pdu_submit s = {.command = w.data_sm ? PDU_DATA_SM : PDU_SUBMIT_SM,
				.sequence = 1,
				.service_type = w.service_type,
				.source = w.source ? w.source : "1",
				.dest = "2",
				.octets = w.octets,
				.len = w.len,
				.payload = w.payload,
				.options = &w.options};
			struct pdu d;
			int n = pdu_encode_submit(&s, octets, sizeof(octets));

			must(n > 0);
			must(pdu_decode(octets, (size_t)n, &d) == PDU_GOOD);
			must(d.message_len == w.len);
		}
	}
}

static void
read_by(const struct ussd_profile *p, const struct pdu *d, bool answered)
{
	struct ussd_reading r;

	if (!ussd_read(p, d, TEXT_CODING_GSM7, &r))
		return;
	if (r.in.event == USSD_NONE) {
		must(r.status && *r.why);
		return;
	}
	must(memchr(r.session, 0, sizeof(r.session)) && *r.session);
	must(memchr(r.state, 0, sizeof(r.state)) && memchr(r.code, 0, sizeof(r.code)));
	for (const char *s = r.session; *s; s++)
		must(*s > ' ' && *s <= '~'); /* a database and a log can hold it */
	for (const char *s = r.state; *s; s++)
		must(*s > ' ' && *s <= '~');
	must(r.in.ended == (*r.in.reason != 0));
	must(r.in.event != USSD_RELEASED || r.in.ended);
	if (answered)
		say_back(p, &r);
}

static void
fuzz_pdu(const uint8_t *data, size_t size)
{
	uint8_t *octets = malloc(size ? size : 1);
	struct pdu d;

	memcpy(octets, data, size);
	if (size >= PDU_HEADER) { /* the length is not what is sought here */
		octets[0] = (uint8_t)(size >> 24);
		octets[1] = (uint8_t)(size >> 16);
		octets[2] = (uint8_t)(size >> 8);
		octets[3] = (uint8_t)size;
	}
	if (pdu_decode(octets, size, &d) == PDU_GOOD && (d.command == PDU_DELIVER_SM || d.command == PDU_DATA_SM)) {
		for (size_t i = 0; i < nprofiles; i++)
			read_by(&profiles[i], &d, true);
		read_by(NULL, &d, false);
	}
	free(octets);
}

static void
fuzz_file(const uint8_t *data, size_t size)
{
	static struct ussd_profile read[PROFILES_MAX];
	static const uint8_t info[] = {0x1a, 0x01};
	struct conf_box *box = calloc(1, sizeof(*box));
	struct conf_faults faults = {.err = NULL};
	int fd = memfd_create("profile", 0);
	char path[64];
	size_t n;

	must(box && fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	conf_profiles_read(box, path, &faults);
	if (faults.count == 0) {
		make_all(&box->conf, read, &n);
		for (size_t i = 0; i < n; i++) {
			for (unsigned op = 0; op < 256; op++) {
				uint8_t octet = (uint8_t)op;
				struct pdu d = {
					.command = PDU_DELIVER_SM, .source = "861", .dest = "*1#", .message = (const uint8_t *)""};

				d.tlvs[d.ntlvs++] = (struct pdu_tlv){.tag = PDU_TLV_USSD_SERVICE_OP, .len = 1, .value = &octet};
				d.tlvs[d.ntlvs++] = (struct pdu_tlv){.tag = PDU_TLV_ITS_SESSION_INFO, .len = 2, .value = info};
				read_by(&read[i], &d, op % 16 == 1);
			}
		}
	}
	close(fd);
	conf_free(&box->conf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	if (data[0] & 1)
		fuzz_file(data + 1, size - 1);
	else
		fuzz_pdu(data + 1, size - 1);
	return 0;
}
