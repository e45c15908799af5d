/* Words of an imported file: what columns are called, faults added up by column, and faults in Chinese. Pure. */
#include <stdio.h>
#include <string.h>

#include "gateway/bulk_internal.h"

/* What bureaus' own spreadsheets call the columns. */
static const struct {
	const char *column;
	const char *names[6];
} called[] = {
	{"bureau", {"单位", "机构", "审批局"}},
	{"item", {"事项", "事项编码", "事项名称", "办理事项", "证照类型"}},
	{"licence_no", {"证照编号", "证号", "许可证编号", "许可证号", "证书编号"}},
	{"holder", {"持有人", "持证人", "单位名称", "企业名称", "姓名"}},
	{"phone", {"手机", "手机号", "手机号码", "联系电话", "电话"}},
	{"language", {"语言"}},
	{"issued_on", {"发证日期", "发证日", "有效期起"}},
	{"expires_on", {"到期日", "到期日期", "有效期至", "有效期止", "截止日期"}},
	{"id_number", {"证件号码", "身份证号", "统一社会信用代码", "信用代码"}},
	{"address", {"地址", "住址", "经营场所"}},
	{"tags", {"标签"}},
};

int
bulk_column(const struct bulk_columns *columns, const char *name)
{
	for (int i = 0; columns->names[i]; i++) {
		if (strcmp(columns->names[i], name) == 0)
			return i;
	}
	for (size_t i = 0; i < sizeof called / sizeof called[0]; i++) {
		for (size_t k = 0; k < sizeof called[i].names / sizeof called[i].names[0] && called[i].names[k]; k++) {
			if (strcmp(called[i].names[k], name) == 0)
				return bulk_column(columns, called[i].column);
		}
	}
	return -1;
}

const char *
bulk_column_words(const char *column, const char *language)
{
	for (size_t i = 0; i < sizeof called / sizeof called[0] && strcmp(language, "zh") == 0; i++) {
		if (strcmp(called[i].column, column) == 0)
			return called[i].names[0];
	}
	return column;
}

void
bulk_sum(const struct bulk_columns *columns, const struct bulk_fault *f, struct bulk_sum sums[BULK_SUMS_MAX])
{
	int column = f->column[0] ? bulk_column(columns, f->column) : -1;
	struct bulk_sum *sum = &sums[column >= 0 && column < BULK_SUMS_MAX - 1 ? column : BULK_SUMS_MAX - 1];

	memcpy(sum->column, f->column, sizeof sum->column);
	if (strncmp(f->text, "is empty", 8) == 0)
		sum->empty++;
	else
		sum->wrong++;
}

void
bulk_count(struct bulk_result *r, const struct bulk_fault *f)
{
	bulk_sum(&bulk_licence_columns, f, r->sums);
}

/* Faults by what they begin with. */
static const struct {
	const char *en, *zh;
} words[] = {
	{"is no telephone number", "不是电话号码，请写一个手机号"},
	{"is a landline", "是固定电话，收不到短信，请改成手机号"},
	{"is empty; write a mobile number", "没有填，请补上手机号，或者删掉这一行"},
	{"is empty; write the last day", "没有填，请写到期日；长期有效的写“长期”"},
	{"is empty; write the item's code", "没有填，请写事项编码或名称"},
	{"is empty", "没有填"},
	{"is no item of the catalogue", "不在事项目录里，请写事项编码或名称"},
	{"is not offered at this bureau", "本单位不办这个事项"},
	{"is another bureau", "是别的单位的，请删掉这一行"},
	{"is no bureau of the configuration", "没有这个单位"},
	{"is no language of this bureau", "不是本单位用的语言"},
	{"is no date", "不是日期，请写成 2026-12-31"},
	{"is a day that does not exist", "没有这一天，请写成 2026-12-31"},
	{"is before issued_on", "早于发证日期，请改正其中一个"},
	{"was rounded by a spreadsheet", "被表格软件改成了近似数，请把这一列设成文本再填"},
	{"has a wrong check character", "校验位不对，有一位写错了，请对照证件"},
	{"is no licence on file", "库里没有这个证照，请核对编号"},
	{"holds a character that cannot be read", "有认不出的字，请对照原件"},
	{"is in row", "与前面的行重复，请删掉一行"},
	{"is no identity number", "不是证件号码"},
	{"has a tag of more", "有一个标签太长，请用分号隔开"},
	{"has more than", "标签太多"},
	{"has ", "字数不对，请核对"},
	{"the row has", "这一行的列数不对；内容里有逗号等分隔符的，要加引号"},
	{"cell ", "引号不成对，请改正这一行"},
	{"the row is", "这一行太长或列太多"},
	{"a registered change", "与库里的变更不符"},
};

/* What is said of a file as a whole, by what it holds. */
static const struct {
	const char *en, *zh;
} files[] = {
	{"this is a workbook", "这是 Excel 工作簿，不是 CSV：请在表格软件里另存为“CSV UTF-8”再上传"},
	{"this is an old workbook", "这是旧的 Excel 工作簿，不是 CSV：请在表格软件里另存为“CSV UTF-8”再上传"},
	{"the file is empty", "文件是空的，第一行应该是表头"},
	{"the file has no header row", "文件里没有表头"},
	{"a list needs item", "表头不对，要有：证照编号；或者：事项、证照编号、持有人、手机、到期日等各列（可下载样表）"},
	{"the header must be", "表头不对，要有：证照编号；或者：事项、证照编号、持有人、手机、到期日等各列（可下载样表）"},
	{"more than 100000", "一份名单最多 100,000 行，请分成几份"},
};

const char *
bulk_fault_words(const char *text, const char *language)
{
	if (strcmp(language, "zh") != 0)
		return text;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strncmp(text, words[i].en, strlen(words[i].en)) == 0)
			return words[i].zh;
	}
	return text;
}

/* "...missing column item; missing column holder; ...": which they are, as spreadsheets call them. */
static const char *
missing_columns(const char *text)
{
	static const char missing[] = "missing column ";
	static char line[600];
	size_t used = (size_t)snprintf(line, sizeof line, "表头缺少：");
	bool first = true;

	for (const char *at = text; (at = strstr(at, missing)) != NULL; first = false) {
		char name[32];

		at += sizeof missing - 1;
		snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "; "), at);
		used +=
			(size_t)snprintf(line + used, sizeof line - used, "%s%s", first ? "" : "、", bulk_column_words(name, "zh"));
		if (used > sizeof line - 260)
			break;
	}
	snprintf(line + used, sizeof line - used,
		"。名单要有事项、证照编号、持有人、手机号、到期日这几列；证照都在库里的，只要“证照编号”一列（可下载样表）");
	return line;
}

const char *
bulk_file_words(const char *text, const char *language)
{
	if (strcmp(language, "zh") != 0)
		return text;
	if (strstr(text, "missing column "))
		return missing_columns(text);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		if (strstr(text, files[i].en))
			return files[i].zh;
	}
	return text;
}
