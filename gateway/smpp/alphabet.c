/* The alphabets of one link. */
#include "gateway/smpp/alphabet.h"

#include "dialog/national.h"
#include "gateway/conf.h"

void
alphabet_of(const struct conf_link *conf, struct alphabet *out)
{
	enum text_coding zero;

	if (text_coding_by_name(conf->default_alphabet, &zero) != 0)
		zero = TEXT_CODING_GSM7;
	text_codings_fill(&out->in, zero, conf->gsm7_packed);
	for (size_t i = 0; i < conf->ndata_codings; i++)
		(void)text_codings_override(&out->in, conf->data_codings[i]);

	out->out = (struct text_rules){.gsm7_as = (enum text_coding)out->in.of[conf->data_coding_gsm7 & 0xFF],
		.gsm7_coding = (uint8_t)conf->data_coding_gsm7,
		.ucs2_coding = (uint8_t)conf->data_coding_ucs2};
	for (size_t i = 0; i < conf->nnational_shift; i++)
		out->out.national |= (uint16_t)(1u << national_by_name(conf->national_shift[i]));
	out->out.national &= (uint16_t)~1u;
}

const char *
alphabet_fault(const struct conf_link *conf, const char **key)
{
	struct alphabet a;

	alphabet_of(conf, &a);
	*key = "data_coding_gsm7";
	switch (a.out.gsm7_as) {
	case TEXT_CODING_GSM7:
	case TEXT_CODING_GSM7_PACKED:
	case TEXT_CODING_LATIN1:
	case TEXT_CODING_ASCII:
	case TEXT_CODING_UTF16:
		break;
	default:
		return "no text can be written so: on this link the number means none of gsm7, gsm7-packed, latin1, ascii, "
			   "ucs2 "
			   "(default_alphabet and data_codings say what numbers mean)";
	}
	*key = "data_coding_ucs2";
	if (a.in.of[a.out.ucs2_coding] != TEXT_CODING_UTF16)
		return "on this link the number does not mean ucs2 (default_alphabet and data_codings say what numbers mean)";
	return NULL;
}
