/* The page with the phone: fills tests/smsc/page/phone.html. Works for reading and sending without any script. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <event2/buffer.h>
#include "tests/smsc/http.h"
#include "tests/smsc/page_files.h"

enum {
	LIST = 60,
	THREAD = 40,
	DRAFT_MOST = 2000,
	SNIPPET = 22
};

/* What the page says. phone.js reads the same words from the page's data- attributes. */
static const struct {
	const char *key, *zh, *en;
} words[] = {
	{"title", "演示手机 · 回执", "Demo phone · Huizhi"},
	{"brand", "回执", "Huizhi"},
	{"subtitle", "模拟运营商的手机", "a phone on the pretend carrier"},
	{"other_language", "English", "中文"},
	{"other_code", "en", "zh"},
	{"lang", "zh-CN", "en"},
	{"phones", "号码", "Phones"},
	{"search", "查找号码", "Find a number"},
	{"find", "查找", "Find"},
	{"none", "还没有号码收到短信", "No phone has had a text yet"},
	{"no_match", "没有这样的号码", "No such number"},
	{"pick", "请选择一个号码", "Pick a number"},
	{"open_any", "也可以直接输入任意号码", "or enter any number"},
	{"operator", "中国回执", "HUIZHI"},
	{"inbox", "信息", "Messages"},
	{"empty", "没有信息", "No messages"},
	{"write", "写信息", "Write"},
	{"to", "发至", "To"},
	{"send", "发送", "Send"},
	{"back", "返回", "Back"},
	{"clear", "清除", "Clear"},
	{"up", "向上", "Up"},
	{"down", "向下", "Down"},
	{"received", "收到", "Received"},
	{"QUEUED", "发送中", "Sending"},
	{"DELIVRD", "已发送", "Sent"},
	{"REFUSED", "发送失败", "Not sent"},
	{"parts", "条", "parts"},
	{"not_sent", "没有发出：", "Not sent: "},
	{"dial", "拨号", "Call"},
	{"reply", "答复", "Reply"},
	{"cancel", "取消", "Cancel"},
	{"close", "确定", "OK"},
	{"ussd_waiting", "正在连接服务…", "Connecting to the service…"},
	{"ussd_over", "会话已结束", "The session is over"},
	{"keypad", "键盘", "Keypad"},
	{"hint", "可用键盘或按键输入，# 切换 123/abc；*123# 加拨号键可拨服务代码",
		"Type, or press the keys; # switches 123/abc; *123# and the call key dial a service"},
};

struct view {
	struct call *call;
	struct evbuffer *out;
	bool english;
	struct phone *phone;	  /* NULL = none picked */
	char number[NUMBER_ROOM]; /* picked, though it may never have had a text */
	char to[NUMBER_ROOM];
	char draft[DRAFT_MOST + 8];
	char query[NUMBER_ROOM];
	const char *problem; /* why the text was not sent; NULL */
};

static const char *
word(const struct view *v, const char *key)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].key, key) == 0)
			return v->english ? words[i].en : words[i].zh;
	return "";
}

static void
put(struct view *v, const char *s)
{
	evbuffer_add(v->out, s, strlen(s));
}

/* Everything that somebody else wrote goes through here. */
static void
put_escaped(struct view *v, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char *as = s[i] == '&'	? "&amp;"
						 : s[i] == '<'	? "&lt;"
						 : s[i] == '>'	? "&gt;"
						 : s[i] == '"'	? "&quot;"
						 : s[i] == '\'' ? "&#39;"
										: NULL;
		if (as != NULL)
			put(v, as);
		else if ((unsigned char)s[i] < 0x20 && s[i] != '\n')
			put(v, " ");
		else
			evbuffer_add(v->out, s + i, 1);
	}
}

static void
put_text(struct view *v, const char *s)
{
	put_escaped(v, s, strlen(s));
}

/* A plus would read as a space in an address. */
static void
put_number(struct view *v, const char *number)
{
	put(v, number[0] == '+' ? "%2B" : "");
	put_text(v, number[0] == '+' ? number + 1 : number);
}

