/* QR codes drawn as SVG paths and PNG pixels. */
#include "gateway/http/qr.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include <png.h>
#include <qrencode.h>
#include <sodium.h>

#define QUIET 4 /* modules */

static QRcode *
encode(const char *text)
{
	/* Level M survives a fold of the paper; case matters in a token, so the byte mode is kept. */
	return QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
}

static int
dark(const QRcode *qr, int x, int y)
{
	return x >= 0 && y >= 0 && x < qr->width && y < qr->width && (qr->data[y * qr->width + x] & 1) != 0;
}

int
qr_svg(const char *text, struct evbuffer *out)
{
	QRcode *qr = encode(text);

	if (qr == NULL)
		return -1;
	int side = qr->width + 2 * QUIET;
	evbuffer_add_printf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">\n"
		"<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>\n<path fill=\"#000\" d=\"",
		side, side, side, side);
	/* One run of dark modules is one rectangle. */
	for (int y = 0; y < qr->width; y++)
		for (int x = 0; x < qr->width; x++) {
			int run = 0;
			while (dark(qr, x + run, y))
				run++;
			if (run > 0)
				evbuffer_add_printf(out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
			x += run;
		}
	evbuffer_add_printf(out, "\"/>\n</svg>\n");
	QRcode_free(qr);
	return 0;
}

char *
qr_data(const char *text)
{
	static const char head[] = "data:image/svg+xml;base64,";
	struct evbuffer *svg = evbuffer_new();
	char *out = NULL;

	if (svg != NULL && qr_svg(text, svg) == 0) {
		size_t len = evbuffer_get_length(svg),
			   room = sizeof(head) + sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
		out = malloc(room);
		if (out != NULL) {
			memcpy(out, head, sizeof(head));
			sodium_bin2base64(out + sizeof(head) - 1, room - sizeof(head) + 1, evbuffer_pullup(svg, -1), len,
				sodium_base64_VARIANT_ORIGINAL);
		}
	}
	if (svg != NULL)
		evbuffer_free(svg);
	return out == NULL ? strdup("") : out;
}

static void
png_out(png_structp png, png_bytep data, png_size_t len)
{
	evbuffer_add(png_get_io_ptr(png), data, len);
}

static void
png_flush_nothing(png_structp png)
{
	(void)png;
}

/* Writes the rows; in a function of its own so that a libpng error does not jump over changed locals. */
static int
write_png(png_structp png, png_infop info, const QRcode *qr, int scale, png_bytep row)
{
	int side = (qr->width + 2 * QUIET) * scale;

	if (setjmp(png_jmpbuf(png)))
		return -1;
	png_set_IHDR(png, info, (png_uint_32)side, (png_uint_32)side, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
		PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (int y = 0; y < side; y++) {
		memset(row, 0xFF, (size_t)(side + 7) / 8);
		for (int x = 0; x < side; x++)
			if (dark(qr, x / scale - QUIET, y / scale - QUIET))
				row[x / 8] = (png_byte)(row[x / 8] & ~(0x80 >> (x % 8)));
		png_write_row(png, row);
	}
	png_write_end(png, NULL);
	return 0;
}

int
qr_png(const char *text, int scale, struct evbuffer *out)
{
	QRcode *qr = encode(text);
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png == NULL ? NULL : png_create_info_struct(png);
	png_bytep row = qr == NULL ? NULL : malloc((size_t)((qr->width + 2 * QUIET) * scale + 7) / 8);
	int rc = -1;

	if (info != NULL && row != NULL) {
		png_set_write_fn(png, out, png_out, png_flush_nothing);
		rc = write_png(png, info, qr, scale, row);
	}
	free(row);
	png_destroy_write_struct(png == NULL ? NULL : &png, info == NULL ? NULL : &info);
	QRcode_free(qr);
	return rc;
}
