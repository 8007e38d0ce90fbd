/*
 * Layout of a .sqz file, format 4, little endian: the one definition in C. Its twin is squeezenet_lib/sqz/container.py.
 *
 *   sqz_header | sqz_tensor[tensors] | sqz_op[ops] | sqz_decision and names for a display, if flags say so
 *     | class names | per op: records, code table, coded weights
 *
 * Sections start on a multiple of 4, if nothing else is said; ops may share one. All offsets count bytes: from the
 * start of the blob, or, where the name begins with "arena_", from the start of the arena.
 *
 * An activation is stored as unsigned byte u = q + 128 (q: the .tflite's int8 value) in planes, one per channel.
 * There are two ways to store a plane:
 *
 *   lanes = 1      Row by row, a byte for each pixel, without padding.
 *   lanes = 2, 4   For convolutions. Think of the plane with its padding (which holds the zero point) as one run of
 *                  positions, row after row, `pitch` apart. Word w of the stored plane holds, in lane j, position
 *                  w + j x lane_step: two lanes of 16 bits or four of 8. A filter's tap is the same number of words
 *                  away in every lane, so one aligned load and one multiplication serve two or four outputs.
 *                  Neighbouring lanes overlap by what a filter reaches; a row's padding on the right is that of the
 *                  next row on the left. For a convolution of stride s, a channel has s x s planes, one for each
 *                  phase (y mod s, x mod s) of the padded plane, so that its taps are neighbours, too.
 *
 * The record section of an op (a convolution's is coded, see below) holds, for `filters` filters, int32 bias[],
 * int32 multiplier[], int8 shift[]: value = (acc + bias) x multiplier x 2^(shift - 31), TFLite's fixed point. A
 * convolution's bias includes -(zero point + 128) x sum(weights) of its input's zero point: it adds u x w as is.
 *
 * A convolution's records, its code table and its coded weights are streams of bits: the most significant one first,
 * packed into 16-bit units, on multiples of 2. u(n) is a number of n bits; z() is so many zeros and a one, and stands
 * for 0, -1, 1, -2, 2, ...
 *
 * Records of a convolution: u(24) dictionary, in words from the blob's start; u(13) its length; u(8) smallest shift,
 * two's complement; u(4) bits of a shift; u(5) order; u(8) exact. Then for each filter: the multiplier, as index into
 * the dictionary, int32[], in as few bits as tell its entries apart, or as u(31) where the length is 0; shift -
 * smallest shift; bias / 2^step as Exp-Golomb code of this order (a negative number n as -2 n - 1, another as 2 n),
 * where step = max(0, -shift - exact): what is finer does not show in the output.
 *
 * A symbol of the coded weights is a run of 0 to 15 zeros and the weight after them, which may be 0, too; what lies
 * behind a layer's last weight is 0. Weights come filter by filter, each in the order (y, x, input channel), as one
 * sequence: a symbol may reach into the next filter. Code words are canonical (shorter first, then by value, then by
 * run) and at most 15 bits long. When just one symbol occurs, it takes no bits at all.
 *
 * Weights may have n low bits, u(n), which stand behind the code word as they are. The symbol then has a class instead
 * of a value: class 0 is the value 0, without low bits; class c > 0 begins at (c - 1) x 2^n + 1, class c < 0 at
 * c x 2^n; the low bits are added. Code word and low bits have at most 15 bits. Or a symbol tells the upper bits of two
 * weights, first / 32 x 8 + second / 32 modulo 8 (rounded down), and before its code word stand the lower 5 bits of
 * both, u(5) and u(5). Filters then have even numbers of weights.
 *
 * A code table holds the lengths of the code words of at most 256 symbols: u(8) first value + 128, u(8) last - first,
 * u(4) longest; where that is 0, u(3) low bits, 7 for pairs, and u(4) longest; u(1) even; if even, u(4) most zeros
 * before any value but 0. Then for each value: before 0, u(4) least and u(4) most zeros; before another value none is
 * the least, and if not even, z() is added to the most zeros of the former value (at first 0; -1: it does not occur).
 * Then for each run from least to most its length, z() added to that of the run before, or of the first run of the
 * former value other than 0 (at first `longest`), or to 1 where the value is 0. A length of longest + 1 means that the
 * symbol does not occur.
 */
