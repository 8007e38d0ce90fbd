/* The firmware: boot and report, then answer what comes over the serial link (lib/link/src/link.h). */
#ifndef APPLICATION_H
#define APPLICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "link.h"
#include "print.h"
#include "squeeze_rt.h"

typedef struct {
    bool tested, passed;
    uint16_t pictures;
    const char *why; /* it failed */
} golden_result;

typedef struct {
    uint16_t answer; /* sqz_decide()'s: a class or SQZ_UNKNOWN */
    int8_t score;    /* of that class; of SQZ_UNKNOWN the highest */
    uint32_t microseconds, cycles;
    const int8_t *scores; /* model.classes of them, in the arena */
    bool photographed;    /* by the camera, and then: */
    uint32_t capture_us, prepare_us;
} classification;

/* What the display owes. */
typedef enum { DRAWN, DRAW_RESULT, DRAW_NO_PICTURE } drawing;

/* A .sqz on its way into RAM. It lies at the very end of the memory. */
typedef struct {
    uint8_t *start; /* NULL: none */
    uint32_t total, held;
} loading;

/* A picture that the host takes piece by piece. */
typedef struct {
    uint32_t number; /* the host's; 0: none is held */
    const frame_view *frame;
    uint32_t bytes, crc32; /* of the rows, one behind the other */
    uint32_t capture_us;
} held_picture;

typedef struct {
    const board_report *board;
    bool safe; /* the run before crashed: touch nothing but the line */

    /* All free RAM: | arena of the model that answers | spare | the loaded model, if any | */
    uint8_t *memory; /* 16-byte aligned */
    uint32_t memory_bytes;
    const uint32_t *bad_word; /* which the RAM test found; NULL: none */

    bool flash_model_ok, flash_golden_ok; /* flash reads back as the build wrote it */
    sqz_status status; /* of the image's model: when it is not SQZ_OK, that cannot be used */
    sqz_model image_model;
    sqz_model model; /* that answers; all zero when there is none */
    bool from_ram;   /* it is not the image's */
    loading loading;
    uint32_t generation; /* changes whenever the spare memory may be overwritten or another model answers */
    golden_result golden;

    classification last;
    const char *no_picture; /* why the camera gave none, when it was asked last and did not */
    drawing undrawn;        /* `last` or `no_picture` is not on the display yet */
    uint32_t next_stored;   /* picture for the button */
    uint32_t held_polls;    /* for how many polls the button has been down */
    bool continuous;        /* picture after picture, while nobody speaks */
    uint32_t pause_polls;   /* until the camera that failed is asked again */

    board_camera_settings camera;
    frame_view seen; /* the camera's latest frame, as it stands */
    held_picture held;
    bool awaited, pressed; /* the host waits for the button; it has been pressed */
    uint32_t awaited_us;   /* elapsed_us() when the host said so last */
    bool acting;           /* the output pin does */
    uint32_t acting_since; /* elapsed_us() of the latest decision for its class */

    uint32_t stack_used; /* bytes; when it was looked at last */
    uint32_t baud;
} application;

static inline bool usable(const application *app) {
    return app->model.blob != NULL;
}

/* boot.c: all checks, the self-test included. Prints the report. */
void boot(application *app);

/* report.c: what the chip is and has found out about itself, lines `key=value`. It is asked for once in a while, so its
   code had better be small than fast: that takes 2 KB less. */
__attribute__((cold)) void report(const application *app, text_sink *sink);

/* golden.c: pictures with known scores, in the image. */
/* Number *index of them, which starts again behind the last; NULL when there is none that the model could take. */
const uint8_t *golden_picture(const application *app, uint32_t *index);
void check_golden(application *app); /* all of them, bit for bit; details of a failure go to the console */
void print_golden(const golden_result *result, text_sink *sink);

/* classify.c */
/* The picture is in the arena already; inference overwrites it. */
sqz_status classify(const application *app, classification *result);
void receive_picture(const application *app, const uint8_t *picture); /* copy one into the arena */
void print_scores(text_sink *sink, const int8_t *scores, uint32_t count);
/* A class's name, or what SQZ_UNKNOWN is called. */
const char *answer_name(const sqz_model *model, uint16_t answer);

/* camera.c: take a picture, make it a network input and classify it: `last`, or why not: LINK_NO_CAMERA with the reason
   in `no_picture`, LINK_FAILED with an sqz_status in `detail`. There has to be a model. */
link_reason take_picture(application *app, sqz_status *detail);

/* output.c: the pin that acts. A decision has been made, `last`; and time has passed: to be called all the while. */
void output_decided(application *app);
void output_poll(application *app);

/* A picture taken, with what has to be done around it; NULL: board_camera_error() says why. None is held any more. */
const frame_view *capture(application *app, uint32_t *microseconds);

/* frames.c: LINK_FRAME, and whether a press of the button is the host's. */
void answer_frame(application *app, const link_header *request, const uint8_t *payload);

/* camera_settings.c: LINK_CAMERA, and a line of the report, as platformio.ini has them. */
__attribute__((cold)) void print_camera_settings(const board_camera_settings *settings, text_sink *sink);
void answer_camera(application *app, const link_header *request, const uint8_t *payload);
bool host_takes_press(application *app);

/* load_model.c: LINK_LOAD's payload, and its answer: LINK_OK, or why not, with an sqz_status in `detail`. */
link_reason load_chunk(application *app, const uint8_t *payload, uint32_t bytes, sqz_status *detail);
/* Room between arena and loaded model; NULL when there is not enough. */
uint8_t *spare_memory(const application *app, uint32_t bytes);

/* answer.c: one whole frame. `payload` is LINK_CLASSIFY's picture in the arena, else the command's. */
void answer(application *app, const link_header *header, const uint8_t *payload);
void answer_error(uint16_t sequence, link_reason reason, sqz_status detail);
void answer_why(
    uint16_t sequence, link_reason reason, sqz_status detail, const char *why); /* in a few words more */
/* Of an answer with `length` bytes: its sender, for them; link_send_end() ends it. */
link_sender *answer_start(const link_header *request, uint32_t length);
const char *reason_text(link_reason reason);

/* mlperf.c: one line of MLPerf Tiny's protocol, without its '%'. */
void answer_line(application *app, char *line);

/* elapsed.c: microseconds since the start. Has to be asked once in 17 seconds. */
uint32_t elapsed_us(const application *app);

/* demo.c: the line has been silent for so long, between frames; called every 5 ms. A button takes a picture, or the
   next stored one where no camera belongs to the board; the display shows what came out last. */
void demo_idle(application *app, uint32_t silent_ms);

/* serve.c: answers one request after the other, for ever. */
_Noreturn void serve(application *app);

#endif
