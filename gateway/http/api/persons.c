/*
 * Everything that is kept of one person, for the bureau's own answer to them. The program `huizhi person export` makes
 * it, and notes in the trail who got it. Phone and number come in the body and go on by its standard input: they stand
 * in no log and in no list of processes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include "gateway/command.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/api/api.h"
#include "gateway/log.h"

static void
on_done(void *arg, int code, struct evbuffer *out, struct evbuffer *err)
{
	struct desk_call *c = arg;

	(void)evbuffer_add(out, "", 1);
	(void)evbuffer_add(err, "", 1);
	const char *text = (const char *)evbuffer_pullup(out, -1), *why = (const char *)evbuffer_pullup(err, -1);
	json_t *person = code == 0 && text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
	if (person != NULL) {
		api_answer(c, 200, person);
	} else if (code == 1 && why != NULL && strstr(why, "nothing is kept of") != NULL) {
		api_refuse(c, "not-found", NULL, "Nothing is kept of this person at this bureau.");
	} else if (code == 1 && why != NULL && strstr(why, "is neither a telephone number") != NULL) {
		api_refuse(c, "invalid-field",
			json_object_get(json_object_get(c->data, "body"), "phone") ? "phone" : "id_number",
			"This is neither a telephone number nor an identity number.");
	} else {
		/* What was said may name the person; the exit code is enough. */
		log_warn("%s could not export a person: code=%d", c->actor, code);
		api_unavailable(c);
	}
}

void
api_person_export(struct desk_call *c)
{
	static const char *const names[] = {"s:phone", "s:id_number", NULL};
	const char *phone, *number;
	char line[120];

	if (!api_body_check(c, names))
		return;
	phone = api_text(c, "phone");
	number = api_text(c, "id_number");
	if ((phone == NULL) == (number == NULL)) {
		api_refuse(c, "invalid-field", phone != NULL ? "id_number" : "phone", "Give phone or id_number, one of them.");
		return;
	}
	const char *word = phone != NULL ? phone : number;
	if (strlen(word) >= sizeof(line) - 1 || strpbrk(word, "\r\n") != NULL) {
		api_refuse(
			c, "invalid-field", phone != NULL ? "phone" : "id_number", "It has at most 100 characters, in one line.");
		return;
	}
	snprintf(line, sizeof(line), "%s\n", word);
	const char *const args[] = {"person", "export", "-", "--bureau", c->bureau->code, "--staff", c->actor, NULL};
	if (command_run(c->r->g, args, line, strlen(line), on_done, c) != 0)
		api_unavailable(c);
}
