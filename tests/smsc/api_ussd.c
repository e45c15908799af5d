/* The control API of USSD: a phone dials, answers, hangs up; its screen, and waiting for what comes next on it. */
#include <stdio.h>
#include <string.h>
#include "tests/smsc/http.h"

json_t *
api_ussd_json(const struct phone *ph, const char *number)
{
	const struct ussd *u = ph != NULL ? ph->ussd : NULL;
	char info[8];

	if (u == NULL)
		return json_pack("{s:s, s:s, s:I}", "phone", number, "state", "none", "version", (json_int_t)0);
	snprintf(info, sizeof(info), "%04x", u->number);
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:i, s:i, s:s}", "phone", ph->number, "state",
		ussd_state_name(u->state), "version", (json_int_t)u->version, "code", u->code, "service", u->service, "text",
		u->screen, "reason", u->reason, "profile", u->way->name, "pushed", u->pushed, "put_away", u->put_away,
		"screens", (int)u->screens, "length", (int)utf8_count(u->screen), "session",
		u->way->by == USSD_BY_ID ? u->id : info);
}

static void
show(struct call *c, struct phone *ph, const char *why)
{
	if (why != NULL)
		http_reply_error(c->request, 400, "%s", why);
	else
		http_reply_json(c->request, 200, api_ussd_json(ph, c->number));
}

/* A text of the object; "" when absent, NULL after answering 400. */
static const char *
text_of(struct call *c, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	const char *text = v == NULL ? "" : json_string_value(v);

	if (text == NULL)
		http_reply_error(c->request, 400, "%s is a text", key);
	return text;
}

/* POST /phones/+86138.../dial {"code": "*123#", "to": "123"} */
void
api_ussd_dial(struct call *c)
{
	json_t *o = http_body_json(c);
	const char *code = o != NULL ? text_of(c, o, "code") : NULL, *to = code != NULL ? text_of(c, o, "to") : NULL;
	const char *why = "there are too many phones";

	if (to != NULL) {
		struct phone *ph = strlen(to) < NUMBER_ROOM ? phones_get(c->carrier->phones, c->number) : NULL;
		show(c, ph, ph != NULL && ussd_dial(c->carrier, ph, code, to, &why) != NULL ? NULL : why);
	}
	json_decref(o);
}

/* POST /phones/+86138.../answer {"text": "1"} : to the menu that is shown; confirms a notification. */
void
api_ussd_answer(struct call *c)
{
	json_t *o = http_body_json(c);
	const char *text = o != NULL ? text_of(c, o, "text") : NULL;
	const char *why = "no menu is shown on this phone";

	if (text != NULL) {
		struct phone *ph = phones_find(c->carrier->phones, c->number);
		show(c, ph, ph != NULL && ussd_answer(c->carrier, ph, text, &why) == 0 ? NULL : why);
	}
	json_decref(o);
}

/* POST /phones/+86138.../hangup {"how": "hang-up"} : or fail, reject: then the network ends it. */
void
api_ussd_hangup(struct call *c)
{
	static const char *const ways[] = {"hang-up", "fail", "reject"};
	json_t *o = http_body_json(c);
	const char *how = o != NULL ? text_of(c, o, "how") : NULL;
	const char *why = "no session is open on this phone";
	int over = 0;

	if (how != NULL) {
		while (over < USSD_OVERS && how[0] != '\0' && strcmp(how, ways[over]) != 0)
			over++;
		struct phone *ph = over < USSD_OVERS ? phones_find(c->carrier->phones, c->number) : NULL;
		if (over == USSD_OVERS)
			why = "how is one of hang-up, fail, reject";
		show(c, ph, ph != NULL && ussd_end(c->carrier, ph, (enum ussd_over)over, &why) == 0 ? NULL : why);
	}
	json_decref(o);
}
