/* Parameters and array literals as a real PostgreSQL reads them, and the turning of host lists. */
#include "tests/store/pg_told.h"

static void
params_survive_the_server(void **state)
{
	struct pg_params *p = pg_params_new();
	const char *values[12];
	const char *odd = "a\"b\\c{d},e 中文 NULL";
	size_t len;
	PGresult *res;

	(void)state;
	pg_param_text(p, odd);
	pg_param_text(p, NULL);
	pg_param_int(p, INT64_MIN);
	pg_param_bytes(p, "\0\xff\\x", 4);
	pg_param_time(p, -1);
	pg_param_time(p, INT64_MIN);
	pg_array_begin(p);
	pg_array_text(p, odd);
	pg_array_text(p, "");
	pg_array_text(p, NULL);
	pg_array_text(p, "NULL");
	pg_array_text(p, "two\nlines ");
	pg_array_end(p);
	pg_array_begin(p);
	pg_array_end(p);
	pg_array_begin(p);
	pg_array_bytes(p, "\0\xff", 2);
	pg_array_bytes(p, "", 0);
	pg_array_bytes(p, NULL, 0);
	pg_array_end(p);
	pg_array_begin(p);
	pg_array_time(p, 1763752440123456);
	pg_array_time(p, INT64_MIN);
	pg_array_time(p, INT64_MAX);
	pg_array_end(p);
	pg_array_begin(p);
	pg_array_bool(p, true);
	pg_array_bool(p, false);
	pg_array_int(p, -7);
	pg_array_end(p);
	pg_param_bool(p, true);
	assert_int_equal(pg_params_count(p), 12);
	for (int i = 0; i < 12; i++)
		values[i] = pg_params_value(p, i, &len);
	res = PQexecParams(side,
		"SELECT $1::text, $2::text IS NULL, $3::bigint, encode($4::bytea, 'hex'), extract(epoch FROM $5::timestamptz) "
		"* 1000000, "
		"$6::timestamptz IS NULL, ($7::text[])[1] = $1::text AND ($7::text[])[2] = '' AND ($7::text[])[3] IS NULL "
		"AND ($7::text[])[4] = 'NULL' AND ($7::text[])[5] = E'two\\nlines ' AND cardinality($7::text[]) = 5, "
		"cardinality($8::bigint[]), encode(($9::bytea[])[1], 'hex') || length(($9::bytea[])[2]) || (($9::bytea[])[3] "
		"IS NULL), "
		"extract(epoch FROM ($10::timestamptz[])[1])::numeric * 1000000 || '/' || (($10::timestamptz[])[2] IS NULL) || "
		"(($10::timestamptz[])[3] = 'infinity'), $11::text, $12::bool",
		12, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s", PQerrorMessage(side));
	assert_string_equal(PQgetvalue(res, 0, 0), odd);
	assert_string_equal(PQgetvalue(res, 0, 1), "t");
	assert_string_equal(PQgetvalue(res, 0, 2), "-9223372036854775808");
	assert_string_equal(PQgetvalue(res, 0, 3), "00ff5c78");
	assert_string_equal(PQgetvalue(res, 0, 4), "-1.000000");
	assert_string_equal(PQgetvalue(res, 0, 5), "t");
	assert_string_equal(PQgetvalue(res, 0, 6), "t");
	assert_string_equal(PQgetvalue(res, 0, 7), "0");
	assert_string_equal(PQgetvalue(res, 0, 8), "00ff0true");
	assert_string_equal(PQgetvalue(res, 0, 9), "1763752440123456.000000/truetrue");
	assert_string_equal(PQgetvalue(res, 0, 10), "{t,f,-7}");
	assert_string_equal(PQgetvalue(res, 0, 11), "t");
	PQclear(res);
	/* After a reset the same object serves the next statement. */
	pg_params_reset(p);
	assert_int_equal(pg_params_count(p), 0);
	pg_param_text(p, "");
	assert_string_equal(pg_params_value(p, 0, &len), "");
	pg_params_free(p);
}

/* The server reads the list in both forms, by the type that the statement names; are they the same to it? */
static void
both_forms_are_one(struct pg_params *p, const char *type)
{
	char sql[200], out[1000];
	const char *values[2];
	int lengths[2] = {0}, formats[2] = {1, 0};
	struct pg_list list;
	size_t len;

	snprintf(sql, sizeof sql,
		"SELECT $1::%s IS NOT DISTINCT FROM $2::%s AND array_ndims($1::%s) IS NOT DISTINCT FROM "
		"array_ndims($2::%s)",
		type, type, type, type);
	assert_true(pg_params_list(p, pg_params_count(p) - 1, &list));
	const struct array_type *t = pg_array_type(sql, 1);
	assert_non_null(t);
	assert_true(pg_array_fits(t, &list));
	assert_true(pg_array_room(&list) <= sizeof out);
	lengths[0] = (int)pg_array_put(t, &list, out);
	assert_true((size_t)lengths[0] <= pg_array_room(&list));
	values[0] = out;
	values[1] = pg_params_value(p, pg_params_count(p) - 1, &len);
	PGresult *res = PQexecParams(side, sql, 2, NULL, values, lengths, formats, 0);
	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", type, PQerrorMessage(side));
	assert_string_equal(PQgetvalue(res, 0, 0), "t");
	PQclear(res);
}

static void
arrays_in_binary_form_are_what_their_literals_are(void **state)
{
	struct pg_params *p = pg_params_new();
	struct pg_list list;

	(void)state;
	pg_array_begin(p);
	pg_array_text(p, "a\"b\\c{d},e 中文 NULL");
	pg_array_text(p, "");
	pg_array_text(p, NULL);
	pg_array_end(p);
	both_forms_are_one(p, "text[]");
	pg_array_begin(p);
	pg_array_int(p, INT32_MIN);
	pg_array_text(p, NULL);
	pg_array_int(p, INT32_MAX);
	pg_array_end(p);
	both_forms_are_one(p, "int[]");
	both_forms_are_one(p, "bigint[]");
	assert_true(pg_params_list(p, 1, &list));
	assert_false(pg_array_fits(pg_array_type("$1::smallint[]", 1), &list));
	assert_false(pg_array_fits(pg_array_type("$1::text[]", 1), &list));
	pg_array_begin(p);
	pg_array_int(p, -32768);
	pg_array_int(p, 32767);
	pg_array_end(p);
	both_forms_are_one(p, "smallint[]");
	pg_array_begin(p);
	pg_array_int(p, INT64_MIN);
	pg_array_int(p, INT64_MAX);
	pg_array_end(p);
	both_forms_are_one(p, "bigint[]");
	assert_true(pg_params_list(p, 3, &list));
	assert_false(pg_array_fits(pg_array_type("$1::int[]", 1), &list));
	pg_array_begin(p);
	pg_array_bool(p, true);
	pg_array_bool(p, false);
	pg_array_end(p);
	both_forms_are_one(p, "boolean[]");
	pg_array_begin(p);
	pg_array_bytes(p, "\0\xff", 2);
	pg_array_bytes(p, "", 0);
	pg_array_bytes(p, NULL, 0);
	pg_array_end(p);
	both_forms_are_one(p, "bytea[]");
	pg_array_begin(p);
	pg_array_time(p, 1763752440123456);
	pg_array_time(p, -1);
	pg_array_time(p, INT64_MIN);
	pg_array_time(p, INT64_MAX);
	pg_array_end(p);
	both_forms_are_one(p, "timestamptz[]");
	pg_array_begin(p);
	pg_array_end(p);
	both_forms_are_one(p, "bytea[]");
	pg_array_begin(p);
	pg_array_text(p, NULL);
	pg_array_end(p);
	both_forms_are_one(p, "timestamptz[]");
	pg_array_begin(p);
	pg_array_text(p, "words");
	pg_array_int(p, 1);
	pg_array_end(p);
	assert_true(pg_params_list(p, pg_params_count(p) - 1, &list));
	assert_false(pg_array_fits(pg_array_type("$1::text[]", 1), &list));
	pg_params_free(p);
}

static void
only_a_type_that_is_certain_is_named(void **state)
{
	(void)state;
	assert_non_null(pg_array_type("SELECT $1::int, $12::text[]", 12));
	assert_ptr_equal(pg_array_type("SELECT $2::int[] || $2::int[]", 2), pg_array_type("$1::int[]", 1));
	assert_ptr_not_equal(pg_array_type("$1::int[]", 1), pg_array_type("$1::bigint[]", 1));
	assert_null(pg_array_type("SELECT $1::int[], $1::bigint[]", 1));
	assert_null(pg_array_type("SELECT $1::int[], $1", 1));
	assert_null(pg_array_type("SELECT $1::date[]", 1));
	assert_null(pg_array_type("SELECT $1::text", 1));
	assert_null(pg_array_type("SELECT $12::text[]", 1));
	assert_null(pg_array_type("SELECT 1", 1));
}

static void
times_before_christ_and_far_ahead_are_exact(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} cases[] = {
		{0, "1970-01-01 00:00:00+00"},
		{-1000001, "1969-12-31 23:59:58.999999+00"},
		{INT64_C(-62198755200000000), "0002-01-01 00:00:00+00 BC"},
		{INT64_C(253402300800000001), "10000-01-01 00:00:00.000001+00"},
	};
	struct pg_params *p = pg_params_new();
	size_t len;

	(void)state;
	side_do("SET TimeZone = 'UTC'");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *value;
		PGresult *res;

		pg_params_reset(p);
		pg_param_time(p, cases[i].us);
		value = pg_params_value(p, 0, &len);
		res = PQexecParams(side, "SELECT $1::timestamptz::text", 1, NULL, &value, NULL, NULL, 0);
		assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
		assert_string_equal(PQgetvalue(res, 0, 0), cases[i].text);
		PQclear(res);
	}
	pg_params_free(p);
}

