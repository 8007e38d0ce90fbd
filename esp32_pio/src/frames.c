/* The camera's pictures as they are, for the host, piece by piece: LINK_FRAME. */
#include <stddef.h>

#include "application.h"
#include "crc32.h"

enum { HEAD_BYTES = 26, AWAITED_US = 2000000 };

static uint32_t row_bytes(const frame_view *frame) {
    return frame->width * frame_pixel_bytes(frame->format);
}

/* `count` bytes from `offset` on, as if no row had anything behind it: `each` gets them piece by piece. */
typedef void each_piece(void *to, const uint8_t *bytes, uint32_t count);

static void walk(const frame_view *frame, uint32_t offset, uint32_t count, each_piece *each, void *to) {
    const uint32_t row = row_bytes(frame);
    while (count > 0) {
        const uint32_t at = offset % row, left = row - at, piece = count < left ? count : left;
        each(to, frame->pixels + offset / row * frame->stride + at, piece);
        offset += piece;
        count -= piece;
    }
}

static void add_crc(void *to, const uint8_t *bytes, uint32_t count) {
    uint32_t *crc = to;
    *crc = sqz_crc32(*crc, bytes, count);
}

static void send(void *to, const uint8_t *bytes, uint32_t count) {
    link_send(to, bytes, count);
}

/* NULL: it is held. Else why not. */
static const char *take(application *app, uint32_t number) {
    held_picture *held = &app->held;
    held->frame = capture(app, &held->capture_us);
    if (held->frame == NULL) {
        return board_camera_error();
    }
    const frame_status status = frame_check_view(held->frame);
    if (status != FRAME_OK) {
        board_camera_release();
        return frame_status_text(status);
    }
    held->number = number;
    held->bytes = row_bytes(held->frame) * held->frame->height;
    held->crc32 = 0;
    walk(held->frame, 0, held->bytes, add_crc, &held->crc32);
    return NULL;
}

static void send_piece(
    const held_picture *held, const link_header *request, uint32_t number, uint32_t offset, uint32_t count) {
    const bool any = held != NULL;
    uint8_t head[HEAD_BYTES] = {0};
    link_put_u32(head, number);
    link_put_u32(head + 4, offset);
    if (any) {
        link_put_u32(head + 8, held->bytes);
        link_put_u32(head + 12, held->crc32);
        link_put_u32(head + 16, held->capture_us);
        link_put_u16(head + 20, held->frame->width);
        link_put_u16(head + 22, held->frame->height);
        head[24] = (uint8_t)held->frame->format;
        head[25] = held->frame->orientation;
    }
    link_sender *sender = answer_start(request, HEAD_BYTES + count);
    link_send(sender, head, sizeof head);
    if (any) {
        walk(held->frame, offset, count, send, sender);
    }
    link_send_end(sender);
}

/* A press that nobody has asked for in time is the board's own again. */
bool host_takes_press(application *app) {
    if (app->awaited && elapsed_us(app) - app->awaited_us >= AWAITED_US) {
        app->awaited = false;
    }
    app->pressed = app->awaited;
    return app->awaited;
}

/* Whether the picture may be taken that a press of the button is to trigger. */
static bool triggered(application *app) {
    const bool pressed = app->awaited && app->pressed;
    app->awaited = !pressed;
    app->pressed = false;
    app->awaited_us = elapsed_us(app);
    return pressed;
}

void answer_frame(application *app, const link_header *request, const uint8_t *payload) {
    const uint32_t number = link_u32(payload), offset = link_u32(payload + 4), wanted = link_u16(payload + 8);
    const uint8_t trigger = payload[10];
    if (number == 0 || wanted == 0 || wanted > LINK_FRAME_CHUNK || trigger > 1) {
        answer_error(request->sequence, LINK_VALUE, SQZ_OK);
        return;
    }
    if (number != app->held.number) {
        if (offset != 0) {
            answer_why(request->sequence, LINK_ORDER, SQZ_OK, "the picture is not held any more");
            return;
        }
        if (trigger == 1 && !triggered(app)) {
            send_piece(NULL, request, number, 0, 0);
            return;
        }
        const char *why = take(app, number);
        if (why != NULL) {
            answer_why(request->sequence, LINK_NO_CAMERA, SQZ_OK, why);
            return;
        }
    }
    const uint32_t bytes = app->held.bytes;
    if (offset >= bytes) {
        answer_error(request->sequence, LINK_VALUE, SQZ_OK);
        return;
    }
    send_piece(&app->held, request, number, offset, wanted < bytes - offset ? wanted : bytes - offset);
}
