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
    uint16_t best; /* class of the highest score; of equal ones, the first */
    int8_t score;  /* its score */
    uint32_t microseconds, cycles;
    const int8_t *scores; /* model.classes of them, in the arena */
} classification;

/* A .sqz on its way into RAM. It lies at the very end of the memory. */
typedef struct {
    uint8_t *start; /* NULL: none */
    uint32_t total, held;
} loading;

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
    bool undrawn;         /* `last` is not on the display yet */
    uint32_t next_stored; /* picture for the button */
    uint32_t held_polls;  /* for how many polls the button has been down */

    uint32_t stack_used; /* bytes; when it was looked at last */
    uint32_t baud;
} application;

static inline bool usable(const application *app) {
    return app->model.blob != NULL;
}

/* boot.c: all checks, the self-test included. Prints the report. */
void boot(application *app);

/* report.c: what the chip is and has found out about itself, lines `key=value`. */
void report(const application *app, text_sink *sink);

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

/* load_model.c: LINK_LOAD's payload, and its answer: LINK_OK, or why not, with an sqz_status in `detail`. */
link_reason load_chunk(application *app, const uint8_t *payload, uint32_t bytes, sqz_status *detail);
/* Room between arena and loaded model; NULL when there is not enough. */
uint8_t *spare_memory(const application *app, uint32_t bytes);

/* answer.c: one whole frame. `payload` is LINK_CLASSIFY's picture in the arena, else the command's. */
void answer(application *app, const link_header *header, const uint8_t *payload);
void answer_error(uint16_t sequence, link_reason reason, sqz_status detail);
const char *reason_text(link_reason reason);

/* mlperf.c: one line of MLPerf Tiny's protocol, without its '%'. */
void answer_line(application *app, char *line);

/* elapsed.c: microseconds since the start. Has to be asked once in 17 seconds. */
uint32_t elapsed_us(const application *app);

/* demo.c: the line has been silent for so long, between frames. A button starts the next stored picture, the display
   shows what came out last. */
void demo_idle(application *app, uint32_t silent_ms);

/* serve.c: answers one request after the other, for ever. */
_Noreturn void serve(application *app);

#endif
