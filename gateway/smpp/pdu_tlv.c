/* Optional parameters (SMPP 3.4, 5.3.2): what the specification says of each, reading one, and adding one to a PDU. */
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/pdu_write.h"

#include <string.h>

/* In the order of the tags, which the search leans on. congestion_state is the one of SMPP 5.0 that carriers send. */
static const struct pdu_tlv_facts facts[] = {
	{0x0005, 1, 1, PDU_TLV_NUMBER, "dest_addr_subunit"},
	{0x0006, 1, 1, PDU_TLV_NUMBER, "dest_network_type"},
	{0x0007, 1, 1, PDU_TLV_NUMBER, "dest_bearer_type"},
	{0x0008, 2, 2, PDU_TLV_NUMBER, "dest_telematics_id"},
	{0x000d, 1, 1, PDU_TLV_NUMBER, "source_addr_subunit"},
	{0x000e, 1, 1, PDU_TLV_NUMBER, "source_network_type"},
	{0x000f, 1, 1, PDU_TLV_NUMBER, "source_bearer_type"},
	{0x0010, 1, 1, PDU_TLV_NUMBER, "source_telematics_id"},
	{0x0017, 4, 4, PDU_TLV_NUMBER, "qos_time_to_live"},
	{0x0019, 1, 1, PDU_TLV_NUMBER, "payload_type"},
	{0x001d, 1, 256, PDU_TLV_STRING, "additional_status_info_text"},
	{0x001e, 1, 65, PDU_TLV_STRING, "receipted_message_id"},
	{0x0030, 1, 1, PDU_TLV_NUMBER, "ms_msg_wait_facilities"},
	{0x0201, 1, 1, PDU_TLV_NUMBER, "privacy_indicator"},
	{0x0202, 2, 23, PDU_TLV_OCTETS, "source_subaddress"},
	{0x0203, 2, 23, PDU_TLV_OCTETS, "dest_subaddress"},
	{0x0204, 2, 2, PDU_TLV_NUMBER, "user_message_reference"},
	{0x0205, 1, 1, PDU_TLV_NUMBER, "user_response_code"},
	{0x020a, 2, 2, PDU_TLV_NUMBER, "source_port"},
	{0x020b, 2, 2, PDU_TLV_NUMBER, "destination_port"},
	{0x020c, 2, 2, PDU_TLV_NUMBER, "sar_msg_ref_num"},
	{0x020d, 1, 1, PDU_TLV_NUMBER, "language_indicator"},
	{0x020e, 1, 1, PDU_TLV_NUMBER, "sar_total_segments"},
	{0x020f, 1, 1, PDU_TLV_NUMBER, "sar_segment_seqnum"},
	{0x0210, 1, 1, PDU_TLV_NUMBER, "sc_interface_version"},
	{0x0302, 1, 1, PDU_TLV_NUMBER, "callback_num_pres_ind"},
	{0x0303, 0, 65, PDU_TLV_OCTETS, "callback_num_atag"},
	{0x0304, 1, 1, PDU_TLV_NUMBER, "number_of_messages"},
	{0x0381, 4, 19, PDU_TLV_OCTETS, "callback_num"},
	{0x0420, 1, 1, PDU_TLV_NUMBER, "dpf_result"},
	{0x0421, 1, 1, PDU_TLV_NUMBER, "set_dpf"},
	{0x0422, 1, 1, PDU_TLV_NUMBER, "ms_availability_status"},
	{0x0423, 3, 3, PDU_TLV_OCTETS, "network_error_code"},
	{0x0424, 0, 65535, PDU_TLV_OCTETS, "message_payload"},
	{0x0425, 1, 1, PDU_TLV_NUMBER, "delivery_failure_reason"},
	{0x0426, 1, 1, PDU_TLV_NUMBER, "more_messages_to_send"},
	{0x0427, 1, 1, PDU_TLV_NUMBER, "message_state"},
	{0x0428, 1, 1, PDU_TLV_NUMBER, "congestion_state"},
	{0x0501, 1, 1, PDU_TLV_NUMBER, "ussd_service_op"},
	{0x1201, 1, 1, PDU_TLV_NUMBER, "display_time"},
	{0x1203, 2, 2, PDU_TLV_NUMBER, "sms_signal"},
	{0x1204, 1, 1, PDU_TLV_NUMBER, "ms_validity"},
	{0x130c, 0, 0, PDU_TLV_OCTETS, "alert_on_message_delivery"},
	{0x1380, 1, 1, PDU_TLV_NUMBER, "its_reply_type"},
	{0x1383, 2, 2, PDU_TLV_NUMBER, "its_session_info"},
};

const struct pdu_tlv_facts *
pdu_tlv_facts(uint16_t tag)
{
	size_t low = 0, high = sizeof(facts) / sizeof(facts[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (facts[middle].tag == tag)
			return &facts[middle];
		if (facts[middle].tag < tag)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- In ------------------------------------------------------------------------------------------------------- */

const struct pdu_tlv *
pdu_tlv(const struct pdu *p, uint16_t tag)
{
	for (size_t i = 0; i < p->ntlvs; i++)
		if (p->tlvs[i].tag == tag)
			return &p->tlvs[i];
	return NULL;
}

bool
pdu_tlv_number(const struct pdu *p, uint16_t tag, uint32_t *value)
{
	const struct pdu_tlv *t = pdu_tlv(p, tag);
	uint64_t n = 0;

	if (!t || t->len == 0 || t->len > 8)
		return false;
	for (size_t i = 0; i < t->len; i++)
		n = n << 8 | t->value[i];
	if (n > UINT32_MAX)
		return false;
	*value = (uint32_t)n;
	return true;
}

bool
pdu_tlv_string(const struct pdu *p, uint16_t tag, char *out, size_t room)
{
	const struct pdu_tlv *t = pdu_tlv(p, tag);
	size_t n;

	out[0] = '\0';
	if (!t)
		return false;
	n = strnlen((const char *)t->value, t->len);
	if (n >= room)
		n = room - 1;
	memcpy(out, t->value, n);
	out[n] = '\0';
	return true;
}

/* ---- Out ------------------------------------------------------------------------------------------------------ */

void
pdu_option_octets(struct pdu_options *o, uint16_t tag, const uint8_t *value, size_t len)
{
	const struct pdu_tlv_facts *f = pdu_tlv_facts(tag);
	struct writer w = {.at = o->octets + o->used, .end = o->octets + sizeof(o->octets), .full = o->full};

	if (len > UINT16_MAX || (f && (len < f->least || len > f->most)))
		w.full = true;
	write_u16(&w, tag);
	write_u16(&w, (uint16_t)len);
	write_octets(&w, value, len);
	o->full = w.full;
	if (!w.full)
		o->used = (size_t)(w.at - o->octets);
}

void
pdu_option_number(struct pdu_options *o, uint16_t tag, uint32_t value)
{
	const struct pdu_tlv_facts *f = pdu_tlv_facts(tag);
	size_t width = f ? f->most : 2;
	uint8_t octets[4];

	/* A number for a string, or one that does not fit its octets, is not sent as another one. */
	if ((f && f->kind != PDU_TLV_NUMBER) || (width < 4 && value >> 8 * width)) {
		o->full = true;
		return;
	}
	for (size_t i = 0; i < width; i++)
		octets[i] = (uint8_t)(value >> 8 * (width - 1 - i));
	pdu_option_octets(o, tag, octets, width);
}

void
pdu_option_string(struct pdu_options *o, uint16_t tag, const char *value)
{
	pdu_option_octets(o, tag, (const uint8_t *)value, strlen(value) + 1);
}
