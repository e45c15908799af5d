/*
 * The wire under the load generator: sessions, octets and whole PDUs, by hand. It shares no code with the gateway, so
 * that one fault cannot hide in both.
 */
#ifndef TESTS_BENCH_WIRE_H
#define TESTS_BENCH_WIRE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SESSIONS_MAX 8
#define IN_ROOM (1 << 18)

struct session {
	int fd; /* -1 = free */
	bool can_deliver;
	uint8_t in[IN_ROOM];
	size_t in_len;
	uint8_t *out;
	size_t out_len, out_room, out_sent;
};

static struct session sessions[SESSIONS_MAX];

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void *
must(void *p)
{
	if (p == NULL) {
		fprintf(stderr, "could not get memory\n");
		exit(1);
	}
	return p;
}

/* ---- Octets */

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint8_t *
put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
	return p + 4;
}

static uint8_t *
put_string(uint8_t *p, const char *s)
{
	size_t n = strlen(s) + 1;

	memcpy(p, s, n);
	return p + n;
}

static void
send_pdu(struct session *s, uint32_t command, uint32_t status, uint32_t seq, const uint8_t *body, size_t len)
{
	if (s->out_len + 16 + len > s->out_room) {
		s->out_room = (s->out_len + 16 + len) * 2;
		s->out = must(realloc(s->out, s->out_room));
	}
	uint8_t *p = s->out + s->out_len;
	p = put32(p, (uint32_t)(16 + len));
	p = put32(p, command);
	p = put32(p, status);
	p = put32(p, seq);
	if (len > 0)
		memcpy(p, body, len);
	s->out_len += 16 + len;
}

/* Skips a C-octet string; NULL when it does not end. */
static const uint8_t *
skip(const uint8_t *p, const uint8_t *end)
{
	p = memchr(p, 0, (size_t)(end - p));
	return p ? p + 1 : NULL;
}

/* ---- Sessions */

/* The session that takes what one phone says: always the same one while the sessions are the same. */
static struct session *
deliverer(uint64_t phone)
{
	struct session *able[SESSIONS_MAX];
	unsigned n = 0;

	for (int i = 0; i < SESSIONS_MAX; i++) {
		if (sessions[i].fd >= 0 && sessions[i].can_deliver)
			able[n++] = &sessions[i];
	}
	return n == 0 ? NULL : able[phone % n];
}

/* Reads what is there and hands over every whole PDU; false when the connection is over. */
static bool
session_read(struct session *s, void (*take)(struct session *s, const uint8_t *pdu, size_t len))
{
	ssize_t n = read(s->fd, s->in + s->in_len, IN_ROOM - s->in_len);
	size_t at = 0;

	if (n <= 0) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		return false;
	}
	s->in_len += (size_t)n;
	while (s->in_len - at >= 16) {
		size_t len = get32(s->in + at);

		if (len < 16 || len > IN_ROOM) {
			return false;
		}
		if (s->in_len - at < len)
			break;
		take(s, s->in + at, len);
		at += len;
	}
	memmove(s->in, s->in + at, s->in_len - at);
	s->in_len -= at;
	return true;
}

/* What one pass of the loop wrote leaves in one piece; false when the connection is over. */
static bool
session_write(struct session *s)
{
	while (s->out_sent < s->out_len) {
		ssize_t n = send(s->fd, s->out + s->out_sent, s->out_len - s->out_sent, MSG_NOSIGNAL);

		if (n < 0) {
			return errno == EAGAIN || errno == EINTR;
		}
		s->out_sent += (size_t)n;
	}
	s->out_sent = s->out_len = 0;
	return true;
}

/* A listening socket; its address is printed as JSON. -1: it could not. */
static int
listen_on(const char *where)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof a;
	const char *colon = strrchr(where, ':');
	char host[64];
	int fd, on = 1;

	if (colon == NULL || colon - where >= (ptrdiff_t)sizeof host)
		return -1;
	snprintf(host, sizeof host, "%.*s", (int)(colon - where), where);
	a.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 8) < 0 ||
		getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return -1;
	printf("{\"listen\":\"%s:%u\"}\n", host, ntohs(a.sin_port));
	return fd;
}

static void
session_accept(int listener)
{
	int fd = accept(listener, NULL, NULL), on = 1;

	if (fd < 0)
		return;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < SESSIONS_MAX; i++) {
		if (sessions[i].fd < 0) {
			sessions[i].fd = fd;
			return;
		}
	}
	close(fd);
}

#endif
