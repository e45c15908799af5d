/* The catalogue of items, and what is looked up in a configuration, read beside it, or compared with another. */
#include "gateway/conf_json.h"
#include "tests/unit/gateway/conf_help.h"

/* Every row of the catalogue that the project was given is defined, under the same Chinese name and trigger. */
static void
test_catalogue_is_complete(void **state)
{
	(void)state;
	struct conf *c = conf_load("conf/minimal.conf", stderr);
	assert_non_null(c);
	FILE *in = fopen("tests/unit/gateway/items.csv", "r");
	assert_non_null(in);
	char line[1024];
	size_t rows = 0;
	assert_non_null(fgets(line, sizeof line, in));
	while (fgets(line, sizeof line, in) != NULL) {
		char *field[5] = {line};
		for (int i = 1; i < 5; i++) {
			field[i] = strchr(field[i - 1], ',');
			assert_non_null(field[i]);
			*field[i]++ = '\0';
		}
		field[4][strcspn(field[4], "\r\n")] = '\0';
		const struct conf_item *found = NULL;
		for (size_t i = 0; i < c->nitems; i++) {
			if (strcmp(c->items[i].code, field[0]) == 0 && strcmp(c->items[i].service, field[1]) == 0)
				found = &c->items[i];
		}
		if (found == NULL)
			fail_msg("%s of %s is not in conf/items", field[0], field[1]);
		assert_string_equal(found->name_zh, field[3]);
		assert_string_equal(found->trigger, field[4]);
		assert_in_range(strlen(found->name_en), 10, 36); /* what a text has room for */
		assert_string_equal(found->dialog, strcmp(found->service, "qingdao") == 0  ? "verified_first"
										   : strcmp(found->trigger, "pledge") == 0 ? "pledge"
																				   : "renewal");
		assert_int_equal(found->nlanguages, 2);
		rows++;
	}
	fclose(in);
	assert_int_equal(rows, c->nitems);
	assert_int_equal(rows, 28);
	conf_free(c);
}

static void
test_named_bureau_wins_over_any(void **state)
{
	(void)state;
	const char *faults;
	struct conf *c = load(LINK BUREAU
		"}\n"
		"bureau \"wenchang\" { id = 2 name = \"n\" signature = \"s\" short_code = \"10690002\" links = {\"east\"}\n"
		"items = {\"food-business-renewal\"} }",
		&faults);
	assert_string_equal(faults, "");
	const struct conf_bureau *wendeng = conf_bureau_by_code(c, "wendeng"), *wenchang = conf_bureau_by_id(c, 2);
	assert_string_equal(conf_item_for(c, wendeng, "food-business-renewal")->name_zh, "食品经营许可证延续");
	assert_string_equal(conf_item_for(c, wenchang, "food-business-renewal")->name_zh, "食品经营许可延续");
	assert_non_null(conf_item_for(c, wendeng, "nurse-registration-renewal"));
	assert_null(conf_item_for(c, wenchang, "nurse-registration-renewal"));
	assert_null(conf_item_for(c, wendeng, "no-such-item"));
	conf_free(c);
}

static void
test_bureau_of_a_dialled_code(void **state)
{
	(void)state;
	const char *faults;
	struct conf *c = load(LINK "link \"west\" { hosts = {\"h:1\"} system_id = \"x\" password = \"\" }\n" BUREAU
							   "ussd_code = \"*123#\" }\n"
							   "bureau \"b\" { id = 2 name = \"n\" signature = \"s\" short_code = \"2\" links = "
							   "{\"east\"} ussd_code = \"*123*45#\" }\n"
							   "bureau \"c\" { id = 3 name = \"n\" signature = \"s\" short_code = \"3\" links = "
							   "{\"west\"} ussd_code = \"*123#\" }\n",
		&faults);
	assert_string_equal(faults, "");
	assert_int_equal(conf_bureau_by_ussd(c, "east", "*123#")->id, 1);
	assert_int_equal(conf_bureau_by_ussd(c, "east", "123")->id, 1);
	assert_int_equal(conf_bureau_by_ussd(c, "east", "*123*1#")->id, 1);
	assert_int_equal(conf_bureau_by_ussd(c, "east", "*123*45#")->id, 2);
	assert_int_equal(conf_bureau_by_ussd(c, "east", "*123*45*7#")->id, 2);
	assert_int_equal(conf_bureau_by_ussd(c, "east", "*123*456#")->id, 1);
	assert_int_equal(conf_bureau_by_ussd(c, "west", "*123*45#")->id, 3);
	assert_null(conf_bureau_by_ussd(c, "east", "*1234#"));
	assert_null(conf_bureau_by_ussd(c, "east", "*12#"));
	assert_null(conf_bureau_by_ussd(c, "east", ""));
	assert_null(conf_bureau_by_ussd(c, "north", "*123#"));
	conf_free(c);
}

