/* Random requests, whole and damaged, and noise between them. */
#include "noisy_streams.h"

#include <string.h>

#include "board.h"
#include "frame.h"
#include "link.h"

enum { PIECES = 4, EDITS = 4, NOISE_MOST = 300, EDIT_MOST = 40, BENCH_MOST = 3, FRAME_MOST = 2000 };

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

/* LINK_LOAD's payload for the chunk at `offset`; valid until the next call. */
static span chunk_payload(const noise *n, uint32_t offset) {
    static uint8_t payload[LINK_CHUNK + 8];
    const uint32_t left = n->model.bytes - offset, count = left < LINK_CHUNK ? left : LINK_CHUNK;
    link_put_u32(payload, offset);
    link_put_u32(payload + 4, n->model.bytes);
    memcpy(payload + 8, n->model.start + offset, count);
    return (span){payload, count + 8};
}

static void append_chunk(noise *n) {
    const uint32_t chunks = (n->model.bytes + LINK_CHUNK - 1) / LINK_CHUNK;
    const span good = chunk_payload(n, next_below(n, chunks) * LINK_CHUNK);
    uint8_t payload[LINK_CHUNK + 8];
    memcpy(payload, good.start, good.bytes);
    for (uint32_t field = 0; field < 2; field++) { /* a wrong offset, a wrong total */
        if (next_below(n, 8) == 0) {
            link_put_u32(payload + 4 * field, n->state);
        }
    }
    if (next_below(n, 4) == 0) { /* a model that is no good, in a frame that is */
        payload[8 + next_below(n, good.bytes - 8)] ^= (uint8_t)(1u << next_below(n, 8));
    }
    append_frame(n, LINK_LOAD, (uint16_t)n->state, (span){payload, good.bytes});
}

/* A frame whose CRC-32 is right and whose content need not be. */
static void append_odd_frame(noise *n) {
    static uint8_t payload[NOISE_MOST];
    const uint32_t count = next_below(n, 4) == 0 ? next_below(n, sizeof payload) : next_below(n, 12);
    for (uint32_t i = 0; i < count; i++) {
        payload[i] = random_byte(n);
    }
    const uint8_t type = next_below(n, 8) > 0 ? (uint8_t)next_below(n, LINK_CAMERA + 2) : random_byte(n);
    if (type == LINK_CLASSIFY && count == n->picture.bytes) { /* nobody knows its scores */
        return;
    }
    if (type == LINK_BENCH && count == 2) { /* long ones are no other case, and long */
        payload[0] = (uint8_t)next_below(n, BENCH_MOST);
        payload[1] = next_below(n, 2) == 0 ? 0 : 0xFF;
    }
    append_frame(n, type, (uint16_t)n->state, (span){payload, count});
}

/* A picture, or picture after picture, or the end of that. */
static void append_camera(noise *n) {
    const uint8_t on = (uint8_t)next_below(n, 3);
    const bool one = next_below(n, 2) == 0;
    append_frame(
        n, one ? LINK_TAKE : LINK_REPEAT, (uint16_t)n->state, one ? (span){NULL, 0} : (span){&on, 1});
}

/* A piece of a picture: one of a few numbers, so that some are held, and offsets in it and behind its end. */
static void append_picture(noise *n) {
    uint8_t payload[11];
    link_put_u32(payload, next_below(n, 4));
    link_put_u32(payload + 4, next_below(n, 3) == 0 ? 0 : next_below(n, FRAME_MOST));
    link_put_u16(payload + 8, next_below(n, 16) == 0 ? n->state : 1 + next_below(n, 1000));
    payload[10] = next_below(n, 4) == 0 ? (uint8_t)next_below(n, 3) : 0;
    append_frame(n, LINK_FRAME, (uint16_t)n->state, (span){payload, sizeof payload});
}

/* What the camera shall do, each value at times one too many; or the question what it does. */
static void append_settings(noise *n) {
    static const uint16_t EXPOSURES[] = {0, CAMERA_EXPOSURE_MOST, CAMERA_EXPOSURE_MOST + 1, CAMERA_AUTO};
    uint8_t payload[5] = {(uint8_t)next_below(n, FRAME_ORIENTATIONS + 1)};
    payload[1] = (uint8_t)next_below(n, CAMERA_WARM_UP_MOST + 2);
    link_put_u16(payload + 2, EXPOSURES[next_below(n, sizeof EXPOSURES / sizeof EXPOSURES[0])]);
    payload[4] = (uint8_t)next_below(n, CAMERA_WHITE_BALANCES + 1);
    append_frame(n, LINK_CAMERA, (uint16_t)n->state, (span){payload, next_below(n, 4) == 0 ? 0 : 5});
}

static void append_speed(noise *n) {
    static const uint32_t SPEEDS[] = {0, 9600, 115200, 921600, UINT32_MAX};
    uint8_t payload[4];
    link_put_u32(payload, SPEEDS[next_below(n, sizeof SPEEDS / sizeof SPEEDS[0])]);
    append_frame(n, LINK_BAUD, (uint16_t)n->state, (span){payload, sizeof payload});
}

static void append_line(noise *n) {
    static const char *const LINES[] = {"name%", "profile%", "timestamp%", "db load 192%",
        "db load 99999999%", "db 0102FF%", "db 0%", "db zz%", "infer 1 1%", "infer 0 0%", "infer%",
        "infer 3 %", "results%", "%", "db%", "  db  load%", "infer x y%", "m-ready\r\n"};
    const char *line = LINES[next_below(n, sizeof LINES / sizeof LINES[0])];
    current = n;
    append((const uint8_t *)line, (uint32_t)strlen(line));
}

static void append_piece(noise *n) {
    switch (next_below(n, 12)) {
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
    case 6:
        append_camera(n);
        break;
    case 7:
        append_picture(n);
        break;
    case 8:
        append_settings(n);
        break;
    case 9:
        append_speed(n);
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
        for (uint32_t offset = 0; offset < n->model.bytes; offset += LINK_CHUNK) {
            append_frame(n, LINK_LOAD, (uint16_t)n->state, chunk_payload(n, offset));
        }
    }
    for (uint32_t edits = next_below(n, EDITS + 1); edits > 0; edits--) {
        edit(n);
    }
}
