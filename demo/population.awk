# A made-up population in the shape of Yiyuan's: 6,356 firms with 7,507 licences, of which 1,793 licences of 1,326 firms
# are due for a reminder on the given day, and 40 more whose holders have no mobile number. Nobody in it exists.
#
#   awk -v date=2026-11-21 [-v seed=1] [-v bureau=yiyuan] [-v rows=100000] [-v due=all] -f demo/population.awk > licences.csv
#
# The same arguments give the same file with every awk: the random numbers are its own. rows keeps the proportions for
# another number of licences; due=all makes every licence due and every phone a mobile one.

function random(n)		# 0 .. n-1, by Park and Miller
{
	state = (state * 16807) % 2147483647
	return state % n
}

function pick(list, n) { return list[1 + random(n)] }

# Takes one of `want` out of `left` with the right chance, so that exactly `want` are taken in the end.
function chosen(want, left) { return random(left) < want }

# Days since 1970-01-01 from a civil date and back (Gregorian).
function to_days(y, m, d,	era, yoe, doy)
{
	if (m <= 2) y--
	era = int(y / 400); yoe = y - era * 400
	doy = int((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1
	return era * 146097 + yoe * 365 + int(yoe / 4) - int(yoe / 100) + doy - 719468
}

function to_date(z,	era, doe, yoe, doy, mp, y, m, d)
{
	z += 719468
	era = int(z / 146097); doe = z - era * 146097
	yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
	doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
	mp = int((5 * doy + 2) / 153)
	d = doy - int((153 * mp + 2) / 5) + 1
	m = mp < 10 ? mp + 3 : mp - 9
	y = yoe + era * 400 + (m <= 2)
	return sprintf("%04d-%02d-%02d", y, m, d)
}

# A unified social credit code (GB 32100): authority and kind, place, organisation code with its own check, check.
function credit_code(head, i,	n, body, k, sum, weight, check)
{
	n = (i * 400000009 + seed * 7919) % 887503681		# 31^6
	body = "MA"
	for (k = 0; k < 6; k++) {
		body = body substr(letters, 1 + n % 31, 1)
		n = int(n / 31)
	}
	split("3 7 9 10 5 8 4 2", weights, " ")
	for (k = 1; k <= 8; k++)
		sum += (index("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", substr(body, k, 1)) - 1) * weights[k]
	check = (11 - sum % 11) % 11
	body = head "370323" body (check == 10 ? "X" : check)
	sum = 0; weight = 1
	for (k = 1; k <= 17; k++) {
		sum += (index(letters, substr(body, k, 1)) - 1) * weight
		weight = weight * 3 % 31
	}
	return body substr(letters, 1 + (31 - sum % 31) % 31, 1)
}

# A resident's number (GB 11643). Nobody else of the file has it: day of birth and sequence come from i.
function resident_number(i,	body, k, sum)
{
	body = "370323" to_date(to_days(1955, 1, 1) + i % 12000)
	gsub(/-/, "", body)
	body = body sprintf("%03d", 100 + int(i / 12000))
	split("7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2", weights, " ")
	for (k = 1; k <= 17; k++)
		sum += substr(body, k, 1) * weights[k]
	return body substr("10X98765432", 1 + sum % 11, 1)
}

function person() { return pick(surnames, nsurnames) pick(given, ngiven) (random(3) ? pick(given, ngiven) : "") }

# What a firm is: its kind decides name, number, items and tags.
function make_firm(i,	r, town, brand)
{
	r = random(1000)
	kind = r < 560 ? "eat" : r < 790 ? "shop" : r < 870 ? "hotel" : r < 955 ? "hair" : r < 988 ? "school" : "troupe"
	town = pick(towns, ntowns)
	brand = pick(brand_a, nbrand_a) pick(brand_b, nbrand_b)
	address = "山东省淄博市沂源县" town pick(roads, nroads) (1 + random(288)) "号"
	scale = random(10) < 7 ? "个体" : "小微"
	if (kind == "school") {
		holder = "沂源县" brand pick(schools, nschools)
		number = credit_code("52", i)
		tags = "学校"
	} else if (kind == "troupe") {
		holder = "沂源县" brand pick(troupes, ntroupes)
		number = credit_code("91", i)
		tags = "文艺"
	} else {
		trade = kind == "eat" ? pick(eats, neats) : kind == "shop" ? pick(shops, nshops) : \
			kind == "hotel" ? pick(hotels, nhotels) : pick(hairs, nhairs)
		tags = (kind == "eat" ? "餐饮" : kind == "shop" ? "食品零售" : kind == "hotel" ? "住宿" : "美容美发") ";" scale
		sub(/街道$|镇$/, "", town)
		if (scale == "个体" && random(100) < 7) {
			holder = person()
			number = resident_number(i)
		} else if (scale == "个体") {
			holder = "沂源县" town brand trade
			number = credit_code("92", i)
		} else {
			holder = "沂源" brand trade "有限公司"
			number = credit_code("91", i)
		}
	}
}

# The item of the firm's nth licence.
function item_of(nth)
{
	if (kind == "school") return nth == 1 ? "school-licence-renewal" : "food-business-renewal"
	if (kind == "troupe") return "performing-troupe-renewal"
	if (kind == "hair") return "public-place-hygiene-renewal"
	if (kind == "hotel") return nth == 2 ? "food-business-renewal" : "public-place-hygiene-renewal"
	return nth == 2 && kind == "eat" && random(3) == 0 ? "public-place-hygiene-renewal" : "food-business-renewal"
}

# Days until it runs out when no reminder is due: mostly years, some before the first reminder, some long over.
function days_not_due(item,	r)
{
	r = random(100)
	if (r < 4) return -30 - random(400)
	if (r < 7 && item != "school-licence-renewal") return 31 + random(25)
	return 200 + random(1500)
}

function print_licence(item, days_left,	years, expires, licence_no)
{
	expires = today + days_left
	serial++
	if (item == "food-business-renewal") {
		years = 5; licence_no = sprintf("JY2370323%07d", serial)
	} else if (item == "public-place-hygiene-renewal") {
		years = 4; licence_no = sprintf("沂卫公证字〔%s〕第%06d号", substr(to_date(expires - 1460), 1, 4), serial)
	} else if (item == "school-licence-renewal") {
		years = 3; licence_no = sprintf("教民1370323%07d号", serial)
	} else {
		years = 2; licence_no = sprintf("370323%07d", serial)
	}
	printf "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", bureau, item, licence_no, holder, phone, language,
		to_date(expires - int(years * 365.25) + 1), to_date(expires), number, address, tags
}

BEGIN {
	if (date !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/) {
		print "usage: awk -v date=YYYY-MM-DD [-v seed=N] [-v bureau=CODE] [-v rows=N] [-v due=all] -f population.awk" > "/dev/stderr"
		exit 2
	}
	if (seed == "") seed = 1
	if (bureau == "") bureau = "yiyuan"
	state = seed * 2654435 % 2147483646 + 1
	for (k = 0; k < 20; k++) random(2)
	today = to_days(substr(date, 1, 4) + 0, substr(date, 6, 2) + 0, substr(date, 9, 2) + 0)
	letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	ntowns = split("南麻街道 历山街道 鲁村镇 东里镇 悦庄镇 西里镇 大张庄镇 中庄镇 张家坡镇 燕崖镇 石桥镇 南鲁山镇", towns, " ")
	nroads = split("鲁山路 胜利路 振兴路 新城路 富源路 螳螂河东路 荆山路 健康路 人民路 文化路 润生路 中心大街 商业街 花园路 瑞阳路", roads, " ")
	nsurnames = split("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 任 齐 亓 唐", surnames, " ")
	ngiven = split("伟 芳 娜 秀 英 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 兰 霞 平 刚 桂 文 辉 玲 华 建 国 红 梅 海 波 宁 鹏 飞 玉 春 雪 琳 斌 凯 浩 宇 欣 怡 晨 博 雅", given, " ")
	nbrand_a = split("福 鑫 顺 祥 和 瑞 盛 德 金 丰 兴 泰 永 嘉 康 润 源 宏 吉 聚 万 好 喜 佳 锦 鲁 沂 桃 山 清", brand_a, " ")
	nbrand_b = split("源 隆 达 旺 来 鑫 园 香 缘 和 泰 顺 升 利 发 佳 美 惠 乐 宝 康 丰 悦 合 成 林 泉 河 月 春", brand_b, " ")
	neats = split("饭店 小吃店 面馆 火锅店 烧烤店 快餐店 全羊馆 包子铺 饺子馆 早餐店 炒鸡店 餐厅 私房菜馆 饮品店 蛋糕店", eats, " ")
	nshops = split("超市 便利店 副食店 粮油店 果品店 茶叶店 熟食店 综合商店 百货商行 生鲜店", shops, " ")
	nhotels = split("宾馆 酒店 旅馆 民宿 浴池 洗浴中心 商务宾馆", hotels, " ")
	nhairs = split("理发店 美发店 美容院 造型店 美甲店 游泳馆", hairs, " ")
	nschools = split("幼儿园 艺术培训学校 双语幼儿园 外语培训学校 职业培训学校 实验幼儿园", schools, " ")
	ntroupes = split("吕剧团 歌舞团 曲艺团 艺术团 民间艺术团", troupes, " ")

	licences = 7507; firms = 6356; due_firms = 1326; due_licences = 1793; listed = 40; landlines = 191; silent = 127
	if (rows != "") {
		scale_by = rows / licences
		licences = rows; firms = int(6356 * scale_by + 0.5); due_firms = int(1326 * scale_by + 0.5)
		due_licences = int(1793 * scale_by + 0.5); listed = int(40 * scale_by)
		landlines = int(191 * scale_by); silent = int(127 * scale_by)
	}
	if (due == "all") {
		due_firms = firms; due_licences = licences; listed = landlines = silent = 0
	}
	# Firms with more than one licence: some have three.
	more_due = due_licences - due_firms; three_due = int(more_due / 12); two_due = more_due - 2 * three_due
	more_rest = licences - due_licences - (firms - due_firms)
	three_rest = int(more_rest / 12); two_rest = more_rest - 2 * three_rest

	print "bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags"
	left_due = due_firms; left_rest = firms - due_firms
	for (i = 1; i <= firms; i++) {
		make_firm(i)
		language = random(100) < 1 ? "en" : "zh"
		phone = sprintf("1980%07d", (i * 7907919 + seed * 104729) % 10000000)
		is_due = chosen(left_due, left_due + left_rest)
		n = 1
		if (is_due) {
			if (chosen(three_due, left_due)) { three_due--; n = 3 }
			else if (chosen(two_due, left_due - three_due)) { two_due--; n = 2 }
			left_due--
		} else {
			if (chosen(three_rest, left_rest)) { three_rest--; n = 3 }
			else if (chosen(two_rest, left_rest - three_rest)) { two_rest--; n = 2 }
			if (chosen(landlines, left_rest)) { landlines--; phone = sprintf("0533-32%05d", i % 100000) }
			else if (chosen(silent, left_rest - landlines)) { silent--; phone = "" }
			left_rest--
		}
		for (k = 1; k <= n; k++) {
			item = item_of(k)
			if (is_due)
				days_left = 1 + random(30)
			else if (k == 1 && listed > 0 && phone !~ /^1/) {
				days_left = 1 + random(30)
				listed--
			} else
				days_left = days_not_due(item)
			print_licence(item, days_left)
		}
	}
}