static void
test_item_faults(void **state)
{
	(void)state;
	static const struct {
		const char *items, *fault;
	} cases[] = {
		{ITEM("a", "") ITEM("b", "dialogue = \"x\""), "a.conf:4: unknown key dialogue; did you mean dialog"},
		{ITEM("a", "identity = {\"ussd\"}"), "a.conf:1: item \"a\": identity must name page first"},
		{ITEM("a", "trigger = \"moon\""), "a.conf:2: trigger is given a second time, first in line 1"},
		{"item \"a\" { name_zh = \"z\" trigger = \"moon\" }",
			"a.conf:1: item \"a\": trigger = \"moon\": must be expiry, change, pledge or automatic"},
		{"item \"a\" { name_zh = \"z\" trigger = \"moon\" }", "a.conf:1: item \"a\": name_en is missing"},
		{ITEM("a", "reminder_days = {7, 30}"), "a.conf:1: item \"a\": reminder_days must fall: 30 comes after 7"},
		{ITEM("a", "reminder_days = {91}"), "a.conf:1: item \"a\": reminder_days 91 lies outside the window"},
		{ITEM("a", "reminder_days = {}"), "a.conf:1: item \"a\": reminder_days is empty"},
		{ITEM("a", "reminder_days = {30, \"x\"}"),
			"a.conf:2: item \"a\": reminder_days = \"x\": must be a whole number"},
		{ITEM("a", "approval = \"coin\""), "approval = \"coin\": must be clerk, rule or pledge"},
		{ITEM("a", "delivery = {\"owl\"}"), "delivery = \"owl\": must be pick_up or courier"},
		{ITEM("A b", ""), "a code is made of small letters, digits and hyphens"},
		{"", "no item in this folder"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char items[300], path[300], text[1024];
		snprintf(items, sizeof items, "%s/items", folder);
		snprintf(path, sizeof path, "%s/items/a.conf", folder);
		assert_int_equal(mkdir(items, 0700), 0);
		write_conf("items/a.conf", cases[i].items);
		/* The folder is looked for beside the configuration. */
		snprintf(text, sizeof text, "items = \"items\"\n%s", LINK BUREAU "}");
		assert_fault(text, cases[i].fault);
		unlink(path);
		rmdir(items);
	}
}

static void
test_item_defined_twice(void **state)
{
	(void)state;
	char items[300], a[300], b[300];
	snprintf(items, sizeof items, "%s/items", folder);
	snprintf(a, sizeof a, "%s/items/a.conf", folder);
	snprintf(b, sizeof b, "%s/items/b.conf", folder);
	assert_int_equal(mkdir(items, 0700), 0);
	write_conf("items/a.conf", ITEM("one", "") ITEM("two", "bureaus = {\"x\", \"y\"}"));
	write_conf("items/b.conf", ITEM("three", "") ITEM("one", "") ITEM("two", "bureaus = {\"y\"}"));
	const char *faults;
	assert_null(load("items = \"items\"\n" LINK BUREAU "}", &faults));
	assert_non_null(strstr(faults, "items/b.conf:3: item \"one\" is defined in"));
	assert_non_null(strstr(faults, "items/b.conf:5: item \"two\" is defined in"));
	write_conf("items/b.conf", ITEM("three", "") ITEM("one", "bureaus = {\"wendeng\"}") ITEM("two", ""));
	struct conf *c = load("items = \"items\"\n" LINK BUREAU "}", &faults);
	assert_string_equal(faults, "");
	assert_string_equal(conf_item_for(c, &c->bureaus[0], "one")->service, "b");
	conf_free(c);
	unlink(a);
	unlink(b);
	rmdir(items);
}

static void
test_bureau_by_address(void **state)
{
	(void)state;
	const char *faults;
	struct conf *c = load(LINK
		"link \"west\" { hosts = {\"h:1\"} system_id = \"x\" password = \"\" }\n" BUREAU "}\n"
		"bureau \"b\" { id = 2 name = \"n\" signature = \"s\" short_code = \"1069000122\" links = {\"east\"} }\n"
		"bureau \"c\" { id = 3 name = \"n\" signature = \"s\" short_code = \"10690001\" links = {\"west\"} }\n"
		"bureau \"d\" { id = 4 name = \"n\" signature = \"s\" short_code = \"1069\" links = {\"east\"} }\n",
		&faults);
	assert_string_equal(faults, "");
	assert_int_equal(conf_bureau_by_address(c, "east", "10690001")->id, 1);
	assert_int_equal(conf_bureau_by_address(c, "east", "+10690001")->id, 1);
	assert_int_equal(conf_bureau_by_address(c, "east", "1069000199")->id, 1);
	assert_int_equal(conf_bureau_by_address(c, "east", "1069000122")->id, 2);
	assert_int_equal(conf_bureau_by_address(c, "east", "10690001225")->id, 2);
	assert_int_equal(conf_bureau_by_address(c, "west", "1069000122")->id, 3);
	assert_int_equal(conf_bureau_by_address(c, "east", "1069000")->id, 4);
	assert_null(conf_bureau_by_address(c, "west", "1069000"));
	assert_null(conf_bureau_by_address(c, "north", "10690001"));
	assert_null(conf_bureau_by_address(c, "east", ""));
	assert_null(conf_bureau_by_ussd(c, "east", "*123#"));
	assert_non_null(conf_link_by_name(c, "west"));
	assert_null(conf_link_by_name(c, "north"));
	assert_null(conf_bureau_by_id(c, 5));
	assert_null(conf_bureau_by_code(c, ""));
	conf_free(c);
}

static void
test_password_file(void **state)
{
	(void)state;
	const char *faults;
	const char *text = "link \"east\" { hosts = {\"h:1\"} system_id = \"x\"\npassword_file = \"pw\" }\n" BUREAU "}";
	char path[300];
	snprintf(path, sizeof path, "%s/pw", folder);
	write_conf("pw", "s3cret\n");
	struct conf *c = load(text, &faults);
	assert_string_equal(faults, "");
	assert_string_equal(c->links[0].password, "s3cret");
	char *printed = NULL;
	size_t len;
	FILE *out = open_memstream(&printed, &len);
	conf_print(c, out);
	fclose(out);
	assert_null(strstr(printed, "s3cret"));
	free(printed);
	json_t *json = conf_json(c);
	printed = json_dumps(json, 0);
	assert_non_null(strstr(printed, "password_file"));
	assert_null(strstr(printed, "s3cret"));
	free(printed);
	json_decref(json);
	conf_free(c);
	chmod(path, 0644);
	assert_fault(text, "t.conf:2: link \"east\": others may read password_file");
	unlink(path);
}

static void
test_reload_check(void **state)
{
	(void)state;
	const char *faults;
	struct conf *now = load(LINK BUREAU "}", &faults), *same = load(LINK BUREAU "}", &faults);
	struct conf *live = load("log_level = \"debug\"\n" LINK BUREAU "}", &faults);
	struct conf *hard =
		load("database = \"x\"\nlink \"west\" { hosts = {\"h:2\"} system_id = \"x\" password = \"y\" }\n"
			 "bureau \"wendeng\" { id = 1 name = \"n\" signature = \"s\" short_code = \"1\" links = {\"west\"} }\n"
			 "bureau \"new\" { id = 8 name = \"n\" signature = \"s\" short_code = \"2\" links = {\"west\"} }",
			&faults);
	char told[1024] = "";
	FILE *err = fmemopen(told, sizeof told - 1, "w");
	assert_int_equal(conf_reload_check(now, same, err), 0);
	assert_int_equal(conf_reload_check(now, live, err), 0);
	assert_int_equal(conf_reload_check(now, hard, err), 6);
	fclose(err);
	assert_string_equal(told,
		"database: a change needs a restart\nlink east is gone: that needs a restart\n"
		"link west is new: that needs a restart\nbureau wendeng short_code: a change needs a restart\n"
		"bureau wendeng links: a change needs a restart\nbureau new is new: that needs a restart\n");

	/* An item of another dialog needs a restart; another window is taken over in place. */
	char items[300], path[300];
	snprintf(items, sizeof items, "%s/items", folder);
	snprintf(path, sizeof path, "%s/items/a.conf", folder);
	assert_int_equal(mkdir(items, 0700), 0);
	const char *text = "items = \"items\"\n" LINK BUREAU "}";
	write_conf("items/a.conf", ITEM("a", ""));
	struct conf *one = load(text, &faults);
	write_conf("items/a.conf", ITEM("a", "window_before = 60 dialog = \"change\""));
	struct conf *two = load(text, &faults);
	memset(told, 0, sizeof told);
	err = fmemopen(told, sizeof told - 1, "w");
	assert_int_equal(conf_reload_check(one, two, err), 1);
	fclose(err);
	assert_string_equal(told, "item a dialog: a change needs a restart\n");
	const struct conf_bureau *bureau = &one->bureaus[0];
	conf_adopt(one, two);
	assert_ptr_equal(bureau, &one->bureaus[0]);
	assert_int_equal(one->items[0].window_before, 60);
	assert_string_equal(one->items[0].dialog, "renewal");
	conf_free(one); /* two goes with it */
	unlink(path);
	rmdir(items);
	conf_free(now);
	conf_free(same);
	conf_free(live);
	conf_free(hard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalogue_is_complete),
		cmocka_unit_test(test_named_bureau_wins_over_any),
		cmocka_unit_test(test_bureau_of_a_dialled_code),
		cmocka_unit_test(test_item_faults),
		cmocka_unit_test(test_item_defined_twice),
		cmocka_unit_test(test_bureau_by_address),
		cmocka_unit_test(test_password_file),
		cmocka_unit_test(test_reload_check),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
