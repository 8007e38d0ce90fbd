/* lib/frame with random arguments, right and wrong, in memory of just the size that they state. Prints how often each
   status came. Usage: fuzz_frame SEED CALLS. To be built with the address sanitizer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

enum { STATUSES = 9, UNTOUCHED = 0xA5 };

static uint32_t state;

static uint32_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint32_t below(uint32_t limit) {
    return next_random() % limit;
}

static bool one_in(uint32_t many) {
    return below(many) == 0;
}

static _Noreturn void fail(uint32_t call, const char *why) {
    fprintf(stderr, "call %u: %s\n", call, why);
    exit(1);
}

/* A length: mostly small, now and then at an edge or absurd. */
static uint32_t length(uint32_t edge) {
    const uint32_t odd[] = {0, 1, edge, edge + 1u, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    return one_in(40) ? odd[below(8)] : 1u + below(one_in(10) ? 70 : 20);
}

static uint8_t *filled(size_t bytes, int value) {
    uint8_t *memory = malloc(bytes + (bytes == 0));
    if (memory == NULL) {
        exit(2);
    }
    memset(memory, value, bytes);
    return memory;
}

static bool holds(const uint8_t *memory, size_t bytes, uint8_t value) {
    for (size_t i = 0; i < bytes; i++) {
        if (memory[i] != value) {
            return false;
        }
    }
    return true;
}

/* A frame whose `bytes` are there, though not always enough. */
static frame_view random_view(void) {
    static const uint32_t pixel_bytes[] = {1, 2, 2, 3, 3, 1};
    frame_view v = {.format = (frame_format)below(one_in(20) ? 6 : 5),
        .width = length(FRAME_MAX_SIDE),
        .height = length(FRAME_MAX_SIDE)};
    if (v.format == FRAME_YUV422 && !one_in(20)) {
        v.width = (v.width + 1u) & ~1u;
    }
    const size_t row = (size_t)v.width * pixel_bytes[v.format];
    v.stride = one_in(40) ? row - 1u : one_in(40) ? (size_t)0 - next_random() : row + below(9);
    const size_t need = v.height == 0 ? 0 : (v.height - 1u) * v.stride + row;
    const size_t most = 1u << 20;
    v.bytes = need > most ? below((uint32_t)most) : need;
    if (v.bytes > 0 && one_in(30)) {
        v.bytes -= 1u + below((uint32_t)v.bytes);
    }
    uint8_t *pixels = filled(v.bytes, (int)next_random());
    for (size_t i = 0; i < v.bytes; i += 1u + below(64)) {
        pixels[i] = (uint8_t)next_random();
    }
    v.pixels = pixels;
    return v;
}

static frame_status call_once(uint32_t call) {
    const frame_view view = random_view();
    const uint32_t side = length(FRAME_MAX_SIDE);
    const frame_input input = {.height = side,
        .width = one_in(2) ? side : length(FRAME_MAX_SIDE),
        .channels = one_in(40)  ? length(4)
                    : one_in(2) ? 1
                                : 3,
        .standardise = one_in(2)};
    const size_t samples = (size_t)input.height * input.width * input.channels;
    const size_t need = frame_scratch_bytes(&view, &input);
    const bool short_out = one_in(30), short_scratch = one_in(30) && need > 0;
    const size_t out_bytes = need == 0 ? below(100) : samples - (short_out ? 1u : 0u);
    const size_t scratch_bytes = short_scratch ? below((uint32_t)need) : need;
    const size_t shift = one_in(60) ? 1u + below(3) : 0;

    uint8_t *first = NULL;
    frame_status status = FRAME_OK;
    for (uint32_t round = 0; round < 2; round++) { /* what is left in memory makes no difference */
        uint8_t *out = filled(out_bytes, UNTOUCHED);
        uint8_t *scratch = filled(scratch_bytes + shift, round == 0 ? 0 : 0xFF);
        status = frame_to_input(&view, &input, out, out_bytes, scratch + shift, scratch_bytes);
        if (status != FRAME_OK && !holds(out, out_bytes, UNTOUCHED)) {
            fail(call, "a refused call has written");
        }
        if ((need == 0) != (status == FRAME_ERR_FORMAT || status == FRAME_ERR_SIZE ||
                               status == FRAME_ERR_STRIDE || status == FRAME_ERR_BYTES ||
                               status == FRAME_ERR_INPUT)) {
            fail(call, "frame_scratch_bytes() and frame_to_input() disagree");
        }
        if (need != 0 && (status == FRAME_OK) != (!short_out && !short_scratch && shift == 0)) {
            fail(call, "memory that suffices is refused, or the other way round");
        }
        if (round == 1 && status == FRAME_OK && memcmp(first, out, samples) != 0) {
            fail(call, "the output depends on what was in the scratch memory");
        }
        free(scratch);
        free(first);
        first = out;
    }
    frame_view nowhere = view;
    nowhere.pixels = NULL;
    if (status == FRAME_OK && one_in(50)) {
        status = frame_to_input(&nowhere, &input, first, out_bytes, first, scratch_bytes);
    }
    free(first);
    free((void *)(uintptr_t)view.pixels);
    return status;
}

int main(int count, char **arguments) {
    uint32_t counts[STATUSES] = {0};
    if (count != 3) {
        return 2;
    }
    state = 2654435761u * (uint32_t)strtoul(arguments[1], NULL, 10) | 1u;
    const uint32_t calls = (uint32_t)strtoul(arguments[2], NULL, 10);
    for (uint32_t call = 0; call < calls; call++) {
        counts[-call_once(call)]++;
    }
    for (int i = 0; i < STATUSES; i++) {
        printf("%d: %u\n", -i, counts[i]);
    }
    return 0;
}
