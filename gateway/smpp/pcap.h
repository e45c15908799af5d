/*
 * Captures that Wireshark opens, made of what a program sent and received: the classic file format with raw IP packets
 * (LINKTYPE_RAW), IPv4 or IPv6 and TCP with the sequence numbers, acknowledgements and checksums that a real capture
 * would have. So what went through TLS can be read too. Pure: where the octets go is the caller's business.
 */
#ifndef GATEWAY_SMPP_PCAP_H
#define GATEWAY_SMPP_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

#define PCAP_HEADER 24	   /* octets at the beginning of a file */
#define PCAP_SEGMENT 16384 /* octets of a stream that one packet carries at most */
#define PCAP_RECORD_MAX (16 + 60 + PCAP_SEGMENT)
/* Octets that pcap_data adds for `len` octets of a stream at most: records, handshake and acknowledgements with them.
 */
#define PCAP_NEED(len) ((len) + 76 * (3 + 2 * ((len) / PCAP_SEGMENT + 2)))

/* One TCP connection of the capture. Zero it, then pcap_flow_begin. */
struct pcap_flow {
	bool ipv6;
	uint8_t address[2][16]; /* ours, the peer's; an IPv4 address in the first four octets */
	uint16_t port[2];
	uint32_t sequence[2]; /* of the next octet that each sends */
	uint32_t unseen[2];	  /* octets that the other side has not acknowledged yet */
	uint16_t ident;
};

/* Takes one whole record, packet header first. */
typedef void (*pcap_record_fn)(void *arg, const uint8_t *record, size_t len);

void pcap_header(uint8_t out[PCAP_HEADER]);
/* Whether these are the first octets of a file that pcap_header began. */
bool pcap_is_header(const uint8_t octets[PCAP_HEADER]);

/* local and peer: AF_INET or AF_INET6, as getsockname and getpeername say; anything else counts as 127.0.0.1 port 0. */
void pcap_flow_begin(struct pcap_flow *f, const struct sockaddr *local, const struct sockaddr *peer);
/* The handshake: at the beginning of a connection, or of a file that takes up with one. usec: since 1970. */
void pcap_open(struct pcap_flow *f, int64_t usec, pcap_record_fn record, void *arg);
void pcap_data(
	struct pcap_flow *f, bool out, int64_t usec, const uint8_t *octets, size_t len, pcap_record_fn record, void *arg);
void pcap_close(struct pcap_flow *f, bool by_us, int64_t usec, pcap_record_fn record, void *arg);

#endif
