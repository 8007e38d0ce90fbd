#include "noisy_streams.h"

#include <string.h>

#include "link.h"

enum { PIECES = 4, EDITS = 4, NOISE_MOST = 300, EDIT_MOST = 40, BENCH_MOST = 3 };

static noise *current; /* link_sender's write has no room for it */

uint32_t next_below(noise *n, uint32_t limit) { /* xorshift32: Marsaglia, Xorshift RNGs, 2003 */
    n->state ^= n->state << 13;
    n->state ^= n->state >> 17;
    n->state ^= n->state << 5;
    return n->state % limit;
}

static void append(const uint8_t *bytes, uint32_t count) {
    const uint32_t room = STREAM_MOST - current->held;
    count = count < room ? count : room;
    memcpy(current->stream + current->held, bytes, count);
    current->held += count;
}

static void append_frame(noise *n, uint8_t type, uint16_t sequence, span payload) {
    link_sender sender = {.write = append};
    current = n;
    link_send_start(&sender, type, sequence, payload.bytes);
    link_send(&sender, payload.start, payload.bytes);
    link_send_end(&sender);
}

void good_frame(noise *n, uint8_t type, uint16_t sequence, span payload) {
    n->held = 0;
    append_frame(n, type, sequence, payload);
}

static uint8_t random_byte(noise *n) {
    static const uint8_t TELLING[] = {0, 1, 2, 255, '%', ' ', 'd', 'b'};
    return next_below(n, 3) == 0 ? TELLING[next_below(n, sizeof TELLING)] : (uint8_t)next_below(n, 256);
}

static void append_noise(noise *n) {
    for (uint32_t count = next_below(n, NOISE_MOST); count > 0 && n->held < STREAM_MOST; count--) {
        n->stream[n->held++] = random_byte(n);
    }
}

static void put_u32(uint8_t *bytes, uint32_t value) {
    for (uint32_t i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
}

static void append_chunk(noise *n) {
    static uint8_t payload[LINK_CHUNK + 8];
    const uint32_t total = n->model.bytes, chunks = (total + LINK_CHUNK - 1) / LINK_CHUNK;
    const uint32_t offset = next_below(n, chunks) * LINK_CHUNK;
    const uint32_t count = total - offset < LINK_CHUNK ? total - offset : LINK_CHUNK;
    put_u32(payload, next_below(n, 8) > 0 ? offset : n->state);
    put_u32(payload + 4, next_below(n, 8) > 0 ? total : n->state);
    memcpy(payload + 8, n->model.start + offset, count);
    if (next_below(n, 4) == 0) { /* a model that is no good, in a frame that is */
        payload[8 + next_below(n, count)] ^= (uint8_t)(1u << next_below(n, 8));
    }
    append_frame(n, LINK_LOAD, (uint16_t)n->state, (span){payload, count + 8});
}

/* A frame whose CRC-32 is right and whose content need not be. */
static void append_odd_frame(noise *n) {
    static uint8_t payload[NOISE_MOST];
    const uint32_t count = next_below(n, 4) == 0 ? next_below(n, sizeof payload) : next_below(n, 12);
    for (uint32_t i = 0; i < count; i++) {
        payload[i] = random_byte(n);
    }
    const uint8_t type = next_below(n, 8) > 0 ? (uint8_t)next_below(n, LINK_BAUD + 2) : random_byte(n);
    if (type == LINK_CLASSIFY && count == n->picture.bytes) { /* nobody knows its scores */
        return;
    }
    if (type == LINK_BENCH && count == 2) { /* long ones are no other case, and long */
        payload[0] = (uint8_t)next_below(n, BENCH_MOST);
        payload[1] = next_below(n, 2) == 0 ? 0 : 0xFF;
    }
    append_frame(n, type, (uint16_t)n->state, (span){payload, count});
}

static void append_line(noise *n) {
    static const char *const LINES[] = {"name%", "profile%", "timestamp%", "db load 144%",
        "db load 99999999%", "db 0102FF%", "db 0%", "db zz%", "infer 1 1%", "infer 0 0%", "infer%",
        "infer 3 %", "results%", "%", "db%", "  db  load%", "infer x y%", "m-ready\r\n"};
    const char *line = LINES[next_below(n, sizeof LINES / sizeof LINES[0])];
    current = n;
    append((const uint8_t *)line, (uint32_t)strlen(line));
}

static void append_piece(noise *n) {
    switch (next_below(n, 8)) {
    case 0:
        append_noise(n);
        break;
    case 1:
        append_frame(n, LINK_HELLO, (uint16_t)n->state, (span){NULL, 0});
        break;
    case 2:
        append_frame(n, LINK_CLASSIFY, (uint16_t)n->state, n->picture);
        break;
    case 3:
    case 4:
        append_chunk(n);
        break;
    case 5:
        append_line(n);
        break;
    default:
        append_odd_frame(n);
        break;
    }
}

/* Lost, flipped, repeated, inserted, cut off. */
static void edit(noise *n) {
    if (n->held == 0) {
        return;
    }
    const uint32_t at = next_below(n, n->held), left = n->held - at;
    uint32_t count = 1 + next_below(n, EDIT_MOST);
    count = count < left ? count : left;
    switch (next_below(n, 5)) {
    case 0:
        memmove(n->stream + at, n->stream + at + count, left - count);
        n->held -= count;
        break;
    case 1:
        n->stream[at] ^= (uint8_t)(1u << next_below(n, 8));
        break;
    case 2:
        if (n->held + count <= STREAM_MOST) {
            memmove(n->stream + at + count, n->stream + at, left);
            n->held += count;
        }
        break;
    case 3:
        n->stream[at] = random_byte(n);
        break;
    default:
        n->held = next_below(n, 4) == 0 ? at : n->held;
        break;
    }
}

void noisy_stream(noise *n) {
    n->held = 0;
    for (uint32_t pieces = 1 + next_below(n, PIECES); pieces > 0; pieces--) {
        append_piece(n);
    }
    if (next_below(n, 8) == 0) { /* all of a model, so that models do get loaded */
        for (uint32_t chunk = 0; chunk * LINK_CHUNK < n->model.bytes; chunk++) {
            static uint8_t payload[LINK_CHUNK + 8];
            const uint32_t offset = chunk * LINK_CHUNK, rest = n->model.bytes - offset;
            const uint32_t count = rest < LINK_CHUNK ? rest : LINK_CHUNK;
            put_u32(payload, offset);
            put_u32(payload + 4, n->model.bytes);
            memcpy(payload + 8, n->model.start + offset, count);
            append_frame(n, LINK_LOAD, (uint16_t)n->state, (span){payload, count + 8});
        }
    }
    for (uint32_t edits = next_below(n, EDITS + 1); edits > 0; edits--) {
        edit(n);
    }
}