#ifndef SQZ_FORMAT_H
#define SQZ_FORMAT_H

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "a .sqz is read in place and is little endian"
#endif

#define SQZ_FORMAT          4
#define SQZ_OLDEST_FORMAT   3  /* of those that are read: without low bits, and its `lists` are 0 */
#define SQZ_CRC_START       16 /* the CRC-32 covers the bytes from here to the end */
#define SQZ_MAX_CODE_LENGTH 15
#define SQZ_MAX_SYMBOLS     256

typedef struct {
    char magic[4]; /* "SQZ1" */
    uint16_t format;
    uint16_t header_bytes;
    uint32_t total_bytes;
    uint32_t crc32;
    char producer[16];
    uint32_t arena_bytes;
    uint32_t arena_picture;
    uint32_t arena_scores;
    uint16_t height;
    uint16_t width;
    uint16_t channels;
    uint16_t classes;
    uint16_t tensors;
    uint16_t ops;
    uint32_t names; /* `classes` NUL-terminated names */
    uint32_t flags;
} sqz_header;

#define SQZ_FLAG_STANDARDISE   1u /* pictures are standardised one by one before they are network inputs */
#define SQZ_FLAG_DISPLAY_NAMES 4u /* in front of the names stand a NUL and as many in ASCII */
#define SQZ_FLAG_DECISION      8u /* behind the ops stands an sqz_decision */

typedef struct {
    uint32_t arena_offset;
    uint32_t plane;     /* bytes from one plane to the next */
    uint32_t lane_step; /* positions from one lane to the next; 0 when lanes is 1 */
    uint16_t channels;
    uint16_t height; /* without padding */
    uint16_t width;
    uint16_t pitch; /* positions from one row to the next, within a phase; `width` when lanes is 1 */
    uint8_t lanes;
    uint8_t phases; /* in each direction: the stride of the convolutions that read it */
    uint8_t pad_top;
    uint8_t pad_left;
    uint8_t pad_value; /* zero point + 128 */
    uint8_t reserved[3];
} sqz_tensor;

typedef enum {
    SQZ_OP_SPREAD = 0,       /* picture, or planes of bytes -> lanes */
    SQZ_OP_CONV2D = 1,       /* planes -> planes, optionally max-pooled before they are requantized */
    SQZ_OP_MAX_POOL = 2,     /* bytes -> bytes */
    SQZ_OP_AVERAGE_POOL = 3, /* bytes -> bytes */
    SQZ_OP_MEAN = 4,         /* bytes -> one value each */
    SQZ_OP_ADD = 5,          /* bytes, bytes -> bytes; three records: first, second, sum */
    SQZ_OP_RESCALE = 6,      /* bytes -> bytes of another scale and zero point, padded; no record: a copy */
    SQZ_OP_SOFTMAX = 7,      /* values -> scores; its record's bias is the smallest difference that counts */
    SQZ_OP_SCORES = 8,       /* values -> scores as they are */
    /* Bytes and a constant for each channel, or one for all -> bytes, which may lie where the input does; three
     * records: input, constants (byte + bias is a constant less its zero point), result. */
    SQZ_OP_MULTIPLY_CHANNELS = 9,
    SQZ_OP_ADD_CHANNELS = 10,
    SQZ_OP_AVERAGE_POOL_UP = 11 /* as AVERAGE_POOL, but halves go up, not away from 128 */
} sqz_op_kind;

/* What ADD_CHANNELS takes with the other sign. */
enum { SQZ_NEGATED_NOTHING = 0, SQZ_NEGATED_CONSTANTS = 1, SQZ_NEGATED_INPUT = 2 };

