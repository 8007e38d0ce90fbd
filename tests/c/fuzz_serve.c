/* The whole application on a noisy line. After each noisy stream comes a good request, which has to be answered
   rightly. Usage: fuzz_serve MODEL.sqz GOLDEN.bin SEED STREAMS, or with `emit` behind it to write the streams to stdout
   instead, for another board. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crc32.h"
#include "frame.h"
#include "host_board.h"
#include "link.h"
#include "noisy_streams.h"

enum {
    MEMORY_BYTES = 1 << 16,
    OUTPUT_MOST = 1 << 22,
    FILE_MOST = 1 << 17,
    CLASSIFY_EACH = 8,
    HEAD_BYTES = 16,
    TIMES_BYTES = 8,
    PIECE_HEAD_BYTES = 26,
    SETTINGS_BYTES = 5,
    FRAME_SIDE = 24,
    PICTURES_MOST = 6 /* that the camera gives between two good requests */
};

typedef struct {
    char magic[4];
    uint32_t count, picture_bytes, classes;
} golden_header;

static uint8_t output[OUTPUT_MOST];

static span load_file(const char *path) {
    static uint8_t files[2][FILE_MOST] __attribute__((aligned(16)));
    static uint32_t used;
    FILE *file = fopen(path, "rb");
    if (file == NULL || used == 2) {
        exit(2);
    }
    uint8_t *start = files[used++];
    const uint32_t bytes = (uint32_t)fread(start, 1, FILE_MOST, file);
    fclose(file);
    return (span){start, bytes};
}

static _Noreturn void fail(uint32_t stream, const char *why) {
    fprintf(stderr, "stream %u: %s\n", stream, why);
    exit(1);
}

/* What the board said last of what its camera does. */
static uint8_t told[SETTINGS_BYTES];

static bool right_settings(const link_header *header, const uint8_t *payload) {
    const uint16_t exposure = link_u16(payload + 2);
    if (header->length != SETTINGS_BYTES || payload[0] >= FRAME_ORIENTATIONS ||
        payload[1] > CAMERA_WARM_UP_MOST || (exposure > CAMERA_EXPOSURE_MOST && exposure != CAMERA_AUTO) ||
        payload[4] >= CAMERA_WHITE_BALANCES) {
        return false;
    }
    memcpy(told, payload, sizeof told);
    return true;
}

/* The camera sees one thing all the time: the first time that it is turned so, on a quiet line, its scores are noted,
   and they are others than those of every other way. */
static bool right_for_camera(const link_header *header, const uint8_t *payload, uint32_t classes) {
    static uint8_t scores[FRAME_ORIENTATIONS][FILE_MOST];
    static bool known[FRAME_ORIENTATIONS];
    if (header->length != TIMES_BYTES + HEAD_BYTES + classes) {
        return false;
    }
    const uint8_t *found = payload + TIMES_BYTES + HEAD_BYTES, now = told[0];
    if (!known[now]) {
        memcpy(scores[now], found, classes);
        known[now] = true;
    }
    for (uint8_t turned = 0; turned < FRAME_ORIENTATIONS; turned++) {
        if (known[turned] && (memcmp(scores[turned], found, classes) == 0) != (turned == now)) {
            return false;
        }
    }
    return true;
}

/* A piece of what the camera sees, and of nothing else; or none, while a press of the button is waited for. */
static bool right_piece(const link_header *header, const uint8_t *payload) {
    const frame_view *frame = desk.camera.frame;
    const uint32_t offset = link_u32(payload + 4), total = link_u32(payload + 8);
    if (header->length < PIECE_HEAD_BYTES) {
        return false;
    }
    const uint32_t count = header->length - PIECE_HEAD_BYTES;
    if (total == 0) {
        return count == 0;
    }
    return total == frame->bytes && link_u32(payload + 12) == sqz_crc32(0, frame->pixels, frame->bytes) &&
           count > 0 && offset < total && count <= total - offset && payload[25] < FRAME_ORIENTATIONS &&
           memcmp(payload + PIECE_HEAD_BYTES, frame->pixels + offset, count) == 0;
}

