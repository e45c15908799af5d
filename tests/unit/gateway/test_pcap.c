/*
 * Captures: the packets' headers, checksums and numbers, counted here once more; the file, its bound and its mode; and
 * a link's wire log that writes one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gateway/conf.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/wire.h"
#include "gateway/smpp/wire_file.h"
#include "tests/lib/folder.h"

/* ---- Packets ------------------------------------------------------------------------------------------------------
 */

static uint8_t packets[32][PCAP_RECORD_MAX];
static size_t lengths[32], npackets;

static void
keep(void *arg, const uint8_t *record, size_t len)
{
	(void)arg;
	assert_true(npackets < 32 && len <= PCAP_RECORD_MAX);
	memcpy(packets[npackets], record, len);
	lengths[npackets++] = len;
}

static uint32_t
be(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static uint32_t
le(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Over good octets, their checksum among them, the ones' complement sum is all ones. */
static uint32_t
ones_sum(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

struct seen {
	bool ipv6;
	uint16_t from, to;
	uint32_t sequence, acknowledgement;
	uint8_t flags;
	const uint8_t *octets;
	size_t len;
};

static struct seen
look(size_t i)
{
	const uint8_t *ip = packets[i] + 16, *tcp;
	size_t captured = lengths[i] - 16, header;
	struct seen s = {.ipv6 = ip[0] >> 4 == 6};
	uint32_t sum;

	assert_true(i < npackets);
	assert_int_equal(le(packets[i] + 8), captured);
	assert_int_equal(le(packets[i] + 12), captured);
	header = s.ipv6 ? 40 : 20;
	tcp = ip + header;
	if (s.ipv6) {
		assert_int_equal(be(ip + 4, 2), captured - 40);
		assert_int_equal(ip[6], 6);
		sum = ones_sum((uint32_t)(captured - 40) + 6, ip + 8, 32);
	} else {
		assert_int_equal(ip[0], 0x45);
		assert_int_equal(be(ip + 2, 2), captured);
		assert_int_equal(ip[9], 6);
		assert_int_equal(ones_sum(0, ip, 20), 0xffff);
		sum = ones_sum((uint32_t)(captured - 20) + 6, ip + 12, 8);
	}
	assert_int_equal(ones_sum(sum, tcp, captured - header), 0xffff);
	assert_int_equal(tcp[12] >> 4, 5);
	s.from = (uint16_t)be(tcp, 2);
	s.to = (uint16_t)be(tcp + 2, 2);
	s.sequence = be(tcp + 4, 4);
	s.acknowledgement = be(tcp + 8, 4);
	s.flags = tcp[13];
	s.octets = tcp + 20;
	s.len = captured - header - 20;
	return s;
}

static struct pcap_flow
flow_v4(void)
{
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(40000)},
					   peer = {.sin_family = AF_INET, .sin_port = htons(2775)};
	struct pcap_flow f;

	inet_pton(AF_INET, "192.0.2.1", &local.sin_addr);
	inet_pton(AF_INET, "198.51.100.7", &peer.sin_addr);
	pcap_flow_begin(&f, (struct sockaddr *)&local, (struct sockaddr *)&peer);
	npackets = 0;
	return f;
}

static void
a_conversation(void **state)
{
	struct pcap_flow f = flow_v4();
	struct seen s;

	(void)state;
	pcap_open(&f, 1767312000123456, keep, NULL);
	pcap_data(&f, true, 1767312001000000, (const uint8_t *)"hello", 5, keep, NULL);
	pcap_data(&f, false, 1767312002000000, (const uint8_t *)"abc", 3, keep, NULL);
	pcap_close(&f, false, 1767312003000000, keep, NULL);
	assert_int_equal(npackets, 8);
	assert_int_equal(le(packets[0]), 1767312000);
	assert_int_equal(le(packets[0] + 4), 123456);
	s = look(0);
	assert_int_equal(s.flags, 0x02);
	assert_int_equal(s.from, 40000);
	assert_int_equal(s.to, 2775);
	assert_memory_equal(packets[0] + 16 + 12, "\xc0\x00\x02\x01\xc6\x33\x64\x07", 8);
	assert_int_equal(look(1).flags, 0x12);
	assert_int_equal(look(1).acknowledgement, s.sequence + 1);
	assert_int_equal(look(2).flags, 0x10);
	s = look(3);
	assert_int_equal(s.flags, 0x18);
	assert_int_equal(s.sequence, look(0).sequence + 1);
	assert_int_equal(s.len, 5);
	assert_memory_equal(s.octets, "hello", 5);
	assert_int_equal(look(4).acknowledgement, s.sequence + 5);
	assert_int_equal(look(4).from, 2775);
	assert_int_equal(look(5).flags, 0x11);
	assert_int_equal(look(5).from, 2775);
	assert_int_equal(look(5).sequence, look(4).sequence + 3);
	assert_int_equal(look(6).acknowledgement, look(5).sequence + 1);
	assert_int_equal(look(7).acknowledgement, look(6).sequence + 1);
}

static void
over_ipv6(void **state)
{
	struct sockaddr_in6 local = {.sin6_family = AF_INET6, .sin6_port = htons(40000)},
						peer = {.sin6_family = AF_INET6, .sin6_port = htons(2775)};
	struct pcap_flow f;

	(void)state;
	inet_pton(AF_INET6, "2001:db8::1", &local.sin6_addr);
	inet_pton(AF_INET6, "2001:db8::2", &peer.sin6_addr);
	pcap_flow_begin(&f, (struct sockaddr *)&local, (struct sockaddr *)&peer);
	npackets = 0;
	pcap_open(&f, 0, keep, NULL);
	pcap_data(&f, false, 0, (const uint8_t *)"odd", 3, keep, NULL);
	assert_true(look(3).ipv6);
	assert_int_equal(look(3).from, 2775);
	assert_memory_equal(look(3).octets, "odd", 3);
}

/* The longest PDU: several packets, acknowledged on the way, so that no window fills; all numbers go on. */
static void
long_ones_are_cut(void **state)
{
	static uint8_t many[PDU_MAX], again[PDU_MAX];
	struct pcap_flow f = flow_v4();
	size_t got = 0, written = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = (uint8_t)(i * 7 + i / 251);
	pcap_open(&f, 0, keep, NULL);
	pcap_data(&f, true, 0, many, sizeof(many), keep, NULL);
	pcap_data(&f, true, 0, many, 10, keep, NULL);
	for (size_t i = 3; i < npackets - 1; i++) {
		struct seen s = look(i);

		if (s.from != 40000) {
			assert_int_equal(s.len, 0);
			assert_int_equal(s.acknowledgement, look(0).sequence + 1 + got);
			continue;
		}
		assert_int_equal(s.sequence, look(0).sequence + 1 + got);
		assert_true(s.len <= PCAP_SEGMENT);
		memcpy(again + got, s.octets, s.len);
		got += s.len;
	}
	assert_int_equal(got, sizeof(many));
	assert_memory_equal(again, many, got);
	for (size_t i = 0; i < npackets; i++)
		written += lengths[i];
	assert_true(written <= PCAP_NEED(sizeof(many)) + PCAP_NEED(10));
}

static void
file_header(void **state)
{
	uint8_t h[PCAP_HEADER];

	(void)state;
	pcap_header(h);
	assert_memory_equal(h, "\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\x65\0\0\0", 24);
	assert_true(pcap_is_header(h));
	h[20] = 1; /* Ethernet: somebody else's */
	assert_false(pcap_is_header(h));
}

/* ---- The file ------------------------------------------------------------------------------------------------------
 */

static char folder[256], path[300], aside[304];

static int
make_folder(void **state)
{
	(void)state;
	assert_int_equal(folder_make(folder, sizeof(folder), "pcap"), 0);
	snprintf(path, sizeof(path), "%s/east.pcap", folder);
	snprintf(aside, sizeof(aside), "%s.1", path);
	return 0;
}

static int
drop_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(aside);
	return rmdir(folder);
}

static off_t
size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 ? st.st_size : -1;
}

