/* The table of keys: each with its type, default, bounds and one sentence. Everything about a key is said here once. */
#include "gateway/conf_internal.h"

#include <string.h>

#include "gateway/rules.h"

static const char *const words_log_level[] = {"debug", "info", "warn", "error", NULL};
static const char *const words_bind[] = {"transceiver", "transmitter+receiver", "transmitter", "receiver", NULL};
static const char *const words_version[] = {"3.3", "3.4", "5.0", NULL};
static const char *const words_submit_with[] = {"submit_sm", "data_sm", NULL};
static const char *const words_long_text[] = {"parts", "payload", NULL};
static const char *const words_alphabet[] = {"gsm7", "latin1", "ascii", "ucs2", NULL};
static const char *const words_national[] = {"turkish", "spanish", "portuguese", "bengali", "gujarati", "hindi",
	"kannada", "malayalam", "oriya", "punjabi", "tamil", "telugu", "urdu", NULL};
static const char *const words_substitutions[] = {"typographic", "fullwidth", "accents", NULL};
static const char *const words_message_id[] = {"auto", "verbatim", "hex", "decimal", NULL};
static const char *const words_uncertain_reply[] = {"send", "hold", NULL};
static const char *const words_uncertain_notice[] = {"send", "receipt", "hold", NULL};
static const char *const words_uncertain_reminder[] = {"receipt", "send", "hold", NULL};
static const char *const words_key[] = {
	"phone", "address", "code", "session", "reference", "receipted_message_id", NULL};