static void
hosts_are_turned(void **state)
{
	static const struct {
		const char *list;
		int by;
		const char *turned;
	} cases[] = {
		{"a,b,c", 0, "a,b,c"}, {"a,b,c", 1, "b,c,a"}, {"a,b,c", 5, "c,a,b"}, {"one", 3, "one"}, {"a,,c", 1, ",c,a"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *turned = pg_hosts_turn(cases[i].list, cases[i].by);

		assert_string_equal(turned, cases[i].turned);
		free(turned);
	}
	assert_null(pg_hosts_turn(NULL, 1));
	assert_int_equal(pg_hosts_count("a,b"), 2);
	assert_int_equal(pg_hosts_count(""), 0);
}

static void
an_array_of_one_goes_as_its_element(void **state)
{
	struct pg_params *p = pg_params_new();
	const char *values[7];
	const char *odd = "a\"b\\c{d},e 中文 NULL";
	size_t len;
	PGresult *res;

	(void)state;
	pg_params_single(p);
#define ONLY(call) (pg_array_begin(p), call, pg_array_end(p))
	ONLY(pg_array_text(p, odd));
	ONLY(pg_array_text(p, NULL));
	ONLY(pg_array_int(p, INT64_MIN));
	ONLY(pg_array_bytes(p, "\0\xff\\x", 4));
	ONLY(pg_array_bool(p, false));
	ONLY(pg_array_time(p, 1763752440123456));
	ONLY(pg_array_time(p, INT64_MIN));
#undef ONLY
	for (int i = 0; i < 7; i++)
		values[i] = pg_params_value(p, i, &len);
	assert_string_equal(values[0], odd);
	assert_null(values[1]);
	assert_null(values[6]);
	res = PQexecParams(side,
		"SELECT $1::text, $2::text, $3::bigint, encode($4::bytea, 'hex'), $5::boolean, "
		"(extract(epoch FROM $6::timestamptz) * 1000000)::bigint, $7::timestamptz",
		7, NULL, values, NULL, NULL, 0);
	assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
	assert_string_equal(PQgetvalue(res, 0, 2), "-9223372036854775808");
	assert_string_equal(PQgetvalue(res, 0, 3), "00ff5c78");
	assert_string_equal(PQgetvalue(res, 0, 4), "f");
	assert_string_equal(PQgetvalue(res, 0, 5), "1763752440123456");
	PQclear(res);
	pg_params_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(params_survive_the_server),
		cmocka_unit_test(arrays_in_binary_form_are_what_their_literals_are),
		cmocka_unit_test(an_array_of_one_goes_as_its_element),
		cmocka_unit_test(only_a_type_that_is_certain_is_named),
		cmocka_unit_test(times_before_christ_and_far_ahead_are_exact),
		cmocka_unit_test(hosts_are_turned),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
