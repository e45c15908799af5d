/*
 * TLS to the carrier: a certificate for its name and by an authority that we trust, or no connection at all. The
 * authority and the certificates are made here, in a temporary folder.
 */
#include "tests/lib/folder.h"
#include "tests/smpp/harness.h"
#include <sys/stat.h>
#include "gateway/smpp/tls.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static char folder[256];

static const char *
path(const char *name)
{
	static char p[8][300];
	static int n;

	n = (n + 1) % 8;
	snprintf(p[n], sizeof(p[n]), "%s/%s", folder, name);
	return p[n];
}

static void
extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	X509_add_ext(cert, e, -1);
	X509_EXTENSION_free(e);
}

/* A certificate signed by `issuer`, or by itself when that is NULL. days may be negative: it has run out. */
static X509 *
make_certificate(const char *name, const char *san, int days, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *c = X509_new();
	static long serial = 1;

	X509_set_version(c, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(c), serial++);
	X509_gmtime_adj(X509_getm_notBefore(c), -86400L * 30);
	X509_gmtime_adj(X509_getm_notAfter(c), 86400L * days);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(c, X509_get_subject_name(issuer ? issuer : c));
	X509_set_pubkey(c, key);
	if (issuer)
		extend(c, issuer, NID_subject_alt_name, san);
	else
		extend(c, c, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(c, issuer ? issuer_key : key, EVP_sha256()) > 0);
	return c;
}

static void
write_certificate(const char *name, X509 *c)
{
	FILE *f = fopen(path(name), "w");

	assert_non_null(f);
	PEM_write_X509(f, c);
	fclose(f);
}

static void
make_server(const char *name, const char *san, int days, EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key)
{
	X509 *c = make_certificate("carrier", san, days, key, ca, ca_key);

	write_certificate(name, c);
	X509_free(c);
}

static int
make_all(void **state)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *other_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca, *other;
	FILE *f;

	(void)state;
	assert_int_equal(folder_make(folder, sizeof(folder), "tls"), 0);
	ca = make_certificate("authority", NULL, 30, ca_key, NULL, NULL);
	other = make_certificate("another authority", NULL, 30, other_key, NULL, NULL);
	write_certificate("ca.pem", ca);
	write_certificate("other.pem", other);
	make_server("client.pem", "DNS:huizhi", 30, key, other, other_key);
	make_server("good.pem", "IP:127.0.0.1,DNS:localhost", 30, key, ca, ca_key);
	make_server("elsewhere.pem", "IP:127.0.0.2,DNS:example.org", 30, key, ca, ca_key);
	make_server("old.pem", "IP:127.0.0.1,DNS:localhost", -1, key, ca, ca_key);
	make_server("unknown.pem", "IP:127.0.0.1,DNS:localhost", 30, key, other, other_key);
	f = fopen(path("key.pem"), "w");
	assert_non_null(f);
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	f = fopen(path("garbage.pem"), "w");
	assert_non_null(f);
	fputs("no certificate\n", f);
	fclose(f);
	chmod(path("key.pem"), 0600);
	X509_free(ca);
	X509_free(other);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(other_key);
	/* Read when the first link connects. */
	setenv("SSL_CERT_FILE", path("ca.pem"), 1);
	setenv("SSL_CERT_DIR", folder, 1);
	return 0;
}

static int
remove_all(void **state)
{
	static const char *const names[] = {"ca.pem", "other.pem", "client.pem", "garbage.pem", "good.pem", "elsewhere.pem",
		"old.pem", "unknown.pem", "key.pem"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path(names[i]));
	rmdir(folder);
	return 0;
}

static struct harness *
with_certificate(const char *name)
{
	char *argv[] = {"node", "tests/smpp/smsc-node.mjs", (char *)path("key.pem"), (char *)path(name), NULL};
	struct harness *h = harness_new(argv);

	h->conf.tls = true;
	return h;
}

static void
good_certificate(void **state)
{
	struct harness *h = with_certificate("good.pem");

	(void)state;
	link_bound(h);
	for (int i = 0; i < 50; i++)
		assert_int_equal(submit(h, "+8613900000001", "hello"), 0);
	for (int i = 1; i <= 50; i++)
		expect(h, "submitted %d 1/1 accepted", i);
	carrier(h, "deliver source_addr=861 destination_addr=2 text=Y");
	expect(h, "text from=861");
	carrier(h, "unbind");
	expect(h, "resp unbind_resp"); /* the last word goes out through TLS too */
	expect(h, "state bound");
	link_gone(h);
	harness_free(h);
}

static void
by_name(void **state)
{
	struct harness *h = with_certificate("good.pem");

	(void)state;
	snprintf(h->host[0], sizeof(h->host[0]), "localhost:%d", h->port);
	link_bound(h);
	link_gone(h);
	harness_free(h);
}

/* Not even the bind, with its password, is sent. */
static void
refused(const char *certificate, const char *why)
{
	struct harness *h = with_certificate(certificate);
	struct link_stats stats;

	link_up(h);
	expect(h, "state waiting: certificate refused: %s", why);
	expect(h, "state waiting: certificate refused: %s", why);
	link_stats_get(h->link, &stats);
	assert_non_null(strstr(stats.error, "certificate refused: "));
	expect_none(h, "state binding");
	expect_none(h, "bind ");
	harness_free(h);
}

