#include <string.h>

#include "frame_pixels.h"
#include "frame_resize.h"

/*
 * On an axis of s x n units an input pixel is n long and an output pixel s. A border between outputs cuts an input
 * pixel after `cut` units; from one border to the next s / n pixels are passed, or one more.
 */
typedef struct {
    uint32_t side, size;  /* s and n */
    uint32_t whole, rest; /* of s / n */
    uint32_t channels;
} axis;

/* What a row of pixels does to a row of outputs. */
typedef struct {
    uint32_t weight; /* how far the row reaches into these outputs, in units */
    uint32_t next;   /* and into those below, which are begun when these end */
    uint8_t *out;    /* NULL: they do not end here */
} row_share;

/* One channel. Each output's sum over the row is that of the pixels passed, times n, less what the output before it
 * took of the first, plus what it takes of the one that its border cuts. */
static inline void add_channel(
    const uint8_t *pixel, const axis *a, uint32_t channels, const row_share *share, uint32_t *sums) {
    const uint32_t area = a->side * a->side;
    uint32_t cut = 0, taken = 0;
    for (uint32_t i = 0; i < a->size * channels; i += channels) {
        uint32_t count = a->whole, passed = 0;
        cut += a->rest;
        if (cut >= a->size) {
            cut -= a->size;
            count++;
        }
        do {
            passed += *pixel;
            pixel += channels;
        } while (--count != 0);
        uint32_t sum = passed * a->size - taken;
        taken = cut != 0 ? cut * *pixel : 0; /* behind the last pixel there is none */
        sum += taken;
        const uint32_t total = sums[i] + sum * share->weight; /* at most 255 s^2 */
        if (share->out == NULL) {
            sums[i] = total;
        } else {
            share->out[i] = (uint8_t)((total + area / 2u) / area);
            sums[i] = sum * share->next;
        }
    }
}

static void add_row(const uint8_t *pixels, const axis *a, const row_share *share, uint32_t *sums) {
    if (a->channels == 1) {
        add_channel(pixels, a, 1, share, sums);
        return;
    }
    for (uint32_t c = 0; c < 3; c++) {
        const row_share channel = {share->weight, share->next, share->out == NULL ? NULL : share->out + c};
        add_channel(pixels + c, a, 3, &channel, sums + c);
    }
}

void frame_shrink(
    const frame_view *frame, const frame_crop *crop, const frame_input *input, uint8_t *out, void *scratch) {
    const uint32_t side = crop->side, size = input->side, row_bytes = size * input->channels;
    const axis a = {side, size, side / size, side % size, input->channels};
    uint32_t *sums = scratch;
    uint8_t *buffer = (uint8_t *)(sums + row_bytes);
    memset(sums, 0, row_bytes * sizeof *sums);
    uint32_t lacking = side; /* units of height until the outputs end */
    for (uint32_t y = 0; y < side; y++) {
        const uint8_t *pixels = frame_row(frame, crop, y, input->channels, buffer);
        row_share share = {size, 0, NULL};
        if (lacking <= size) {
            share = (row_share){lacking, size - lacking, out};
            out += row_bytes;
            lacking += side;
        }
        lacking -= size;
        add_row(pixels, &a, &share, sums);
    }
}
