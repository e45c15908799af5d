/*
 * Fuzz target of what a request carries beside a JSON body: form fields and queries, cookies, forwarded addresses,
 * paths, cursors, telephone numbers and short codes with digits. The first line is a header or an address, the rest a
 * form.
 *
 * links: gateway/http/form.c gateway/http/router.c gateway/http/api/cursor.c gateway/phone.c gateway/suffix.c
 * links: gateway/conf_find.c dialog/utf8.c
 */

#include "dialog/utf8.h"
#include "gateway/conf.h"
#include "gateway/http/api/cursor.h"
#include "gateway/http/form.h"
#include "gateway/http/router.h"
#include "gateway/suffix.h"
#include "tests/fuzz/fuzz.h"

/* Of dialog/substitute.h; nothing here has substitutions. */
unsigned substitute_by_name(const char *name);
unsigned
substitute_by_name(const char *name)
{
	(void)name;
	return 0;
}

/* UTF-8 without control characters but newline and tab. */
static bool
clean(const char *text)
{
	for (size_t i = 0, len = strlen(text); i < len;) {
		uint32_t cp;
		bool bad;

		i += utf8_decode(text + i, len - i, &cp, &bad);
		if (bad || (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7f && cp < 0xa0))
			return false;
	}
	return true;
}

static void
check_form(const char *data, size_t size)
{
	struct form form;
	char out[64];

	if (form_parse(&form, data, size) != 0) {
		must(form.count == 0 && form.store == NULL);
		return;
	}
	must(form.count <= FORM_FIELDS_MAX);
	for (size_t i = 0; i < form.count; i++) {
		const char *value = form.fields[i].value;
		must(clean(form.fields[i].name) && clean(value));
		must(form_get(&form, form.fields[i].name) != NULL);
		int len = form_trim(value, out, sizeof(out));
		must(len < 0 || ((size_t)len == strlen(out) && strstr(value, out) != NULL));
		must(len <= 0 || (out[0] != ' ' && out[len - 1] != ' ' && out[0] != '\n' && out[len - 1] != '\n'));
	}
	form_free(&form);
}

static void
check_header(const char *line)
{
	char out[40];

	if (form_cookie(line, "hzs", out, sizeof(out)) == 0)
		must(strchr(out, ';') == NULL && strstr(line, out) != NULL);
	for (int proxies = 0; proxies < 4; proxies++)
		if (form_forwarded(line, proxies, out, sizeof(out)) == 0)
			must(proxies > 0 && out[0] != '\0' && strchr(out, ',') == NULL && strstr(line, out) != NULL);
}

static void
check_path(const char *line)
{
	static const struct route routes[] = {{ROUTER_GET, "/", NULL}, {ROUTER_GET, "/r/:", NULL},
		{ROUTER_GET, "/r/:/qr.svg", NULL}, {ROUTER_GET, "/dialogs/:/texts/:", NULL}};
	struct router_params params;
	const struct route *r = router_match(routes, sizeof(routes) / sizeof(routes[0]), line, &params);

	must(r != NULL || params.count == 0);
	for (size_t i = 0; i < params.count; i++)
		must(params.values[i][0] != '\0' && strlen(params.values[i]) <= ROUTER_PARAM_MAX &&
			 strchr(params.values[i], '/') == NULL);
}

/* A cursor that is taken says its key again; one that was made is always taken, by its own list alone. */
static void
check_cursor(const char *line, const char *data, size_t size)
{
	char key[40], made[CURSOR_ROOM], other[CURSOR_ROOM];

	if (cursor_read(line, "messages", key, sizeof(key)) == 0) {
		must(key[0] != '\0' && strspn(key + (key[0] == '+'), "0123456789") == strlen(key + (key[0] == '+')));
		cursor_make("messages", key, made);
		must(cursor_read(made, "messages", other, sizeof(other)) == 0 && strcmp(key, other) == 0);
		must(cursor_read(made, "message", other, sizeof(other)) != 0);
	}
	char number[19] = "";
	for (size_t i = 0; i < size && i < 18; i++)
		number[i] = (char)('0' + (unsigned char)data[i] % 10);
	if (number[0] == '\0')
		return;
	cursor_make("applications", number, made);
	must(cursor_read(made, "applications", other, sizeof(other)) == 0 && strcmp(number, other) == 0);
}

static void
check_number(const char *line)
{
	static const char *links[] = {"east"};
	static struct conf_link link = {.name = "east", .suffix_digits = 5};
	static struct conf_bureau bureaus[] = {
		{.code = "a", .id = 1, .country = "86", .short_code = "10690001", .links = links, .nlinks = 1},
		{.code = "b", .id = 2, .country = "44", .short_code = "10690001", .links = links, .nlinks = 1},
		{.code = "c", .id = 3, .country = "", .short_code = "1069", .links = links, .nlinks = 1}};
	static struct conf conf = {.bureaus = bureaus, .nbureaus = 3, .links = &link, .nlinks = 1};
	int64_t named = -1;
	char phone[20];

	for (size_t i = 0; i < 3; i++) {
		bool mobile;
		if (conf_phone_normalise(&bureaus[i], line, phone, sizeof(phone), &mobile) != 0)
			continue;
		size_t digits = strspn(phone + 1, "0123456789");
		must(phone[0] == '+' && digits >= 8 && digits <= 15 && phone[1 + digits] == '\0');
	}
	const struct conf_bureau *b = suffix_bureau(&conf, "east", line, &named);
	must(named >= 0 && (b != NULL || named == 0));
	if (b != NULL && named > 0) {
		/* The conversation that the digits name leads back to the same bureau. */
		char address[SUFFIX_ADDRESS_MAX];
		int64_t again, modulus = suffix_modulus(&conf, b);
		if (named > modulus)
			return;
		suffix_address(&conf, b, &link, named - 1 + modulus, address);
		must(suffix_bureau(&conf, "east", address, &again) == b && again == named);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *eol = size ? memchr(data, '\n', size) : NULL;
	size_t len = eol ? (size_t)(eol - data) : size;
	char *line = malloc(len + 1), *rest = malloc(size - len + 1);

	must(line != NULL && rest != NULL);
	memcpy(line, data, len);
	line[len] = '\0';
	size_t more = eol ? size - len - 1 : 0;
	memcpy(rest, eol ? eol + 1 : data, more);
	check_form(rest, more);
	check_header(line);
	check_path(line);
	check_cursor(line, rest, more);
	check_number(line);
	free(line);
	free(rest);
	return 0;
}