static void
certificate_for_another_name(void **state)
{
	(void)state;
	refused("elsewhere.pem", "IP address mismatch");
}

static void
certificate_run_out(void **state)
{
	(void)state;
	refused("old.pem", "certificate has expired");
}

static void
certificate_by_nobody_we_trust(void **state)
{
	(void)state;
	refused("unknown.pem", "unable to get local issuer certificate");
}

/* Never in the clear: a carrier that speaks plain SMPP where TLS is set gets nothing. */
static void
carrier_without_tls(void **state)
{
	char *argv[] = {"node", "tests/smpp/smsc-node.mjs", NULL};
	struct harness *h = harness_new(argv);

	(void)state;
	h->conf.tls = true;
	h->conf.bind_seconds = 1;
	link_up(h);
	expect(h, "state waiting");
	expect_none(h, "state binding");
	expect_none(h, "bind ");
	harness_free(h);
}

/* An authority of the link's own counts instead of the system's, and the other way round. */
static void
authority_of_the_link(void **state)
{
	struct harness *h = with_certificate("unknown.pem");

	(void)state;
	h->conf.tls_ca = path("other.pem");
	link_bound(h);
	link_gone(h);
	harness_free(h);
	h = with_certificate("good.pem");
	h->conf.tls_ca = path("other.pem");
	link_up(h);
	expect(h, "state waiting: certificate refused: ");
	expect_none(h, "bind ");
	harness_free(h);
}

static void
name_of_the_link(void **state)
{
	struct harness *h = with_certificate("elsewhere.pem");

	(void)state;
	h->conf.tls_name = "example.org";
	link_bound(h);
	link_gone(h);
	harness_free(h);
	h = with_certificate("good.pem");
	h->conf.tls_name = "example.org"; /* right for the address, which is not what was asked for */
	link_up(h);
	expect(h, "state waiting: certificate refused: hostname mismatch");
	expect_none(h, "bind ");
	harness_free(h);
}

/* A carrier that asks for our certificate. */
static void
client_certificate(void **state)
{
	char *argv[] = {"node", "tests/smpp/smsc-node.mjs", (char *)path("key.pem"), (char *)path("good.pem"),
		(char *)path("other.pem"), NULL};
	struct harness *h = harness_new(argv);

	(void)state;
	h->conf.tls = true;
	h->conf.tls_certificate = path("client.pem");
	h->conf.tls_key = path("key.pem");
	link_bound(h);
	submit(h, "+8613900000001", "hello");
	expect(h, "submitted 1 1/1 accepted");
	link_gone(h);
	link_free(h->link);
	h->conf.tls_certificate = h->conf.tls_key = NULL;
	link_up(h);
	expect(h, "state waiting");
	expect_none(h, "state bound");
	harness_free(h);
}

/* What `huizhid -n` says of files that TLS cannot use: the key, the file, what is wrong with it. */
static void
files_that_cannot_be_used(void **state)
{
	char why[TLS_WHY], missing[128];
	const char *key;
	struct conf_link conf = {.name = "east", .tls_ca = missing};

	(void)state;
	snprintf(missing, sizeof(missing), "%s", path("missing.pem"));
	assert_int_equal(tls_check(&conf, &key, why, sizeof(why)), -1);
	assert_string_equal(key, "tls_ca");
	assert_non_null(strstr(why, "missing.pem: No such file or directory"));
	conf.tls_ca = path("garbage.pem");
	assert_int_equal(tls_check(&conf, &key, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "garbage.pem as PEM certificates: "));
	conf.tls_ca = NULL;
	conf.tls_certificate = path("client.pem");
	assert_int_equal(tls_check(&conf, &key, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "give tls_key too"));
	conf.tls_key = path("key.pem");
	assert_int_equal(tls_check(&conf, &key, why, sizeof(why)), 0);
	conf.tls_certificate = path("ca.pem"); /* of another key */
	assert_int_equal(tls_check(&conf, &key, why, sizeof(why)), -1);
	assert_string_equal(key, "tls_key");
	assert_non_null(strstr(why, "as the certificate's PEM key: key values mismatch"));
	conf.tls_certificate = path("client.pem");
	chmod(path("key.pem"), 0644);
	assert_int_equal(tls_check(&conf, &key, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "others may read"));
	chmod(path("key.pem"), 0600);
	assert_int_equal(tls_check(&conf, &key, why, sizeof(why)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_certificate),
		cmocka_unit_test(by_name),
		cmocka_unit_test(certificate_for_another_name),
		cmocka_unit_test(certificate_run_out),
		cmocka_unit_test(certificate_by_nobody_we_trust),
		cmocka_unit_test(carrier_without_tls),
		cmocka_unit_test(authority_of_the_link),
		cmocka_unit_test(name_of_the_link),
		cmocka_unit_test(client_certificate),
		cmocka_unit_test(files_that_cannot_be_used),
	};

	return cmocka_run_group_tests(tests, make_all, remove_all);
}
