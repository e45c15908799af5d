/* The course of a campaign as a picture: SVG, drawn from numbers alone. Pure. */
#include <inttypes.h>
#include <string.h>
#include <event2/buffer.h>
#include "gateway/http/console/campaign.h"
#include "gateway/http/html.h"

#define LEFT 56
#define RIGHT 12
#define TOP 12
#define BOTTOM 28

static int
width(const struct campaign_course *c)
{
	return c->narrow ? 360 : 720;
}

static int
height(const struct campaign_course *c)
{
	return c->narrow ? 240 : 220;
}

static double
x_of(const struct campaign_course *c, size_t i)
{
	return LEFT + (double)(width(c) - LEFT - RIGHT) * (double)i / (double)(c->n > 1 ? c->n - 1 : 1);
}

static double
y_of(const struct campaign_course *c, int64_t top, int64_t n)
{
	return TOP + (double)(height(c) - TOP - BOTTOM) * (1 - (double)n / (double)top);
}

/* The lines of the stack, from the ground up. */
static int64_t
reach(const struct campaign_point *p, int layer)
{
	if (layer == 0)
		return 0;
	if (layer == 1)
		return p->delivered;
	return layer == 2 ? p->delivered + p->failed : p->sent;
}

/* Between one line and the next, there along the upper and back along the lower. */
static void
area(const struct campaign_course *c, int64_t top, int layer, const char *colour, struct evbuffer *out)
{
	evbuffer_add_printf(out, "<path fill=\"%s\" d=\"", colour);
	for (size_t i = 0; i < c->n; i++)
		evbuffer_add_printf(
			out, "%s%.1f %.1f", i == 0 ? "M" : "L", x_of(c, i), y_of(c, top, reach(&c->points[i], layer + 1)));
	for (size_t i = c->n; i-- > 0;)
		evbuffer_add_printf(out, "L%.1f %.1f", x_of(c, i), y_of(c, top, reach(&c->points[i], layer)));
	evbuffer_add_printf(out, "Z\"/>");
}

static void
label(double x, double y, const char *anchor, const char *text, struct evbuffer *out)
{
	evbuffer_add_printf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	html_escape(out, text, strlen(text));
	evbuffer_add_printf(out, "</text>");
}

/* A number not below n whose quarters are round. */
static int64_t
round_up(int64_t n)
{
	static const int64_t steps[] = {4, 8, 12, 16, 20, 24, 28, 32, 40};
	int64_t power = 1;

	while (power * 40 < n)
		power *= 10;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (power * steps[i] >= n)
			return power * steps[i];
	return n;
}

void
campaign_draw(const struct campaign_course *c, struct evbuffer *out)
{
	static const char *const colours[] = {"#17693f", "#a3261c", "#7fa8cc"};
	int64_t most = c->all;

	for (size_t i = 0; i < c->n; i++)
		if (c->points[i].sent > most)
			most = c->points[i].sent;
	int64_t top = round_up(most > 0 ? most : 4);
	evbuffer_add_printf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"system-ui, sans-serif\" "
		"font-size=\"13\" fill=\"#4d5b69\"><rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>",
		width(c), height(c), width(c), height(c));
	for (int layer = 0; layer < 3; layer++)
		area(c, top, layer, colours[layer], out);
	for (int line = 0; line <= 4; line++) {
		char text[32];
		double y = y_of(c, top, top * line / 4);
		evbuffer_add_printf(
			out, "<path stroke=\"#d5dde4\" stroke-opacity=\".7\" d=\"M%d %.1fH%d\"/>", LEFT, y, width(c) - RIGHT);
		campaign_digits(top * line / 4, text);
		label(LEFT - 6, y + 4, "end", text, out);
	}
	/* How many there are in all, where they are not all sent. */
	if (c->all > 0)
		evbuffer_add_printf(out, "<path stroke=\"#1d4f7c\" stroke-dasharray=\"5 4\" d=\"M%d %.1fH%d\"/>", LEFT,
			y_of(c, top, c->all), width(c) - RIGHT);
	label(LEFT, height(c) - 8, "start", c->from, out);
	label(width(c) - RIGHT, height(c) - 8, "end", c->until, out);
	evbuffer_add_printf(out, "</svg>\n");
}