static void
file_is_bounded_and_private(void **state)
{
	uint8_t octets[300] = {0};
	struct wire_file f = {0};
	struct stat st;

	(void)state;
	assert_int_equal(wire_file_open(&f, path, 1000), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(wire_file_room(&f, sizeof(octets)), 0);
		assert_int_equal(wire_file_write(&f, octets, sizeof(octets)), 0);
		assert_true(size_of(path) <= 1000 && size_of(aside) <= 1000);
	}
	assert_int_equal(size_of(aside), 24 + 3 * 300);
	assert_int_equal(f.generation, 7);
	/* more at once than the limit: once, in a file of its own */
	assert_int_equal(wire_file_room(&f, 5000), 0);
	assert_int_equal(wire_file_room(&f, 5000), 0);
	assert_int_equal(f.generation, 8);
	wire_file_close(&f);
}

static void
file_is_taken_up_again(void **state)
{
	uint8_t octets[10] = {0};
	struct wire_file f = {0};
	FILE *other;

	(void)state;
	assert_int_equal(wire_file_open(&f, path, 1000), 0);
	assert_int_equal(wire_file_write(&f, octets, 10), 0);
	wire_file_close(&f);
	assert_int_equal(wire_file_open(&f, path, 1000), 0);
	assert_int_equal(f.size, 34);
	assert_int_equal(wire_file_write(&f, octets, 10), 0);
	wire_file_close(&f);
	assert_int_equal(size_of(path), 44);
	/* somebody else's file is not written into, and not lost */
	other = fopen(path, "w");
	assert_non_null(other);
	fputs("something of value, and longer than a header", other);
	fclose(other);
	assert_int_equal(wire_file_open(&f, path, 1000), 0);
	assert_int_equal(f.size, 24);
	assert_int_equal(size_of(aside), 44);
	wire_file_close(&f);
}