static const char *const words_sequence[] = {"same", "next", NULL};
static const char *const words_end[] = {"operation", "bit0", "both", NULL};
static const char *const words_send[] = {"submit_sm", "data_sm", NULL};
static const char *const words_code_in[] = {"short_message", "destination_addr", NULL};
static const char *const words_wire_log[] = {"off", "headers", "full", NULL};
static const char *const words_trigger[] = {"expiry", "change", "pledge", "automatic", NULL};
static const char *const words_change_fields[] = {"legal_representative", "name", "address", NULL};
static const char *const words_approval[] = {"clerk", "rule", "pledge", NULL};
static const char *const words_identity[] = {"page", "ussd", NULL};
static const char *const words_old_certificate[] = {"on_site", "courier", NULL};
static const char *const words_weekday[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
static const char *const words_delivery[] = {"pick_up", "courier", NULL};

const struct conf_section_facts conf_sections[CONF_SECTIONS] = {
	[CONF_ROOT] = {NULL, NULL, "The program as a whole."},
	[CONF_PUBLIC] = {"public", NULL, "The citizens' page: what the links in the texts lead to."},
	[CONF_STAFF] = {"staff", NULL, "The staff console, the API and the figures for monitoring."},
	[CONF_LINK] = {"link", "east", "One SMPP connection set to a carrier; as many sections as there are carriers."},
	[CONF_BUREAU] = {"bureau", "wendeng", "One public office; as many sections as there are offices."},
	[CONF_ITEM] = {"item", "food-business-renewal",
		"One service item, in a file of the items folder; the title is the item's code."},
	[CONF_PROFILE] = {"profile", "standard",
		"A carrier's way of carrying USSD over SMPP, in a file of the ussd_profiles folder; a link's ussd names the "
		"title."},
};

/* Rows are short this way: the field that bears the key's name is found by it; _AT where the names differ. */
#define TEXT(sec, of, field) .section = sec, .name = #field, .type = CONF_TEXT, .offset = offsetof(struct of, field)
#define TEXT_AT(sec, of, key, field)                                                                                   \
	.section = sec, .name = key, .type = CONF_TEXT, .offset = offsetof(struct of, field)
#define NUMBER(sec, of, field, low, high)                                                                              \
	.section = sec, .name = #field, .type = CONF_NUMBER, .offset = offsetof(struct of, field), .min = low, .max = high
#define BOOL(sec, of, field) .section = sec, .name = #field, .type = CONF_BOOL, .offset = offsetof(struct of, field)
#define LIST(sec, of, field)                                                                                           \
	.section = sec, .name = #field, .type = CONF_LIST, .offset = offsetof(struct of, field),                           \
	.count = offsetof(struct of, n##field)
#define NUMBERS(sec, of, field, low, high)                                                                             \
	.section = sec, .name = #field, .type = CONF_NUMBER_LIST, .offset = offsetof(struct of, field),                    \
	.count = offsetof(struct of, n##field), .min = low, .max = high

/* clang-format off */
const struct conf_key conf_keys[] = {
	/* ---- the root ---- */
	{TEXT(CONF_ROOT, conf, database), .fallback = "host=/run/huizhi dbname=huizhi",
		.check = conf_check_not_empty,
		.sentence = "PostgreSQL connection string as libpq takes it; several hosts with target_session_attrs=read-write "
			"find a primary that moved."},
	{TEXT(CONF_ROOT, conf, keys), .fallback = "/etc/huizhi/keys", .check = conf_check_not_empty,
		.sentence = "Folder of the secret keys that `huizhi keygen` makes; its files have mode 0600."},
	{TEXT(CONF_ROOT, conf, templates), .fallback = "templates", .check = conf_check_not_empty,
		.sentence = "Folder of dialogs, wordings and pages."},
	{TEXT_AT(CONF_ROOT, conf, "items", items_dir), .fallback = "conf/items", .check = conf_check_not_empty,
		.sentence = "Folder of the item catalogue; every file NAME.conf in it is read."},
	{TEXT_AT(CONF_ROOT, conf, "ussd_profiles", profiles_dir), .fallback = "conf/ussd", .check = conf_check_not_empty,
		.sentence = "Folder of the USSD profiles; every file NAME.conf in it is read."},
	{TEXT(CONF_ROOT, conf, log_level), .fallback = "info", .words = words_log_level, .reload = true,
		.sentence = "The least level that is logged."},
	{NUMBER(CONF_ROOT, conf, batch_max, 1, 10000), .fallback = "256",
		.sentence = "Turns that go into one database transaction at most."},
	{NUMBER(CONF_ROOT, conf, turn_connections, 1, 16), .fallback = "2",
		.sentence = "Database connections for turns: so many batches at the same time; one for each core of the database does."},
	{NUMBER(CONF_ROOT, conf, lease_seconds, 5, 3600), .fallback = "60",
		.sentence = "How long a daemon owns the outbox rows it has claimed, in seconds."},
	{NUMBER(CONF_ROOT, conf, seal_seconds, 0, 86400), .reload = true, .fallback = "60",
		.sentence = "How often the daemon seals what is new in the trail, in seconds; 0 = never by itself (huizhi trail seal)."},
	{NUMBER(CONF_ROOT, conf, incomplete_minutes, 1, 10080), .fallback = "60",
		.sentence = "How long the parts of a citizen's long text wait for those that are missing, in minutes; then a clerk reads "
			"what there is."},

	{LIST(CONF_ROOT, conf, webhook_allow), .fallback = "", .check = conf_check_network,
		.sentence = "Networks that webhooks may go to beside the public internet, such as \"10.1.0.0/16\" or \"127.0.0.1\"."},
	{NUMBER(CONF_ROOT, conf, webhook_tries, 1, 100), .fallback = "12",
		.sentence = "How often an event is brought to a webhook that does not take it, before it is dead."},
	{NUMBER(CONF_ROOT, conf, webhook_backoff_seconds, 1, 3600), .fallback = "10",
		.sentence = "How long after the first such try the next one comes, in seconds; each further wait is twice as long, six hours "
			"at most."},

	/* ---- public ---- */
	{TEXT_AT(CONF_PUBLIC, conf, "listen", public_listen), .fallback = "127.0.0.1:8080",
		.check = conf_check_listen,
		.sentence = "Address and port that the citizens' page listens on."},
	{TEXT_AT(CONF_PUBLIC, conf, "url", public_url), .sample = "https://v.example.org", .check = conf_check_url,
		.sentence = "Where citizens reach the page; links in texts begin with it, and up to 29 characters leave the texts in two "
			"parts. Absent: http:// and the listen address."},
	{.section = CONF_PUBLIC, .name = "proxy", .type = CONF_NUMBER, .offset = offsetof(struct conf, public_proxy),
		.min = 0, .max = 10, .fallback = "0",
		.sentence = "How many proxies in front are trusted to add X-Forwarded-For."},

	/* ---- staff ---- */
	{TEXT_AT(CONF_STAFF, conf, "listen", staff_listen), .fallback = "127.0.0.1:8081",
		.check = conf_check_listen,
		.sentence = "Address and port that the staff console, the API and /metrics listen on."},
	{.section = CONF_STAFF, .name = "proxy", .type = CONF_NUMBER, .offset = offsetof(struct conf, staff_proxy),
		.min = 0, .max = 10, .fallback = "0",
		.sentence = "How many proxies in front of it are trusted to add X-Forwarded-For: wrong passwords are counted by "
			"address."},

	/* ---- link ---- */
	{LIST(CONF_LINK, conf_link, hosts), .required = true, .may_be_empty = true, .sample = "127.0.0.1:2775",
		.check = conf_check_host_port,
		.sentence = "The carrier's hosts as host:port, tried in this order: the first is preferred, and returned to. May be "
			"empty where the carrier connects to us (outbind)."},
	{TEXT(CONF_LINK, conf_link, system_id), .required = true, .sample = "huizhi",
		.check = conf_check_system_id,
		.sentence = "The account's name at the carrier, at most 15 characters."},
	{TEXT(CONF_LINK, conf_link, password), .sample = "secret", .check = conf_check_password,
		.sentence = "The account's password, at most 8 characters as SMPP has it; this or password_file must be given."},
	{TEXT(CONF_LINK, conf_link, password_file), .sample = "/etc/huizhi/east.password",
		.check = conf_check_not_empty,
		.sentence = "A file of mode 0600 that holds the password alone; instead of password."},
	{TEXT(CONF_LINK, conf_link, system_type), .fallback = "", .check = conf_check_system_type,
		.sentence = "The system type that the carrier asks for at bind, at most 12 characters."},
	{TEXT(CONF_LINK, conf_link, bind), .fallback = "transceiver", .words = words_bind,
		.sentence = "One session both ways, a pair of them, or one that only sends or only receives."},
	{TEXT(CONF_LINK, conf_link, interface_version), .fallback = "3.4", .words = words_version,
		.sentence = "The version of SMPP that the bind names; what is sent is 3.4 with each."},
	{NUMBER(CONF_LINK, conf_link, addr_ton, 0, 255), .fallback = "0",
		.sentence = "The type of number of address_range."},
	{NUMBER(CONF_LINK, conf_link, addr_npi, 0, 255), .fallback = "0",
		.sentence = "The numbering plan of address_range."},
	{TEXT(CONF_LINK, conf_link, address_range), .fallback = "", .check = conf_check_address_range,
		.sentence = "The addresses that this session serves, as the carrier wants them at bind, at most 40 characters; "
			"empty = the carrier knows."},
	{TEXT(CONF_LINK, conf_link, outbind), .fallback = "", .check = conf_check_outbind,
		.sentence = "Address and port on which to await the carrier's own connection and its outbind; the session that "
			"receives is then bound on that connection. Empty = never."},
	{TEXT(CONF_LINK, conf_link, outbind_system_id), .fallback = "", .check = conf_check_system_type,
		.sentence = "The system_id that the carrier's outbind must bear; empty = any."},
	{TEXT(CONF_LINK, conf_link, outbind_password), .fallback = "", .check = conf_check_password,
		.sentence = "The password that the carrier's outbind must bear; empty = any."},
	{NUMBER(CONF_LINK, conf_link, window, 1, 10000), .fallback = "64",
		.sentence = "Parts that may wait for their response at the same time."},
	{NUMBER(CONF_LINK, conf_link, rate, 0, 100000), .fallback = "0",
		.sentence = "Parts per second at most; 0 = no limit."},
	{BOOL(CONF_LINK, conf_link, tls), .fallback = "false",
		.sentence = "Speak TLS and check the carrier's certificate."},
	{TEXT(CONF_LINK, conf_link, tls_ca), .sample = "/etc/huizhi/carrier-ca.pem", .check = conf_check_not_empty,
		.sentence = "The authorities that the carrier's certificate may come from, as PEM. Absent: those of the system."},
	{TEXT(CONF_LINK, conf_link, tls_certificate), .sample = "/etc/huizhi/east.pem", .check = conf_check_not_empty,
		.sentence = "The certificate that we show to the carrier, with what leads to its authority, as PEM."},
	{TEXT(CONF_LINK, conf_link, tls_key), .sample = "/etc/huizhi/east.key", .check = conf_check_not_empty,
		.sentence = "The secret key of that certificate, as PEM in a file of mode 0600."},
	{TEXT(CONF_LINK, conf_link, tls_name), .sample = "smpp.carrier.example", .check = conf_check_not_empty,
		.sentence = "The name that the carrier's certificate must bear. Absent: the host's."},
	{TEXT(CONF_LINK, conf_link, default_alphabet), .fallback = "gsm7", .words = words_alphabet,
		.sentence = "What the carrier means by data_coding 0."},
	{BOOL(CONF_LINK, conf_link, gsm7_packed), .fallback = "false",
		.sentence = "Texts of the GSM alphabet have eight septets in seven octets, both ways, instead of one in each octet."},
	{LIST(CONF_LINK, conf_link, data_codings), .fallback = "", .check = conf_check_data_coding,
		.sentence = "What other values of data_coding mean on this link where it is not what SMPP says, each as "
			"NUMBER=ALPHABET, such as \"4=latin1\" or \"15=utf8\": gsm7, gsm7-packed, latin1, ascii, cyrillic, hebrew, ucs2, "
			"utf8 or binary."},
	{NUMBER(CONF_LINK, conf_link, data_coding_gsm7, 0, 255), .fallback = "0",
		.sentence = "The data_coding that texts of the GSM alphabet are sent with; they are written in the alphabet that it "
			"means on this link, and all as UCS-2 where it means that."},
	{NUMBER(CONF_LINK, conf_link, data_coding_ucs2, 0, 255), .fallback = "8",
		.sentence = "The data_coding that all other texts are sent with."},
	{LIST(CONF_LINK, conf_link, national_shift), .fallback = "", .words = words_national,
		.sentence = "Languages whose national tables (3GPP TS 23.038, annex A) the carrier and its phones know; they are used "
			"where they save a part. Texts in are read by all of them anyway."},
	{TEXT(CONF_LINK, conf_link, message_id), .fallback = "auto", .words = words_message_id,
		.sentence = "How the ids in receipts relate to those in responses: compared as they are, as hexadecimal or as "
			"decimal numbers, or found out."},
	{TEXT(CONF_LINK, conf_link, ussd), .fallback = "standard", .check = conf_check_not_empty,
		.sentence = "The carrier's way of carrying USSD over SMPP: a profile of the ussd_profiles folder; none = no USSD on this "
			"link."},
	{NUMBER(CONF_LINK, conf_link, ussd_reply_seconds, 0, 600), .fallback = "0",
		.sentence = "An answer in a USSD session must be given within this time, in seconds; what comes later is sent as a text. 0 = as "
			"the profile says."},
	{NUMBER(CONF_LINK, conf_link, ussd_idle_seconds, 0, 3600), .fallback = "0",
		.sentence = "The network ends a USSD session that is silent for so long, in seconds; 0 = as the profile says."},
	{BOOL(CONF_LINK, conf_link, receipts), .fallback = "true",
		.sentence = "Ask for a delivery receipt for every part."},
	{NUMBER(CONF_LINK, conf_link, enquire_seconds, 1, 3600), .fallback = "30",
		.sentence = "Send enquire_link after this much silence, in seconds."},
	{NUMBER(CONF_LINK, conf_link, response_seconds, 1, 3600), .fallback = "60",
		.sentence = "Wait this long for a response before the session is begun anew, in seconds."},
	{NUMBER(CONF_LINK, conf_link, bind_seconds, 1, 600), .fallback = "15",
		.sentence = "Wait this long for a connection and for the answer to the bind, in seconds."},
	{NUMBER(CONF_LINK, conf_link, dead_seconds, 1, 3600), .fallback = "60",
		.sentence = "After enquire_link, or with octets that the carrier does not take, wait this long before the connection "
			"counts as dead, in seconds."},
	{NUMBER(CONF_LINK, conf_link, unbind_seconds, 1, 600), .fallback = "5",
		.sentence = "Wait this long for the end of a session that was unbound, in seconds."},
	{NUMBER(CONF_LINK, conf_link, return_seconds, 0, 86400), .fallback = "300",
		.sentence = "On a host that is not the preferred one, see this often whether that one is back, in seconds; the "
			"session is drained before it moves. 0 = stay."},
	{NUMBER(CONF_LINK, conf_link, refused_seconds, 1, 86400), .fallback = "300",
		.sentence = "After a bind refused for its password, system_id or system_type, try again this often, in seconds: more "
			"would lock the account."},
	{NUMBER(CONF_LINK, conf_link, backoff_bind_ms, 10, 3600000), .fallback = "5000",
		.sentence = "The shortest pause before the next try after a bind that was refused for now (already bound), in "
			"milliseconds."},
	{NUMBER(CONF_LINK, conf_link, throttle_min_ms, 10, 60000), .fallback = "500",
		.sentence = "How long the link pauses when the carrier says that it is too fast, in milliseconds; twice as long each "
			"time until a part is accepted."},
	{NUMBER(CONF_LINK, conf_link, throttle_max_ms, 10, 600000), .fallback = "30000",
		.sentence = "The longest such pause, in milliseconds."},
	{NUMBER(CONF_LINK, conf_link, backoff_min_ms, 10, 600000), .fallback = "500",
		.sentence = "The shortest pause before the next try to connect, in milliseconds."},
	{NUMBER(CONF_LINK, conf_link, backoff_max_ms, 10, 3600000), .fallback = "60000",
		.sentence = "The longest pause before the next try to connect, in milliseconds."},
	{TEXT(CONF_LINK, conf_link, service_type), .fallback = "", .check = conf_check_service_type,
		.sentence = "The service_type of texts that we send, at most 5 characters; empty = the carrier's own."},
	{TEXT(CONF_LINK, conf_link, source_ton), .fallback = "auto", .check = conf_check_ton,
		.sentence = "The type of number of our address: auto = 0 for a short code, 1 with a plus, 5 for a name; or the number that "
			"the carrier wants for all but names."},
	{TEXT(CONF_LINK, conf_link, source_npi), .fallback = "auto", .check = conf_check_ton,
		.sentence = "The numbering plan of our address: auto = 1, 0 for a name; or a number."},
	{TEXT(CONF_LINK, conf_link, dest_ton), .fallback = "auto", .check = conf_check_ton,
		.sentence = "The type of number of the citizen's address: auto = 1 with its country code; or a number."},
	{TEXT(CONF_LINK, conf_link, dest_npi), .fallback = "auto", .check = conf_check_ton,
		.sentence = "The numbering plan of the citizen's address: auto = 1; or a number."},
	{TEXT(CONF_LINK, conf_link, submit_with), .fallback = "submit_sm", .words = words_submit_with,
		.sentence = "The PDU that carries our texts."},
	{TEXT(CONF_LINK, conf_link, long_text), .fallback = "parts", .words = words_long_text,
		.sentence = "How a text goes that does not fit one part: cut by us, or whole in message_payload and cut by the "
			"carrier."},
	{LIST(CONF_LINK, conf_link, statuses), .reload = true, .sample = "0x400=retry,0x410-0x41f=permanent,unknown=retry",
		.check = conf_check_status,
		.sentence = "What this carrier means by its statuses, where the built-in table does not know or is wrong: "
			"STATUS=ACTION with one status, a range, or unknown for all that no table has; the narrowest counts. Actions: "
			"throttle, retry, rebind, backoff, alarm, permanent."},
	{NUMBERS(CONF_LINK, conf_link, retry_seconds, 0, 604800), .reload = true, .fallback = "5,30,120,600",
		.sentence = "After a refusal that may pass (a fault of the carrier), how long each further attempt waits, in "
			"seconds; there are as many as the list is long."},
	{NUMBERS(CONF_LINK, conf_link, unknown_seconds, 0, 604800), .reload = true, .fallback = "5,30,120,600",
		.sentence = "The same after a status that no table has."},
	{NUMBERS(CONF_LINK, conf_link, rebind_seconds, 0, 604800), .reload = true, .fallback = "0,0,5,30,120,600",
		.sentence = "The same after a refusal of the session, not of the text; these are not counted as attempts of the "
			"text."},
	{TEXT(CONF_LINK, conf_link, uncertain_reply), .fallback = "send", .words = words_uncertain_reply,
		.sentence = "Replies that were in flight when the connection dropped: send them again, or hold them for a person."},
	{TEXT(CONF_LINK, conf_link, uncertain_notice), .fallback = "send", .words = words_uncertain_notice,
		.sentence = "The same for texts that nobody has just asked for, such as a decision or a code: send them again, wait for a "
			"receipt first, or hold them."},
	{TEXT(CONF_LINK, conf_link, uncertain_reminder), .fallback = "receipt", .words = words_uncertain_reminder,
		.sentence = "Reminders that were in flight: wait for a receipt and then send once more, send at once, or hold."},
	{NUMBER(CONF_LINK, conf_link, receipt_wait_seconds, 0, 604800), .fallback = "3600",
		.sentence = "How long such a text waits for its receipt, in seconds."},
	{NUMBER(CONF_LINK, conf_link, receipt_timeout_hours, 0, 8760), .fallback = "72",
		.sentence = "How long a receipt may take, in hours; after that the text counts as a technical failure, and a late receipt "
			"still corrects it. 0 = for ever."},
	{BOOL(CONF_LINK, conf_link, query), .fallback = "false",
		.sentence = "Ask the carrier (query_sm) about texts whose receipt does not come; for carriers that answer it."},
	{BOOL(CONF_LINK, conf_link, cancel), .fallback = "true",
		.sentence = "Take back (cancel_sm) what the carrier still holds of a campaign that is stopped."},
	{NUMBER(CONF_LINK, conf_link, weight, 0, 1000), .fallback = "1",
		.sentence = "This link's share of what its bureaus' links carry, beside the others' weights; 0 = it carries something only "
			"while no other one can."},
	{NUMBER(CONF_LINK, conf_link, failover_seconds, 0, 86400), .fallback = "30",
		.sentence = "When the link has been down for so long, the reminders that wait for it go to another link of their bureau, in "
			"seconds; replies go at once."},
	{NUMBER(CONF_LINK, conf_link, suffix_digits, 0, 10), .fallback = "0",
		.sentence = "How many digits the carrier lets us add to a short code, so that an answer names its conversation; 0 = none."},
	{TEXT(CONF_LINK, conf_link, wire_log), .fallback = "off", .words = words_wire_log, .reload = true,
		.sentence = "Write each PDU as a line into the log: headers = with phones and texts masked, full = with them. Passwords never "
			"show. `huizhi link log` switches it while the daemon runs."},
	{TEXT(CONF_LINK, conf_link, wire_pcap), .fallback = "", .check = conf_check_wire_pcap, .reload = true,
		.sentence = "Capture the link's PDUs into this file for Wireshark, as they are inside TLS too; phones and texts are starred out "
			"unless wire_log is full, passwords always. An absolute path; one file for each link. Empty = no capture."},
	{NUMBER(CONF_LINK, conf_link, wire_pcap_mb, 1, 4096), .fallback = "64", .reload = true,
		.sentence = "At this size, in megabytes, the capture goes on in a new file and the full one is kept as FILE.1, the one before "
			"being removed."},

	/* ---- bureau ---- */
	{NUMBER(CONF_BUREAU, conf_bureau, id, 1, 2147483647), .required = true, .sample = "1",
		.sentence = "The bureau's number in the database; never changed and never given to another bureau."},
	{TEXT(CONF_BUREAU, conf_bureau, name), .reload = true, .required = true, .sample = "文登区行政审批服务局",
		.check = conf_check_not_empty,
		.sentence = "The bureau's name as citizens know it; texts have room for 20 characters."},
	{TEXT(CONF_BUREAU, conf_bureau, signature), .required = true, .sample = "【文登审批】",
		.check = conf_check_signature,
		.sentence = "What every text begins with, at most 10 characters with its brackets."},
	{TEXT(CONF_BUREAU, conf_bureau, short_code), .required = true, .sample = "10690001", .check = conf_check_address,
		.sentence = "The number that texts come from and that citizens answer to."},
	{TEXT(CONF_BUREAU, conf_bureau, ussd_code), .fallback = "", .check = conf_check_ussd_code,
		.sentence = "The code that citizens dial to reach the bureau by USSD, as *123# or *123*45#; empty = none."},
	{TEXT(CONF_BUREAU, conf_bureau, sender), .fallback = "", .check = conf_check_sender,
		.sentence = "A name of at most 11 characters that texts come from instead of the short code, where carriers want one; citizens "
			"cannot answer to a name, so the wordings must say the short code. Empty: the short code."},
	{LIST(CONF_BUREAU, conf_bureau, links), .required = true, .sample = "east",
		.sentence = "The links that carry the bureau's texts, each as much as its weight says."},
	{LIST(CONF_BUREAU, conf_bureau, languages), .fallback = "zh,en", .check = conf_check_language,
		.sentence = "The languages the bureau speaks, by code; the first is used where a holder's is not known. Each needs its wording "
			"in the templates."},
	{TEXT(CONF_BUREAU, conf_bureau, timezone), .fallback = "Asia/Shanghai", .check = conf_check_timezone,
		.sentence = "The time zone of its days and hours."},
	{TEXT(CONF_BUREAU, conf_bureau, send_hours), .reload = true, .fallback = "09:00-20:00", .check = conf_check_send_hours,
		.sentence = "When reminders may be sent; \"00:00-24:00\" = always. Replies are not held back."},
	{TEXT(CONF_BUREAU, conf_bureau, country), .fallback = "86", .check = conf_check_digits,
		.sentence = "The country code of phones that are written nationally."},
	{LIST(CONF_BUREAU, conf_bureau, items), .reload = true, .sample = "food-business-renewal,public-place-hygiene-renewal",
		.sentence = "The items the bureau offers, by code. Absent: the whole catalogue."},
	{LIST(CONF_BUREAU, conf_bureau, substitutions), .reload = true, .fallback = "", .words = words_substitutions,
		.sentence = "Plain signs for those of the wordings that the GSM alphabet lacks, where a text then stays within that alphabet "
			"and takes fewer parts: typographic (quotes, dashes, ellipsis, spaces), fullwidth (letters and digits), accents "
			"(letters without them). Names, addresses and all else that is filled in stay as they are on file."},
	{LIST(CONF_BUREAU, conf_bureau, holidays), .reload = true, .fallback = "", .check = conf_check_date,
		.sentence = "Days without reminders, as YYYY-MM-DD."},
	{LIST(CONF_BUREAU, conf_bureau, weekend), .reload = true, .fallback = "", .words = words_weekday,
		.sentence = "Days of the week that are no working days: no reminders are sent, and a reminder day or a day to phone that "
			"falls on one moves to the working day before."},
	{LIST(CONF_BUREAU, conf_bureau, workdays), .reload = true, .fallback = "", .check = conf_check_date,
		.sentence = "Days of a weekend that are worked all the same, as YYYY-MM-DD."},
	{TEXT(CONF_BUREAU, conf_bureau, scan_at), .reload = true, .fallback = "07:00", .check = conf_check_scan_at,
		.sentence = "When the daily scan for expiring licences runs, as HH:MM; empty = never by itself."},
	{TEXT(CONF_BUREAU, conf_bureau, address), .reload = true, .fallback = "",
		.sentence = "The address of the counter, where old certificates are handed in and new ones fetched; texts have room for "
			"40 characters."},
	{TEXT(CONF_BUREAU, conf_bureau, telephone), .reload = true, .fallback = "",
		.sentence = "The telephone number that texts and pages name for questions, at most 16 characters."},
	{TEXT(CONF_BUREAU, conf_bureau, identity_url), .reload = true, .fallback = "", .check = conf_check_identity_url,
		.sentence = "Where the bureau's identity platform checks a person, by a face check say: the page offers it beside the "
			"number. Empty = there is none."},
	{TEXT(CONF_BUREAU, conf_bureau, identity_key), .reload = true, .fallback = "", .check = conf_check_identity_key,
		.sentence = "The platform's public key (Ed25519), 64 hexadecimal digits: nothing else that comes back is believed."},
	{BOOL(CONF_BUREAU, conf_bureau, webhook_push), .reload = true, .fallback = "false",
		.sentence = "Webhooks for application.reminded get the reminder's phone and words too (push), for a service of the bureau "
			"that brings them by WeChat, say, beside the text; nothing else that is posted names a person."},
	{NUMBER(CONF_BUREAU, conf_bureau, grant_hours, 1, 2160), .reload = true, .fallback = "168",
		.sentence = "How long a link in a text is good for, in hours."},
	{NUMBER(CONF_BUREAU, conf_bureau, code_minutes, 1, 10080), .reload = true, .fallback = "1440",
		.sentence = "How long a short code is good for, in minutes."},
	{NUMBER(CONF_BUREAU, conf_bureau, api_rate, 0, 1000000), .reload = true, .fallback = "600",
		.sentence = "Requests that each API key may make in a minute, at each daemon; 0 = no limit."},
	{NUMBER(CONF_BUREAU, conf_bureau, retention_days, 0, 36500), .reload = true, .fallback = "1825",
		.sentence = "After how many days phones, texts, identity numbers and addresses of ended applications are blacked out, and "
			"those of holders whose licences ran out as long ago; 0 = never."},
	{NUMBER(CONF_BUREAU, conf_bureau, retention_texts_days, 0, 36500), .reload = true, .fallback = "0",
		.sentence = "After how many days the words of texts are blacked out, whatever became of their application; 0 = with it."},
	{NUMBER(CONF_BUREAU, conf_bureau, retention_records_days, 0, 36500), .reload = true, .fallback = "0",
		.sentence = "After how many days whole months of texts and of the trail are dropped; the longest of all bureaus counts, for they "
			"share the months; 0 = never."},
	{NUMBER(CONF_BUREAU, conf_bureau, keep_days, 0, 36500), .reload = true, .fallback = "0",
		.sentence = "How many days the law obliges the bureau to keep the file of an application after its end: huizhi person erase "
			"leaves it for so long; 0 = not at all."},
	{NUMBER(CONF_BUREAU, conf_bureau, two_person_over, 0, 10000000), .reload = true, .fallback = "0",
		.sentence = "A campaign to more phones than this is started by a second person; 0 = one person is enough for any."},
	{LIST(CONF_BUREAU, conf_bureau, trial_phones), .reload = true, .fallback = "", .check = conf_check_trial_phone,
		.sentence = "Phones of the bureau's own team: while any stands here the bureau is on trial, and nobody else gets a "
			"reminder. Empty: everybody."},
	{TEXT(CONF_BUREAU, conf_bureau, part_cost), .reload = true, .fallback = "", .check = conf_check_cost,
		.sentence = "What the carrier takes for one part, such as 0.045, so that a campaign's cost is shown before it is sent; empty "
			"= it is not."},
	{TEXT(CONF_BUREAU, conf_bureau, currency), .reload = true, .fallback = "CNY",
		.sentence = "What part_cost is in, as it stands behind the amount."},

	/* ---- item ---- */
	{TEXT(CONF_ITEM, conf_item, name_zh), .reload = true, .required = true, .sample = "食品经营许可证延续",
		.check = conf_check_not_empty,
		.sentence = "The item's name in Chinese; texts have room for 36 characters."},
	{TEXT(CONF_ITEM, conf_item, name_en), .reload = true, .required = true, .sample = "Food business licence renewal",
		.check = conf_check_not_empty,
		.sentence = "The item's name in English; texts have room for 36 characters."},
	{TEXT(CONF_ITEM, conf_item, trigger), .required = true, .sample = "expiry", .words = words_trigger,
		.sentence = "What starts it: the expiry day, a change in the business register, a pledge, or a check by rules."},
	{NUMBER(CONF_ITEM, conf_item, window_before, 0, 730), .reload = true, .fallback = "90",
		.sentence = "Days before the expiry day from which an application may be made (a change: before the day of the "
			"change)."},
	{NUMBER(CONF_ITEM, conf_item, window_after, 0, 730), .reload = true, .fallback = "0",
		.sentence = "Days after that day until which it still may."},
	{NUMBERS(CONF_ITEM, conf_item, reminder_days, 0, 730), .reload = true, .fallback = "30,7",
		.sentence = "Days before the expiry day on which a reminder is due, the largest first (a change: before the last "
			"day of its window)."},
	{NUMBER(CONF_ITEM, conf_item, phone_days, 0, 730), .reload = true, .fallback = "3",
		.sentence = "Who has not answered so many days before the expiry day (a change: before the last day of its window) goes on "
			"the list to phone; 0 = only when the dialog's own silence says so."},
	{TEXT(CONF_ITEM, conf_item, dialog), .fallback = "renewal", .check = conf_check_not_empty,
		.sentence = "The dialog that is held with the holder: NAME.dlg in the templates folder."},
	{TEXT(CONF_ITEM, conf_item, approval), .reload = true, .fallback = "clerk", .words = words_approval,
		.sentence = "Who approves: a clerk, a rule, or a pledge that is checked afterwards."},
	{LIST(CONF_ITEM, conf_item, rules), .reload = true, .fallback = "", .check = rules_check,
		.sentence = "For approval = \"rule\": what must all hold, else a clerk decides: \"identity proven\", \"nothing said wrong\", "
			"\"no change\" (in the business register since the licence was issued), \"no mark\" (a pledge not kept), \"in window\", "
			"and comparisons of the licence's facts, such as \"area <= 500\", \"inspection = passed\" or \"area = fact.measured\"."},
	{TEXT(CONF_ITEM, conf_item, certificate_no), .reload = true, .fallback = "", .check = conf_check_certificate,
		.sentence = "How certificates are numbered at approval: {year} and {serial} (a number of the bureau, the item and the year) "
			"are filled in. Empty: the licence keeps its number."},
	{NUMBER(CONF_ITEM, conf_item, check_days, 1, 730), .reload = true, .fallback = "30",
		.sentence = "For approval = \"pledge\": within how many days of the approval it is checked whether the pledge was kept."},
	{NUMBER(CONF_ITEM, conf_item, arrival_days, 0, 365), .reload = true, .fallback = "15",
		.sentence = "After how many days a certificate sent by courier counts as delivered, if nobody has said so before; 0 = never."},
	{LIST(CONF_ITEM, conf_item, old_certificate), .reload = true, .fallback = "on_site,courier", .words = words_old_certificate,
		.sentence = "How the old certificate may go back."},
	{LIST(CONF_ITEM, conf_item, delivery), .reload = true, .fallback = "pick_up,courier", .words = words_delivery,
		.sentence = "How the new certificate may come."},
	{LIST(CONF_ITEM, conf_item, identity), .reload = true, .fallback = "page", .words = words_identity,
		.sentence = "Where a holder may prove identity by the last six characters of the identity or credit number: on the page "
			"(always), and in a USSD session."},
	{LIST(CONF_ITEM, conf_item, languages), .fallback = "zh,en", .check = conf_check_language,
		.sentence = "The languages in which the item can be handled."},
	{LIST(CONF_ITEM, conf_item, change_fields), .words = words_change_fields,
		.sentence = "For a change: which entry of the business register must have changed. Absent: any."},
	{LIST(CONF_ITEM, conf_item, bureaus),
		.sentence = "The bureaus this definition is for, by code; it wins over one for any. Absent: any bureau."},

	/* ---- profile ---- */
	{LIST(CONF_PROFILE, conf_profile, key), .required = true, .sample = "phone,session", .words = words_key,
		.sentence = "What names a session while it lives, together: the citizen's address, ours, the first digits of ours "
			"(123 of *123*4# and of 123), its_session_info, user_message_reference, receipted_message_id. These are "
			"sent back with each answer."},
	{TEXT(CONF_PROFILE, conf_profile, session_mask), .fallback = "0xFFFF", .check = conf_check_mask,
		.sentence = "Which bits of its_session_info name the session."},
	{TEXT(CONF_PROFILE, conf_profile, session_sequence), .fallback = "same", .words = words_sequence,
		.sentence = "Bits 7 to 1 of its_session_info in an answer: as they came, or one more."},
	{TEXT(CONF_PROFILE, conf_profile, end), .fallback = "both", .words = words_end,
		.sentence = "What shows the end of a session: the operation, bit 0 of its_session_info, or both."},
	{NUMBERS(CONF_PROFILE, conf_profile, dial, 0, 255), .fallback = "0,1",
		.sentence = "Operations (ussd_service_op) with which the carrier says that a code was dialled."},
	{NUMBERS(CONF_PROFILE, conf_profile, input, 0, 255), .fallback = "18",
		.sentence = "Operations that bring the answer to a menu."},
	{NUMBERS(CONF_PROFILE, conf_profile, input_last, 0, 255), .fallback = "",
		.sentence = "Operations that bring an answer after which the session is over."},
	{NUMBERS(CONF_PROFILE, conf_profile, noticed, 0, 255), .fallback = "19",
		.sentence = "Operations that confirm a notification."},
	{LIST(CONF_PROFILE, conf_profile, released), .fallback = "", .check = conf_check_released,
		.sentence = "Operations that end the session, each with the reason in words: \"65 hang-up\"."},
	{NUMBER(CONF_PROFILE, conf_profile, menu_op, -1, 255), .fallback = "2",
		.sentence = "Our operation for a menu; with this one and those below, -1 = the carrier has none."},
	{NUMBER(CONF_PROFILE, conf_profile, end_op, -1, 255), .fallback = "17",
		.sentence = "Our operation for the last text of a session that the citizen opened."},
	{NUMBER(CONF_PROFILE, conf_profile, end_pushed_op, -1, 255), .fallback = "3",
		.sentence = "Our operation for the last text of a session that we opened."},
	{NUMBER(CONF_PROFILE, conf_profile, end_data_op, -1, 255), .fallback = "16",
		.sentence = "Our operation for the only answer to a code that came as operation 0."},
	{NUMBER(CONF_PROFILE, conf_profile, push_menu_op, -1, 255), .fallback = "2",
		.sentence = "Our operation that opens a session with a menu; it carries nothing that names a session."},
	{NUMBER(CONF_PROFILE, conf_profile, push_note_op, -1, 255), .fallback = "3",
		.sentence = "Our operation that shows a notification and awaits nothing but its confirmation."},
	{NUMBER(CONF_PROFILE, conf_profile, release_op, -1, 255), .fallback = "17",
		.sentence = "Our operation that ends a session without a text."},
	{TEXT(CONF_PROFILE, conf_profile, send), .fallback = "submit_sm", .words = words_send,
		.sentence = "The PDU that carries what we say; data_sm always has its text in message_payload."},
	{BOOL(CONF_PROFILE, conf_profile, payload), .fallback = "false",
		.sentence = "Carry the text in message_payload instead of short_message."},
	{TEXT(CONF_PROFILE, conf_profile, service_type), .fallback = "USSD", .check = conf_check_service_type,
		.sentence = "The service_type of what we say, at most 5 characters."},
	{NUMBER(CONF_PROFILE, conf_profile, data_coding_gsm7, 0, 255), .fallback = "0",
		.sentence = "The data_coding that means the GSM alphabet."},
	{NUMBER(CONF_PROFILE, conf_profile, data_coding_ucs2, 0, 255), .fallback = "8",
		.sentence = "The data_coding that means UCS-2."},
	{BOOL(CONF_PROFILE, conf_profile, packed), .fallback = "false",
		.sentence = "Texts in the GSM alphabet travel with eight characters in seven octets, both ways."},
	{NUMBER(CONF_PROFILE, conf_profile, length_gsm7, 1, 182), .fallback = "182",
		.sentence = "Characters of the GSM alphabet that one screen holds."},
	{NUMBER(CONF_PROFILE, conf_profile, length_ucs2, 1, 80), .fallback = "80",
		.sentence = "UCS-2 characters that one screen holds."},
	{LIST(CONF_PROFILE, conf_profile, code_in), .fallback = "short_message,destination_addr", .words = words_code_in,
		.sentence = "Where the dialled code may stand."},
	{NUMBER(CONF_PROFILE, conf_profile, reply_seconds, 1, 600), .fallback = "10",
		.sentence = "How long the network waits for our answer, in seconds; a link's ussd_reply_seconds wins."},
	{NUMBER(CONF_PROFILE, conf_profile, idle_seconds, 5, 3600), .fallback = "180",
		.sentence = "After how long a silent session is ended by the network, in seconds; a link's ussd_idle_seconds wins."},
	{.name = NULL},
};
/* clang-format on */

bool
conf_fallback_element(const char *fallback, size_t n, char *out, size_t room)
{
	if (fallback == NULL || fallback[0] == '\0')
		return false;
	for (; n > 0; n--) {
		fallback = strchr(fallback, ',');
		if (fallback == NULL)
			return false;
		fallback++;
	}
	size_t len = strcspn(fallback, ",");
	if (len >= room)
		len = room - 1;
	memcpy(out, fallback, len);
	out[len] = '\0';
	return true;
}