/* The octets of a web address at s: printable ASCII, without the full stop or bracket that ends the sentence; 0 = none.
 */
static size_t
address_length(const char *s)
{
	size_t scheme = strncmp(s, "https://", 8) == 0 ? 8 : strncmp(s, "http://", 7) == 0 ? 7 : 0, n = scheme;

	if (scheme == 0)
		return 0;
	while (s[n] > 0x20 && s[n] < 0x7F && strchr("<>\"'`\\^{|}", s[n]) == NULL)
		n++;
	while (n > scheme && strchr(".,;:!?)]", s[n - 1]) != NULL)
		n--;
	return n > scheme ? n : 0;
}

/* A text as text, its web addresses to be opened. */
static void
put_body(struct view *v, const char *s)
{
	while (*s != '\0') {
		size_t n = address_length(s);
		if (n > 0) {
			put(v, "<a href=\"");
			put_escaped(v, s, n);
			put(v, "\" target=\"_blank\" rel=\"noopener noreferrer\">");
			put_escaped(v, s, n);
			put(v, "</a>");
			s += n;
			continue;
		}
		const char *next = strstr(s + 1, "http");
		n = next != NULL ? (size_t)(next - s) : strlen(s);
		put_escaped(v, s, n);
		s += n;
	}
}

static void
put_time(struct view *v, int64_t at_us, bool long_form)
{
	time_t t = (time_t)(at_us / 1000000);
	struct tm tm;
	char text[32];

	localtime_r(&t, &tm);
	strftime(text, sizeof(text), long_form ? "%m-%d %H:%M" : "%H:%M", &tm);
	put(v, text);
}

/* The first characters of a text, on one line. */
static void
put_snippet(struct view *v, const char *s)
{
	const char *p = s;
	int n = 0;

	while (*p != '\0' && n < SNIPPET) {
		utf8_next(&p);
		n++;
	}
	for (; s < p; s++)
		put_escaped(v, *s == '\n' ? " " : s, 1);
	put(v, *p != '\0' ? "…" : "");
}

/* The last text that the phone shows. */
static const struct text *
latest(const struct phone *ph)
{
	for (unsigned i = ph->ntexts; i > 0; i--)
		if (text_shows(ph->texts[i - 1]->state))
			return ph->texts[i - 1];
	return NULL;
}

static void
put_list(struct view *v)
{
	const struct phone *ph;
	const char *digits = v->query[0] == '+' ? v->query + 1 : v->query;
	int n = 0;

	TAILQ_FOREACH (ph, phones_by_age(v->call->carrier->phones), by_age) {
		if (n == LIST)
			break;
		if (strstr(ph->number, digits) == NULL)
			continue;
		const struct text *t = latest(ph);
		n++;
		put(v, "<li><a href=\"/?phone=");
		put_number(v, ph->number);
		put(v, v->english ? "&amp;lang=en\"" : "&amp;lang=zh\"");
		put(v, ph == v->phone ? " aria-current=\"true\"" : "");
		put(v, "><span class=\"row\"><b>");
		put_text(v, ph->number);
		put(v, "</b><time>");
		if (t != NULL)
			put_time(v, t->at_us, false);
		put(v, "</time></span><span class=\"snippet\">");
		if (t != NULL) {
			put(v, t->to_phone ? "" : "<i>↩</i> ");
			put_snippet(v, t->body);
		}
		put(v, "</span></a></li>\n");
	}
	if (n > 0)
		return;
	put(v, "<li class=\"none\">");
	put_text(v, word(v, v->query[0] != '\0' ? "no_match" : "none"));
	put(v, "</li>");
}

