/* The import of licences and of changes in the register, against a real database. */
#include <sys/resource.h>

#include "tests/store/bulk.h"

/* A resident's number and two credit codes whose check characters are right, worked out from the standards apart from
 * the code. */
#define PERSON "11010519491231002X"
#define FIRM_A "91350100M000100Y43"
#define FIRM_B "92370323MA3C00017N"

static void
expect_counts(int64_t added, int64_t changed, int64_t unchanged, int64_t refused)
{
	assert_int_equal(t.r.counts.added, added);
	assert_int_equal(t.r.counts.changed, changed);
	assert_int_equal(t.r.counts.unchanged, unchanged);
	assert_int_equal(t.r.refused, refused);
	assert_int_equal(t.r.counts.rows + t.r.refused, t.r.rows);
}

static void
expect_fault(size_t at, int64_t row, const char *column, const char *words)
{
	assert_true(at < t.r.nlist);
	assert_int_equal(t.r.list[at].row, row);
	assert_string_equal(t.r.list[at].column, column);
	if (!strstr(t.r.list[at].text, words))
		fail_msg("row %d %s: \"%s\" does not say \"%s\"", (int)row, column, t.r.list[at].text, words);
}

static const char three[] =
	"yiyuan,food,JY1,沂源县悦庄镇张三饭店,13800000001,zh,2021-12-01,2026-12-01," FIRM_A
	",沂源县悦庄镇中心路1号,餐饮;小微\n"
	"yiyuan,hygiene,WS1,沂源县悦庄镇张三饭店,+86 138 0000 0001,zh,2022/12/1,2026年12月2日," FIRM_A
	",沂源县悦庄镇中心路1号,餐饮\n"
	"yiyuan,food,JY2,王五,0533-3241234,,2021-12-01,2026-12-03," PERSON ",,\n";

static void
test_twice(void **state)
{
	char *address;
	PGresult *res;

	(void)state;
	import_good(three);
	expect_counts(3, 0, 0, 0);
	assert_int_equal(t.r.counts.holders, 2);
	assert_int_equal(t.r.counts.holders_added, 2);
	assert_int_equal(t.r.counts.without_mobile, 1);
	assert_string_equal(t.r.encoding, "UTF-8");
	assert_string_equal(
		ask("SELECT string_agg(h.name || '|' || coalesce(phone, landline) || '|' || language || '|' ||"
			" licence_no || '|' || expires_on || '|' || array_to_string(tags, ','), ' ' ORDER BY licence_no)"
			" FROM licence l JOIN holder h ON h.id = l.holder_id"),
		"沂源县悦庄镇张三饭店|+8613800000001|zh|JY1|2026-12-01|小微,餐饮"
		" 王五|+865333241234|zh|JY2|2026-12-03|"
		" 沂源县悦庄镇张三饭店|+8613800000001|zh|WS1|2026-12-02|小微,餐饮");
	assert_string_equal(ask("SELECT count(*) FROM holder WHERE phone IS NULL AND landline = '+865333241234'"), "1");

	/* what was kept can be read again, and not without the key */
	assert_string_equal(
		ask("SELECT count(*) FROM holder WHERE position(convert_to('沂源', 'UTF8') IN address) > 0"), "0");
	res = PQexecParams(t.conn, "SELECT address FROM holder WHERE name LIKE '沂源%'", 0, NULL, NULL, NULL, NULL, 1);
	address = keys_decrypt(t.keys, (const uint8_t *)PQgetvalue(res, 0, 0), (size_t)PQgetlength(res, 0, 0));
	assert_string_equal(address, "沂源县悦庄镇中心路1号");
	free(address);
	PQclear(res);

	sql("CREATE TEMP TABLE before AS SELECT h.*, h.xmin AS x FROM holder h");
	sql("CREATE TEMP TABLE before_l AS SELECT l.*, l.xmin AS x FROM licence l");
	import_good(three);
	expect_counts(0, 0, 3, 0);
	assert_int_equal(t.r.counts.holders_changed, 0);
	assert_string_equal(
		ask("SELECT count(*) FROM (SELECT *, xmin AS x FROM holder EXCEPT SELECT * FROM before) d"), "0");
	assert_string_equal(
		ask("SELECT count(*) FROM (SELECT *, xmin AS x FROM licence EXCEPT SELECT * FROM before_l) d"), "0");
	sql("DROP TABLE before, before_l");
}

