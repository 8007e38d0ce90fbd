/* The answers to the commands of the serial link. */
#include <string.h>

#include "application.h"
#include "model_header.h"

enum { BENCH_MOST = 1000, GREY = 128 };

static link_sender sender = {.write = board_write};

link_sender *answer_start(const link_header *request, uint32_t length) {
    link_send_start(&sender, (uint8_t)(request->type + LINK_ANSWER), request->sequence, length);
    return &sender;
}

static void send_whole(const link_header *request, const void *payload, uint32_t length) {
    answer_start(request, length);
    link_send(&sender, payload, length);
    link_send_end(&sender);
}

/* Text in a frame is made twice: to know its length, and to send it. */
typedef struct {
    text_sink sink; /* first: the functions below find the rest behind it */
    uint32_t bytes;
} counting_sink;

static void count_text(text_sink *sink, const char *text, uint32_t bytes) {
    (void)text;
    ((counting_sink *)sink)->bytes += bytes;
}

static void send_text(text_sink *sink, const char *text, uint32_t bytes) {
    (void)sink;
    link_send(&sender, text, bytes);
}

static text_sink frame_sink = {send_text};

const char *reason_text(link_reason reason) {
    static const char *const TEXTS[] = {
        [LINK_DAMAGED] = "the frame came damaged",
        [LINK_TIMEOUT] = "the frame ended half-way",
        [LINK_FOREIGN] = "another version of the protocol",
        [LINK_TYPE] = "no such command",
        [LINK_LENGTH] = "the payload has another length than this command takes",
        [LINK_VALUE] = "a value is out of range",
        [LINK_NO_MODEL] = "the image's model was refused",
        [LINK_REFUSED] = "the model was refused",
        [LINK_MEMORY] = "the model and its arena do not fit into RAM",
        [LINK_ORDER] = "a piece is missing before this one",
        [LINK_FAILED] = "the runtime stopped",
        [LINK_SAFE] = "the chip crashed and answers hello only; reset it",
        [LINK_NO_CAMERA] = "the camera gives no picture",
    };
    return TEXTS[reason];
}

void answer_why(uint16_t sequence, link_reason reason, sqz_status detail, const char *why) {
    const char *text = reason_text(reason), *between = *why == '\0' ? "" : ": ";
    const uint8_t codes[2] = {(uint8_t)reason, (uint8_t)detail};
    const uint32_t length = (uint32_t)(sizeof codes + strlen(text) + strlen(between) + strlen(why));
    link_send_start(&sender, LINK_ERROR, sequence, length);
    link_send(&sender, codes, sizeof codes);
    print(&frame_sink, text);
    print(&frame_sink, between);
    print(&frame_sink, why);
    link_send_end(&sender);
}

void answer_error(uint16_t sequence, link_reason reason, sqz_status detail) {
    answer_why(sequence, reason, detail, detail == SQZ_OK ? "" : sqz_status_text(detail));
}

static void answer_hello(application *app, const link_header *request) {
    counting_sink counter = {.sink = {count_text}, .bytes = 0};
    app->stack_used = board_stack_used(); /* once: the text must not change between the two times */
    report(app, &counter.sink);
    answer_start(request, counter.bytes);
    report(app, &frame_sink);
    link_send_end(&sender);
}

/* `times` of the camera come before the rest. */
static void send_result(
    const application *app, const link_header *request, const uint8_t *times, uint32_t times_bytes) {
    const classification *result = &app->last;
    uint8_t head[16];
    link_put_u16(head, result->answer);
    link_put_u16(head + 2, app->model.classes);
    link_put_u32(head + 4, result->microseconds);
    link_put_u32(head + 8, result->cycles);
    link_put_u32(head + 12, model_header(&app->model)->crc32);
    answer_start(request, times_bytes + (uint32_t)sizeof head + app->model.classes);
    link_send(&sender, times, times_bytes);
    link_send(&sender, head, sizeof head);
    link_send(&sender, result->scores, app->model.classes);
    link_send_end(&sender);
}

static void answer_classify(application *app, const link_header *request) {
    const sqz_status status = classify(app, &app->last);
    app->undrawn = status == SQZ_OK ? DRAW_RESULT : DRAWN;
    if (status != SQZ_OK) {
        answer_error(request->sequence, LINK_FAILED, status);
        return;
    }
    output_decided(app);
    send_result(app, request, NULL, 0);
}

static void answer_take(application *app, const link_header *request) {
    sqz_status detail;
    const link_reason reason = take_picture(app, &detail);
    app->undrawn = reason == LINK_OK ? DRAW_RESULT : reason == LINK_NO_CAMERA ? DRAW_NO_PICTURE : DRAWN;
    if (reason != LINK_OK) {
        answer_why(request->sequence, reason, detail,
            reason == LINK_NO_CAMERA ? app->no_picture : sqz_status_text(detail));
        return;
    }
    uint8_t times[8];
    link_put_u32(times, app->last.capture_us);
    link_put_u32(times + 4, app->last.prepare_us);
    send_result(app, request, times, sizeof times);
}

