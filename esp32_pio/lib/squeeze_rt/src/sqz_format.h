/*
 * Layout of a .sqz file, format 1 (little endian; the one definition in C, its twin is squeezenet_lib/container.py).
 *
 *   sqz_header | sqz_tensor[tensors] | sqz_op[ops] | class names | per convolution: filters, code table, coded weights
 *
 * Every section starts on a multiple of 4. All offsets count bytes: from the start of the blob, or, where the name
 * begins with "arena_", from the start of the arena.
 *
 * An activation is stored as unsigned byte u = q + 128 (q: the .tflite's int8 value) in planes, one per channel,
 * each with its padding, which holds the tensor's zero point.
 *
 * A convolution's filter records hold, for `filters` filters, int32 bias[], int32 multiplier[], int8 shift[]. The
 * bias includes -(zero point + 128) x sum(weights) of the input's zero point, so that the kernel adds u x w as is.
 * multiplier and shift are TFLite's: value = acc x multiplier x 2^(shift - 31).
 *
 * A code table is int8 first, uint8 last_index, then (last_index + 1) code lengths of 4 bits, low nibble first, for
 * the symbols first, first + 1, ... A length of 0 means that the symbol does not occur; when just one symbol occurs
 * its length is 1 and it takes no bits at all. Code words are canonical (shorter first, then by symbol), at most 15
 * bits, most significant bit first. Weights come filter by filter, each in the order (y, x, input channel).
 */
#ifndef SQZ_FORMAT_H
#define SQZ_FORMAT_H

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "a .sqz is read in place and is little endian"
#endif

#define SQZ_FORMAT          1
#define SQZ_CRC_START       16 /* the CRC-32 covers the bytes from here to the end */
#define SQZ_MAX_CODE_LENGTH 15

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

#define SQZ_FLAG_STANDARDISE 1u /* pictures are standardised one by one before they are network inputs */

typedef struct {
    uint32_t arena_offset;
    uint16_t channels;
    uint16_t height; /* without padding */
    uint16_t width;
    uint8_t pad_top;
    uint8_t pad_left;
    uint8_t pad_bottom;
    uint8_t pad_right;
    uint8_t pad_value; /* zero point + 128 */
    uint8_t reserved;
} sqz_tensor;

typedef enum {
    SQZ_OP_PICTURE = 0, /* picture (height, width, channels) -> planes */
    SQZ_OP_CONV2D = 1,  /* planes -> planes, optionally max-pooled before they are requantized */
    SQZ_OP_MEAN = 2,    /* planes -> one value each */
    SQZ_OP_SOFTMAX = 3  /* values -> scores */
} sqz_op_kind;

typedef struct {
    uint8_t kind;
    uint8_t input; /* tensor */
    uint8_t output;
    uint8_t kernel;   /* height = width of the filters */
    uint8_t stride;   /* 1 or more, both directions */
    uint8_t origin_y; /* where the first filter window starts in the padded input plane */
    uint8_t origin_x;
    uint8_t pool;        /* height = width of the max-pooling window, 0: none */
    uint8_t pool_stride; /* both directions; windows never reach past the convolution's output */
    uint8_t zero_point;  /* of the output, + 128 */
    uint8_t clamp_min;   /* of the output, + 128 */
    uint8_t clamp_max;
    uint16_t output_channel; /* first channel written (concatenation) */
    uint16_t filters;
    uint16_t conv_height; /* output of the convolution before pooling */
    uint16_t conv_width;
    uint32_t arena_scratch; /* convolution: taps, then 32-bit sums */
    uint32_t filter_records;
    uint32_t code_table;
    uint32_t code;
    uint32_t code_bytes;
    int32_t bias;       /* mean: -(zero point + 128) x pixels of the input */
    int32_t multiplier; /* mean, softmax */
    int8_t shift;       /* mean: as a convolution's; softmax: left shift of score differences */
    uint8_t reserved;
    int16_t diff_min; /* softmax: smaller differences to the largest score count as zero probability */
} sqz_op;

_Static_assert(sizeof(sqz_header) == 64, "sqz_header layout");
_Static_assert(sizeof(sqz_tensor) == 16, "sqz_tensor layout");
_Static_assert(sizeof(sqz_op) == 52, "sqz_op layout");

/* Elements of a convolution's scratch area: one 32-bit word per weight of a filter, then the sums. */
#define SQZ_SUM_BLOCK 8 /* sums are made in blocks of this many neighbours when the stride is 1 */

#endif