static void
put_thread(struct view *v)
{
	unsigned first = 0, shown = 0;
	const struct phone *ph = v->phone;

	for (first = ph != NULL ? ph->ntexts : 0; first > 0 && shown < THREAD; first--)
		shown += text_shows(ph->texts[first - 1]->state) ? 1 : 0;
	for (unsigned i = first; ph != NULL && i < ph->ntexts; i++) {
		const struct text *t = ph->texts[i];
		if (!text_shows(t->state))
			continue;
		put(v, t->to_phone				  ? "<li class=\"in\""
			   : t->state == TEXT_REFUSED ? "<li class=\"out bad\""
										  : "<li class=\"out\"");
		evbuffer_add_printf(v->out, " data-n=\"%llu\"><p class=\"body\">", (unsigned long long)t->n);
		put_body(v, t->body);
		put(v, "</p><p class=\"meta\"><b>");
		put_text(v, t->other);
		put(v, "</b> <time>");
		put_time(v, t->at_us, true);
		put(v, "</time> <span>");
		if (!t->to_phone)
			put_text(v, word(v, text_state_name(t->state)));
		if (t->parts > 1) {
			evbuffer_add_printf(v->out, " %d%s", t->parts, v->english ? " " : "");
			put_text(v, word(v, "parts"));
		}
		put(v, "</span></p></li>\n");
	}
	if (shown > 0)
		return;
	put(v, "<li class=\"none\">");
	put_text(v, word(v, v->number[0] != '\0' ? "empty" : "pick"));
	put(v, "</li>");
}

/* The window of a USSD session: what it says, and whether it is there and takes an answer. phone.js does the same. */
static void
put_ussd(struct view *v, const char *key)
{
	const struct ussd *u = v->phone != NULL ? v->phone->ussd : NULL;
	bool open = u != NULL && !(u->state == USSD_OVER && u->put_away);
	bool asks = open && u->state == USSD_MENU, over = open && u->state == USSD_OVER;

	if (strcmp(key, "ussd_version") == 0)
		evbuffer_add_printf(v->out, "%llu", u != NULL ? (unsigned long long)u->version : 0ULL);
	else if (strcmp(key, "ussd_hidden") == 0)
		put(v, open ? "" : " hidden disabled");
	else if (strcmp(key, "ussd_mute") == 0)
		put(v, asks ? "" : " hidden disabled");
	else if (strcmp(key, "ussd_done") == 0)
		put_text(v, word(v, over || (open && u->state == USSD_NOTE) ? "close" : "cancel"));
	else if (open && u->state == USSD_ASKED)
		put_text(v, word(v, "ussd_waiting"));
	else if (over && (u->screen[0] == '\0' || strcmp(u->reason, "ended by the service") != 0))
		put_text(v, word(v, "ussd_over"));
	else if (open)
		put_text(v, u->screen);
}

/* What stands for {{key}} in phone.html: a word, or one of these. */
static void
put_slot(struct view *v, const char *key)
{
	char number[32];

	if (strcmp(key, "list") == 0) {
		put_list(v);
	} else if (strcmp(key, "thread") == 0) {
		put_thread(v);
	} else if (strcmp(key, "number") == 0) {
		put_text(v, v->number);
	} else if (strcmp(key, "code") == 0) {
		put_text(v, v->to);
	} else if (strcmp(key, "draft") == 0) {
		put_text(v, v->draft);
	} else if (strcmp(key, "query") == 0) {
		put_text(v, v->query);
	} else if (strcmp(key, "now") == 0) {
		put_time(v, clock_now_us(), false);
	} else if (strcmp(key, "cursor") == 0) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)phones_cursor(v->call->carrier->phones));
		put(v, number);
	} else if (strcmp(key, "code2") == 0) {
		put(v, v->english ? "en" : "zh");
	} else if (strcmp(key, "picked") == 0) {
		put(v, v->number[0] != '\0' ? "picked" : "unpicked");
	} else if (strcmp(key, "here") == 0) {
		put(v, "/?phone=");
		put_number(v, v->number);
	} else if (strcmp(key, "disabled") == 0) {
		put(v, v->number[0] != '\0' ? "" : " disabled");
	} else if (strcmp(key, "ussd_text") == 0 || strcmp(key, "ussd_version") == 0 || strcmp(key, "ussd_hidden") == 0 ||
			   strcmp(key, "ussd_mute") == 0 || strcmp(key, "ussd_done") == 0) {
		put_ussd(v, key);
	} else if (strcmp(key, "problem") == 0) {
		if (v->problem != NULL) {
			put(v, "<p class=\"problem\" role=\"alert\">");
			put_text(v, word(v, "not_sent"));
			put_text(v, v->problem);
			put(v, "</p>");
		}
	} else {
		put_text(v, word(v, key));
	}
}

