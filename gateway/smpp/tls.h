/*
 * What a link trusts and shows in TLS: authorities, our certificate, the name that the carrier's must bear.
 * Verification is always on.
 */
#ifndef GATEWAY_SMPP_TLS_H
#define GATEWAY_SMPP_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct conf_link; /* gateway/conf.h: tls_ca, tls_certificate, tls_key, tls_name */

#define TLS_WHY 256 /* octets that hold every reason */

/*
 * A client's TLS state that accepts the certificate of `host` (its name, or its address when numeric), or of tls_name,
 * and no other. Own files are read anew each time, so that a renewed certificate counts from the next connection on.
 * The caller frees it with SSL_free. NULL with the reason in why.
 */
SSL *tls_client(const struct conf_link *conf, const char *host, bool numeric, char *why, size_t room);
/* Reads the link's own files. 0, or -1 with the key at fault and the reason. */
int tls_check(const struct conf_link *conf, const char **key, char *why, size_t room);

#endif
