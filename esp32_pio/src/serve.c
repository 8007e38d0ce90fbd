/* The line: bytes become requests, and silence becomes time for the rest. */
#include <stddef.h>

#include "application.h"

enum { IDLE_MS = 5, SILENCE_MS = 500, NEW_SPEED_MS = 2000, COMMAND_BYTES = LINK_CHUNK + 8 };

typedef struct {
    link_receiver receiver;
    uint8_t command[COMMAND_BYTES]; /* payloads other than pictures */
    uint8_t *payload;
    uint32_t silent_ms;   /* in a row */
    uint32_t proven_baud; /* at which a good frame has come */
    uint32_t unproven_ms; /* of silence at another */
} server;

static void place_payload(server *s, application *app) {
    const link_header *header = &s->receiver.header;
    const bool picture =
        header->type == LINK_CLASSIFY && usable(app) && header->length == app->model.picture_bytes;
    s->payload = picture                           ? app->memory + app->model.picture_offset
                 : header->length <= COMMAND_BYTES ? s->command
                                                   : NULL;
    link_accept(&s->receiver, s->payload);
}

static void handle(server *s, application *app, link_event event) {
    const link_header *header = &s->receiver.header;
    switch (event) {
    case LINK_GOT_HEADER:
        place_payload(s, app);
        break;
    case LINK_GOT_FRAME:
        if (header->type != LINK_BAUD) { /* one that waits in the port says nothing about the new speed */
            s->proven_baud = app->baud;
        }
        answer(app, header, s->payload);
        break;
    case LINK_GOT_LINE:
        answer_line(app, s->receiver.line);
        break;
    case LINK_GOT_ERROR: {
        const bool known = s->receiver.reason != LINK_DAMAGED && s->receiver.reason != LINK_TIMEOUT;
        answer_error(known ? header->sequence : 0, s->receiver.reason, SQZ_OK);
        break;
    }
    default:
        break;
    }
}

/* Nobody speaks: end what was under way, and leave a speed at which nobody was understood. */
static void idle(server *s, application *app) {
    s->silent_ms += IDLE_MS;
    if (s->silent_ms == SILENCE_MS) {
        handle(s, app, link_silence(&s->receiver));
    }
    /* Within a frame, or at a speed that is not proven, this loop counts how long nobody speaks. */
    if (!s->receiver.begun && app->baud == s->proven_baud) {
        demo_idle(app, s->silent_ms);
    }
    if (app->baud == s->proven_baud) {
        s->unproven_ms = 0;
    } else if ((s->unproven_ms += IDLE_MS) >= NEW_SPEED_MS) {
        app->baud = board_default_baud();
        s->proven_baud = app->baud;
        board_set_baud(app->baud);
    }
}

_Noreturn void serve(application *app) {
    static server s;
    s.proven_baud = app->baud;
    for (;;) {
        uint8_t bytes[64];
        const uint32_t count = board_read(bytes, sizeof bytes, IDLE_MS);
        output_poll(app);
        elapsed_us(app);
        if (count == 0) {
            idle(&s, app);
            continue;
        }
        s.silent_ms = 0;
        for (uint32_t i = 0; i < count; i++) {
            handle(&s, app, link_receive(&s.receiver, bytes[i]));
        }
    }
}
