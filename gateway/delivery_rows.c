/* Rows of messages as people and programs are shown them: the words beside the state. */
#include "gateway/delivery_rows.h"

#include "gateway/delivery.h"

void
delivery_rows(json_t *rows, const char *language)
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *state = json_string_value(json_object_get(row, "state"));

		if (state != NULL)
			json_object_set_new(row, "status", json_string(delivery_words(state, language)));
	}
}
