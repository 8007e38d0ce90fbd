/* Step 4 of images.py for a crop that is smaller than the network input: bilinear. */
#include "frame_pixels.h"
#include "frame_resize.h"

enum { ONE = 256 }; /* of 8-bit fractions */

/*
 * The places c = ((2 i + 1) s - n) x 128 // n of the outputs i = 0, 1, ... in the input, in 256ths of a pixel:
 * from one to the next 256 s / n, carried on without division.
 */
typedef struct {
    int32_t place;
    uint32_t remainder;
    uint32_t step, step_remainder;
    uint32_t side, size; /* s and n */
} walk;

/* The pixels between which an output lies, and the share of the second in 256ths. */
typedef struct {
    uint32_t near, far, fraction;
} tap;

static walk walk_start(uint32_t side, uint32_t size) {
    /* The first place is this much / n before the first centre. */
    const uint32_t before = 128u * (size - side);
    const uint32_t up = (before + size - 1u) / size;
    return (walk){-(int32_t)up, up * size - before, ONE * side / size, ONE * side % size, side, size};
}

static tap walk_next(walk *w) {
    const uint32_t place = w->place < 0 ? 0 : (uint32_t)w->place;
    const uint32_t near = place / ONE;
    w->place += (int32_t)w->step;
    w->remainder += w->step_remainder;
    if (w->remainder >= w->size) {
        w->remainder -= w->size;
        w->place++;
    }
    return (tap){near, near + 1u < w->side ? near + 1u : near, place % ONE};
}

void frame_enlarge(
    const frame_view *frame, const frame_crop *crop, const frame_input *input, uint8_t *out, void *scratch) {
    const uint32_t channels = input->channels, row_bytes = crop->width * channels;
    uint16_t *column = scratch; /* at most 255 x 256 each: fits */
    uint8_t *near_row = (uint8_t *)(column + row_bytes), *far_row = near_row + row_bytes;
    walk down = walk_start(crop->height, input->height);
    for (uint32_t y = 0; y < input->height; y++) {
        const tap rows = walk_next(&down);
        const uint8_t *near = frame_row(frame, crop, rows.near, channels, near_row);
        const uint8_t *far = frame_row(frame, crop, rows.far, channels, far_row);
        for (uint32_t i = 0; i < row_bytes; i++) {
            column[i] = (uint16_t)(near[i] * (ONE - rows.fraction) + far[i] * rows.fraction);
        }
        walk across = walk_start(crop->width, input->width);
        for (uint32_t x = 0; x < input->width; x++) {
            const tap columns = walk_next(&across);
            for (uint32_t c = 0; c < channels; c++) {
                const uint32_t left = column[columns.near * channels + c];
                const uint32_t right = column[columns.far * channels + c];
                *out++ =
                    (uint8_t)((left * (ONE - columns.fraction) + right * columns.fraction + 32768u) >> 16);
            }
        }
    }
}
