/* The benchmark: one inference as a whole, one step by step, by a counter that an emulator drives by instructions.

   Input (little endian): u32 bytes | the .sqz | u32 bytes | a picture; any number of times. Output, lines of text,
   for each model (cycles are board_cycles(), the cost of reading it included, which `empty` is):
       run cycles=41234 empty=11 stack=1296 arena=80624 scores=-90,89
       step index=0 cycles=1234        one for each step of the program
       decode cycles=1234              all weights, and nothing done with them
       done
   or `error why=...`, which ends it. */
#include <string.h>

#include "application.h"
#include "filter_taps.h"
#include "print.h"

enum { PATIENCE_MS = 10000, ALIGNMENT = 16 };

/* Where the flash part ends, from the linker script: what lies behind it is free memory in the emulator only. */
extern uint8_t _flash_end[];

typedef struct {
    uint8_t *start; /* aligned */
    uint32_t bytes;
} block;

static _Noreturn void fail(const char *why) {
    print(&board_console, "error");
    print_field(&board_console, "why", why);
    print(&board_console, "\n");
    board_halt();
}

static void require(sqz_status status) {
    if (status != SQZ_OK) {
        fail(sqz_status_text(status));
    }
}

static void read_all(uint8_t *buffer, uint32_t bytes) {
    for (uint32_t held = 0, got; held < bytes; held += got) {
        got = board_read(buffer + held, bytes - held, PATIENCE_MS);
        if (got == 0) {
            fail("input ends early");
        }
    }
}

/* The next block of the input, placed at `free` or behind it. */
static block receive(uint8_t *free) {
    block got = {free + (-(uintptr_t)free & (ALIGNMENT - 1)), 0};
    read_all((uint8_t *)&got.bytes, sizeof got.bytes);
    read_all(got.start, got.bytes);
    return got;
}

static void load(const application *app, const block *picture) {
    if (picture->bytes != app->model.picture_bytes) {
        fail("picture of another size");
    }
    memcpy(app->memory + app->model.picture_offset, picture->start, picture->bytes);
}

static void measure_run(const application *app) {
    const uint32_t start = board_cycles();
    const sqz_status status = sqz_run(&app->model, app->memory, app->memory_bytes);
    const uint32_t cycles = board_cycles() - start;
    const uint32_t stack = board_stack_used();
    const uint32_t before = board_cycles();
    const uint32_t empty = board_cycles() - before;
    require(status);
    print(&board_console, "run");
    print_number(&board_console, "cycles", cycles);
    print_number(&board_console, "empty", empty);
    print_number(&board_console, "stack", stack);
    print_number(&board_console, "arena", app->model.arena_bytes);
    print_field(&board_console, "scores", "");
    print_scores(&board_console, (const int8_t *)app->memory + app->model.scores_offset, app->model.classes);
    print(&board_console, "\n");
}

static void measure_step(const application *app, uint32_t index) {
    const uint32_t start = board_cycles();
    const sqz_status status = sqz_run_op(&app->model, app->memory, app->memory_bytes, index);
    const uint32_t cycles = board_cycles() - start;
    require(status);
    print(&board_console, "step");
    print_number(&board_console, "index", index);
    print_number(&board_console, "cycles", cycles);
    print(&board_console, "\n");
}

/* Cycles that decoding a convolution's weights takes, its code table included. */
static uint32_t decode_cycles(const application *app, const sqz_tensor *tensors, const sqz_op *op) {
    static filter_stream stream;
    const uint8_t *const blob = app->model.blob;
    const sqz_context context = {.blob = blob, .header = (const sqz_header *)blob};
    uint32_t *const inputs = (uint32_t *)(app->memory + op->arena_scratch);
    const uint32_t weights = filter_weights(op, &tensors[op->input]);
    for (uint32_t i = 0; i < weights; i++) {
        inputs[i] = 255u << 16;
    }
    stream.inputs = inputs;
    stream.weights = weights;
    const uint32_t start = board_cycles();
    sqz_status status = sqz_start_filters(&stream, &context, op, inputs + weights);
    for (uint32_t f = 0; f < op->filters && status == SQZ_OK; f++) {
        uint32_t negative;
        status = next_filter(&stream, op, inputs + weights, &negative);
    }
    const uint32_t cycles = board_cycles() - start;
    require(status == SQZ_OK ? sqz_finish_filters(&stream, op) : status);
    return cycles;
}

static void measure_decode(const application *app) {
    const sqz_header *header = (const sqz_header *)app->model.blob;
    const sqz_tensor *tensors = (const sqz_tensor *)(header + 1);
    const sqz_op *ops = (const sqz_op *)(tensors + header->tensors);
    uint32_t cycles = 0;
    for (uint32_t i = 0; i < app->model.ops; i++) {
        cycles += ops[i].kind == SQZ_OP_CONV2D ? decode_cycles(app, tensors, &ops[i]) : 0;
    }
    print(&board_console, "decode");
    print_number(&board_console, "cycles", cycles);
    print(&board_console, "\n");
}

int main(void) {
    static application app;
    app.board = board_init();
    app.memory = board_memory(&app.memory_bytes);
    for (;;) { /* until the input ends, and the board with it */
        const block model = receive(_flash_end);
        const block picture = receive(model.start + model.bytes);
        require(sqz_open(&app.model, model.start, model.bytes));
        load(&app, &picture);
        measure_run(&app);
        load(&app, &picture);
        for (uint32_t i = 0; i < app.model.ops; i++) {
            measure_step(&app, i);
        }
        measure_decode(&app);
        print(&board_console, "done\n");
    }
}
