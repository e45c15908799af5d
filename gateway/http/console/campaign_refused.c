/*
 * The refused rows of lists, as files without names that only this daemon has: they hold what people brought as it was,
 * so nothing of them is stored, and after a day, or a restart, the list is brought again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <event2/buffer.h>
#include "gateway/conf.h"
#include "gateway/http/console/campaign.h"
#include "gateway/http/console/console.h"

#define KEPT 32
#define KEPT_SECONDS (24 * 3600)

struct kept {
	int bureau_id;
	int64_t id; /* 0 = free */
	int fd;
	time_t since;
};
static struct kept kept[KEPT];

static void
forget(struct kept *k)
{
	if (k->id != 0)
		close(k->fd);
	*k = (struct kept){0};
}

/* The file of a draft, NULL when there is none; those whose day is over go. */
static struct kept *
find(int bureau_id, int64_t id)
{
	time_t now = time(NULL);
	struct kept *found = NULL;

	for (struct kept *k = kept; k < kept + KEPT; k++) {
		if (k->id != 0 && now - k->since > KEPT_SECONDS)
			forget(k);
		if (k->id == id && k->bureau_id == bureau_id && id != 0)
			found = k;
	}
	return found;
}

void
campaign_refused_keep(int bureau_id, int64_t id, int fd)
{
	struct kept *place = find(bureau_id, id);
	struct stat st;

	for (struct kept *k = kept; k < kept + KEPT && (place == NULL || place->id != id); k++)
		if (place == NULL || k->since < place->since)
			place = k;
	forget(place);
	if (fstat(fd, &st) != 0 || st.st_size == 0)
		close(fd);
	else
		*place = (struct kept){.bureau_id = bureau_id, .id = id, .fd = fd, .since = time(NULL)};
}

bool
campaign_refused_there(int bureau_id, int64_t id)
{
	return find(bureau_id, id) != NULL;
}

static void
give(struct desk_call *c)
{
	struct kept *k = find(c->bureau->id, console_id(c->r));
	struct evbuffer *out = evbuffer_new();
	struct stat st;
	char disposition[80];
	int fd = k == NULL || fstat(k->fd, &st) != 0 ? -1 : fcntl(k->fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0 || out == NULL) {
		http_reply_error(c->r, k == NULL ? 404 : 503);
	} else if (evbuffer_add_file(out, fd, 0, st.st_size) != 0) {
		close(fd);
		http_reply_error(c->r, 503);
	} else {
		snprintf(disposition, sizeof(disposition), "attachment; filename=\"campaign-%lld-refused.csv\"",
			(long long)console_id(c->r));
		http_set_header(c->r, "Content-Disposition", disposition);
		http_reply_buffer(c->r, 200, "text/csv; charset=utf-8", out, HTTP_NO_STORE);
	}
	if (out != NULL)
		evbuffer_free(out);
	desk_free(c);
}

void
console_campaign_refused(struct http_request *r)
{
	desk_person_may(r, ROLE_SEND, give);
}