static void
test_changes_of_a_cell(void **state)
{
	(void)state;
	import_good(three);
	/* a new day: one licence; a new phone: both licences of the firm; an empty cell erases nothing */
	import_good("yiyuan,food,JY1,沂源县悦庄镇张三饭店,,,,2031-12-01," FIRM_A ",,\n");
	expect_counts(0, 1, 0, 0);
	assert_string_equal(
		ask("SELECT phone || ' ' || issued_on || ' ' || expires_on || ' ' || cardinality(tags) FROM licence l"
			" JOIN holder h ON h.id = holder_id WHERE licence_no = 'JY1'"),
		"+8613800000001 2021-12-01 2031-12-01 2");
	import_good("yiyuan,food,JY1,沂源县悦庄镇张三饭店,13900000009,en,,2031-12-01," FIRM_A ",,\n"
				"yiyuan,hygiene,WS1,沂源县悦庄镇张三饭店,,,,2026-12-02," FIRM_A ",,\n");
	expect_counts(0, 2, 0, 0);
	assert_string_equal(
		ask("SELECT phone || ' ' || language FROM holder WHERE name LIKE '沂源%'"), "+8613900000009 en");
	/* a landline in the cell: texts no longer reach the holder */
	import_good("yiyuan,food,JY1,沂源县悦庄镇张三饭店,0533-3240000,,,2031-12-01," FIRM_A ",,\n");
	assert_string_equal(ask("SELECT coalesce(phone, 'none') || ' ' || landline FROM holder WHERE name LIKE '沂源%'"),
		"none +865333240000");
	/* another address, only told apart by its hash */
	import_good("yiyuan,food,JY1,沂源县悦庄镇张三饭店,,,,2031-12-01," FIRM_A ",新地址,\n");
	expect_counts(0, 1, 0, 0);
	import_good("yiyuan,food,JY1,沂源县悦庄镇张三饭店,,,,2031-12-01," FIRM_A ",新地址,\n");
	expect_counts(0, 0, 1, 0);
	/* the licence went to another firm */
	import_good("yiyuan,food,JY1,李四小吃,13700000001,,,2031-12-01," FIRM_B ",,\n");
	expect_counts(0, 1, 0, 0);
	assert_string_equal(
		ask("SELECT h.name FROM licence l JOIN holder h ON h.id = holder_id WHERE licence_no = 'JY1'"), "李四小吃");
}

/* Holders without a number: the name with the phone, and the licence when there is no phone either. */
static void
test_without_number(void **state)
{
	(void)state;
	import_good("yiyuan,food,A1,王伟,13800000001,,,2026-12-01,,,\n"
				"yiyuan,food,A2,王伟,13800000001,,,2026-12-01,,,\n"
				"yiyuan,food,A3,王伟,13800000002,,,2026-12-01,,,\n"
				"yiyuan,food,A4,王伟,,,,2026-12-01,,,\n"
				"yiyuan,food,A5,王伟,,,,2026-12-01,,,\n");
	assert_int_equal(t.r.counts.holders_added, 4);
	/* a new phone on the same licence and name is the same man; so is he when his number comes */
	import_good("yiyuan,food,A3,王伟,13800000003,,,2026-12-01,,,\n");
	assert_int_equal(t.r.counts.holders_added, 0);
	expect_counts(0, 1, 0, 0);
	import_good("yiyuan,food,A3,王伟,13800000003,,,2026-12-01,,,\n");
	expect_counts(0, 0, 1, 0);
	import_good("yiyuan,food,A4,王伟,13800000004,,,2026-12-01," PERSON ",,\n");
	assert_int_equal(t.r.counts.holders_added, 0);
	assert_string_equal(ask("SELECT count(*) FROM holder"), "4");
	/* and the row without the number still finds him */
	import_good("yiyuan,food,A4,王伟,,,,2026-12-01,,,\n");
	expect_counts(0, 0, 1, 0);
	assert_string_equal(ask("SELECT count(*) || ' ' || count(id_number) FROM holder"), "4 1");
}