static void
file_that_cannot_be(void **state)
{
	struct wire_file f = {0};
	char link_path[300];

	(void)state;
	snprintf(link_path, sizeof(link_path), "%s/link", folder);
	assert_int_equal(symlink("/dev/null", link_path), 0);
	assert_int_equal(wire_file_open(&f, link_path, 1000), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(f.fd, -1);
	unlink(link_path);
	assert_int_equal(wire_file_open(&f, "/nowhere/at/all.pcap", 1000), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(wire_file_open(&f, folder, 1000), -1);
	assert_int_equal(wire_file_write(&f, (const uint8_t *)"x", 1), -1);
	assert_int_equal(wire_file_room(&f, 1), -1);
	/* a disk that is full */
	f.fd = -1;
	assert_int_equal(wire_file_open(&f, path, 1000), 0);
	close(f.fd);
	f.fd = open("/dev/full", O_WRONLY);
	assert_int_equal(wire_file_write(&f, (const uint8_t *)"x", 1), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(f.fd, -1);
}

/* ---- A link's wire log ---------------------------------------------------------------------------------------------
 */

static size_t
count_in(const char *name, const char *what)
{
	static char all[1 << 21];
	FILE *in = fopen(name, "r");
	size_t n, found = 0;

	assert_non_null(in);
	n = fread(all, 1, sizeof(all), in);
	fclose(in);
	for (char *p = all; (p = memmem(p, n - (size_t)(p - all), what, strlen(what))) != NULL; p++)
		found++;
	return found;
}

/* A pair of connected sockets with addresses. */
static void
connected(int fd[2])
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t len = sizeof(here);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&here, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&here, &len), 0);
	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd[0], (struct sockaddr *)&here, len), 0);
	fd[1] = accept(listener, NULL, NULL);
	close(listener);
}

