/*
 * Where a webhook goes: the parts of its address, and whether an address may be spoken to. Pure.
 */
#ifndef GATEWAY_TARGET_H
#define GATEWAY_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define TARGET_URL_MAX 1000

struct target {
	bool tls;
	char host[256]; /* a name or an address; an IPv6 address without its brackets */
	bool numeric;
	int port;
	char authority[280]; /* for the Host header: host, and the port when it is not the usual one */
	char path[TARGET_URL_MAX + 2];
};

/* What can be wrong with an address. */
enum target_fault {
	TARGET_GOOD,
	TARGET_LONG,
	TARGET_CHARACTERS,
	TARGET_FRAGMENT,
	TARGET_SCHEME,
	TARGET_USER,
	TARGET_BRACKETS,
	TARGET_NAME_LONG,
	TARGET_NO_HOST,
	TARGET_PORT,
	TARGET_PRIVATE, /* told by who knows the networks that are allowed */
	TARGET_FAULTS
};
/* As one word, for who has words of their own ("port"), and in English words that begin behind the address. Static. */
const char *target_fault_name(enum target_fault fault);
const char *target_fault_words(enum target_fault fault);

/* http:// and https://, without user and fragment. */
enum target_fault target_parse(const char *url, struct target *out);

/* A network: "10.1.0.0/16", "fd00::/8", "127.0.0.1". */
struct target_network {
	int family;
	uint8_t address[16];
	int bits;
};
int target_network_parse(const char *text, struct target_network *out); /* 0 or -1 */

/*
 * May it be spoken to? Addresses of the public internet, and those of the networks that the configuration names. Not:
 * loopback, private, link-local, shared and documentation networks, multicast, and IPv6 forms that hold such an IPv4
 * address.
 */
bool target_address_allowed(const struct sockaddr *address, const char *const *networks, size_t n);

#endif
