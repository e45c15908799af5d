/*
 * The configuration, read with libconfuse. One table of keys (conf_keys.c) gives each its type, default and one
 * sentence; parsing, `huizhid -n`, printing back, conf/huizhi.conf and the man page all come from it. A key has the
 * name of its field here.
 */
#ifndef GATEWAY_CONF_H
#define GATEWAY_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ussd_profile;

/* How a carrier carries USSD over SMPP; gateway/smpp/ussd.h says what each means. */
struct conf_profile {
	const char *name; /* the section's title */
	const char **key;
	size_t nkey;
	const char *session_mask, *session_sequence, *end;
	int *dial, *input, *input_last, *noticed; /* operations of the carrier */
	size_t ndial, ninput, ninput_last, nnoticed;
	const char **released; /* "65 hang-up" */
	size_t nreleased;
	int menu_op, end_op, end_pushed_op, end_data_op, push_menu_op, push_note_op, release_op; /* -1 = cannot */
	const char *send, *service_type;
	bool payload, packed;
	int data_coding_gsm7, data_coding_ucs2, length_gsm7, length_ucs2;
	const char **code_in;
	size_t ncode_in;
	int reply_seconds, idle_seconds;
};

struct conf_link {
	const char *name;
	const char **hosts; /* "host:port", in order of preference */
	size_t nhosts;
	const char *system_id, *password, *system_type;
	const char *password_file; /* NULL when the password stands in the configuration; else password was read from it */
	const char *bind;		   /* transceiver, transmitter+receiver */
	int window;				   /* parts in flight */
	int rate;				   /* parts per second; 0 = no limit */
	bool tls;
	const char *default_alphabet; /* gsm7, latin1, ascii, ucs2 */
	bool gsm7_packed;			  /* GSM-7 has eight septets in seven octets, both ways */
	const char **data_codings;	  /* "4=latin1": what numbers mean where it is not the standard's */
	size_t ndata_codings;
	int data_coding_gsm7, data_coding_ucs2; /* written with texts of either kind */
	const char **national_shift;			/* languages whose tables may be used: dialog/national.h */
	size_t nnational_shift;
	const char *message_id;					   /* auto, verbatim, hex, decimal */
	const char *ussd;						   /* profile name, or "none" */
	const struct ussd_profile *ussd_profile;   /* gateway/smpp/ussd.h; NULL with "none" */
	int ussd_reply_seconds, ussd_idle_seconds; /* 0 = as the profile says */
	bool receipts;
	int enquire_seconds;  /* enquire_link after this much silence */
	int response_seconds; /* a response is awaited this long */
	int bind_seconds;
	int backoff_min_ms, backoff_max_ms; /* between reconnects */
	/* Sessions: what the bind says, whom we trust, how long we wait. 0 = as if nothing were said. */
	const char *interface_version; /* "3.3", "3.4", "5.0" */
	int addr_ton, addr_npi;
	const char *address_range;
	const char *tls_ca, *tls_certificate, *tls_key, *tls_name; /* files and a name; NULL = not given */
	const char *outbind;									   /* "host:port" that the carrier connects to; "" = none */
	const char *outbind_system_id, *outbind_password;		   /* "" = anybody's */
	int dead_seconds;										   /* without a PDU for so long after enquire_link */
	int unbind_seconds;
	int return_seconds;					  /* between tries to return to a preferred host; 0 = never */
	int refused_seconds;				  /* between tries after refused credentials */
	int backoff_bind_ms;				  /* the shortest pause after a bind that was refused for now */
	int throttle_min_ms, throttle_max_ms; /* pauses that a carrier asks for */

	/* How what we send is written. */
	const char *service_type;
	const char *source_ton, *source_npi, *dest_ton, *dest_npi; /* a number, or "auto" */
	const char *submit_with;								   /* submit_sm, data_sm */
	const char *long_text;									   /* parts, payload */

	/* What the link makes of refusals. */
	const char **statuses; /* "0x400=retry" */
	size_t nstatuses;
	int *retry_seconds, *unknown_seconds, *rebind_seconds; /* until each next attempt, by class */
	size_t nretry_seconds, nunknown_seconds, nrebind_seconds;

