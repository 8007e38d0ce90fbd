/* The whole application with a camera and what stands around it.
   Usage: camera_desk MODEL.sqz GOLDEN.bin MEMORY FLAGS RIGHT SETTINGS. FLAGS is a sum of 1: there is a camera, 2:
   the image wants its light, 4: it wants picture after picture, 8: there is a second core, 16: it starts, 32: it did
   not answer in an earlier run. RIGHT and SETTINGS: see host_flash of host_board.h.
   On stdin, numbers of 32 bits (little endian):
       f format width height stride left bytes PIXELS   the camera sees that, and fails after `left` pictures
       x bytes TEXT                                     it fails, for this reason
       b 0|1                                            the button is let go of, or held
       l bytes silent_ms BYTES                          this comes over the line; out: bytes, what was answered
       p hold_ms bytes CLASS                            a pin acts for this class
       o                                                out: whether it does, how often that has changed
       d                                                out: the display, 8 pages of 128 bytes
       s                                                out: pictures taken, of them with the light on
       t                                                out: the flash's setting now, how often the model was read
       k looks                                          the second core dies: see host_second_core of host_board.h
       r                                                out: the crash that is on record, its vector and core */
#include <stdio.h>
#include <stdlib.h>

#include "crc32.h"
#include "host_board.h"

enum { HAS_CAMERA = 1, WANTS_LIGHT = 2, WANTS_CONTINUOUS = 4 };
enum { HAS_SECOND_CORE = 8, SECOND_CORE_STARTS = 16, SILENT_BEFORE = 32 };
enum { OUTPUT_MOST = 1 << 20 };

static uint32_t number(void) {
    uint32_t value;
    if (fread(&value, sizeof value, 1, stdin) != 1) {
        exit(2);
    }
    return value;
}

/* In memory of their very size, so that AddressSanitizer sees the first byte that is too far. */
static uint8_t *read_bytes(FILE *file, uint32_t bytes) {
    uint8_t *start = malloc(bytes > 0 ? bytes : 1);
    if (start == NULL || fread(start, 1, bytes, file) != bytes) {
        exit(2);
    }
    return start;
}

static board_file load_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        exit(2);
    }
    const uint32_t bytes = (uint32_t)ftell(file);
    rewind(file);
    const uint8_t *start = read_bytes(file, bytes);
    fclose(file);
    return (board_file){start, bytes, sqz_crc32(0, start, bytes)};
}

static void see_frame(void) {
    static frame_view frames[2]; /* the other one may be held */
    static uint32_t latest;
    latest ^= 1u;
    frame_view *const frame = &frames[latest];
    free((void *)(uintptr_t)frame->pixels);
    frame->format = (frame_format)number();
    frame->width = number();
    frame->height = number();
    frame->stride = number();
    desk.camera.left = number();
    const uint32_t bytes = number();
    frame->bytes = bytes;
    frame->pixels = read_bytes(stdin, bytes);
    desk.camera.frame = frame;
}

static void fail_camera(void) {
    static char error[80];
    const uint32_t bytes = number();
    if (bytes >= sizeof error || fread(error, 1, bytes, stdin) != bytes) {
        exit(2);
    }
    error[bytes] = '\0';
    desk.camera.error = error;
    desk.camera.left = 0;
}

static void want_output(void) {
    static char name[80];
    const uint32_t hold_ms = number(), bytes = number();
    if (bytes >= sizeof name || fread(name, 1, bytes, stdin) != bytes) {
        exit(2);
    }
    name[bytes] = '\0';
    desk.output.wanted =
        (board_output){.class_name = name, .pin = 27, .active_high = true, .hold_ms = hold_ms};
}

static void tell_output(void) {
    const uint32_t told[2] = {desk.output.acts, desk.output.changes};
    fwrite(told, sizeof told, 1, stdout);
}

static void exchange(void) {
    static uint8_t output[OUTPUT_MOST];
    const uint32_t bytes = number(), silent_ms = number();
    uint8_t *line = read_bytes(stdin, bytes);
    const uint32_t count = host_board_exchange(line, bytes, silent_ms, output, sizeof output);
    free(line);
    fwrite(&count, sizeof count, 1, stdout);
    fwrite(output, 1, count, stdout);
}

int main(int count, char **arguments) {
    if (count != 7) {
        return 2;
    }
    const uint32_t flags = (uint32_t)strtoul(arguments[4], NULL, 10);
    desk.has_camera = (flags & HAS_CAMERA) != 0;
    desk.wants_light = (flags & WANTS_LIGHT) != 0;
    desk.wants_continuous = (flags & WANTS_CONTINUOUS) != 0;
    desk.second.there = (flags & HAS_SECOND_CORE) != 0;
    desk.second.starts = (flags & SECOND_CORE_STARTS) != 0;
    desk.second.silent_before = (flags & SILENT_BEFORE) != 0;
    desk.camera.error = "nothing to see";
    desk.flash.right = (uint32_t)strtoul(arguments[5], NULL, 10);
    desk.flash.settings = (uint32_t)strtoul(arguments[6], NULL, 10);
    host_board_start(
        load_file(arguments[1]), load_file(arguments[2]), (uint32_t)strtoul(arguments[3], NULL, 10));
    for (int letter; (letter = getchar()) != EOF;) {
        switch (letter) {
        case 'f':
            see_frame();
            break;
        case 'x':
            fail_camera();
            break;
        case 'b':
            desk.button = number() != 0;
            break;
        case 'l':
            exchange();
            break;
        case 'p':
            want_output();
            break;
        case 'o':
            tell_output();
            break;
        case 'd':
            fwrite(desk.display, 1, sizeof desk.display, stdout);
            break;
        case 's':
            fwrite(&desk.camera.taken, sizeof desk.camera.taken, 1, stdout);
            fwrite(&desk.camera.lit, sizeof desk.camera.lit, 1, stdout);
            break;
        case 't':
            fwrite(&desk.flash.now, sizeof desk.flash.now, 1, stdout);
            fwrite(&desk.flash.reads, sizeof desk.flash.reads, 1, stdout);
            break;
        case 'k':
            __atomic_store_n(&desk.second.looks_left, (int32_t)number(), __ATOMIC_RELAXED);
            break;
        case 'r':
            fwrite(&desk.second.record.vector, sizeof desk.second.record.vector, 1, stdout);
            fwrite(&desk.second.record.core, sizeof desk.second.record.core, 1, stdout);
            break;
        default:
            return 2;
        }
        fflush(stdout);
    }
    return 0;
}
