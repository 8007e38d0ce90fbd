#include "mutate_sqz.h"

#include <string.h>

#include "sqz_format.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A field of a record. */
typedef struct {
    uint8_t offset;
    uint8_t bytes;
} field;

#define FIELD(type, name) {offsetof(type, name), sizeof(((type *)0)->name)}

static const field header_fields[] = {FIELD(sqz_header, arena_bytes), FIELD(sqz_header, arena_picture),
    FIELD(sqz_header, arena_scores), FIELD(sqz_header, height), FIELD(sqz_header, width),
    FIELD(sqz_header, channels), FIELD(sqz_header, classes), FIELD(sqz_header, tensors),
    FIELD(sqz_header, ops), FIELD(sqz_header, names)};

static const field tensor_fields[] = {FIELD(sqz_tensor, arena_offset), FIELD(sqz_tensor, plane),
    FIELD(sqz_tensor, lane_step), FIELD(sqz_tensor, channels), FIELD(sqz_tensor, height),
    FIELD(sqz_tensor, width), FIELD(sqz_tensor, pitch), FIELD(sqz_tensor, lanes), FIELD(sqz_tensor, phases),
    FIELD(sqz_tensor, pad_top), FIELD(sqz_tensor, pad_left), FIELD(sqz_tensor, pad_value)};

static const field op_fields[] = {FIELD(sqz_op, kind), FIELD(sqz_op, input), FIELD(sqz_op, output),
    FIELD(sqz_op, second), FIELD(sqz_op, kernel), FIELD(sqz_op, kernel_x), FIELD(sqz_op, stride),
    FIELD(sqz_op, pool), FIELD(sqz_op, pool_stride), FIELD(sqz_op, pad_top), FIELD(sqz_op, pad_left),
    FIELD(sqz_op, zero_point), FIELD(sqz_op, clamp_min), FIELD(sqz_op, clamp_max),
    FIELD(sqz_op, output_channel), FIELD(sqz_op, filters), FIELD(sqz_op, conv_height),
    FIELD(sqz_op, conv_width), FIELD(sqz_op, origin), FIELD(sqz_op, band), FIELD(sqz_op, arena_scratch),
    FIELD(sqz_op, tap_words), FIELD(sqz_op, records), FIELD(sqz_op, code_table), FIELD(sqz_op, code),
    FIELD(sqz_op, code_bytes)};

typedef struct {
    uint8_t *blob;
    uint32_t bytes;
    uint32_t random;
} mutation;

static uint32_t next_random(mutation *m) {
    m->random ^= m->random << 13;
    m->random ^= m->random >> 17;
    m->random ^= m->random << 5;
    return m->random;
}

static uint32_t below(mutation *m, uint32_t limit) {
    return limit == 0 ? 0 : next_random(m) % limit;
}

