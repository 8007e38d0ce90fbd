/* Random damage to a .sqz, field by field, and fields pushed to the last value that is accepted. */
#include "mutate_sqz.h"

#include <string.h>

#include "crc32.h"
#include "squeeze_rt.h"
#include "sqz_fields.h"

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
        return edges[below(m, sizeof edges / sizeof *edges)];
    case 6:
        return below(m, h->arena_bytes) & ~3u;
    case 7:
        return below(m, m->bytes) & ~3u;
    default:
        return next_random(m) >> below(m, 32);
    }
}

static bool accepted(const mutation *m) {
    sqz_model model;
    repair_sqz(m->blob, m->bytes);
    return sqz_open(&model, m->blob, m->bytes) == SQZ_OK;
}

/* Whether the field may have a value; it gets it, or keeps `old`. */
static bool accepts(const mutation *m, uint8_t *at, uint32_t bytes, uint32_t old, uint64_t value) {
    if (value >> (8u * bytes) != 0) {
        return false;
    }
    memcpy(at, &value, bytes);
    if (accepted(m)) {
        return true;
    }
    memcpy(at, &old, bytes);
    return false;
}

/* Moves a field as far from its value, in steps of 1 or 4, as is accepted: doubling the step, then halving it. */
static void push(const mutation *m, uint8_t *at, uint32_t bytes, bool up, uint32_t unit) {
    if (!accepted(m)) {
        return;
    }
    uint64_t step = up ? unit : -(uint64_t)unit;
    uint32_t value = 0;
    memcpy(&value, at, bytes);
    uint32_t doubled = 0;
    for (; accepts(m, at, bytes, value, value + step); doubled++) {
        value += (uint32_t)step;
        step *= 2u;
    }
    for (; doubled > 0; doubled--) {
        step = up ? step / 2u : -(-step / 2u);
        if (accepts(m, at, bytes, value, value + step)) {
            value += (uint32_t)step;
        }
    }
    repair_sqz(m->blob, m->bytes);
}

/* Gives a field of a record a new value: a plausible one, that of another record, or the last that is accepted. */
static void change_field(mutation *m, const records *table) {
    if (table->count == 0) {
        return;
    }
    const field *f = &table->fields[below(m, table->kinds)];
    uint8_t *at = table->first + below(m, table->count) * table->size + f->offset;
    const uint32_t way = below(m, 8);
    if (way == 0) {
        push(m, at, f->bytes, below(m, 2) != 0, below(m, 2) ? 1u : 4u);
    } else if (way == 1) {
        memmove(at, table->first + below(m, table->count) * table->size + f->offset, f->bytes);
    } else {
        uint32_t value = 0;
        memcpy(&value, at, f->bytes);
        value = plausible(m, value);
        memcpy(at, &value, f->bytes);
    }
}

/* Copies a record over another one, or swaps two. */
static void move_record(mutation *m, const records *table) {
    if (table->count == 0) {
        return;
    }
    uint8_t *a = table->first + below(m, table->count) * table->size;
    uint8_t *b = table->first + below(m, table->count) * table->size;
    uint8_t kept[sizeof(sqz_op)];
    memcpy(kept, a, table->size);
    memmove(a, b, table->size);
    if (below(m, 2)) {
        memcpy(b, kept, table->size);
    }
}

/* A 32-bit number, often one that strains fixed-point arithmetic, or bytes of the section at `offset`. */
static void change_section(mutation *m, uint32_t offset, uint32_t length) {
    static const uint32_t extremes[] = {
        0, 1, 0x3FFFFFFF, 0x40000000, 0x60000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFF00};
    if (offset >= m->bytes) {
        return;
    }
    const uint32_t available = m->bytes - offset;
    const uint32_t at = offset + below(m, length < available ? length : available);
    if (below(m, 2) && (at & ~3u) + 4u <= m->bytes) {
        memcpy(m->blob + (at & ~3u), &extremes[below(m, sizeof extremes / sizeof *extremes)], 4);
    } else {
        m->blob[at] = below(m, 2) ? (uint8_t)next_random(m) : (uint8_t)(m->blob[at] ^ 1u << below(m, 8));
    }
}

