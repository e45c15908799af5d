/* What a batch of turns has made, into the commit: every kind of row in the order in which others refer to it. */
#include "gateway/turn_ussd.h"
#include "store/grant.h"
#include "store/pg.h"

static void
save_grants(struct turn_batch *b, struct pg_batch *pb)
{
	const struct grants_made *made = b->grants.list;

	store_save_ids(pb, STMT_GRANT_REVOKE, b->bureau->id, b->grants_revoked.list, b->grants_revoked.count);
	if (b->grants.count == 0)
		return;
	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->bureau->id);
#define EACH(call)                                                                                                     \
	do {                                                                                                               \
		pg_array_begin(p);                                                                                             \
		for (size_t i = 0; i < b->grants.count; i++)                                                                   \
			call;                                                                                                      \
		pg_array_end(p);                                                                                               \
	} while (0)
	EACH(pg_array_int(p, made[i].id));
	EACH(pg_array_int(p, made[i].conversation_id));
	EACH(pg_array_text(p, grants_purpose_name(made[i].purpose)));
	EACH(pg_array_bytes(p, made[i].nonce, GRANTS_NONCE));
	EACH(pg_array_bytes(p, made[i].code_hash, 32));
	EACH(pg_array_time(p, made[i].expires_us));
	EACH(pg_array_time(p, made[i].code_expires_us));
#undef EACH
	pg_batch_add(pb, STMT_GRANT_INSERT, p);
	pg_params_free(p);
}

void
turn_batch_save(struct turn_batch *b, struct pg_batch *pb)
{
	int id = b->bureau->id;

	turn_batch_sort(b);
	const struct store_inbound *inbound = b->inbound.list;
	size_t later = b->inbound.count - b->nahead;
	if (later > 0)
		store_save_inbound(pb, id, inbound + b->nahead, later);
	if (b->saved_conversations.count > 0)
		b->saved_stage = b->nstages + (b->nahead > 0) + (later > 0);
	store_save_conversations(pb, id, b->saved_conversations.list, b->saved_conversations.count);
	store_check_conversations(pb, id, b->saved_conversations.list, b->saved_conversations.count);
	pg_batch_push(pb); /* the rest is made while the database works on these */
	store_save_inbound_found(pb, id, b->inbound_found.list, b->inbound_found.count);
	store_save_texts_said(pb, id, b->texts_said.list, b->texts_said.count);
	store_save_applications(pb, id, b->saved_applications.list, b->saved_applications.count);
	save_grants(b, pb);
	store_save_ids(pb, STMT_GRANT_USED, id, b->grants_used.list, b->grants_used.count);
	store_save_messages(pb, id, b->g->daemon_id, b->g->conf->lease_seconds, b->messages.list, b->messages.count);
	store_answer_again(pb, id, b->answer_again.list, b->answer_again.count);
	store_worklist_done(pb, id, b->worklist_done.list, b->worklist_done.count);
	store_save_said(pb, id, b->said.list, b->said.count);
	store_save_worklist(pb, id, b->worklist.list, b->worklist.count);
	store_save_phone_words(
		pb, STMT_TURN_SUPPRESS, id, b->suppressed.list, b->suppress_reasons.list, b->suppressed.count);
	store_save_phone_words(
		pb, STMT_TURN_LANGUAGE_SAVE, id, b->language_phones.list, b->language_words.list, b->language_phones.count);
	store_save_phones(pb, STMT_TURN_REMINDERS_CANCEL, id, b->suppressed.list, b->suppressed.count);
	store_save_phones(pb, STMT_TURN_UNSUPPRESS, id, b->unsuppressed.list, b->unsuppressed.count);
	store_save_acts(pb, id, b->act_ids.list, b->act_kinds.list, b->act_ids.count);
	store_save_trail(pb, id, b->trail.list, b->trail.count);
	store_save_ids(pb, STMT_TURN_EVENTS_DELETE, id, b->events_done.list, b->events_done.count);
	store_parts_joined(pb, id, b->parts_done.list, b->parts_done.count);
	turn_ussd_save(b, pb);
}
