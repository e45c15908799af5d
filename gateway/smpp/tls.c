/* TLS contexts of links: the system's authorities or the link's own, our certificate, the name to be verified. */
#include "gateway/smpp/tls.h"
#include "gateway/conf.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The library's own reason for the last thing it refused. */
static const char *
library_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason ? reason : "no reason given";
}

/* OpenSSL says of a missing file no more than "system lib": asked first, the system says what is wrong. */
static int
can_read(const char *path, bool secret, char *why, size_t room)
{
	struct stat st;
	FILE *in = fopen(path, "re");
	int rc = -1;

	if (!in || fstat(fileno(in), &st) != 0)
		snprintf(why, room, "cannot open %.120s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		snprintf(why, room, "%.120s is no file", path);
	else if (secret && (st.st_mode & 077))
		snprintf(why, room, "others may read %.80s; run: chmod 600 %.80s", path, path);
	else
		rc = 0;
	if (in)
		fclose(in);
	return rc;
}

static SSL_CTX *
context_new(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context)
		return NULL;
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	return context;
}

/* With the system's authorities, which are many: read once for the process. */
static SSL_CTX *
context_shared(void)
{
	static SSL_CTX *context;

	if (context)
		return context;
	context = context_new();
	if (context && SSL_CTX_set_default_verify_paths(context) != 1) {
		SSL_CTX_free(context);
		context = NULL;
	}
	return context;
}

static int
load_authorities(SSL_CTX *context, const struct conf_link *conf, const char **key, char *why, size_t room)
{
	*key = "tls_ca";
	if (!conf->tls_ca) {
		snprintf(why, room, "cannot read the system's authorities");
		return SSL_CTX_set_default_verify_paths(context) == 1 ? 0 : -1;
	}
	if (can_read(conf->tls_ca, false, why, room) != 0)
		return -1;
	if (SSL_CTX_load_verify_locations(context, conf->tls_ca, NULL) == 1)
		return 0;
	snprintf(why, room, "cannot use %.120s as PEM certificates: %s", conf->tls_ca, library_reason());
	return -1;
}

static int
load_certificate(SSL_CTX *context, const struct conf_link *conf, const char **key, char *why, size_t room)
{
	if (!conf->tls_certificate && !conf->tls_key)
		return 0;
	*key = conf->tls_certificate ? "tls_certificate" : "tls_key";
	if (!conf->tls_certificate || !conf->tls_key) {
		snprintf(why, room, "give %s too: a certificate needs its key and a key its certificate",
			conf->tls_certificate ? "tls_key" : "tls_certificate");
		return -1;
	}
	if (can_read(conf->tls_certificate, false, why, room) != 0)
		return -1;
	if (SSL_CTX_use_certificate_chain_file(context, conf->tls_certificate) != 1) {
		snprintf(why, room, "cannot use %.120s as a PEM certificate: %s", conf->tls_certificate, library_reason());
		return -1;
	}
	*key = "tls_key";
	if (can_read(conf->tls_key, true, why, room) != 0)
		return -1;
	if (SSL_CTX_use_PrivateKey_file(context, conf->tls_key, SSL_FILETYPE_PEM) != 1) {
		snprintf(why, room, "cannot use %.100s as the certificate's PEM key: %s", conf->tls_key, library_reason());
		return -1;
	}
	return 0;
}

/* A new reference, or NULL with the reason. */
static SSL_CTX *
context_of(const struct conf_link *conf, const char **key, char *why, size_t room)
{
	bool own = conf->tls_ca || conf->tls_certificate || conf->tls_key;
	SSL_CTX *context = own ? context_new() : context_shared();

	snprintf(why, room, "could not prepare TLS");
	ERR_clear_error();
	if (!context)
		return NULL;
	if (!own) {
		SSL_CTX_up_ref(context);
		return context;
	}
	if (load_authorities(context, conf, key, why, room) != 0 || load_certificate(context, conf, key, why, room) != 0) {
		ERR_clear_error(); /* or the next connection would find it */
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}

SSL *
tls_client(const struct conf_link *conf, const char *host, bool numeric, char *why, size_t room)
{
	const char *key = "";
	SSL_CTX *context = context_of(conf, &key, why, room);
	SSL *ssl = context ? SSL_new(context) : NULL;
	int ok;

	SSL_CTX_free(context); /* the connection holds it */
	if (!ssl)
		return NULL;
	if (conf->tls_name)
		ok = SSL_set1_host(ssl, conf->tls_name) == 1 && SSL_set_tlsext_host_name(ssl, conf->tls_name) == 1;
	else if (numeric)
		ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	else
		ok = SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
	if (ok != 1) {
		snprintf(why, room, "cannot verify the name %.100s", conf->tls_name ? conf->tls_name : host);
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

int
tls_check(const struct conf_link *conf, const char **key, char *why, size_t room)
{
	SSL_CTX *context = context_of(conf, key, why, room);

	if (!context)
		return -1;
	SSL_CTX_free(context);
	return 0;
}