static void
fill(struct view *v)
{
	const char *p = page_phone_html;

	for (const char *open; (open = strstr(p, "{{")) != NULL;) {
		char key[32];
		const char *close = strstr(open, "}}");
		if (close == NULL || (size_t)(close - open - 2) >= sizeof(key))
			break;
		evbuffer_add(v->out, p, (size_t)(open - p));
		memcpy(key, open + 2, (size_t)(close - open - 2));
		key[close - open - 2] = '\0';
		put_slot(v, key);
		p = close + 2;
	}
	put(v, p);
}

/* The form's text with what a key adds to it, for those without script. */
static void
read_draft(struct view *v, const char *text, const char *key)
{
	size_t len = strnlen(text, DRAFT_MOST);

	if (!utf8_valid(text) || len == DRAFT_MOST)
		return;
	memcpy(v->draft, text, len + 1);
	if (strcmp(key, "C") == 0) {
		while (len > 0 && ((unsigned char)v->draft[len - 1] & 0xC0) == 0x80)
			len--;
		v->draft[len > 0 ? len - 1 : 0] = '\0';
	} else if (key[0] != '\0' && key[1] == '\0' && strchr("0123456789*#", key[0]) != NULL) {
		v->draft[len] = key[0];
		v->draft[len + 1] = '\0';
	}
}

static void
show(struct call *c, const struct evkeyvalq *form, const char *problem, int code)
{
	struct view v = {.call = c, .out = evbuffer_new(), .problem = problem};
	const struct evkeyvalq *q = form != NULL ? form : &c->query;
	const char *phone = evhttp_find_header(q, "phone"), *text = evhttp_find_header(q, "text"),
			   *key = evhttp_find_header(q, "key"), *find = evhttp_find_header(q, "q"),
			   *to = evhttp_find_header(q, "to"), *lang = evhttp_find_header(q, "lang"),
			   *accept = evhttp_find_header(evhttp_request_get_input_headers(c->request), "Accept-Language");

	if (v.out == NULL) {
		evhttp_send_error(c->request, 500, NULL);
		return;
	}
	v.english = lang != NULL ? strcmp(lang, "en") == 0 : accept != NULL && strncmp(accept, "en", 2) == 0;
	if (phone != NULL && number_normalise(phone[0] == ' ' ? phone + 1 : phone, v.number) == 0)
		v.phone = phones_find(c->carrier->phones, v.number);
	if (find != NULL && (find[0] == ' ' ? find[1] : find[0]) != '\0' &&
		number_normalise(find[0] == ' ' ? find + 1 : find, v.query) != 0)
		snprintf(v.query, sizeof(v.query), "?");
	if (to != NULL && number_normalise(to, v.to) == 0 && v.to[0] == '+')
		memmove(v.to, v.to + 1, strlen(v.to));
	if (v.to[0] == '\0' && v.phone != NULL)
		memcpy(v.to, v.phone->code, sizeof(v.to));
	read_draft(&v, text != NULL ? text : "", key != NULL ? key : "");
	fill(&v);
	http_reply(c->request, code, "text/html; charset=utf-8", v.out);
	evbuffer_free(v.out);
}

void
page_show(struct call *c)
{
	show(c, NULL, NULL, 200);
}

/* What the page's form asks for; why it cannot be done, or NULL. */
typedef const char *(*act_fn)(struct carrier *c, struct phone *ph, const struct evkeyvalq *form);