	/* What becomes of texts. */
	const char *uncertain_reply;	/* send, hold: what happens to replies after a drop */
	const char *uncertain_notice;	/* send, receipt, hold */
	const char *uncertain_reminder; /* receipt, send, hold */
	int receipt_wait_seconds;		/* how long what is uncertain waits for its receipt before it is sent again */
	int weight;						/* its share of what the bureau's links carry; 0 = only while no other one can */
	int failover_seconds;			/* down for so long, what waits for it goes to another link of the bureau */
	int suffix_digits;				/* digits that the carrier lets us add to a short code; 0 = none */
	int receipt_timeout_hours;		/* without a receipt for so long, none is expected any more; 0 = for ever */
	bool query, cancel;				/* the carrier answers query_sm, cancel_sm */
	const char *wire_log;			/* off, headers, full */
	const char *wire_pcap;			/* an absolute path; "" = no capture */
	int wire_pcap_mb;				/* of one file of the capture; there are two at most */
};

struct conf_bureau {
	const char *code; /* the section's title */
	int id;			  /* 1..; the bureau's id in every table */
	const char *name, *signature, *short_code;
	const char *sender;	   /* the name that texts come from instead of the short code; "" = the short code */
	const char *ussd_code; /* *123#; "" = none */
	const char **links;
	size_t nlinks;
	const char **languages;
	size_t nlanguages;
	const char *timezone, *send_hours, *country;
	const char **items; /* NULL when absent: the whole catalogue */
	size_t nitems;
	const char **substitutions; /* sets of plain signs: dialog/substitute.h */
	size_t nsubstitutions;
	const char **holidays; /* YYYY-MM-DD: no bulk on these days */
	size_t nholidays;
	const char **weekend; /* "sat", "sun": no working days */
	size_t nweekend;
	const char **workdays; /* YYYY-MM-DD: worked although of a weekend */
	size_t nworkdays;
	const char *scan_at; /* HH:MM in the bureau's time zone; "" = never by itself */
	const char *address; /* the counter: where to hand in and pick up */
	const char *telephone;
	const char *identity_url;						  /* the platform that proves identity; "" = none */
	const char *identity_key;						  /* its public key, 64 hexadecimal digits */
	bool webhook_push;								  /* reminders go to webhooks with their phone and words */
	int grant_hours;								  /* life of a link */
	int code_minutes;								  /* life of a short code */
	int api_rate;									  /* requests a minute that each API key may make; 0 = no limit */
	int retention_days;								  /* after the end of an application; 0 = for ever */
	int retention_texts_days, retention_records_days; /* 0 = for ever */
	int keep_days;									  /* that the law obliges to, after the end of an application */
	int two_person_over;	   /* a campaign to more phones than this is started by two people; 0 = by one */
	const char **trial_phones; /* while there are any, only these get reminders */
	size_t ntrial_phones;
	const char *part_cost, *currency; /* of one part; "" = costs are not shown */
};

struct conf_item {
	const char *code;
	const char *service; /* from the file's name: qingdao, yiyuan, ... */
	const char *name_zh, *name_en;
	const char *trigger;			 /* expiry, change, pledge, automatic */
	int window_before, window_after; /* days around the expiry day; for a change: around the day of the change */
	int *reminder_days; /* descending; days before the expiry day; for a change: before the last day of its window */
	size_t nreminder_days;
	int phone_days; /* days before that day from which who has not answered is phoned; 0 = the dialog says when */
	const char *dialog, *approval;
	const char **rules; /* approval by rule: gateway/rules.h */
	size_t nrules;
	const char *certificate_no; /* pattern with {year} and {serial}; "" = the licence's number stays */
	int check_days;				/* approval on a pledge: checked within so many days */
	int arrival_days;			/* sent so long ago, it has come; 0 = never by itself */
	const char **old_certificate, **delivery, **languages;
	size_t nold_certificate, ndelivery, nlanguages;
	const char **identity; /* where it may be proven: page, ussd */
	size_t nidentity;
	const char **change_fields; /* what must have changed (legal_representative, name, address); NULL = anything */
	size_t nchange_fields;
	const char **bureaus; /* bureaus this definition is for; NULL = any. A named one wins over any. */
	size_t nbureaus;
};