/* Whether `bytes` of output hold the answer; the scores of pictures have to be right, whichever request they answer. */
static bool answered(uint32_t stream, uint32_t bytes, uint8_t type, uint16_t sequence, span scores) {
    static uint8_t payload[1 << 16];
    link_receiver receiver = {.framed = false};
    bool found = false;
    for (uint32_t i = 0; i < bytes; i++) {
        const link_event event = link_receive(&receiver, output[i]);
        if (event == LINK_GOT_HEADER && receiver.header.length <= sizeof payload) {
            link_accept(&receiver, payload);
        }
        if (event == LINK_GOT_FRAME && receiver.header.type == LINK_CLASSIFY + LINK_ANSWER &&
            (receiver.header.length != HEAD_BYTES + scores.bytes ||
                memcmp(payload + HEAD_BYTES, scores.start, scores.bytes) != 0)) {
            fail(stream, "wrong scores");
        }
        if (event == LINK_GOT_FRAME && receiver.header.type == LINK_TAKE + LINK_ANSWER &&
            !right_for_camera(&receiver.header, payload, scores.bytes)) {
            fail(stream, "wrong scores of the camera's picture");
        }
        if (event == LINK_GOT_FRAME && receiver.header.type == LINK_FRAME + LINK_ANSWER &&
            !right_piece(&receiver.header, payload)) {
            fail(stream, "a wrong piece of a picture");
        }
        if (event == LINK_GOT_FRAME && receiver.header.type == LINK_CAMERA + LINK_ANSWER &&
            !right_settings(&receiver.header, payload)) {
            fail(stream, "wrong settings of the camera");
        }
        found = found || (event == LINK_GOT_FRAME && receiver.header.type == type + LINK_ANSWER &&
                             receiver.header.sequence == sequence);
    }
    const board_camera_settings *set = &desk.camera.settings;
    if (told[0] != set->orientation || told[1] != set->warm_up_frames ||
        link_u16(told + 2) != set->exposure || told[4] != set->white_balance) {
        fail(stream, "the camera does something else than the board said");
    }
    return found;
}

/* On a quiet line: every way to turn the camera, and a picture of each. */
static void turn_camera(noise *n, span scores) {
    for (uint32_t turned = FRAME_ORIENTATIONS; turned-- > 0;) { /* at the end it is upright */
        const uint8_t wanted[SETTINGS_BYTES] = {(uint8_t)turned};
        good_frame(n, LINK_CAMERA, 1, (span){wanted, sizeof wanted});
        const uint32_t set = host_board_exchange(n->stream, n->held, 0, output, sizeof output);
        if (!answered(0, set, LINK_CAMERA, 1, scores)) {
            fail(0, "the camera was not turned");
        }
        good_frame(n, LINK_TAKE, 1, (span){NULL, 0});
        const uint32_t taken = host_board_exchange(n->stream, n->held, 0, output, sizeof output);
        if (!answered(0, taken, LINK_TAKE, 1, scores)) {
            fail(0, "the first pictures were not taken");
        }
    }
}

/* A camera that fails now and then, and good pictures when it does not. */
static void set_up_camera(void) {
    static uint8_t pixels[FRAME_SIDE * FRAME_SIDE * 3];
    static frame_view frame = {.pixels = pixels,
        .bytes = sizeof pixels,
        .width = FRAME_SIDE,
        .height = FRAME_SIDE,
        .stride = (size_t)FRAME_SIDE * 3,
        .format = FRAME_BGR888};
    for (uint32_t i = 0; i < sizeof pixels; i++) {
        pixels[i] = (uint8_t)(i * i / 7 + i);
    }
    desk.has_camera = true;
    desk.camera.frame = &frame;
    desk.camera.error = "out of film";
    desk.camera.left = FRAME_ORIENTATIONS;
}

int main(int count, char **arguments) {
    if (count < 5) {
        return 2;
    }
    const span model = load_file(arguments[1]), golden = load_file(arguments[2]);
    const uint32_t streams = (uint32_t)strtoul(arguments[4], NULL, 10);
    const bool emit = count > 5;
    golden_header header;
    memcpy(&header, golden.start, sizeof header);
    const span picture = {golden.start + sizeof header, header.picture_bytes};
    const span scores = {picture.start + picture.bytes, header.classes};

    static uint8_t stream[STREAM_MOST];
    noise n = {.state = 1u + (uint32_t)strtoul(arguments[3], NULL, 10),
        .model = model,
        .picture = picture,
        .stream = stream};
    set_up_camera();
    if (!emit) {
        host_board_start((board_file){model.start, model.bytes, sqz_crc32(0, model.start, model.bytes)},
            (board_file){golden.start, golden.bytes, sqz_crc32(0, golden.start, golden.bytes)}, MEMORY_BYTES);
        turn_camera(&n, scores);
    }
    for (uint32_t i = 0; i < streams; i++) {
        noisy_stream(&n);
        desk.camera.left = next_below(&n, PICTURES_MOST);
        const uint32_t silent_ms = next_below(&n, 4) == 0 ? next_below(&n, 3000) : 0;
        if (emit) {
            fwrite(stream, 1, n.held, stdout);
        } else {
            answered(i, host_board_exchange(stream, n.held, silent_ms, output, sizeof output), 0, 0, scores);
        }
        const uint8_t type = next_below(&n, CLASSIFY_EACH) == 0 ? LINK_CLASSIFY : LINK_HELLO;
        const uint16_t sequence = (uint16_t)(1 + i % UINT16_MAX);
        good_frame(&n, type, sequence, type == LINK_CLASSIFY ? picture : (span){NULL, 0});
        if (emit) {
            fwrite(stream, 1, n.held, stdout);
        } else if (!answered(i, host_board_exchange(stream, n.held, 0, output, sizeof output), type, sequence,
                       scores)) {
            fail(i, "the good request behind it was not answered");
        }
    }
    return 0;
}
