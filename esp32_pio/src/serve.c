#include <stddef.h>
#include <string.h>

#include "application.h"
#include "crc32.h"
#include "print.h"

enum { HEADER_BYTES = 8, CRC_BYTES = 4 };
enum { IDLE_MS = 10000, SILENCE_MS = 500 }; /* between frames; within one */

static uint32_t little_endian(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void report(const char *reason) {
    print("error");
    print_field("reason", reason);
    print("\n");
}

/* Drop bytes from the front until what is left can begin a header; returns how many are left. */
static uint32_t find_start(uint8_t *header, uint32_t held) {
    for (uint32_t from = 0; from < held; from++) {
        if (header[from] == 'S' && (from + 1 == held || header[from + 1] == 'Q')) {
            memmove(header, header + from, held - from);
            return held - from;
        }
    }
    return 0;
}

/* What is wrong with a complete header; NULL when nothing is. */
static const char *objection(const application *app, const uint8_t *header) {
    const uint8_t type = header[2];
    const uint32_t payload_bytes = little_endian(header + 4);
    if ((type != 'P' && type != 'I' && type != 'T') || header[3] != 0) {
        return "type";
    }
    if (app->status != SQZ_OK && type != 'I') {
        return "model";
    }
    return payload_bytes == (type == 'P' ? app->model.picture_bytes : 0) ? NULL : "length";
}

/* Read bytes until they make a header that can be answered. */
static void receive_header(const application *app, uint8_t *header) {
    uint32_t held = 0;
    for (;;) {
        /* Between frames the line may be silent for long; from a frame's first byte on it may not. */
        const uint32_t got = held == 0 ? board_read(header, 1, IDLE_MS)
                                       : board_read(header + held, HEADER_BYTES - held, SILENCE_MS);
        if (held > 0 && got == 0) {
            report("timeout");
            held = 0;
            continue;
        }
        held = find_start(header, held + got);
        if (held < HEADER_BYTES) {
            continue;
        }
        const char *reason = objection(app, header);
        if (reason == NULL) {
            return;
        }
        report(reason);
        header[0] = 0; /* a true start may lie within what looked like a header */
        held = find_start(header, held);
    }
}

static void answer(const application *app, uint8_t type) {
    switch (type) {
    case 'P':
        classify_received(app);
        break;
    case 'T':
        run_selftest(app);
        break;
    default:
        print_info(app);
        break;
    }
}

_Noreturn void serve(const application *app) {
    for (;;) {
        uint8_t header[HEADER_BYTES], crc[CRC_BYTES];
        receive_header(app, header);
        const uint32_t payload_bytes = little_endian(header + 4);
        uint8_t *payload = payload_bytes > 0 ? app->arena + app->model.picture_offset : header;
        if (board_read(payload, payload_bytes, SILENCE_MS) < payload_bytes ||
            board_read(crc, CRC_BYTES, SILENCE_MS) < CRC_BYTES) {
            report("timeout");
            continue;
        }
        const uint32_t expected =
            sqz_crc32(sqz_crc32(0, header + 2, HEADER_BYTES - 2), payload, payload_bytes);
        if (little_endian(crc) != expected) {
            report("crc");
            continue;
        }
        answer(app, header[2]);
    }
}
