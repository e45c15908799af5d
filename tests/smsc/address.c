/* Socket addresses from text and to text. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/smsc/address.h"

int
address_split(const char *text, char *host, size_t room, uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	char *end;

	errno = EINVAL;
	if (colon == NULL || colon == text)
		return -1;
	unsigned long v = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || *end != '\0' || v > 65535 || colon[1] == '-' || colon[1] == '+' || colon[1] == ' ')
		return -1;
	size_t len = (size_t)(colon - text);
	if (text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= room)
		return -1;
	memcpy(host, text, len);
	host[len] = '\0';
	*port = (uint16_t)v;
	return 0;
}

int
address_parse(const char *text, struct sockaddr_storage *out, socklen_t *len)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found;
	char host[64], service[8];
	uint16_t port;

	if (address_split(text, host, sizeof(host), &port) != 0)
		return -1;
	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(host, service, &hints, &found) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	memcpy(out, found->ai_addr, found->ai_addrlen);
	*len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

void
address_text(const struct sockaddr *address, socklen_t len, char *out, size_t room)
{
	char host[64], port[8];

	if (getnameinfo(address, len, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(out, room, "unknown");
	else
		snprintf(out, room, strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
}
