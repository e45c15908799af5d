/*
 * A name that changes its mind: a webhook's name is looked up once, its addresses are judged, and what was judged is
 * what is spoken to. The names' server is of this test, and so are two listeners, one where webhooks may go and one
 * where not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/dns.h>
#include <event2/dns_struct.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/webhook_post.h"

static struct world {
	struct event_base *base;
	struct evdns_base *dns;
	struct evdns_server_port *names;
	struct evhttp *open, *shut;
	ev_uint16_t port;
	int asked;				/* for addresses of IPv4 */
	const char *answers[4]; /* to each of them in turn, "A" or "A B"; the last one for all that follow */
	int at_open, at_shut;	/* requests */
	/* of the post under way */
	bool over;
	int status;
	char error[200];
} w;

static void
on_name(struct evdns_server_request *r, void *arg)
{
	(void)arg;
	for (int i = 0; i < r->nquestions; i++) {
		if (r->questions[i]->type != EVDNS_TYPE_A)
			continue;
		int n = w.asked++;
		while (n > 0 && w.answers[n] == NULL)
			n--;
		char list[64], *save = NULL;
		snprintf(list, sizeof(list), "%s", w.answers[n]);
		for (char *one = strtok_r(list, " ", &save); one != NULL; one = strtok_r(NULL, " ", &save)) {
			struct in_addr a;
			assert_int_equal(inet_pton(AF_INET, one, &a), 1);
			/* A life of no time: whoever asks again gets another answer. */
			assert_int_equal(evdns_server_request_add_a_reply(r, r->questions[i]->name, 1, &a, 0), 0);
		}
	}
	assert_int_equal(evdns_server_request_respond(r, 0), 0);
}

static void
on_request(struct evhttp_request *r, void *arg)
{
	++*(int *)arg;
	evhttp_send_reply(r, 200, "OK", NULL);
}

static struct evhttp *
listener(const char *address, ev_uint16_t port, int *count)
{
	struct evhttp *h = evhttp_new(w.base);
	assert_non_null(h);
	struct evhttp_bound_socket *s = evhttp_bind_socket_with_handle(h, address, port);
	assert_non_null(s);
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	assert_int_equal(getsockname(evhttp_bound_socket_get_fd(s), (struct sockaddr *)&a, &len), 0);
	w.port = ntohs(a.sin_port);
	evhttp_set_gencb(h, on_request, count);
	return h;
}

static int
set_up(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	char server[40];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	(void)state;
	memset(&w, 0, sizeof(w));
	w.base = event_base_new();
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	w.names = evdns_add_server_port_with_base(w.base, fd, 0, on_name, NULL);
	w.dns = evdns_base_new(w.base, 0);
	snprintf(server, sizeof(server), "127.0.0.1:%d", ntohs(a.sin_port));
	assert_int_equal(evdns_base_nameserver_ip_add(w.dns, server), 0);
	/* The two stand at one port of two addresses; which port is free, the first finds out. */
	w.open = listener("127.0.0.1", 0, &w.at_open);
	w.shut = listener("127.0.0.2", w.port, &w.at_shut);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	evhttp_free(w.open);
	evhttp_free(w.shut);
	evdns_base_free(w.dns, 0);
	evdns_close_server_port(w.names);
	event_base_free(w.base);
	return 0;
}

static void
on_done(void *arg, int status, const char *error)
{
	(void)arg;
	w.over = true;
	w.status = status;
	snprintf(w.error, sizeof(w.error), "%s", error);
}

static void
post(void)
{
	static const char *allow[] = {"127.0.0.1"};
	static struct conf conf = {.webhook_allow = allow, .nwebhook_allow = 1};
	struct gateway g = {.base = w.base, .conf = &conf};
	char url[80];

	snprintf(url, sizeof(url), "http://hooks.example.test:%d/x", w.port);
	const struct webhook_event e = {.delivery = 1, .type = "opt_in", .body = "{}", .url = url, .secret = "s"};
	w.over = false;
	assert_int_equal(webhook_post(&g, &w.dns, &e, on_done, NULL), 0);
	while (!w.over)
		assert_int_equal(event_base_loop(w.base, EVLOOP_ONCE), 0);
}

static void
test_rebound(void **state)
{
	(void)state;
	/* Good when it is judged, private ever after. */
	w.answers[0] = "127.0.0.1";
	w.answers[1] = "127.0.0.2";
	post();
	assert_string_equal(w.error, "");
	assert_int_equal(w.status, 200);
	assert_int_equal(w.asked, 1);
	assert_int_equal(w.at_open, 1);
	assert_int_equal(w.at_shut, 0);
	/* The next delivery judges anew. */
	post();
	assert_non_null(strstr(w.error, "private network"));
	assert_int_equal(w.at_shut, 0);
	assert_int_equal(w.at_open, 1);
}

static void
test_mixed(void **state)
{
	(void)state;
	w.answers[0] = "127.0.0.2 127.0.0.1";
	for (int i = 1; i <= 4; i++) {
		post();
		assert_int_equal(w.status, 200);
		assert_int_equal(w.at_open, i);
		assert_int_equal(w.at_shut, 0);
	}
}

static void
test_private(void **state)
{
	(void)state;
	w.answers[0] = "127.0.0.2 10.0.0.1 169.254.169.254";
	post();
	assert_int_equal(w.status, 0);
	assert_non_null(strstr(w.error, "private network"));
	assert_int_equal(w.at_open + w.at_shut, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rebound, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mixed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_private, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
