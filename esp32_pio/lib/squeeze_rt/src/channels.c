/* A constant for each channel multiplied or added, as TensorFlow Lite's reference kernels for int8 broadcast it. */
#include "kernels.h"
#include "requantize.h"

enum { INPUT, CONSTANTS, RESULT }; /* the op's records */

#define BYTES       256u
#define BLOCK       64u  /* sums that are made at a time */
#define WORTH_TABLE 384u /* pixels, from which on it pays to find out first what becomes of each byte */

/* What becomes of one channel's pixels: byte u gives the sum factor x terms[u] + addend. */
typedef struct {
    requantizer requantizer;
    uint32_t factor;
    uint32_t addend;
    uint32_t terms[BYTES];
} channel_map;

/* The output may lie where the input does. */
static void map_bytes(const channel_map *map, const uint8_t *from, uint8_t *to, uint32_t count) {
    int32_t sums[BLOCK];
    for (const uint8_t *end = from + count; from < end;) {
        uint32_t n = 0;
        for (; n < BLOCK && from < end; n++) {
            sums[n] = (int32_t)(map->terms[*from++] * map->factor + map->addend);
        }
        sqz_requantize_run(&map->requantizer, sums, to, n);
        to += n;
    }
}

/* Not inlined, as the next one: large arrays on the stack put a caller's own values out of easy reach. */
__attribute__((noinline)) static void map_by_table(
    const channel_map *map, const uint8_t *from, uint8_t *to, uint32_t count) {
    uint8_t table[BYTES];
    for (uint32_t byte = 0; byte < BYTES; byte++) {
        table[byte] = (uint8_t)byte;
    }
    map_bytes(map, table, table, BYTES);
    for (const uint8_t *end = from + count; from < end; from++) {
        *to++ = table[*from];
    }
}

__attribute__((noinline)) static void map_channels(
    const sqz_context *context, const sqz_op *op, channel_map *map) {
    const sqz_tensor *in = &context->tensors[op->input], *out = &context->tensors[op->output];
    const sqz_records records = op_records(context, op);
    const uint32_t pixels = (uint32_t)in->height * in->width;
    const bool add = op->kind == SQZ_OP_ADD_CHANNELS;
    sqz_make_requantizer(&map->requantizer, records.multiplier[RESULT], records.shift[RESULT], op->zero_point,
        op->clamp_min, op->clamp_max);
    map->factor = add && op->second == SQZ_NEGATED_INPUT ? ~0u : 1u;
    map->addend = 0;
    for (uint32_t byte = 0; byte < BYTES; byte++) {
        const int32_t value = (int32_t)byte - in->pad_value;
        map->terms[byte] =
            (uint32_t)(add ? addition_term(value, records.multiplier[INPUT], records.shift[INPUT]) : value);
    }
    for (uint32_t c = 0; c < in->channels; c++) {
        const uint8_t *constant = context->blob + op->code + (op->code_bytes == 1 ? 0 : c);
        const int32_t value = (int32_t)(*constant + (uint32_t)records.bias[CONSTANTS]);
        if (add) {
            const uint32_t term =
                (uint32_t)addition_term(value, records.multiplier[CONSTANTS], records.shift[CONSTANTS]);
            map->addend = op->second == SQZ_NEGATED_CONSTANTS ? 0u - term : term;
        } else {
            map->factor = (uint32_t)value;
        }
        const uint8_t *from = plane_of(context, in, c);
        uint8_t *to = plane_of(context, out, op->output_channel + c);
        (pixels < WORTH_TABLE ? map_bytes : map_by_table)(map, from, to, pixels);
    }
}

void sqz_map_channels(const sqz_context *context, const sqz_op *op) {
    channel_map map;
    map_channels(context, op, &map);
}