/* Inputs may be 255, and taps in lists are counted cautiously; each input channel's largest value is looked for; inputs
 * may be 255, and taps in lists are counted as they are; the largest of all inputs is looked for, and taps in lists are
 * counted cautiously. */
enum { SQZ_MEASURE_NOTHING = 0, SQZ_MEASURE_INPUTS = 1, SQZ_MEASURE_WEIGHTS = 2, SQZ_MEASURE_LARGEST = 3 };

/* As `second` of a convolution: another core may run it while one runs the op before it, a convolution without this,
 * of the same input and output. The two have the filters of one layer, and no scratch in common. */
#define SQZ_BESIDE 1

#define SQZ_PICTURE 255 /* as `input` of SPREAD and RESCALE: the picture, channels innermost */

typedef struct {
    uint8_t kind;
    uint8_t input; /* tensor */
    uint8_t output;
    uint8_t second;   /* ADD: the other input; ADD_CHANNELS: what is negated; convolution: SQZ_BESIDE, or 0 */
    uint8_t kernel;   /* convolution: height = width of the filters; pooling: window height */
    uint8_t kernel_x; /* pooling: window width; convolution: room in lists of 4 to 7, 0: as in the others */
    uint8_t stride;   /* both directions */
    uint8_t pool;     /* height = width of the max pooling fused into a convolution, 0: none */
    uint8_t pool_stride; /* both directions; windows never reach past the convolution's output */
    uint8_t pad_top;     /* pooling and RESCALE: padding of the input */
    uint8_t pad_left;
    uint8_t zero_point; /* of the output, + 128 */
    uint8_t clamp_min;  /* of the output, + 128 */
    uint8_t clamp_max;
    uint8_t measure;         /* convolution: what decides how many taps a lane has room for, see below */
    uint8_t lists;           /* convolution: 0: taps in sequence, else in lists, of so many chunks at most */
    uint16_t output_channel; /* first channel written (concatenation) */
    uint16_t filters;
    uint16_t conv_height; /* output of the convolution before pooling */
    uint16_t conv_width;
    uint16_t origin; /* position of the first filter window in the padded plane */
    uint16_t band;   /* words of each lane (pooled: output rows of each lane) whose sums are made at a time */
    uint32_t arena_scratch; /* convolution: offsets of taps, a decoded filter, sums */
    uint32_t tap_words;     /* of the decoded filter, at most */
    uint32_t records;
    uint32_t code_table;
    uint32_t code; /* of MULTIPLY_CHANNELS and ADD_CHANNELS: their constants, a byte each */
    uint32_t code_bytes;
} sqz_op;

/* How scores become an answer; without it the highest decides, of equal ones the first. */
typedef struct sqz_decision {
    uint16_t
        class_index; /* answered where its score is class_score or more, else the highest other; 0xFFFF: none */
    int16_t class_score; /* -128 to 127 */
    uint8_t statistic;   /* below whose threshold the answer is "unknown" */
    uint8_t reserved;
    int16_t threshold; /* score: -128 to 127; else 0 to 255 */
} sqz_decision;

#define SQZ_NO_CLASS 0xFFFF /* as class_index */

typedef enum {
    SQZ_STATISTIC_NONE = 0,
    SQZ_STATISTIC_SCORE = 1, /* of the answered class */
    /* How far scores are from another answer: from the highest to the next one, and, of a class with a class_score
     * and of the others beside it, to that. */
    SQZ_STATISTIC_MARGIN = 2
} sqz_statistic;

_Static_assert(sizeof(sqz_header) == 64, "sqz_header layout");
_Static_assert(sizeof(sqz_tensor) == 28, "sqz_tensor layout");
_Static_assert(sizeof(sqz_op) == 52, "sqz_op layout");
_Static_assert(sizeof(sqz_decision) == 8, "sqz_decision layout");

#define SQZ_BLOCK_WORDS 4 /* planes are summed in multiples of so many words */

#endif