/* A value that programs are made of: near the old one, an edge, a place in arena or blob. */
static uint32_t plausible(mutation *m, uint32_t old) {
    static const uint32_t edges[] = {0, 1, 2, 3, 4, 7, 8, 16, 64, 127, 128, 255, 256, 257, 511, 512, 2047,
        2048, 4095, 4096, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 1u << 24, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    const sqz_header *h = (const sqz_header *)m->blob;
    switch (below(m, 9)) {
    case 0:
        return old + 1u;
    case 1:
        return old - 1u;
    case 2:
        return old + 4u * (below(m, 17) - 8u);
    case 3:
        return old * 2u;
    case 4:
        return old / 2u;
    case 5:
        return edges[below(m, COUNT(edges))];
    case 6:
        return below(m, h->arena_bytes) & ~3u;
    case 7:
        return below(m, m->bytes) & ~3u;
    default:
        return next_random(m) >> below(m, 32);
    }
}

/* Gives a field of one of `count` records a new value: a plausible one, or that of another record. */
static void change_field(
    mutation *m, uint8_t *records, uint32_t count, uint32_t size, const field *fields, uint32_t kinds) {
    if (count == 0)
        return;
    const field *f = &fields[below(m, kinds)];
    uint8_t *at = records + below(m, count) * size + f->offset;
    if (below(m, 4) == 0) {
        memmove(at, records + below(m, count) * size + f->offset, f->bytes);
        return;
    }
    uint32_t value = 0;
    memcpy(&value, at, f->bytes);
    value = plausible(m, value);
    memcpy(at, &value, f->bytes);
}

/* Copies a record over another one, or swaps two. */
static void move_record(mutation *m, uint8_t *records, uint32_t count, uint32_t size) {
    if (count == 0)
        return;
    uint8_t *a = records + below(m, count) * size, *b = records + below(m, count) * size;
    uint8_t kept[sizeof(sqz_op)];
    memcpy(kept, a, size);
    memmove(a, b, size);
    if (below(m, 2))
        memcpy(b, kept, size);
}

/* A 32-bit number, often one that strains fixed-point arithmetic, or bytes of the section at `offset`. */
static void change_section(mutation *m, uint32_t offset, uint32_t length) {
    static const uint32_t extremes[] = {
        0, 1, 0x3FFFFFFF, 0x40000000, 0x60000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFF00};
    if (offset >= m->bytes)
        return;
    const uint32_t available = m->bytes - offset;
    const uint32_t at = offset + below(m, length < available ? length : available);
    if (below(m, 2) && (at & ~3u) + 4u <= m->bytes)
        memcpy(m->blob + (at & ~3u), &extremes[below(m, COUNT(extremes))], 4);
    else
        m->blob[at] = below(m, 2) ? (uint8_t)next_random(m) : (uint8_t)(m->blob[at] ^ 1u << below(m, 8));
}

static void change_sections_of(mutation *m, const sqz_op *op) {
    switch (below(m, 4)) {
    case 0:
        change_section(m, op->records, 8u * op->filters);
        break;
    case 1:
        change_section(m, op->records + 8u * op->filters, op->filters);
        break;
    case 2:
        change_section(m, op->code_table, 2u + below(m, 130));
        break;
    default:
        change_section(m, op->code, op->code_bytes);
    }
}

static void change_something(mutation *m) {
    sqz_header *h = (sqz_header *)m->blob;
    const uint32_t room = m->bytes - (uint32_t)sizeof *h;
    const uint32_t tensors = h->tensors < room / sizeof(sqz_tensor) ? h->tensors : room / sizeof(sqz_tensor);
    uint8_t *first_tensor = m->blob + sizeof *h, *first_op = first_tensor + tensors * sizeof(sqz_tensor);
    const uint32_t left = (uint32_t)(m->blob + m->bytes - first_op) / (uint32_t)sizeof(sqz_op);
    const uint32_t ops = h->ops < left ? h->ops : left;
    switch (below(m, 16)) {
    case 0:
        change_field(m, m->blob, 1, sizeof *h, header_fields, COUNT(header_fields));
        break;
    case 1:
    case 2:
    case 3:
    case 4:
        change_field(m, first_tensor, tensors, sizeof(sqz_tensor), tensor_fields, COUNT(tensor_fields));
        break;
    case 5:
        move_record(m, first_tensor, tensors, sizeof(sqz_tensor));
        break;
    case 6:
        move_record(m, first_op, ops, sizeof(sqz_op));
        break;
    case 7:
    case 8:
    case 9:
        if (ops != 0)
            change_sections_of(m, (const sqz_op *)first_op + below(m, ops));
        break;
    case 10:
        change_section(m, 0, m->bytes);
        break;
    default:
        change_field(m, first_op, ops, sizeof(sqz_op), op_fields, COUNT(op_fields));
    }
}

size_t mutate_sqz(uint8_t *blob, size_t bytes, uint32_t seed) {
    mutation m = {blob, (uint32_t)bytes, seed * 2654435761u | 1u};
    if (bytes < sizeof(sqz_header))
        return bytes;
    next_random(&m);
    if (below(&m, 100) == 0)
        return sizeof(sqz_header) + below(&m, m.bytes - (uint32_t)sizeof(sqz_header) + 1u);
    for (uint32_t changes = 1 + below(&m, 4); changes > 0; changes--)
        change_something(&m);
    return bytes;
}
