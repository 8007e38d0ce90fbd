/*
 * Fuzz target: the runtime given any blob never leaves blob and arena, and every outcome has a name. Header fields
 * that any damage would spoil are repaired, so that what is damaged is the program. With libFuzzer:
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined fuzz_sqz.c mutate_sqz.c sqz_fields.c SOURCES
 *
 * With -DFUZZ_REPLAY any compiler makes a program that runs files, and unless ROUNDS is 0 so many mutations of each,
 * and each with one field after the other at its limits:
 *
 *     fuzz_sqz ROUNDS FILE...          prints: ok N refused N stopped N costly N
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"
#include "mutate_sqz.h"
#include "squeeze_rt.h"
#include "sqz_format.h"

/* Larger arenas and longer runs are legal, but cost time and find nothing more. */
#define LARGEST_ARENA (1u << 20)
#define MOST_WORK     3e6

enum { RAN_TO_THE_END, REFUSED, STOPPED, COSTLY, OUTCOMES };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long outcomes[OUTCOMES];

static void demand(int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "fuzz_sqz: not so: %s\n", what);
        abort();
    }
}

static sqz_status named(sqz_status status) {
    demand(status <= SQZ_OK && status >= SQZ_ERR_CORE, "a status is one of the enum's");
    demand(strcmp(sqz_status_text(status), sqz_status_text((sqz_status)1)) != 0, "a status has a name");
    return status;
}

/* Memory of exactly `bytes`, so that AddressSanitizer sees the first byte that is too far. */
static uint8_t *exactly(size_t bytes, size_t alignment) {
    void *memory = NULL;
    demand(posix_memalign(&memory, alignment, bytes) == 0, "there is memory");
    return memory;
}

/* About how many steps a checked convolution takes. */
static double conv_work(const sqz_op *op, const sqz_tensor *in, const sqz_tensor *out) {
    const double weights = filter_weights(op, in), words = swept_words(op, in), lanes = in->lanes;
    const double taps = weights < op->tap_words ? weights : op->tap_words;
    const double bands = words / op->band + 1, rows = lanes * words / in->pitch + 1;
    const double overlap = op->pool == 0 ? 1 : (double)op->pool * op->pool; /* rows that windows share */
    return op->filters * (weights + overlap * (taps + lanes) * words + bands * lanes * rows + out->plane);
}

/* About how many steps a checked program takes. */
static double work_of(const sqz_model *model) {
    const sqz_header *h = (const sqz_header *)model->blob;
    const sqz_tensor *tensors = (const sqz_tensor *)(h + 1);
    const sqz_op *ops = (const sqz_op *)(tensors + h->tensors);
    double work = 0;
    for (const sqz_op *op = ops; op < ops + h->ops; op++) {
        const sqz_tensor *out = &tensors[op->output];
        const double pixels = (double)out->height * out->width * out->channels;
        const double words = (double)planes(out) * (out->plane / 4u) * out->lanes;
        work += 100 + pixels + words + model->picture_bytes;
        if (op->kind == SQZ_OP_CONV2D) {
            work += conv_work(op, &tensors[op->input], out);
        }
        if (op->kind == SQZ_OP_MAX_POOL || op->kind == SQZ_OP_AVERAGE_POOL) {
            work += pixels * op->kernel * op->kernel_x;
        }
        if (op->kind != SQZ_OP_SPREAD && op->kind != SQZ_OP_RESCALE) {
            const sqz_tensor *in = &tensors[op->input];
            work += (double)in->height * in->width * in->channels;
        }
    }
    return work;
}

/* The last op writes every score: what was in their place before does not show. */
static void check_scores(const sqz_model *model, const uint8_t *arena, const uint8_t *before) {
    const sqz_header *h = (const sqz_header *)model->blob;
    const sqz_tensor *tensors = (const sqz_tensor *)(h + 1);
    const sqz_op *last = (const sqz_op *)(tensors + h->tensors) + h->ops - 1;
    const sqz_tensor *in = &tensors[last->input];
    const uint32_t end = in->arena_offset + planes(in) * in->plane, scores = model->scores_offset;
    if (scores < end && in->arena_offset < scores + model->classes) {
        return; /* it reads what it overwrites */
    }
    uint8_t *again = exactly(model->arena_bytes, SQZ_ARENA_ALIGNMENT);
    memcpy(again, before, model->arena_bytes);
    for (uint32_t c = 0; c < model->classes; c++) {
        again[scores + c] ^= 0xFFu;
    }
    demand(sqz_run_op(model, again, model->arena_bytes, h->ops - 1u) == SQZ_OK, "a step can be repeated");
    demand(memcmp(again + scores, arena + scores, model->classes) == 0, "all scores are written");
    free(again);
}

static sqz_status run(const sqz_model *model) {
    uint8_t *arena = exactly(model->arena_bytes, SQZ_ARENA_ALIGNMENT);
    uint32_t noise = model->blob_bytes | 1u;
    for (uint32_t i = 0; i < model->arena_bytes; i++) {
        noise = noise * 1664525u + 1013904223u;
        arena[i] = (uint8_t)(noise >> 24);
    }
    uint8_t *before = exactly(model->arena_bytes, SQZ_ARENA_ALIGNMENT);
    sqz_status status = SQZ_OK;
    for (uint32_t i = 0; i < model->ops && status == SQZ_OK; i++) {
        if (i + 1u == model->ops) {
            memcpy(before, arena, model->arena_bytes);
        }
        status = named(sqz_run_op(model, arena, model->arena_bytes, i));
    }
    if (status == SQZ_OK) {
        check_scores(model, arena, before);
        const uint16_t answer = sqz_decide(model, (const int8_t *)arena + model->scores_offset);
        demand(answer < model->classes || (answer == SQZ_UNKNOWN && model->decision != NULL),
            "an answer is a class, or unknown where there is a rule");
    }
    free(before);
    free(arena);
    return status;
}