static void
wire_log_switches_and_blanks(void **state)
{
	struct conf_link conf = {
		.name = "east", .default_alphabet = "gsm7", .wire_log = "off", .wire_pcap = "", .wire_pcap_mb = 1};
	struct pdu_bind bind_pdu = {
		.command = PDU_BIND_TRANSCEIVER, .sequence = 1, .system_id = "huizhi", .password = "secret", .system_type = ""};
	struct pdu_submit s = {
		.sequence = 2, .source = "1069", .dest = "8613900000001", .octets = (const uint8_t *)"private", .len = 7};
	struct wire_flow flow = {0};
	struct wire *w = wire_new(&conf);
	uint8_t out[1024];
	int fd[2], n, m;

	(void)state;
	assert_non_null(w);
	assert_false(wire_on(w));
	assert_false(wire_on(NULL));
	connected(fd);
	wire_begin(w, &flow, fd[0]);
	n = pdu_encode_bind(&bind_pdu, out, sizeof(out));
	m = pdu_encode_submit(&s, out + n, sizeof(out) - (size_t)n);
	wire_pdus(w, &flow, true, out, (size_t)(n + m)); /* nobody looks */
	conf.wire_pcap = path;
	wire_reload(w);
	assert_true(wire_on(w));
	wire_pdus(w, &flow, true, out, (size_t)(n + m));
	assert_int_equal(count_in(path, "huizhi"), 1);
	assert_int_equal(count_in(path, "secret"), 0);
	assert_int_equal(count_in(path, "private"), 0);
	assert_int_equal(count_in(path, "86139"), 0);
	/* the caller's octets are as they were */
	assert_non_null(memmem(out, sizeof(out), "secret", 6));
	assert_non_null(memmem(out, sizeof(out), "private", 7));
	wire_set_detail(w, WIRE_FULL);
	wire_pdus(w, &flow, true, out, (size_t)(n + m));
	assert_int_equal(count_in(path, "secret"), 0);
	assert_int_equal(count_in(path, "private"), 1);
	wire_set_detail(w, WIRE_OFF);
	wire_set_capture(w, false);
	assert_false(wire_on(w));
	wire_pdus(w, &flow, true, out, (size_t)(n + m));
	assert_int_equal(count_in(path, "huizhi"), 2);
	wire_set_capture(w, true);
	wire_pdus(w, &flow, true, out, (size_t)(n + m));
	assert_int_equal(count_in(path, "huizhi"), 3);
	wire_end(w, &flow, true);
	/* the configuration's word counts again */
	conf.wire_pcap = "/nowhere/at/all.pcap";
	wire_reload(w);
	assert_false(wire_on(w));
	conf.wire_pcap = "";
	wire_reload(w);
	wire_set_capture(w, true); /* no file to capture into */
	assert_false(wire_on(w));
	close(fd[0]);
	close(fd[1]);
	wire_free(w);
}

/* However much goes by, the disk holds two files of the limit at most, and each begins with its connection. */
static void
wire_log_is_bounded(void **state)
{
	struct conf_link conf = {
		.name = "east", .default_alphabet = "gsm7", .wire_log = "off", .wire_pcap = path, .wire_pcap_mb = 1};
	struct wire_flow flow = {0};
	struct wire *w = wire_new(&conf);
	static uint8_t big[60000];
	uint8_t head[PCAP_HEADER + 16 + 40];
	FILE *in;

	(void)state;
	big[2] = sizeof(big) >> 8;
	big[3] = sizeof(big) & 0xff;
	wire_begin(w, &flow, -1);
	for (int i = 0; i < 60; i++) {
		wire_pdu(w, &flow, i % 2, big, sizeof(big));
		assert_true(size_of(path) <= 1 << 20 && size_of(aside) <= 1 << 20);
	}
	assert_true(size_of(aside) > 900000);
	in = fopen(path, "r");
	assert_int_equal(fread(head, 1, sizeof(head), in), sizeof(head));
	fclose(in);
	assert_int_equal(head[PCAP_HEADER + 16 + 20 + 13], 0x02); /* a SYN */
	wire_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation),
		cmocka_unit_test(over_ipv6),
		cmocka_unit_test(long_ones_are_cut),
		cmocka_unit_test(file_header),
		cmocka_unit_test_setup_teardown(file_is_bounded_and_private, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(file_is_taken_up_again, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(file_that_cannot_be, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(wire_log_switches_and_blanks, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(wire_log_is_bounded, make_folder, drop_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
