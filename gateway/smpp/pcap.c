/* Packets of a capture: IP and TCP headers around the octets of a stream (RFC 791, RFC 8200, RFC 9293). */
#include "gateway/smpp/pcap.h"

#include <netinet/in.h>
#include <string.h>

#define MAGIC 0xa1b2c3d4 /* times in microseconds */
#define SNAPLEN 262144
#define LINKTYPE_RAW 101
#define RECORD_HEADER 16
#define TCP_HEADER 20
#define WINDOW 65535
#define ACKNOWLEDGE_AFTER 16384 /* octets: far below the window, as a peer that reads would */
#define TTL 64

enum {
	FIN = 0x01,
	SYN = 0x02,
	PSH = 0x08,
	ACK = 0x10
};
enum {
	US,
	THEM
};

static void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

/* The file's own numbers are little-endian, whatever machine writes them. */
static void
little32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

void
pcap_header(uint8_t out[PCAP_HEADER])
{
	memset(out, 0, PCAP_HEADER);
	little32(out, MAGIC);
	little32(out + 4, 4u << 16 | 2); /* version 2.4 */
	little32(out + 16, SNAPLEN);
	little32(out + 20, LINKTYPE_RAW);
}

bool
pcap_is_header(const uint8_t octets[PCAP_HEADER])
{
	uint8_t ours[PCAP_HEADER];

	pcap_header(ours);
	return memcmp(ours, octets, sizeof(ours)) == 0;
}

static void
take_address(struct pcap_flow *f, int who, const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;

		f->ipv6 = true;
		memcpy(f->address[who], &in6->sin6_addr, 16);
		f->port[who] = ntohs(in6->sin6_port);
	} else if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;

		memcpy(f->address[who], &in->sin_addr, 4);
		f->port[who] = ntohs(in->sin_port);
	} else {
		put32(f->address[who], INADDR_LOOPBACK);
	}
}

void
pcap_flow_begin(struct pcap_flow *f, const struct sockaddr *local, const struct sockaddr *peer)
{
	memset(f, 0, sizeof(*f));
	take_address(f, US, local);
	take_address(f, THEM, peer);
	/* Any beginnings do; these leave the first octets readable as 1, 2, ... in relative numbers. */
	f->sequence[US] = 0x10000000;
	f->sequence[THEM] = 0x20000000;
}

/* The Internet checksum (RFC 1071), to be begun with 0 and ended with checksum_end. */
static uint32_t
checksum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return len ? sum + ((uint32_t)p[0] << 8) : sum;
}

static uint16_t
checksum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The IP header in front of `len` octets of TCP. Returns its length. */
static size_t
put_ip(struct pcap_flow *f, int who, size_t len, uint8_t *p)
{
	if (f->ipv6) {
		put32(p, 0x60000000);
		put16(p + 4, (uint16_t)len);
		p[6] = IPPROTO_TCP;
		p[7] = TTL;
		memcpy(p + 8, f->address[who], 16);
		memcpy(p + 24, f->address[!who], 16);
		return 40;
	}
	put32(p, 0x45000000 | (uint32_t)(20 + len));
	put16(p + 4, ++f->ident);
	put16(p + 6, 0x4000); /* do not fragment */
	p[8] = TTL;
	p[9] = IPPROTO_TCP;
	put16(p + 10, 0);
	memcpy(p + 12, f->address[who], 4);
	memcpy(p + 16, f->address[!who], 4);
	put16(p + 10, checksum_end(checksum_add(0, p, 20)));
	return 20;
}

static uint16_t
tcp_checksum(const struct pcap_flow *f, int who, const uint8_t *tcp, size_t len)
{
	size_t n = f->ipv6 ? 16 : 4;
	uint32_t sum = checksum_add(0, f->address[who], n);

	sum = checksum_add(sum, f->address[!who], n) + IPPROTO_TCP + (uint32_t)len;
	return checksum_end(checksum_add(sum, tcp, len));
}

/* One packet of `who`, at most PCAP_SEGMENT octets. */
static void
segment(struct pcap_flow *f, int who, uint8_t flags, int64_t usec, const uint8_t *octets, size_t len,
	pcap_record_fn record, void *arg)
{
	static uint8_t buffer[PCAP_RECORD_MAX];
	uint8_t *ip = buffer + RECORD_HEADER, *tcp = ip + put_ip(f, who, TCP_HEADER + len, ip);
	size_t captured = (size_t)(tcp - ip) + TCP_HEADER + len;

	put16(tcp, f->port[who]);
	put16(tcp + 2, f->port[!who]);
	put32(tcp + 4, f->sequence[who]);
	put32(tcp + 8, flags & ACK ? f->sequence[!who] : 0);
	put16(tcp + 12, (uint16_t)(TCP_HEADER / 4 << 12 | flags));
	put16(tcp + 14, WINDOW);
	put32(tcp + 16, 0); /* checksum, urgent pointer */
	if (len)
		memcpy(tcp + TCP_HEADER, octets, len);
	put16(tcp + 16, tcp_checksum(f, who, tcp, TCP_HEADER + len));
	little32(buffer, (uint32_t)(usec / 1000000));
	little32(buffer + 4, (uint32_t)(usec % 1000000));
	little32(buffer + 8, (uint32_t)captured);
	little32(buffer + 12, (uint32_t)captured);
	f->sequence[who] += (uint32_t)len + (flags & (SYN | FIN) ? 1 : 0);
	f->unseen[who] += (uint32_t)len;
	if (flags & ACK)
		f->unseen[!who] = 0;
	record(arg, buffer, RECORD_HEADER + captured);
}

void
pcap_open(struct pcap_flow *f, int64_t usec, pcap_record_fn record, void *arg)
{
	/* A SYN takes a number of its own: the octets that follow keep theirs. */
	f->sequence[US]--;
	f->sequence[THEM]--;
	segment(f, US, SYN, usec, NULL, 0, record, arg);
	segment(f, THEM, SYN | ACK, usec, NULL, 0, record, arg);
	segment(f, US, ACK, usec, NULL, 0, record, arg);
}

void
pcap_data(
	struct pcap_flow *f, bool out, int64_t usec, const uint8_t *octets, size_t len, pcap_record_fn record, void *arg)
{
	int who = out ? US : THEM;

	while (len) {
		size_t n = len < PCAP_SEGMENT ? len : PCAP_SEGMENT;

		if (f->unseen[who] + n > ACKNOWLEDGE_AFTER && f->unseen[who])
			segment(f, !who, ACK, usec, NULL, 0, record, arg);
		segment(f, who, PSH | ACK, usec, octets, n, record, arg);
		octets += n;
		len -= n;
	}
}

void
pcap_close(struct pcap_flow *f, bool by_us, int64_t usec, pcap_record_fn record, void *arg)
{
	int who = by_us ? US : THEM;

	segment(f, who, FIN | ACK, usec, NULL, 0, record, arg);
	segment(f, !who, FIN | ACK, usec, NULL, 0, record, arg);
	segment(f, who, ACK, usec, NULL, 0, record, arg);
}
