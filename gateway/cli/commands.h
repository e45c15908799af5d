/* The entries of all commands, one file each. */
#ifndef GATEWAY_CLI_COMMANDS_H
#define GATEWAY_CLI_COMMANDS_H

#include "gateway/cli/cli.h"

extern const struct cli_command cli_init, cli_keygen, cli_conf_command, cli_import, cli_scan, cli_campaign,
	cli_application, cli_conversation, cli_message, cli_worklist, cli_dialog, cli_token, cli_trail, cli_link, cli_staff,
	cli_apikey, cli_keys_command, cli_retention, cli_person, cli_phone_command, cli_webhook, cli_report, cli_forecast,
	cli_signature, cli_completion, cli_letters, cli_search, cli_suppression;

#endif
