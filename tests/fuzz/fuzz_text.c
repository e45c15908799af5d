/*
 * Texts and octets: any text in any link's rules is split into parts that read back as the text; any octets in any
 * coding, in any number of pieces, read as UTF-8 that holds nothing dangerous. The first four octets choose the rules.
 *
 * links: dialog/text.c dialog/text_encode.c dialog/text_coding.c dialog/text_decode.c dialog/utf8.c dialog/gsm7.c
 * links: dialog/national.c dialog/national_bengali.c dialog/national_oriya.c
 */
#include "dialog/national.h"
#include "dialog/text.h"
#include "dialog/utf8.h"
#include "tests/fuzz/fuzz.h"

static struct text_rules
rules_of(const uint8_t chosen[4])
{
	static const enum text_coding as[] = {
		TEXT_CODING_GSM7, TEXT_CODING_GSM7_PACKED, TEXT_CODING_LATIN1, TEXT_CODING_ASCII, TEXT_CODING_UTF16};

	return (struct text_rules){.gsm7_as = as[chosen[0] % 5],
		.gsm7_coding = chosen[1],
		.ucs2_coding = 8,
		.national = (uint16_t)(chosen[2] << 8 | chosen[3])};
}

/* The part as a phone reads it: its header, then its octets. units: septets that a packed part holds. */
static size_t
read_part(const struct text_wire *w, enum text_coding coding, size_t units, char *out, size_t room)
{
	struct text_piece p = {.coding = coding, .octets = w->octets, .len = w->len};

	if (w->udh) {
		size_t end = 1 + (size_t)w->octets[0], at = 1;

		must(end <= w->len);
		for (; at < end; at += 2 + (size_t)w->octets[at + 1]) {
			must(at + 2 + w->octets[at + 1] <= end);
			if (w->octets[at] == NATIONAL_IE_SINGLE)
				p.single = w->octets[at + 2];
			if (w->octets[at] == NATIONAL_IE_LOCKING)
				p.locking = w->octets[at + 2];
		}
		p.header = end;
		p.octets += end;
		p.len -= end;
	}
	must(p.len * 8 + p.header * 8 <= 140 * 8 || coding != TEXT_CODING_UTF16);
	if (coding == TEXT_CODING_GSM7_PACKED) {
		must(w->len <= 140);
		/* A phone is told how many septets there are; SMPP is not, so an at sign at the end could be filling. */
		if (p.locking == 0 && p.single == 0)
			return text_decode_gsm7_packed(p.octets, p.len, p.header, units, out, room);
	}
	return text_join(&p, 1, "", out, room);
}

/* Characters that travel, but are not read back: controls, marks of order, and what ends like filling does. */
static bool
reads_back(const char *s, size_t len)
{
	bool good = true;

	for (size_t i = 0; i < len;) {
		uint32_t cp;

		i += utf8_decode(s + i, len - i, &cp, NULL);
		good = good && cp >= 0x20 && (cp < 0x7F || cp >= 0xA0) && cp != 0xFEFF && cp != 0xFFFE && cp != '@';
	}
	return good;
}

static void
check_split(const struct text_rules *rules, const char *s, size_t len)
{
	struct text_parts p;
	struct text_measure m;
	char *clean = malloc(len * 3 + 1), *whole = malloc(len * 3 + 1);
	size_t clean_len, n = 0, at = 0, units = 0;

	must(clean != NULL && whole != NULL);
	clean_len = utf8_clean(s, len, clean, len * 3 + 1);
	text_measure_by(rules, s, len, &m);
	if (text_split_by(rules, s, len, &p) != 0) {
		must(m.parts > TEXT_PARTS_MAX && p.count == 0);
		goto done;
	}
	must(p.count == m.parts && p.alphabet == m.alphabet && p.locking == m.locking && p.single == m.single);
	must(p.locking == 0 || (rules->national >> p.locking & 1) != 0);
	must(p.single == 0 || (rules->national >> p.single & 1) != 0);
	for (int i = 0; i < p.count; i++) {
		struct text_wire w;
		char part[TEXT_PART_OCTETS_MAX * 3 + 1];
		size_t part_len;

		must(p.part[i].offset == at);
		at += p.part[i].len;
		units += p.part[i].units;
		must(text_part_encode(s, len, &p, i, (uint8_t)len, &w) == 0);
		must(w.len <= (p.alphabet == TEXT_GSM7 ? 160 : 140));
		part_len = read_part(
			&w, p.alphabet == TEXT_GSM7 ? rules->gsm7_as : TEXT_CODING_UTF16, p.part[i].units, part, sizeof part);
		memcpy(whole + n, part, part_len);
		n += part_len;
	}
	must(at == len && units == m.units);
	if (reads_back(clean, clean_len))
		must(n == clean_len && memcmp(whole, clean, n) == 0);
done:
	free(clean);
	free(whole);
}

