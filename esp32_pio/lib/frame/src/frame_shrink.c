/* Step 4 of images.py for a crop that is larger than the network input: area averaging. */
#include <string.h>

#include "frame_pixels.h"
#include "frame_resize.h"

/*
 * On an axis of s x n units an input pixel is n long and an output pixel s. A border between outputs cuts an input
 * pixel after `cut` units; from one border to the next s / n pixels are passed, or one more. The sum of an output is
 * that of the pixels passed, times n, less what the output before it took of the first, plus what it takes of the
 * one that its own border cuts.
 */
typedef struct {
    const uint8_t *pixel; /* behind the border, of one channel */
    uint32_t cut;
    uint32_t taken;      /* cut x the pixel that is cut */
    uint32_t size;       /* n */
    uint32_t step, rest; /* s / n */
} walk;

/* The next output's sum; `channels` lie side by side. */
static inline uint32_t next_sum(walk *w, uint32_t channels) {
    uint32_t passed = *w->pixel, count = w->step;
    w->pixel += channels;
    w->cut += w->rest;
    if (w->cut >= w->size) {
        w->cut -= w->size;
        count++;
    }
    while (--count != 0) {
        passed += *w->pixel;
        w->pixel += channels;
    }
    const uint32_t sum = passed * w->size - w->taken;
    w->taken = w->cut != 0 ? w->cut * *w->pixel : 0; /* behind the last pixel there is none */
    return sum + w->taken;
}

/* A row of input, `units` high, that lies in this row of outputs as a whole. */
static inline void add_row(walk w, uint32_t channels, uint32_t units, uint32_t *sums) {
    for (const uint32_t *end = sums + w.size * channels; sums < end; sums += channels) {
        *sums += next_sum(&w, channels) * units;
    }
}

/* The last row of input for these outputs, `upper` units of it; the `lower` ones begin those below. */
static inline void end_row(
    walk w, uint32_t channels, uint32_t upper, uint32_t lower, uint32_t area, uint32_t *sums, uint8_t *out) {
    for (const uint32_t *end = sums + w.size * channels; sums < end; sums += channels) {
        const uint32_t sum = next_sum(&w, channels);
        *out = (uint8_t)((*sums + sum * upper + area / 2u) / area); /* at most 255.5 area: fits */
        *sums = sum * lower;
        out += channels;
    }
}

void frame_shrink(
    const frame_view *frame, const frame_crop *crop, const frame_input *input, uint8_t *out, void *scratch) {
    const uint32_t width = input->width, channels = input->channels, units = input->height;
    const uint32_t step = crop->width / width, rest = crop->width % width, area = crop->height * crop->width;
    uint32_t *sums = scratch;
    uint8_t *buffer = (uint8_t *)(sums + width * channels);
    memset(sums, 0, width * channels * sizeof *sums);
    uint32_t lacking = crop->height; /* units of height until the outputs end */
    for (uint32_t y = 0; y < crop->height; y++) {
        const uint8_t *pixels = frame_row(frame, crop, y, channels, buffer);
        const bool ends = lacking <= units;
        for (uint32_t c = 0; c < channels; c++) {
            const walk w = {pixels + c, 0, 0, width, step, rest};
            if (ends && channels == 1) {
                end_row(w, 1, lacking, units - lacking, area, sums, out);
            } else if (ends) {
                end_row(w, 3, lacking, units - lacking, area, sums + c, out + c);
            } else if (channels == 1) {
                add_row(w, 1, units, sums);
            } else {
                add_row(w, 3, units, sums + c);
            }
        }
        if (ends) {
            out += width * channels;
            lacking += crop->height;
        }
        lacking -= units;
    }
}
