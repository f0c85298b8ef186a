/* json_writer.c: writes bytes as JSON. */
#include "util/json_writer.h"
#include <string.h>

char *json_writer_raw(char *to, const char *text) {
    size_t n = strlen(text);
    memcpy(to, text, n);
    return to + n;
}

/* RFC 8259 demands escapes for the quote, the backslash and everything below 0x20. */
char *json_writer_string(char *to, const char *p, size_t n) {
    static const char hex[] = "0123456789abcdef";
    *to++ = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '\\';
        if (c >= 0x20) {
            *to++ = (char)c;
        } else if (c == '\n' || c == '\t' || c == '\r') {
            *to++ = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
        } else {
            to = json_writer_raw(to, "u00");
            *to++ = hex[c >> 4];
            *to++ = hex[c & 15];
        }
    }
    *to++ = '"';
    return to;
}

/* RFC 4648, section 4. */
char *json_writer_base64(char *to, const char *bytes, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)bytes;
    *to++ = '"';
    for (size_t i = 0; i < n; i += 3) {
        unsigned left = (unsigned)(n - i < 3 ? n - i : 3);
        unsigned bits = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) |
                        (left > 2 ? p[i + 2] : 0);
        *to++ = digits[bits >> 18];
        *to++ = digits[bits >> 12 & 63];
        *to++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[bits & 63] : '=';
    }
    *to++ = '"';
    return to;
}

/* The length of the UTF-8 sequence at p, 0 if there is none. RFC 3629: only the shortest form, and
 * no surrogates. */
static size_t utf8_length(const unsigned char *p, size_t n) {
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    unsigned code_point;
    if (length > n || (*p >= 0x80 && *p < 0xc2) || *p > 0xf4)
        return 0;
    if (length == 1)
        return 1;
    code_point = *p & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code_point = code_point << 6 | (p[i] & 0x3f);
    }
    return code_point < least[length] || code_point > 0x10ffff ||
                   (code_point >= 0xd800 && code_point < 0xe000)
               ? 0
               : length;
}

bool json_writer_is_utf8(const char *bytes, size_t n) {
    const unsigned char *p = (const unsigned char *)bytes;
    for (size_t i = 0, length; i < n; i += length)
        if (p[i] < 0x80)
            length = 1;
        else if ((length = utf8_length(p + i, n - i)) == 0)
            return false;
    return true;
}

char *json_writer_member(char *to, const char *name, const char *p, size_t n) {
    bool is_string = json_writer_is_utf8(p, n);
    to = json_writer_raw(to, ",\"");
    to = json_writer_raw(to, name);
    to = json_writer_raw(to, is_string ? "\":" : "_base64\":");
    return is_string ? json_writer_string(to, p, n) : json_writer_base64(to, p, n);
}