/* Every fault at once, by the spreadsheet's rows; good rows go in, the others into a file that can be imported. */
static void
test_faults(void **state)
{
	char text[8192] = "";
	FILE *f;
	size_t n;

	(void)state;
	put_file(t.file, "\xef\xbb\xbf" HEADER																	/* row 1 */
					 "yiyuan,food,JY1,张三,13800000001,zh,2021-12-01,2026-12-01,,\"沂源县\n悦庄镇\",餐饮\n" /* 2 */
					 "\n"																					/* 3 */
					 "yiyuan,nothing,JY2,张三,12345,fr,2021-13-01,2026-02-30,110105194912310021,,\n" /* 4: six faults */
					 "laixi,food,JY3,张三,,,,2026-12-01,,,\n"										 /* 5 */
					 "yiyuan,grain-change,JY4,张三,,,,2026-12-01,,,\n"								 /* 6 */
					 "yiyuan,food,JY1,李四,,,,2026-12-01,,,\n"										 /* 7: as row 2 */
					 "yiyuan,food,,,,,2026-12-02,2026-12-01,,,\n"									 /* 8: three */
					 "yiyuan,food,JY5,张三\n"														 /* 9 */
					 "yiyuan,food,JY6,张三,,,,2026-12-01,,\"x,\n"									 /* 10 */
					 "yiyuan,food,JY7,张\xff三,,,,2026-12-01,,,\n"									 /* 11 */
					 "yiyuan,food,JY8,张三,,,,,,,\n"												 /* 12 */
					 "yiyuan,food,JY9,张三,,,,长期,3.70323E+17,,\n"									 /* 13 */
					 "yiyuan,food,JY10,张三,,,,2026-12-01,91350100M000100Y44,,\n"					 /* 14 */
					 "yiyuan,food,JY11,张三,,,,2026-12-01,,,\n");									 /* 15 */
	assert_int_equal(import_as(BULK_LICENCES, false), 0);
	expect_counts(2, 0, 0, 11);
	assert_int_equal(t.r.faults, t.r.nlist);
	n = 0;
	expect_fault(n++, 4, "item", "no item of the catalogue");
	expect_fault(n++, 4, "phone", "no telephone number");
	expect_fault(n++, 4, "language", "it has zh en");
	expect_fault(n++, 4, "issued_on", "does not exist");
	expect_fault(n++, 4, "expires_on", "does not exist");
	expect_fault(n++, 4, "id_number", "wrong check character");
	assert_string_equal(t.r.list[n - 1].value, "110105194912310021");
	expect_fault(n++, 5, "bureau", "known: yiyuan qingdao");
	expect_fault(n++, 6, "item", "not offered at this bureau");
	expect_fault(n++, 7, "licence_no", "in row 2 already");
	expect_fault(n++, 8, "licence_no", "is empty");
	expect_fault(n++, 8, "holder", "is empty");
	expect_fault(n++, 8, "expires_on", "before issued_on");
	expect_fault(n++, 9, "", "4 cells, the header 11");
	expect_fault(n++, 10, "", "never closed");
	expect_fault(n++, 11, "holder", "cannot be read");
	expect_fault(n++, 12, "expires_on", "is empty");
	expect_fault(n++, 13, "id_number", "rounded by a spreadsheet");
	expect_fault(n++, 14, "id_number", "wrong check character");
	assert_int_equal(t.r.nlist, n);
	assert_string_equal(t.r.rejected, path_in("licences.rejected.csv"));

	f = fopen(t.r.rejected, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	assert_true(strncmp(text,
					"\xef\xbb\xbf"
					"bureau,item,",
					14) == 0);
	assert_non_null(strstr(text, ",tags,fault\r\n"));
	assert_non_null(strstr(text, "\r\nlaixi,food,JY3,张三,,,,2026-12-01,,,,bureau is no bureau"));
	assert_non_null(strstr(text, "language is no language of this bureau; it has zh en; issued_on is"));
	assert_null(strstr(text, "JY11"));

	/* its own column is no obstacle when it is corrected and brought again */
	put_file(t.file,
		"bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags,fault\r\n"
		"yiyuan,food,JY3,张三,,,,2026-12-01,,,,bureau is no bureau\r\n"
		"yiyuan,food,JY4,张三,,xx,,2026-12-01,,,,\r\n");
	assert_int_equal(import_as(BULK_LICENCES, false), 0);
	expect_counts(1, 0, 0, 1);
	f = fopen(t.r.rejected, "r");
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	assert_non_null(strstr(text, ",tags,fault\r\nyiyuan,food,JY4,张三,,xx,,2026-12-01,,,,language is no"));
}

static void
test_many_faults(void **state)
{
	FILE *f = fopen(t.file, "w");

	(void)state;
	fputs(HEADER, f);
	for (int i = 0; i < 250; i++)
		fprintf(f, "yiyuan,food,N%d,张三,,,,2026-02-31,,,\n", i);
	fclose(f);
	assert_int_equal(import_as(BULK_LICENCES, false), 0);
	assert_int_equal(t.r.faults, 250);
	assert_int_equal(t.r.nlist, BULK_FAULTS_KEPT);
	expect_counts(0, 0, 0, 250);
}

static void
test_header(void **state)
{
	(void)state;
	put_file(t.file, "bureau,item,licence_no,holder,fon,language,issued_on,expires_on,id_number,address,tags\n");
	assert_int_equal(import_as(BULK_LICENCES, false), -1);
	assert_non_null(
		strstr(t.error, "row 1: unknown column fon; missing column phone; the header must be: bureau,item,"));
	put_file(t.file, "bureau;item;licence_no\n");
	assert_int_equal(import_as(BULK_LICENCES, false), -1);
	assert_non_null(strstr(t.error, "row 1: missing column holder")); /* semicolons part cells too */
	put_file(
		t.file, "bureau,bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags\n");
	assert_int_equal(import_as(BULK_LICENCES, false), -1);
	assert_non_null(strstr(t.error, "twice the column bureau"));
	put_file(t.file, "\n\n");
	assert_int_equal(import_as(BULK_LICENCES, false), -1);
	assert_non_null(strstr(t.error, "no header row"));
	/* any order, spaces, full-width letters, empty columns behind */
	put_file(t.file,
		"tags, item ,ｂｕｒｅａｕ,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,,\n"
		"餐饮,food,yiyuan,X1,张三,,,,2026-12-01,,,,\n");
	assert_int_equal(import_as(BULK_LICENCES, false), 0);
	expect_counts(1, 0, 0, 0);
}

static void
test_gb18030(void **state)
{
	(void)state;
	/* 沂源县,餐饮 */
	put_file(t.file,
		HEADER "yiyuan,food,G1,\xd2\xca\xd4\xb4\xcf\xd8,,,,2026-12-01,,\xd2\xca\xd4\xb4\xcf\xd8,\xb2\xcd\xd2\xfb\n"
			   "yiyuan,food,G2,\xd2\xca\xff\xd4\xb4,,,,2026-12-01,,,\n");
	assert_int_equal(import_as(BULK_LICENCES, false), 0);
	assert_string_equal(t.r.encoding, "GB18030");
	expect_counts(1, 0, 0, 1);
	expect_fault(0, 3, "holder", "cannot be read");
	assert_string_equal(ask("SELECT name || tags[1] FROM holder"), "沂源县餐饮");
}

static void
test_dry_run(void **state)
{
	struct import_counts dry;

	(void)state;
	import_good("yiyuan,food,JY2,王五,13800000002,,,2026-12-03," PERSON ",,\n");
	put_file(t.file, HEADER "yiyuan,food,JY1,张三,13800000001,zh,2021-12-01,2026-12-01,,,\n"
							"yiyuan,food,JY2,王五,13800000002,,,2027-12-03," PERSON ",,\n"
							"yiyuan,food,JY3,赵六,1,,,2026-12-03,,,\n");
	assert_int_equal(import_as(BULK_LICENCES, true), 0);
	expect_counts(1, 1, 0, 1);
	assert_string_equal(t.r.rejected, "");
	assert_int_not_equal(access(path_in("licences.rejected.csv"), F_OK), 0);
	assert_string_equal(ask("SELECT count(*) || ' ' || max(expires_on) FROM licence"), "1 2026-12-03");
	dry = t.r.counts;
	assert_int_equal(import_as(BULK_LICENCES, false), 0);
	assert_memory_equal(&dry, &t.r.counts, sizeof dry);
	assert_string_equal(ask("SELECT count(*) || ' ' || max(expires_on) FROM licence"), "2 2027-12-03");
}

static volatile sig_atomic_t stop;

static void
stop_at(void *arg, const char *word, int64_t done, int64_t all)
{
	(void)done;
	(void)all;
	if (strcmp(word, arg) == 0)
		stop = 1;
}

/* Given up while reading or while merging: nothing of it is seen, nothing lies about. */
static void
test_stopped(void **state)
{
	static const char *const words[] = {"reading", "checking items"};
	char *rejected;

	(void)state;
	put_file(t.file, HEADER "yiyuan,food,JY1,张三,13800000001,zh,2021-12-01,2026-12-01,,,\nyiyuan,food,JY2\n");
	for (int i = 0; i < 2; i++) {
		struct bulk_options o = {.kind = BULK_LICENCES,
			.file = t.file,
			.conf = t.conf,
			.keys = t.keys,
			.conn = t.conn,
			.stop = &stop,
			.on_progress = stop_at,
			.arg = (void *)(uintptr_t)words[i]};

		stop = 0;
		bulk_result_free(&t.r);
		if (i == 0) {
			assert_int_equal(bulk_import(&o, &t.r, t.error, sizeof t.error), -1);
			assert_string_equal(t.error, "stopped; nothing was imported");
		} else {
			/* the signal's handler cancels the statement too; here the connection is lost instead */
			PGconn *other = PQconnectdb(getenv("HUIZHI_TEST_DB"));

			o.conn = other;
			o.stop = NULL;
			sql("ALTER TABLE licence RENAME TO licence_away");
			assert_int_equal(bulk_import(&o, &t.r, t.error, sizeof t.error), -1);
			sql("ALTER TABLE licence_away RENAME TO licence");
			assert_non_null(strstr(t.error, "licence"));
			/* Its locks are gone when its server process is: that is waited for. */
			char gone[80];
			(void)snprintf(gone, sizeof gone, "SELECT pg_terminate_backend(%d, 150000)", PQbackendPID(other));
			assert_string_equal(ask(gone), "t");
			PQfinish(other);
		}
		assert_string_equal(ask("SELECT count(*) FROM holder"), "0");
		rejected = path_in("licences.rejected.csv");
		assert_int_not_equal(access(rejected, F_OK), 0);
	}
	assert_string_equal(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
}

/* A database that was not told of the configuration's items yet. */
static void
test_stale_items(void **state)
{
	(void)state;
	sql("DELETE FROM item WHERE bureau_id = 1 AND code = 'troupe'");
	put_file(t.file, HEADER "yiyuan,troupe,T1,张三,,,,2026-12-01,,,\n");
	assert_int_equal(import_as(BULK_LICENCES, false), -1);
	assert_non_null(strstr(t.error, "item troupe of bureau 1 is in the configuration but not yet in the database"));
	sql("INSERT INTO item SELECT bureau_id, 'troupe', name_zh, name_en, trigger, 60, 0, '{30}', change_fields, "
		"'change',"
		" approval, old_certificate, delivery, '{zh}', active FROM item WHERE bureau_id = 1 AND code = 'food'");
}

static void
test_register(void **state)
{
	char *value;
	PGresult *res;

	(void)state;
	import_good("qingdao,grain-change,L1,甲公司,13800000001,,,," FIRM_A ",,\n"
				"qingdao,food,L9,甲公司,13800000001,,,2026-12-01," FIRM_A ",,\n"
				"qingdao,grain-change,L2,乙公司,13800000002,,,," FIRM_B ",,\n"
				"qingdao,water-change,L2,丙公司,13800000003,,,," PERSON ",,\n");
	put_file(t.file, "bureau,licence_no,id_number,changed_on,field,old,new\n"
					 "qingdao,L1,,2026-11-01,name,甲公司,甲新公司\n"		 /* 2 */
					 "qingdao,," FIRM_A ",2026-11-02,法定代表人,张三,李四\n" /* 3 */
					 "qingdao,L2,,2026-11-01,name,乙,新乙\n"				 /* 4: of two holders */
					 "qingdao,L2," FIRM_B ",2026/11/1,address,旧,新\n"		 /* 5 */
					 "qingdao,L7,,2026-11-01,name,a,b\n"					 /* 6: unknown */
					 "qingdao,L1," FIRM_B ",2026-11-01,name,a,b\n"			 /* 7: not his */
					 "qingdao,,91110000710925243K,2026-11-01,name,a,b\n"	 /* 8: nobody's */
					 "qingdao,,,2026-11-01,capital,a,\n"					 /* 9 */
					 "qingdao,L1,,2026-11-01,name,甲公司,甲别公司\n");		 /* 10: as row 2 */
	assert_int_equal(import_as(BULK_CHANGES, false), 0);
	expect_counts(3, 0, 0, 6);
	expect_fault(0, 4, "licence_no", "several holders");
	expect_fault(1, 6, "licence_no", "no licence on file");
	expect_fault(2, 7, "licence_no", "no licence on file");
	expect_fault(3, 8, "id_number", "nobody on file");
	expect_fault(4, 9, "", "neither licence_no nor id_number");
	expect_fault(5, 9, "field", "no field of the register");
	expect_fault(6, 9, "new", "is empty");
	expect_fault(7, 10, "", "in row 2 already");
	res = PQexecParams(
		t.conn, "SELECT new_value FROM register_change WHERE field = 'name'", 0, NULL, NULL, NULL, NULL, 1);
	assert_int_equal(PQntuples(res), 1);
	value = keys_decrypt(t.keys, (const uint8_t *)PQgetvalue(res, 0, 0), (size_t)PQgetlength(res, 0, 0));
	assert_string_equal(value, "甲新公司");
	free(value);
	PQclear(res);

	assert_int_equal(import_as(BULK_CHANGES, false), 0);
	expect_counts(0, 0, 3, 6);
	put_file(t.file, "bureau,licence_no,changed_on,field,old,new\nqingdao,L1,2026-11-01,name,甲公司,甲别公司\n");
	assert_int_equal(import_as(BULK_CHANGES, true), 0);
	expect_counts(0, 1, 0, 0);
	assert_int_equal(import_as(BULK_CHANGES, false), 0);
	expect_counts(0, 1, 0, 0);
	assert_string_equal(ask("SELECT count(*) FROM register_change"), "3");
}

/* More rows than a chunk, and none of the refused ones is lost between two chunks. */
static void
test_register_chunks(void **state)
{
	FILE *f;

	(void)state;
	import_good("qingdao,grain-change,L1,甲公司,13800000001,,,," FIRM_A ",,\n");
	f = fopen(t.file, "w");
	fputs("bureau,licence_no,changed_on,field,old,new\n", f);
	for (int i = 0; i < 700; i++)
		fprintf(f, "qingdao,%s,20%02d-%02d-01,name,a%d,b\n", i % 7 ? "L1" : "none", 10 + i / 12 % 60, i % 12 + 1, i);
	fclose(f);
	assert_int_equal(import_as(BULK_CHANGES, false), 0);
	expect_counts(600, 0, 0, 100);
	f = fopen(t.r.rejected, "r");
	for (int lines = 0, c; f; lines += c == '\n') {
		c = fgetc(f);
		if (c == EOF) {
			assert_int_equal(lines, 101);
			fclose(f);
			f = NULL;
		}
	}
}

/* The sanitizer keeps freed memory, so only the plain build can measure. */
#ifndef __SANITIZE_ADDRESS__
/* 200,000 rows: what the process keeps of them is what duplicates are found by. */
static void
test_memory(void **state)
{
	FILE *f;
	struct rusage before, after;

	(void)state;
	f = fopen(t.file, "w");
	fputs(HEADER, f);
	for (int i = 0; i < 200000; i++)
		fprintf(f, "yiyuan,food,JY%07d,沂源县第%d号小吃店,139%08d,zh,2021-12-01,2026-12-01,,沂源县中心路%d号,餐饮\n", i,
			i, i, i);
	fclose(f);
	getrusage(RUSAGE_SELF, &before);
	assert_int_equal(import_as(BULK_LICENCES, true), 0);
	getrusage(RUSAGE_SELF, &after);
	expect_counts(200000, 0, 0, 0);
	assert_true(after.ru_maxrss - before.ru_maxrss < 40 * 1024);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_twice, bulk_empty),
		cmocka_unit_test_setup(test_changes_of_a_cell, bulk_empty),
		cmocka_unit_test_setup(test_without_number, bulk_empty),
		cmocka_unit_test_setup(test_faults, bulk_empty),
		cmocka_unit_test_setup(test_many_faults, bulk_empty),
		cmocka_unit_test_setup(test_header, bulk_empty),
		cmocka_unit_test_setup(test_gb18030, bulk_empty),
		cmocka_unit_test_setup(test_dry_run, bulk_empty),
		cmocka_unit_test_setup(test_stopped, bulk_empty),
		cmocka_unit_test_setup(test_stale_items, bulk_empty),
		cmocka_unit_test_setup(test_register, bulk_empty),
		cmocka_unit_test_setup(test_register_chunks, bulk_empty),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test_setup(test_memory, bulk_empty),
#endif
	};
	return cmocka_run_group_tests(tests, bulk_setup, bulk_teardown);
}
