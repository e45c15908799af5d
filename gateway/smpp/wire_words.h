/* The words of SMPP 3.4, chapter 5, for the numbers of a PDU's fields. Pure; "" for a number without a word. */
#ifndef GATEWAY_SMPP_WIRE_WORDS_H
#define GATEWAY_SMPP_WIRE_WORDS_H

#include <stddef.h>
#include <stdint.h>

const char *wire_ton_word(uint8_t ton);
const char *wire_npi_word(uint8_t npi);
const char *wire_coding_word(uint8_t data_coding);
const char *wire_state_word(uint32_t message_state);
const char *wire_ussd_word(uint32_t ussd_service_op);
const char *wire_delivery_word(uint8_t registered_delivery);
/* Several words with commas: "datagram, receipt, user data header". Writes "" for 0. */
void wire_esm_words(uint8_t esm_class, char *out, size_t room);

#endif
