/*
 * A small lexer over a configuration's text, for what libconfuse does not tell: on which line a section begins, and
 * how far an unknown key reaches, so that it can be blanked and the rest read for further faults.
 */
#include "gateway/conf_internal.h"

#include <string.h>

static void
skip_line(struct conf_lexer *lexer)
{
	while (lexer->at < lexer->len && lexer->text[lexer->at] != '\n')
		lexer->at++;
}

/* Skips blanks and the three kinds of comment that libconfuse knows. */
static void
skip_blanks(struct conf_lexer *lexer)
{
	while (lexer->at < lexer->len) {
		const char *p = lexer->text + lexer->at;
		size_t left = lexer->len - lexer->at;

		if (*p == '\n') {
			lexer->line++;
			lexer->at++;
		} else if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\f') {
			lexer->at++;
		} else if (*p == '#' || (left > 1 && p[0] == '/' && p[1] == '/')) {
			skip_line(lexer);
		} else if (left > 1 && p[0] == '/' && p[1] == '*') {
			lexer->at += 2;
			while (lexer->at < lexer->len && !(lexer->text[lexer->at] == '*' && lexer->at + 1 < lexer->len &&
												 lexer->text[lexer->at + 1] == '/')) {
				if (lexer->text[lexer->at] == '\n')
					lexer->line++;
				lexer->at++;
			}
			lexer->at = lexer->at + 2 < lexer->len ? lexer->at + 2 : lexer->len;
		} else {
			return;
		}
	}
}

struct conf_token
conf_lex_next(struct conf_lexer *lexer)
{
	skip_blanks(lexer);
	struct conf_token token = {.begin = lexer->at, .end = lexer->at, .line = lexer->line};
	if (lexer->at >= lexer->len)
		return token;

	char c = lexer->text[lexer->at++];
	if (c == '"' || c == '\'') {
		token.kind = 's';
		while (lexer->at < lexer->len && lexer->text[lexer->at] != c) {
			if (lexer->text[lexer->at] == '\\' && lexer->at + 1 < lexer->len)
				lexer->at++;
			if (lexer->text[lexer->at] == '\n')
				lexer->line++;
			lexer->at++;
		}
		if (lexer->at < lexer->len)
			lexer->at++;
	} else if (strchr("={}(),+", c) != NULL) {
		token.kind = c;
	} else {
		token.kind = 's';
		while (lexer->at < lexer->len && strchr(" \t\r\n\f={}(),+#\"'", lexer->text[lexer->at]) == NULL)
			lexer->at++;
	}
	token.end = lexer->at;
	return token;
}

/* Moves behind the closing mark that fits the opening one just read. */
static void
skip_to_close(struct conf_lexer *lexer, char open, char close)
{
	for (int depth = 1; depth > 0;) {
		struct conf_token token = conf_lex_next(lexer);
		if (token.kind == 0)
			return;
		if (token.kind == open)
			depth++;
		else if (token.kind == close)
			depth--;
	}
}

/* Behind a name: moves to the end of what it begins. False when nothing can begin with it here. */
static bool
skip_rest(struct conf_lexer *lexer)
{
	struct conf_token token = conf_lex_next(lexer);
	if (token.kind == '+')
		token = conf_lex_next(lexer);
	if (token.kind == '=') {
		token = conf_lex_next(lexer);
		if (token.kind == '{')
			skip_to_close(lexer, '{', '}');
		return token.kind == 's' || token.kind == '{';
	}
	if (token.kind == 's')
		token = conf_lex_next(lexer);
	if (token.kind == '{')
		skip_to_close(lexer, '{', '}');
	else if (token.kind == '(')
		skip_to_close(lexer, '(', ')');
	return token.kind == '{' || token.kind == '(';
}

bool
conf_lex_blank(char *text, size_t len, int line, const char *word)
{
	struct conf_lexer lexer = {.text = text, .len = len, .line = 1};

	for (;;) {
		struct conf_token token = conf_lex_next(&lexer);
		if (token.kind == 0 || token.line > line)
			return false;
		bool named = token.kind == 's' && token.line == line && token.end - token.begin == strlen(word) &&
					 memcmp(text + token.begin, word, token.end - token.begin) == 0;
		struct conf_lexer rest = lexer;
		/* A value of the same spelling may stand on the line too: nothing follows it that a key begins with. */
		if (named && skip_rest(&rest)) {
			for (size_t i = token.begin; i < rest.at; i++) {
				if (text[i] != '\n')
					text[i] = ' ';
			}
			return true;
		}
	}
}