static void
check_ussd(const uint8_t chosen[4], const char *s, size_t len)
{
	const struct text_ussd_rules rules = {.packed = chosen[0] & 1,
		.gsm7_coding = 0x0F,
		.ucs2_coding = 0x48,
		.gsm7_most = chosen[2],
		.ucs2_most = chosen[3]};
	struct text_ussd_wire w;

	if (text_ussd_encode_by(&rules, s, len, &w) == 0)
		must(w.len <= (rules.packed || w.data_coding == 0x48 ? 160 : 182));
	else
		must(w.len == 0);
}

/* The octets cut into pieces at the places that they themselves name; each piece in a coding of its own. */
static void
check_join(const uint8_t *data, size_t size)
{
	struct text_piece pieces[16];
	size_t n = 0, room = size * 6 + 64, len;
	char *out = malloc(room), *small = malloc(size % 7 + 1);

	must(out != NULL && small != NULL);
	for (size_t at = 0; at + 3 < size && n < 16; n++) {
		size_t take = data[at + 1] % 40;

		pieces[n] = (struct text_piece){.coding = (enum text_coding)(data[at] % (TEXT_CODING_BINARY + 1)),
			.locking = data[at + 2] & 15,
			.single = data[at + 2] >> 4,
			.header = data[at] % 20,
			.octets = data[at + 2] == 0xFF ? NULL : data + at + 3};
		pieces[n].len = take < size - at - 3 ? take : size - at - 3;
		at += 3 + pieces[n].len;
	}
	len = text_join(pieces, n, "[...]", out, room);
	must(strlen(out) == len && utf8_valid(out, len, NULL));
	for (size_t i = 0; i < len; i++)
		must(out[i] != '\x1B' && out[i] != '\x7F');
	len = text_join(pieces, n, "[...]", small, size % 7 + 1);
	must(strlen(small) == len && memcmp(small, out, len) == 0);
	free(out);
	free(small);
}

static void
check_decoders(const uint8_t *data, size_t size)
{
	size_t header = size > 0 ? data[0] % 20 : 0, septets = size > 1 ? data[1] : SIZE_MAX, room = size % 7 + 1;
	char *out = malloc(size * 6 + 8), *small = malloc(room);
	size_t n;

	must(out != NULL && small != NULL);
	for (int coding = TEXT_CODING_GSM7; coding <= TEXT_CODING_BINARY; coding++) {
		n = text_decode((enum text_coding)coding, data, size, out, size * 6 + 8);
		must(strlen(out) == n && utf8_valid(out, n, NULL));
		n = text_decode((enum text_coding)coding, data, size, small, room);
		must(strlen(small) == n && n < room && memcmp(small, out, n) == 0);
	}
	n = text_decode_gsm7_packed(data, size, header, septets, out, size * 6 + 8);
	must(strlen(out) == n && utf8_valid(out, n, NULL));
	n = text_hex(data, size, small, room);
	must(strlen(small) == n && n < room);
	free(out);
	free(small);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);

	must(exact != NULL);
	memcpy(exact, data, size);
	if (size >= 4) {
		struct text_rules rules = rules_of(exact);

		check_split(&rules, (const char *)exact + 4, size - 4);
		check_ussd(exact, (const char *)exact + 4, size - 4);
	}
	check_join(exact, size);
	check_decoders(exact, size);
	free(exact);
	return 0;
}
