/* lib/frame on the chip's core. Input, 32-bit words: format, width, height, stride, bytes, the input's height, width,
   channels, standardise; then the frame; any number of times. Output: status, cycles of frame_to_input(), then height x
   width x channels bytes. */
#include "board.h"
#include "frame.h"

enum { PATIENCE_MS = 10000, SCRATCH_BYTES = 8192, OUTPUT_BYTES = 96 * 96 * 3 };

typedef struct {
    uint32_t format, width, height, stride, bytes, input_height, input_width, channels, standardise;
} request;

static void read_all(void *buffer, uint32_t bytes) {
    for (uint32_t held = 0, got; held < bytes; held += got) {
        got = board_read((uint8_t *)buffer + held, bytes - held, PATIENCE_MS);
        if (got == 0) {
            board_halt();
        }
    }
}

int main(void) {
    uint32_t room;
    uint8_t *const scratch = board_memory(&room), *const out = scratch + SCRATCH_BYTES,
                   *const pixels = out + OUTPUT_BYTES;
    board_init();
    for (;;) {
        request r;
        read_all(&r, sizeof r);
        if (r.bytes > room - SCRATCH_BYTES - OUTPUT_BYTES) {
            board_halt();
        }
        read_all(pixels, r.bytes);
        const frame_view view = {
            pixels, r.bytes, r.width, r.height, r.stride, (frame_format)r.format, FRAME_UPRIGHT};
        const frame_input input = {r.input_height, r.input_width, r.channels, r.standardise != 0};
        const uint32_t start = board_cycles();
        const frame_status status = frame_to_input(&view, &input, out, OUTPUT_BYTES, scratch, SCRATCH_BYTES);
        const uint32_t answer[] = {(uint32_t)status, board_cycles() - start};
        board_write((const uint8_t *)answer, sizeof answer);
        if (status == FRAME_OK) {
            board_write(out, r.input_height * r.input_width * r.channels);
        }
    }
}
