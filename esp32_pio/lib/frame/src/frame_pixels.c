/* Step 2 of images.py: a row of pixels of each format, as grey or RGB. */
#include "frame_pixels.h"

#include <string.h>

#include "frame_check.h"

typedef struct {
    uint32_t red, green, blue;
} rgb;

/* What a pair of pixels adds to its Y. */
typedef struct {
    int32_t red, green, blue;
} chroma;

static uint32_t clip(int32_t value) {
    return value < 0 ? 0 : value > 255 ? 255u : (uint32_t)value;
}

static chroma chroma_of(uint32_t u, uint32_t v) {
    const int32_t blue = (int32_t)u - 128, red = (int32_t)v - 128;
    return (chroma){(91881 * red + 32768) >> 16, (-22554 * blue - 46802 * red + 32768) >> 16,
        (116130 * blue + 32768) >> 16};
}

static rgb of_yuv(uint32_t y, const chroma *c) {
    const int32_t grey = (int32_t)y;
    return (rgb){clip(grey + c->red), clip(grey + c->green), clip(grey + c->blue)};
}

static rgb of_rgb565(const uint8_t *from) {
    const uint32_t upper = from[0], lower = from[1];
    return (rgb){(upper & 0xF8u) | upper >> 5, (upper & 7u) << 5 | (lower >> 3 & 0x1Cu) | (upper >> 1 & 3u),
        (lower & 31u) << 3 | (lower >> 2 & 7u)};
}

/* Inlined with a constant number of channels. */
static inline uint8_t *put(uint8_t *to, uint32_t channels, rgb colour) {
    if (channels == 1) {
        *to++ = (uint8_t)((77u * colour.red + 150u * colour.green + 29u * colour.blue + 128u) >> 8);
    } else {
        *to++ = (uint8_t)colour.red;
        *to++ = (uint8_t)colour.green;
        *to++ = (uint8_t)colour.blue;
    }
    return to;
}

static inline void convert_rgb565(const uint8_t *from, uint32_t count, uint32_t channels, uint8_t *to) {
    for (const uint8_t *end = from + 2u * count; from < end; from += 2) {
        to = put(to, channels, of_rgb565(from));
    }
}

/* `red`: where in a pixel red is; blue is opposite. */
static inline void convert_rgb888(
    const uint8_t *from, uint32_t count, uint32_t channels, uint32_t red, uint8_t *to) {
    for (const uint8_t *end = from + 3u * count; from < end; from += 3) {
        to = put(to, channels, (rgb){from[red], from[1], from[2u - red]});
    }
}

static void grey_to_rgb(const uint8_t *from, uint32_t count, uint8_t *to) {
    for (const uint8_t *end = from + count; from < end; from++) {
        to = put(to, 3, (rgb){*from, *from, *from});
    }
}

static void yuv422_to_grey(const uint8_t *from, uint32_t count, uint8_t *to) {
    for (uint32_t i = 0; i < count; i++) {
        to[i] = from[2u * i];
    }
}

/* From pixel `left` of the row on, which may be the second of a pair. */
static void yuv422_to_rgb(const uint8_t *row, uint32_t left, uint32_t count, uint8_t *to) {
    chroma colour = {0, 0, 0};
    for (uint32_t x = left; x < left + count; x++) {
        if (x == left || x % 2u == 0) {
            const uint8_t *pair = row + 2u * (x & ~1u);
            colour = chroma_of(pair[1], pair[3]);
        }
        to = put(to, 3, of_yuv(row[2u * x], &colour));
    }
}

/* `count` pixels of a row in memory, from pixel `left` on, as grey or RGB. */
static void convert(const frame_view *frame, const uint8_t *row, uint32_t left, uint32_t count,
    uint32_t channels, uint8_t *to) {
    const uint8_t *from = row + left * frame_pixel_bytes(frame->format);
    switch (frame->format) {
    case FRAME_GREY:
        if (channels == 1) {
            memcpy(to, from, count);
        } else {
            grey_to_rgb(from, count, to);
        }
        break;
    case FRAME_YUV422:
        if (channels == 1) {
            yuv422_to_grey(from, count, to);
        } else {
            yuv422_to_rgb(row, left, count, to);
        }
        break;
    case FRAME_RGB565:
        if (channels == 1) {
            convert_rgb565(from, count, 1, to);
        } else {
            convert_rgb565(from, count, 3, to);
        }
        break;
    case FRAME_RGB888:
        if (channels == 1) {
            convert_rgb888(from, count, 1, 0, to);
        } else {
            memcpy(to, from, 3u * count);
        }
        break;
    case FRAME_BGR888:
        if (channels == 1) {
            convert_rgb888(from, count, 1, 2, to);
        } else {
            convert_rgb888(from, count, 3, 2, to);
        }
        break;
    }
}

/* Its last pixel first. */
static void mirror(uint8_t *pixels, uint32_t count, uint32_t channels) {
    for (uint32_t left = 0, right = count - 1; left < right; left++, right--) {
        for (uint32_t c = 0; c < channels; c++) {
            const uint8_t other = pixels[left * channels + c];
            pixels[left * channels + c] = pixels[right * channels + c];
            pixels[right * channels + c] = other;
        }
    }
}

/* Row y of the upright picture is a column in memory, read from below. */
static void convert_column(
    const frame_view *frame, const frame_crop *crop, uint32_t y, uint32_t channels, uint8_t *to) {
    const uint32_t column = (frame->orientation & FRAME_MIRROR) != 0 ? frame->width - 1u - y : y;
    for (uint32_t x = crop->left; x < crop->left + crop->width; x++) {
        const uint32_t row = (frame->orientation & FRAME_FLIP) != 0 ? x : frame->height - 1u - x;
        convert(frame, frame->pixels + row * frame->stride, column, 1, channels, to);
        to += channels;
    }
}

const uint8_t *frame_row(
    const frame_view *frame, const frame_crop *crop, uint32_t y, uint32_t channels, uint8_t *buffer) {
    const uint32_t upright_y = crop->top + y;
    if ((frame->orientation & FRAME_TURN) != 0) {
        convert_column(frame, crop, upright_y, channels, buffer);
        return buffer;
    }
    const bool mirrored = (frame->orientation & FRAME_MIRROR) != 0;
    const uint32_t row_index =
        (frame->orientation & FRAME_FLIP) != 0 ? frame->height - 1u - upright_y : upright_y;
    const uint8_t *row = frame->pixels + row_index * frame->stride;
    const uint32_t left = mirrored ? frame->width - crop->width - crop->left : crop->left;
    const uint32_t pixel_bytes = frame_pixel_bytes(frame->format);
    const bool as_they_are = channels == 1 ? frame->format == FRAME_GREY : frame->format == FRAME_RGB888;
    if (as_they_are && !mirrored) {
        return row + left * pixel_bytes;
    }
    convert(frame, row, left, crop->width, channels, buffer);
    if (mirrored) {
        mirror(buffer, crop->width, channels);
    }
    return buffer;
}