struct conf {
	const char *file;
	const char *database, *keys, *templates, *items_dir,
		*profiles_dir; /* folders resolved against the file's own folder */
	const char *public_listen, *public_url, *staff_listen;
	int public_proxy; /* trust X-Forwarded-For from this many proxies */
	int staff_proxy;  /* the same in front of the staff listener */
	const char *log_level;
	int batch_max;				/* turns in one transaction */
	int turn_connections;		/* transactions of turns under way at the same time */
	int lease_seconds;			/* outbox rows are owned this long */
	int seal_seconds;			/* between sealings of the trail; 0 = the daemon seals nothing */
	int incomplete_minutes;		/* parts of a long text wait for the others this long */
	const char **webhook_allow; /* networks that webhooks may go to beside the public internet */
	size_t nwebhook_allow;
	int webhook_tries, webhook_backoff_seconds;
	struct conf_link *links;
	size_t nlinks;
	struct conf_bureau *bureaus;
	size_t nbureaus;
	struct conf_item *items;
	size_t nitems;
	struct conf_profile *profiles;
	size_t nprofiles;
	struct conf *adopted; /* configurations read later, whose values are in use here */
};

/*
 * Reads FILE and the items it names. Returns NULL with every fault printed to err as "FILE:LINE: text"; what is only
 * unwise is printed as "FILE:LINE: warning: text". The caller frees with conf_free.
 *
 * A relative folder is looked for beside FILE, then in the current folder, then in the program's shared folder; the
 * first that exists is taken. `keys` alone is always beside FILE, because `huizhi keygen` may have to make it.
 */
struct conf *conf_load(const char *file, FILE *err);
void conf_free(struct conf *c);
/*
 * Finds a folder as conf_load does: in `beside` (may be NULL), then in the current folder, then in the program's shared
 * folder. 0 with the path in out, or -1.
 */
int conf_find_folder(const char *beside, const char *name, char *out, size_t room);
void conf_print(const struct conf *c, FILE *out); /* parses to the same configuration; holds the passwords */
void conf_print_sample(FILE *out);				  /* every key at its default with its sentence: conf/huizhi.conf */
void conf_print_man(FILE *out);					  /* the keys of huizhi.conf.5, in man(7) */
/*
 * What a running daemon cannot take over from next: prints one line for every key, section and item that differs and
 * needs a restart. Returns how many.
 */
int conf_reload_check(const struct conf *now, const struct conf *next, FILE *err);
/*
 * Takes over the values that a running daemon can (the keys marked so in the table), in place: pointers to bureaus stay
 * good. now owns next afterwards.
 */
void conf_adopt(struct conf *now, struct conf *next);

const struct conf_bureau *conf_bureau_by_id(const struct conf *c, int id);
const struct conf_bureau *conf_bureau_by_code(const struct conf *c, const char *code);
/* What its texts come from: its sender's name, or its short code. */
const char *conf_source(const struct conf_bureau *b);
/* The bureau's substitutions as bits of enum substitute_set. */
unsigned conf_substitutions(const struct conf_bureau *b);
/* The bureau that owns this short code on this link: exact, else the longest that is a prefix. NULL when none. */
const struct conf_bureau *conf_bureau_by_address(const struct conf *c, const char *link, const char *address);
const struct conf_profile *conf_profile_by_name(const struct conf *c, const char *name);
/*
 * The bureau whose ussd_code was dialled on this link ("*123#", "123", "*123*1#"): the longest that begins the code, up
 * to its end or a *. NULL when none.
 */
const struct conf_bureau *conf_bureau_by_ussd(const struct conf *c, const char *link, const char *code);
/* Is the word in a list, such as a bureau's links or an item's deliveries? */
bool conf_in_list(const char *const *list, size_t n, const char *word);
const struct conf_link *conf_link_by_name(const struct conf *c, const char *name);
/* The item's definition for this bureau; NULL when unknown or not offered there. */
const struct conf_item *conf_item_for(const struct conf *c, const struct conf_bureau *b, const char *code);
/* +86..., 86..., or national -> E.164 with plus into out (room >= 20). 0, or -1 when it is no phone.
 * *mobile (may be NULL) tells whether it can receive texts. */
int conf_phone_normalise(const struct conf_bureau *b, const char *in, char *out, size_t room, bool *mobile);

/* The bureau's trial_phones as an array literal in E.164, malloc'd; NULL when it is not on trial, or without memory. */
char *conf_trial(const struct conf_bureau *b);

/* "host:port" or "[v6]:port" into host (room octets) and port (0..65535). 0, or -1 when it is neither. */
int conf_host_port(const char *text, char *host, size_t room, int *port);
/* "09:00-20:00" into minutes of the day, from inclusive, to exclusive (1440 = midnight). 0, or -1. */
int conf_send_hours(const char *text, int *from, int *to);
/* "HH:MM" into a minute of the day. 0, or -1. */
int conf_time_of_day(const char *text, int *minute);

#endif
