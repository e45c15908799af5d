/* A thread that hashes passwords, and the way there and back. */
#include "gateway/http/staff/hasher.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <event2/event.h>
#include <sodium.h>

#define WAITING_MAX 32 /* at a tenth of a second each */

struct job {
	struct job *next;
	bool make, good;
	char password[HASHER_PASSWORD_MAX + 1], hash[crypto_pwhash_STRBYTES];
	hasher_fn fn;
	void *arg;
};

struct jobs {
	struct job *head, **tail;
};

struct hasher {
	pthread_t thread;
	pthread_mutex_t lock; /* over what follows up to `ended` */
	pthread_cond_t more;
	struct jobs todo, done;
	int waiting;
	bool ended;
	int wake; /* eventfd: something is done */
	struct event *on_wake;
};

static void
jobs_add(struct jobs *q, struct job *j)
{
	j->next = NULL;
	*q->tail = j;
	q->tail = &j->next;
}

static struct job *
jobs_take(struct jobs *q)
{
	struct job *j = q->head;

	if (j != NULL && (q->head = j->next) == NULL)
		q->tail = &q->head;
	return j;
}

static void
work(struct job *j)
{
	size_t len = strlen(j->password);

	if (j->make)
		j->good = crypto_pwhash_str(j->hash, j->password, len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
					  crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
	else if (*j->hash != '\0')
		j->good = crypto_pwhash_str_verify(j->hash, j->password, len) == 0;
	else {
		/* A name that does not exist takes as long as a wrong password, or the time would tell which names there are.
		 */
		char idle[crypto_pwhash_STRBYTES];
		int spent = crypto_pwhash_str(
			idle, j->password, len, crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE);
		(void)spent;
		j->good = false;
	}
}

static void *
run(void *arg)
{
	struct hasher *h = arg;
	struct job *j;

	pthread_mutex_lock(&h->lock);
	while (!h->ended) {
		if ((j = jobs_take(&h->todo)) == NULL) {
			pthread_cond_wait(&h->more, &h->lock);
			continue;
		}
		pthread_mutex_unlock(&h->lock);
		work(j);
		pthread_mutex_lock(&h->lock);
		jobs_add(&h->done, j);
		(void)eventfd_write(h->wake, 1);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

static void
finish(struct job *j)
{
	sodium_memzero(j->password, sizeof(j->password));
	j->fn(j->arg, j->good, j->hash);
	sodium_memzero(j, sizeof(*j));
	free(j);
}

static void
on_done(int fd, short what, void *arg)
{
	struct hasher *h = arg;
	eventfd_t n;
	struct job *j;

	(void)what;
	(void)eventfd_read(fd, &n);
	for (;;) {
		pthread_mutex_lock(&h->lock);
		if ((j = jobs_take(&h->done)) != NULL)
			h->waiting--;
		pthread_mutex_unlock(&h->lock);
		if (j == NULL)
			return;
		finish(j);
	}
}

struct hasher *
hasher_new(struct event_base *base)
{
	struct hasher *h = calloc(1, sizeof(*h));
	sigset_t all, before;

	if (h == NULL)
		return NULL;
	h->todo.tail = &h->todo.head;
	h->done.tail = &h->done.head;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->more, NULL);
	h->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	h->on_wake = h->wake < 0 ? NULL : event_new(base, h->wake, EV_READ | EV_PERSIST, on_done, h);
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = h->on_wake == NULL || event_add(h->on_wake, NULL) != 0 ? -1 : pthread_create(&h->thread, NULL, run, h);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		return h;
	if (h->on_wake != NULL)
		event_free(h->on_wake);
	if (h->wake >= 0)
		close(h->wake);
	free(h);
	return NULL;
}

void
hasher_free(struct hasher *h)
{
	struct job *j;

	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	h->ended = true;
	pthread_cond_signal(&h->more);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	while ((j = jobs_take(&h->done)) != NULL || (j = jobs_take(&h->todo)) != NULL) {
		j->good = false;
		finish(j);
	}
	event_free(h->on_wake);
	close(h->wake);
	pthread_cond_destroy(&h->more);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

static int
add(struct hasher *h, bool make, const char *password, const char *hash, hasher_fn fn, void *arg)
{
	struct job *j = strlen(password) > HASHER_PASSWORD_MAX ? NULL : calloc(1, sizeof(*j));
	bool room;

	if (j == NULL)
		return -1;
	j->make = make;
	(void)snprintf(j->password, sizeof(j->password), "%s", password);
	(void)snprintf(j->hash, sizeof(j->hash), "%s", hash);
	j->fn = fn;
	j->arg = arg;
	pthread_mutex_lock(&h->lock);
	if ((room = h->waiting < WAITING_MAX)) {
		h->waiting++;
		jobs_add(&h->todo, j);
		pthread_cond_signal(&h->more);
	}
	pthread_mutex_unlock(&h->lock);
	if (!room) {
		sodium_memzero(j, sizeof(*j));
		free(j);
		return -1;
	}
	return 0;
}

int
hasher_check(struct hasher *h, const char *password, const char *hash, hasher_fn fn, void *arg)
{
	return add(h, false, password, hash, fn, arg);
}

int
hasher_make(struct hasher *h, const char *password, hasher_fn fn, void *arg)
{
	return add(h, true, password, "", fn, arg);
}