static void answer_repeat(application *app, const link_header *request, const uint8_t *payload) {
    if (payload[0] > 1) {
        answer_error(request->sequence, LINK_VALUE, SQZ_OK);
    } else if (payload[0] == 1 && app->board->camera == NULL) {
        answer_why(request->sequence, LINK_NO_CAMERA, SQZ_OK, board_camera_error());
    } else {
        app->continuous = payload[0] == 1;
        app->pause_polls = 0;
        send_whole(request, NULL, 0);
    }
}

static void answer_golden(application *app, const link_header *request) {
    check_golden(app);
    const golden_result *result = &app->golden;
    uint8_t head[4] = {result->passed};
    link_put_u16(head + 2, result->pictures);
    const char *why = result->passed ? "" : result->why;
    answer_start(request, (uint32_t)(sizeof head + strlen(why)));
    link_send(&sender, head, sizeof head);
    print(&frame_sink, why);
    link_send_end(&sender);
}

static void answer_bench(application *app, const link_header *request, const uint8_t *payload) {
    const uint16_t count = link_u16(payload);
    if (count == 0 || count > BENCH_MOST) {
        answer_error(request->sequence, LINK_VALUE, SQZ_OK);
        return;
    }
    uint32_t first = 0;
    const uint8_t *picture = golden_picture(app, &first);
    uint32_t least = UINT32_MAX, most = 0;
    uint64_t sum = 0;
    for (uint16_t i = 0; i < count; i++) {
        if (picture != NULL) {
            receive_picture(app, picture);
        } else {
            memset(app->memory + app->model.picture_offset, GREY, app->model.picture_bytes);
        }
        classification result;
        const sqz_status status = classify(app, &result);
        if (status != SQZ_OK) {
            answer_error(request->sequence, LINK_FAILED, status);
            return;
        }
        least = result.cycles < least ? result.cycles : least;
        most = result.cycles > most ? result.cycles : most;
        sum += result.cycles;
    }
    uint8_t body[20];
    link_put_u16(body, count);
    link_put_u16(body + 2, app->board->cycles_per_microsecond);
    link_put_u32(body + 4, least);
    link_put_u32(body + 8, most);
    link_put_u32(body + 12, (uint32_t)sum);
    link_put_u32(body + 16, (uint32_t)(sum >> 32));
    send_whole(request, body, sizeof body);
}

static void answer_load(application *app, const link_header *request, const uint8_t *payload) {
    sqz_status detail;
    const link_reason reason = load_chunk(app, payload, request->length, &detail);
    if (reason != LINK_OK) {
        answer_error(request->sequence, reason, detail);
        return;
    }
    uint8_t held[4];
    link_put_u32(held, app->loading.start != NULL ? app->loading.held : app->model.blob_bytes);
    send_whole(request, held, sizeof held);
}

static void answer_baud(application *app, const link_header *request, const uint8_t *payload) {
    const uint32_t wanted = link_u32(payload);
    if (!board_can_baud(wanted)) {
        answer_error(request->sequence, LINK_VALUE, SQZ_OK);
        return;
    }
    send_whole(request, NULL, 0);
    board_set_baud(wanted);
    app->baud = wanted;
}

/* The payload that a command takes, bytes; the commands with an open length look themselves. */
static bool length_fits(const application *app, const link_header *header) {
    switch (header->type) {
    case LINK_CLASSIFY:
        return header->length == app->model.picture_bytes;
    case LINK_REPEAT:
        return header->length == 1;
    case LINK_BENCH:
        return header->length == 2;
    case LINK_BAUD:
        return header->length == 4;
    case LINK_FRAME:
        return header->length == 11;
    case LINK_CAMERA:
        return header->length == 0 || header->length == 5;
    case LINK_LOAD:
        return header->length <= LINK_CHUNK + 8;
    default:
        return header->length == 0;
    }
}

static link_reason objection(const application *app, const link_header *header) {
    if (header->type < LINK_HELLO || header->type > LINK_CAMERA) {
        return LINK_TYPE;
    }
    if (app->safe && header->type != LINK_HELLO) {
        return LINK_SAFE;
    }
    const bool runs_it =
        header->type == LINK_CLASSIFY || header->type == LINK_BENCH || header->type == LINK_TAKE;
    if (runs_it && !usable(app)) {
        return LINK_NO_MODEL;
    }
    return length_fits(app, header) ? LINK_OK : LINK_LENGTH;
}

void answer(application *app, const link_header *header, const uint8_t *payload) {
    const link_reason reason = objection(app, header);
    if (reason != LINK_OK) {
        answer_error(header->sequence, reason, reason == LINK_NO_MODEL ? app->status : SQZ_OK);
        return;
    }
    switch (header->type) {
    case LINK_CLASSIFY:
        answer_classify(app, header);
        break;
    case LINK_GOLDEN:
        answer_golden(app, header);
        break;
    case LINK_BENCH:
        answer_bench(app, header, payload);
        break;
    case LINK_LOAD:
        answer_load(app, header, payload);
        break;
    case LINK_BAUD:
        answer_baud(app, header, payload);
        break;
    case LINK_TAKE:
        answer_take(app, header);
        break;
    case LINK_REPEAT:
        answer_repeat(app, header, payload);
        break;
    case LINK_FRAME:
        answer_frame(app, header, payload);
        break;
    case LINK_CAMERA:
        answer_camera(app, header, payload);
        break;
    default:
        answer_hello(app, header);
        break;
    }
}
