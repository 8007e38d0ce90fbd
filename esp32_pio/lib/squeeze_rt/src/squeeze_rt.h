/*
 * squeeze_rt: runs a Huffman-coded int8 SqueezeNet from its .sqz blob.
 *
 * The blob stays where it is (flash): weights are decoded one filter at a time, used over the whole plane and
 * dropped. All working memory is one arena that the caller owns; the blob states its size and where in it the
 * picture is received and the scores are left. Nothing is allocated, and whatever the blob's bytes are, nothing
 * outside blob and arena is read or written: sqz_open() checks the program, decoding is bounded.
 *
 * Outputs equal TensorFlow Lite Micro's for the .tflite the blob was made from, bit for bit.
 *
 *     sqz_model model;
 *     if (sqz_open(&model, blob, blob_bytes) == SQZ_OK && model.arena_bytes <= sizeof arena) {
 *         memcpy(arena + model.picture_offset, picture, model.picture_bytes);
 *         if (sqz_run(&model, arena, sizeof arena) == SQZ_OK)
 *             scores = (const int8_t *)(arena + model.scores_offset);
 *     }
 */
#ifndef SQUEEZE_RT_H
#define SQUEEZE_RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Alignment in bytes that sqz_open() demands of the blob and sqz_run() of the arena. */
#define SQZ_BLOB_ALIGNMENT  4
#define SQZ_ARENA_ALIGNMENT 16

typedef enum {
    SQZ_OK = 0,
    SQZ_ERR_TRUNCATED = -1, /* fewer or more bytes than the header states */
    SQZ_ERR_MAGIC = -2,     /* not a .sqz */
    SQZ_ERR_VERSION = -3,   /* a format that this runtime does not read */
    SQZ_ERR_CRC = -4,       /* damaged */
    SQZ_ERR_PROGRAM = -5,   /* a layer reads or writes where it must not, or is of an unknown kind */
    SQZ_ERR_ARENA = -6,     /* arena too small */
    SQZ_ERR_CODE = -7,      /* coded weights end early or end late, or their table is none */
    SQZ_ERR_ALIGNMENT = -8, /* blob or arena misaligned */
    SQZ_ERR_CORE = -9       /* the other core does not answer */
} sqz_status;

/* A checked model. Plain data, owned by the caller; read-only after sqz_open(). */
typedef struct {
    const uint8_t *blob;
    uint32_t blob_bytes;
    uint32_t arena_bytes;    /* what sqz_run() needs */
    uint32_t picture_offset; /* in the arena; the picture is lost when inference starts */
    uint32_t picture_bytes;  /* height x width x channels, one byte each, channels innermost */
    uint32_t scores_offset;  /* in the arena; `classes` int8 scores */
    uint16_t height;
    uint16_t width;
    uint16_t channels;
    uint16_t classes;
    uint16_t ops;       /* steps of the program */
    uint16_t cores;     /* that can share the work: 2 where the program says so, else 1 */
    bool probabilities; /* a score is one, (score + 128) / 256; else a logit, in the .tflite's scale */
    const struct sqz_decision *decision; /* how scores become an answer; NULL: the highest is it */
} sqz_model;

/* "squeeze_rt", or the name of the library in its place: see lib/tflm_rt. */
const char *sqz_engine(void);

/* What the first 64 bytes of a blob of `bytes` say against it, before the rest is there; SQZ_OK: nothing. */
sqz_status sqz_check_start(const void *start, size_t bytes);

/*
 * Checks header, CRC-32 and program of `blob` (`bytes` long, 4-byte aligned) and fills `model`.
 * On failure `model` is left all zero.
 */
sqz_status sqz_open(sqz_model *model, const void *blob, size_t bytes);

/*
 * Classifies the picture at arena + picture_offset and leaves the scores at arena + scores_offset.
 * `arena` is 16-byte aligned and at least model->arena_bytes long (`arena_bytes` states its length).
 */
sqz_status sqz_run(const sqz_model *model, void *arena, size_t arena_bytes);

/* Step `index` of what sqz_run() does from 0 to model->ops - 1: for callers that have to look up in between. */
sqz_status sqz_run_op(const sqz_model *model, void *arena, size_t arena_bytes, uint32_t index);

/* Waits until the other core is here, too, and sees what it has written. False: it does not come. */
typedef bool sqz_meet(void *context);

/*
 * What core `core`, 0 or 1, does of sqz_run() where two share it: both call this with the same model and arena, and
 * scores are there when both have returned SQZ_OK. They meet before and after the layers that both work on; core 0 does
 * the others alone. After an error a core does nothing more but meet, and returns that error. SQZ_ERR_CORE at once when
 * `meet` says false. What it gets is `context`.
 */
sqz_status sqz_run_share(
    const sqz_model *model, void *arena, size_t arena_bytes, uint32_t core, sqz_meet *meet, void *context);

#define SQZ_UNKNOWN 0xFFFF /* the answer that is no class */

/* The answer to `scores` (model->classes of them): a class, or SQZ_UNKNOWN where the model's file says when. */
uint16_t sqz_decide(const sqz_model *model, const int8_t *scores);

/* Name of class `index`, UTF-8, NUL-terminated; "?" when there is no such class. */
const char *sqz_class_name(const sqz_model *model, uint16_t index);

/* Version of the software that made the blob, NUL-terminated. */
const char *sqz_producer(const sqz_model *model);

/* One short English phrase for a status. */
const char *sqz_status_text(sqz_status status);

#endif