static void change_sections_of(mutation *m, const sqz_op *op) {
    const bool coded = op->kind == SQZ_OP_CONV2D;
    switch (below(m, 4)) {
    case 0:
        change_section(m, op->records, coded ? 8u : 8u * op->filters); /* coded: how the rest is to be read */
        break;
    case 1:
        change_section(m, op->records + (coded ? 8u : 8u * op->filters), (coded ? 5u : 1u) * op->filters);
        break;
    case 2:
        change_section(m, op->code_table, 2u + below(m, 62));
        break;
    default:
        change_section(m, op->code, op->code_bytes);
    }
}

static void change_something(mutation *m) {
    records tables[TABLES];
    find_records(m->blob, m->bytes, tables);
    switch (below(m, 16)) {
    case 0:
        change_field(m, &tables[below(m, 2) ? HEADER : DECISION]);
        break;
    case 1:
    case 2:
    case 3:
    case 4:
        change_field(m, &tables[TENSORS]);
        break;
    case 5:
        move_record(m, &tables[TENSORS]);
        break;
    case 6:
        move_record(m, &tables[OPS]);
        break;
    case 7:
    case 8:
    case 9:
        if (tables[OPS].count != 0) {
            change_sections_of(m, (const sqz_op *)tables[OPS].first + below(m, tables[OPS].count));
        }
        break;
    case 10:
        change_section(m, 0, m->bytes);
        break;
    default:
        change_field(m, &tables[OPS]);
    }
}

/* Makes sizes that have to agree do so, where one was changed: checks behind the first one are reached, too. */
static void agree(mutation *m) {
    records tables[TABLES];
    find_records(m->blob, m->bytes, tables);
    sqz_tensor *tensors = (sqz_tensor *)tables[TENSORS].first;
    const uint32_t count = tables[TENSORS].count;
    for (sqz_op *op = (sqz_op *)tables[OPS].first, *end = op + tables[OPS].count; op < end; op++) {
        if (op->output >= count || op->input >= count || below(m, 4) == 0) {
            continue;
        }
        sqz_tensor *out = &tensors[op->output];
        const sqz_tensor *in = &tensors[op->input];
        if (op->kind == SQZ_OP_CONV2D && op->pool == 0) {
            out->height = op->conv_height;
            out->width = op->conv_width;
        } else if (op->kind == SQZ_OP_ADD || op->kind == SQZ_OP_SPREAD ||
                   op->kind == SQZ_OP_MULTIPLY_CHANNELS || op->kind == SQZ_OP_ADD_CHANNELS) {
            out->height = in->height;
            out->width = in->width;
        }
    }
    for (sqz_tensor *t = tensors; t < tensors + count; t++) {
        if (t->lanes == 1) {
            t->pitch = t->width;
        }
    }
}

void repair_sqz(uint8_t *blob, size_t bytes) {
    sqz_header *h = (sqz_header *)blob;
    memcpy(h->magic, "SQZ1", 4);
    h->format = SQZ_FORMAT;
    h->header_bytes = sizeof *h;
    h->total_bytes = (uint32_t)bytes;
    h->producer[sizeof h->producer - 1] = 0;
    h->crc32 = sqz_crc32(0, blob + SQZ_CRC_START, bytes - SQZ_CRC_START);
}

size_t mutate_sqz(uint8_t *blob, size_t bytes, uint32_t seed) {
    mutation m = {blob, (uint32_t)bytes, seed * 2654435761u | 1u};
    if (bytes < sizeof(sqz_header)) {
        return bytes;
    }
    next_random(&m);
    if (below(&m, 100) == 0) {
        return sizeof(sqz_header) + below(&m, m.bytes - (uint32_t)sizeof(sqz_header) + 1u);
    }
    for (uint32_t changes = 1 + below(&m, 4); changes > 0; changes--) {
        change_something(&m);
    }
    if (below(&m, 2)) {
        agree(&m);
    }
    return bytes;
}

bool push_to_limit(uint8_t *blob, size_t bytes, uint32_t which) {
    const mutation m = {blob, (uint32_t)bytes, 0};
    uint32_t number = which / 2u;
    records tables[TABLES];
    if (bytes < sizeof(sqz_header)) {
        return false;
    }
    find_records(m.blob, m.bytes, tables);
    for (const records *table = tables; table < tables + TABLES; table++) {
        const uint32_t fields = table->count * table->kinds;
        if (number < fields) {
            const field *f = &table->fields[number % table->kinds];
            uint8_t *at = table->first + number / table->kinds * table->size + f->offset;
            push(&m, at, f->bytes, which % 2u == 0, 1);
            push(&m, at, f->bytes, which % 2u == 0, 4);
            return true;
        }
        number -= fields;
    }
    return false;
}
