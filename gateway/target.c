/* Addresses of webhooks, taken apart; networks that nobody is to reach through us. */
#include "gateway/target.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name, *words;
} faults[TARGET_FAULTS] = {
	[TARGET_GOOD] = {"good", "is good"},
	[TARGET_LONG] = {"long", "has more than 1000 characters"},
	[TARGET_CHARACTERS] = {"characters", "has characters that must be written as %XX"},
	[TARGET_FRAGMENT] = {"fragment", "has a part behind #, which is never sent"},
	[TARGET_SCHEME] = {"scheme", "must begin with https:// or http://"},
	[TARGET_USER] = {"user", "names a user; the signature proves who sends"},
	[TARGET_BRACKETS] = {"brackets", "has an address in brackets that does not end"},
	[TARGET_NAME_LONG] = {"name_long", "has too long a name"},
	[TARGET_NO_HOST] = {"no_host", "names no host"},
	[TARGET_PORT] = {"port", "has no port from 1 to 65535 behind the colon"},
	[TARGET_PRIVATE] = {"private",
		"is in a private network; webhook_allow of the configuration names those that may be told"},
};

const char *
target_fault_name(enum target_fault fault)
{
	return faults[fault].name;
}

const char *
target_fault_words(enum target_fault fault)
{
	return faults[fault].words;
}

/* ---- The address ------------------------------------------------------------------------------------------------ */

static bool
is_numeric(const char *host)
{
	uint8_t octets[16];

	return inet_pton(AF_INET, host, octets) == 1 || inet_pton(AF_INET6, host, octets) == 1;
}

static bool
is_name(const char *host)
{
	return *host != '\0' &&
		   strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._") == strlen(host);
}

/* "host:port" behind the two slashes. */
static enum target_fault
read_authority(const char *text, size_t len, struct target *t)
{
	const char *end = text + len, *port = NULL;
	char *stop;

	if (memchr(text, '@', len) != NULL)
		return TARGET_USER;
	if (len > 0 && *text == '[') {
		const char *close = memchr(text, ']', len);
		if (close == NULL || (close + 1 < end && close[1] != ':'))
			return TARGET_BRACKETS;
		(void)snprintf(t->host, sizeof(t->host), "%.*s", (int)(close - text - 1), text + 1);
		port = close + 1 < end ? close + 2 : NULL;
	} else {
		const char *colon = memchr(text, ':', len);
		size_t n = colon == NULL ? len : (size_t)(colon - text);
		if (n >= sizeof(t->host))
			return TARGET_NAME_LONG;
		(void)snprintf(t->host, sizeof(t->host), "%.*s", (int)n, text);
		port = colon == NULL ? NULL : colon + 1;
	}
	t->numeric = is_numeric(t->host);
	if (!t->numeric && (!is_name(t->host) || *text == '['))
		return TARGET_NO_HOST;
	t->port = t->tls ? 443 : 80;
	if (port != NULL) {
		unsigned long n = isdigit((unsigned char)*port) ? strtoul(port, &stop, 10) : 0;
		if (n == 0 || n > 65535 || stop != end || end - port > 5)
			return TARGET_PORT;
		t->port = (int)n;
	}
	(void)snprintf(t->authority, sizeof(t->authority), "%.*s", (int)len, text);
	return TARGET_GOOD;
}

enum target_fault
target_parse(const char *url, struct target *out)
{
	size_t len = strlen(url);

	memset(out, 0, sizeof(*out));
	if (len > TARGET_URL_MAX)
		return TARGET_LONG;
	for (const char *c = url; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 127 || *c == '"' || *c == '<' || *c == '>' || *c == '\\')
			return TARGET_CHARACTERS;
	if (strchr(url, '#') != NULL)
		return TARGET_FRAGMENT;
	out->tls = strncasecmp(url, "https://", 8) == 0;
	if (!out->tls && strncasecmp(url, "http://", 7) != 0)
		return TARGET_SCHEME;
	const char *at = url + (out->tls ? 8 : 7);
	len = strcspn(at, "/?");
	enum target_fault wrong = read_authority(at, len, out);
	(void)snprintf(out->path, sizeof(out->path), "%s%s", at[len] == '/' ? "" : "/", at + len);
	return wrong;
}

