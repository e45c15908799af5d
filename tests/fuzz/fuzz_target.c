/*
 * Fuzz target of webhooks' addresses: the first line is a URL, the second a network of webhook_allow, the rest an
 * address. What is taken says the same when it is put together again, and nothing of it can end a header line.
 *
 * links: gateway/target.c
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <strings.h>

#include "gateway/target.h"
#include "tests/fuzz/fuzz.h"

/* The next line of the input, malloc'd; without NUL, which no text of ours holds. */
static char *
line(const uint8_t **data, size_t *size)
{
	const uint8_t *eol = *size ? memchr(*data, '\n', *size) : NULL;
	size_t len = eol ? (size_t)(eol - *data) : *size;
	char *out = malloc(len + 1);

	must(out != NULL);
	if (len > 0)
		memcpy(out, *data, len);
	out[len] = '\0';
	*data += len + (eol != NULL);
	*size -= len + (eol != NULL);
	return out;
}

static void
check_url(const char *url)
{
	struct target t, again;
	char whole[2 * TARGET_URL_MAX];

	if (target_parse(url, &t) != TARGET_GOOD)
		return;
	must(t.host[0] != '\0' && t.port >= 1 && t.port <= 65535 && t.path[0] == '/');
	for (const char *c = t.authority; *c != '\0'; c++)
		must(*c > ' ' && *c < 127 && *c != '@' && *c != '/');
	for (const char *c = t.path; *c != '\0'; c++)
		must(*c > ' ' && *c < 127 && *c != '#');
	snprintf(whole, sizeof(whole), "%s%s%s", t.tls ? "https://" : "http://", t.authority, t.path);
	if (strlen(whole) > TARGET_URL_MAX)
		return; /* a path that was not written */
	must(target_parse(whole, &again) == TARGET_GOOD);
	must(strcmp(again.host, t.host) == 0 && again.port == t.port && again.tls == t.tls && again.numeric == t.numeric &&
		 strcmp(again.authority, t.authority) == 0 && strcmp(again.path, t.path) == 0);
}

/* An IPv4 address is judged alike by itself and inside an IPv6 one, and only a network that holds it opens it. */
static void
check_address(const char *words, const uint8_t *data, size_t size)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6}, mapped = {.sin6_family = AF_INET6};
	const struct sockaddr *a = (const struct sockaddr *)&v4, *b = (const struct sockaddr *)&v6;
	struct target_network network;
	char own[INET_ADDRSTRLEN];
	const char *list[] = {words, own};

	memcpy(&v4.sin_addr, data, size < 4 ? size : 4);
	memcpy(&v6.sin6_addr, data, size < 16 ? size : 16);
	mapped.sin6_addr.s6_addr[10] = mapped.sin6_addr.s6_addr[11] = 0xff;
	memcpy(mapped.sin6_addr.s6_addr + 12, &v4.sin_addr, 4);
	bool open4 = target_address_allowed(a, NULL, 0), open6 = target_address_allowed(b, NULL, 0);
	must(target_address_allowed((const struct sockaddr *)&mapped, NULL, 0) == open4);
	must(inet_ntop(AF_INET, &v4.sin_addr, own, sizeof(own)) != NULL);
	must(target_address_allowed(a, list, 2));
	if (target_network_parse(words, &network) != 0) {
		must(target_address_allowed(a, list, 1) == open4 && target_address_allowed(b, list, 1) == open6);
		return;
	}
	must(network.bits >= 0 && network.bits <= (network.family == AF_INET ? 32 : 128));
	must(network.family == AF_INET ? target_address_allowed(b, list, 1) == open6
								   : target_address_allowed(a, list, 1) == open4);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *url = line(&data, &size), *network = line(&data, &size);

	check_url(url);
	check_address(network, data, size);
	free(url);
	free(network);
	return 0;
}
