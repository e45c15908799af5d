/* QR codes (libqrencode) as SVG and as PNG (libpng). Pure: a text in, a picture out. */
#ifndef GATEWAY_HTTP_QR_H
#define GATEWAY_HTTP_QR_H

struct evbuffer;

/* Appends the picture to out, with the quiet zone of four modules that ISO/IEC 18004 asks for. 0, or -1 when the text
 * is too long or there is no memory. SVG has no size of its own beyond its view box; PNG has `scale` pixels a module.
 */
int qr_svg(const char *text, struct evbuffer *out);
/* data:image/svg+xml;base64,... for a picture within a page; "" when it cannot be drawn. The caller frees. */
char *qr_data(const char *text);
int qr_png(const char *text, int scale, struct evbuffer *out);

#endif