static const char *
value(const struct evkeyvalq *form, const char *key)
{
	const char *v = evhttp_find_header(form, key);

	return v != NULL ? v : "";
}

static const char *
act_send(struct carrier *c, struct phone *ph, const struct evkeyvalq *form)
{
	const char *why = "the text is empty";

	if (value(form, "text")[0] != '\0' &&
		mobile_send(c, ph, value(form, "to"), value(form, "text"), "auto", CONCAT_UDH8, &why) != NULL)
		why = NULL;
	return why;
}

/* The call key: a code is dialled; any other text is sent. */
static const char *
act_dial(struct carrier *c, struct phone *ph, const struct evkeyvalq *form)
{
	const char *why;

	if (!ussd_is_code(value(form, "text")))
		return act_send(c, ph, form);
	return ussd_dial(c, ph, value(form, "text"), "", &why) != NULL ? NULL : why;
}

/* The window's keys. A notification is confirmed by closing it. */
static const char *
act_ussd(struct carrier *c, struct phone *ph, const struct evkeyvalq *form)
{
	const char *why;
	bool note = ph->ussd != NULL && ph->ussd->state == USSD_NOTE;
	int rc = strcmp(value(form, "do"), "answer") == 0 || note ? ussd_answer(c, ph, value(form, "reply"), &why)
															  : ussd_end(c, ph, USSD_HUNG_UP, &why);

	if (rc == 0 && note)
		ussd_end(c, ph, USSD_HUNG_UP, &why);
	return rc == 0 ? NULL : why;
}

static void
act(struct call *c, act_fn fn)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(c->request);
	size_t len = evbuffer_get_length(in);
	char *body = calloc(1, len + 1), number[NUMBER_ROOM], place[80];
	struct evkeyvalq form;
	const char *why = NULL;

	if (body != NULL)
		evbuffer_copyout(in, body, len);
	if (body == NULL || evhttp_parse_query_str(body, &form) != 0) {
		http_reply_error(c->request, 400, "the form cannot be read");
		free(body);
		return;
	}
	free(body);
	const char *phone = value(&form, "phone");
	struct phone *ph = NULL;
	if (number_normalise(phone[0] == ' ' ? phone + 1 : phone, number) != 0)
		why = "that is no phone number";
	else if ((ph = phones_get(c->carrier->phones, number)) == NULL)
		why = "there are too many phones";
	else
		why = fn(c->carrier, ph, &form);
	if (why != NULL) {
		show(c, &form, why, 400);
	} else {
		snprintf(place, sizeof(place), "/?phone=%s%s&lang=%s", number[0] == '+' ? "%2B" : "",
			number[0] == '+' ? number + 1 : number, strcmp(value(&form, "lang"), "en") == 0 ? "en" : "zh");
		evhttp_add_header(evhttp_request_get_output_headers(c->request), "Location", place);
		http_reply(c->request, 303, "text/plain", NULL);
	}
	evhttp_clear_headers(&form);
}

void
page_send(struct call *c)
{
	act(c, act_send);
}

void
page_dial(struct call *c)
{
	act(c, act_dial);
}

void
page_ussd(struct call *c)
{
	act(c, act_ussd);
}

void
page_file(struct call *c)
{
	static const struct {
		const char *path, *type, *text;
	} files[] = {
		{"/phone.css", "text/css; charset=utf-8", page_phone_css},
		{"/phone.js", "text/javascript; charset=utf-8", page_phone_js},
		{"/favicon.svg", "image/svg+xml", page_favicon_svg},
	};
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(c->request));

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct evbuffer *out = strcmp(path, files[i].path) == 0 ? evbuffer_new() : NULL;
		if (out == NULL)
			continue;
		evbuffer_add(out, files[i].text, strlen(files[i].text));
		http_reply(c->request, 200, files[i].type, out);
		evbuffer_free(out);
		return;
	}
	http_reply_error(c->request, 404, "there is nothing here");
}