static bool meet_never(void *context) {
    (void)context;
    return false;
}

/* The program with both parts of a layer in the other order, as two cores may end up doing them. */
static void run_second_parts_first(const sqz_model *model) {
    const sqz_header *h = (const sqz_header *)model->blob;
    const sqz_op *ops = (const sqz_op *)((const sqz_tensor *)(h + 1) + h->tensors);
    uint8_t *arena = exactly(model->arena_bytes, SQZ_ARENA_ALIGNMENT);
    memset(arena, 0xA5, model->arena_bytes);
    sqz_status status = SQZ_OK;
    for (uint32_t i = 0; i < model->ops && status == SQZ_OK; i++) {
        if (i + 1u < model->ops && is_beside(&ops[i + 1u])) {
            demand(!is_beside(&ops[i]), "a layer has two parts at most");
            status = named(sqz_run_op(model, arena, model->arena_bytes, i + 1u));
        }
        if (status == SQZ_OK && !is_beside(&ops[i])) {
            status = named(sqz_run_op(model, arena, model->arena_bytes, i));
        }
    }
    demand(sqz_run_share(model, arena, model->arena_bytes, 1, meet_never, NULL) == SQZ_ERR_CORE,
        "a core that waits in vain says so");
    free(arena);
}

/* What a caller may do wrong with a model that is right. */
static void check_refusals(const sqz_model *model) {
    uint8_t arena[SQZ_ARENA_ALIGNMENT + 1] __attribute__((aligned(SQZ_ARENA_ALIGNMENT)));
    sqz_model other;
    demand(named(sqz_run(model, arena + 1, model->arena_bytes)) == SQZ_ERR_ALIGNMENT,
        "a misaligned arena is refused");
    demand(
        named(sqz_run(model, arena, model->arena_bytes - 1u)) == SQZ_ERR_ARENA, "a small arena is refused");
    demand(sqz_run_op(model, arena, model->arena_bytes, model->ops) == SQZ_ERR_PROGRAM, "steps end");
    demand(sqz_open(&other, model->blob + 1, model->blob_bytes - 1u) == SQZ_ERR_ALIGNMENT,
        "a misaligned blob is refused");
    demand(strcmp(sqz_class_name(model, model->classes), "?") == 0, "there are as many names as classes");
    for (uint16_t c = 0; c < model->classes; c++) {
        demand(strlen(sqz_class_name(model, c)) < model->blob_bytes, "a name ends in the blob");
    }
    demand(strlen(sqz_producer(model)) < 16, "the producer's name ends in the header");
}

/* Opens the blob as it is; repaired, runs it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const size_t bytes = size == 0 ? 1 : size;
    uint8_t *blob = exactly(bytes, sizeof(void *));
    memset(blob, 0, bytes);
    memcpy(blob, data, size);
    sqz_model model;
    named(sqz_open(&model, blob, size));
    int outcome = REFUSED;
    if (size >= sizeof(sqz_header)) {
        repair_sqz(blob, size);
        if (named(sqz_open(&model, blob, size)) != SQZ_OK) {
            demand(model.blob == NULL && model.ops == 0, "a refused model is left zero");
        } else {
            check_refusals(&model);
            if (model.arena_bytes > LARGEST_ARENA || work_of(&model) > MOST_WORK) {
                outcome = COSTLY;
            } else {
                outcome = run(&model) == SQZ_OK ? RAN_TO_THE_END : STOPPED;
                if (model.cores == 2) {
                    run_second_parts_first(&model);
                }
            }
        }
    }
    outcomes[outcome]++;
    free(blob);
    return outcome == COSTLY ? -1 : 0; /* -1: nothing for the corpus */
}

#ifdef FUZZ_REPLAY

static _Alignas(4) uint8_t file[1u << 20], changed[1u << 20];

/* `rounds` mutations of the file, and each of its fields at its limits, in no more arena than it needs. */
static void change_and_run(size_t size, unsigned long rounds, uint32_t number) {
    const uint32_t arena_bytes_down = 1; /* the first field */
    for (uint32_t seed = 0; seed < rounds; seed++) {
        memcpy(changed, file, size);
        LLVMFuzzerTestOneInput(changed, mutate_sqz(changed, size, seed + 1000003u * number));
    }
    push_to_limit(file, size, arena_bytes_down);
    for (uint32_t which = 0;; which++) {
        memcpy(changed, file, size);
        if (!push_to_limit(changed, size, which)) {
            break;
        }
        LLVMFuzzerTestOneInput(changed, size);
    }
}

int main(int argc, char **argv) {
    const unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    for (int i = 2; i < argc; i++) {
        FILE *stream = fopen(argv[i], "rb");
        demand(stream != NULL, "each file can be read");
        const size_t size = fread(file, 1, sizeof file, stream);
        fclose(stream);
        LLVMFuzzerTestOneInput(file, size);
        if (rounds != 0) {
            change_and_run(size, rounds, (uint32_t)i);
        }
    }
    printf("ok %lu refused %lu stopped %lu costly %lu\n", outcomes[RAN_TO_THE_END], outcomes[REFUSED],
        outcomes[STOPPED], outcomes[COSTLY]);
    return 0;
}

#else

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Mostly damage that knows the format. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
    if (seed % 8 == 0 || size < sizeof(sqz_header)) {
        size = LLVMFuzzerMutate(data, size, max_size);
    } else {
        size = mutate_sqz(data, size, seed);
    }
    if (size >= sizeof(sqz_header) && seed % 16 != 0) {
        repair_sqz(data, size);
    }
    return size;
}

#endif