/* ---- Networks --------------------------------------------------------------------------------------------------- */

int
target_network_parse(const char *text, struct target_network *out)
{
	char address[64], *stop;
	const char *slash = strchr(text, '/');
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);

	memset(out, 0, sizeof(*out));
	if (len >= sizeof(address))
		return -1;
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, out->address) == 1)
		out->family = AF_INET;
	else if (inet_pton(AF_INET6, address, out->address) == 1)
		out->family = AF_INET6;
	else
		return -1;
	out->bits = out->family == AF_INET ? 32 : 128;
	if (slash == NULL)
		return 0;
	unsigned long bits = isdigit((unsigned char)slash[1]) ? strtoul(slash + 1, &stop, 10) : 1000;
	if (bits > (unsigned long)out->bits || *stop != '\0')
		return -1;
	out->bits = (int)bits;
	return 0;
}

static bool
inside(const uint8_t *address, const uint8_t *network, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	return memcmp(address, network, (size_t)whole) == 0 &&
		   (rest == 0 || (address[whole] ^ network[whole]) >> (8 - rest) == 0);
}

/* Not of the public internet (IANA's registries of special-purpose addresses). */
static const struct {
	uint8_t network[4];
	int bits;
} special4[] = {
	{{0, 0, 0, 0}, 8},
	{{10, 0, 0, 0}, 8},
	{{100, 64, 0, 0}, 10},
	{{127, 0, 0, 0}, 8},
	{{169, 254, 0, 0}, 16},
	{{172, 16, 0, 0}, 12},
	{{192, 0, 0, 0}, 24},
	{{192, 0, 2, 0}, 24},
	{{192, 88, 99, 0}, 24},
	{{192, 168, 0, 0}, 16},
	{{198, 18, 0, 0}, 15},
	{{198, 51, 100, 0}, 24},
	{{203, 0, 113, 0}, 24},
	{{224, 0, 0, 0}, 3},
};

static bool
public4(const uint8_t *a)
{
	for (size_t i = 0; i < sizeof(special4) / sizeof(special4[0]); i++)
		if (inside(a, special4[i].network, special4[i].bits))
			return false;
	return true;
}

/* Of IPv6 only 2000::/3 is given out; in it, forms that lead to an IPv4 address or to nobody are out too. */
static bool
public6(const uint8_t *a)
{
	static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff}, translated[16] = {0x00, 0x64, 0xff, 0x9b};
	static const uint8_t global[1] = {0x20}, protocols[3] = {0x20, 0x01, 0x00}, documents[4] = {0x20, 0x01, 0x0d, 0xb8},
						 documents2[3] = {0x3f, 0xff, 0x00}, six_to_four[2] = {0x20, 0x02};

	if (inside(a, mapped, 96) || inside(a, translated, 96))
		return public4(a + 12);
	if (inside(a, six_to_four, 16))
		return public4(a + 2);
	return inside(a, global, 3) && !inside(a, protocols, 23) && !inside(a, documents, 32) && !inside(a, documents2, 20);
}

bool
target_address_allowed(const struct sockaddr *address, const char *const *networks, size_t n)
{
	const uint8_t *octets;

	if (address->sa_family == AF_INET)
		octets = (const uint8_t *)&((const struct sockaddr_in *)address)->sin_addr;
	else if (address->sa_family == AF_INET6)
		octets = (const uint8_t *)&((const struct sockaddr_in6 *)address)->sin6_addr;
	else
		return false;
	for (size_t i = 0; i < n; i++) {
		struct target_network network;
		if (target_network_parse(networks[i], &network) == 0 && network.family == address->sa_family &&
			inside(octets, network.address, network.bits))
			return true;
	}
	return address->sa_family == AF_INET ? public4(octets) : public6(octets);
}
