/* Where the fields of a .sqz's records lie. */
#ifndef SQZ_FIELDS_H
#define SQZ_FIELDS_H

#include <stdint.h>

#include "sqz_format.h"

/* A field of a record. */
typedef struct {
    uint8_t offset;
    uint8_t bytes;
} field;

/* Records of one kind in the blob. */
typedef struct {
    uint8_t *first;
    uint32_t count;
    uint32_t size;
    const field *fields;
    uint32_t kinds; /* of fields */
} records;

enum { HEADER, TENSORS, OPS, DECISION, TABLES };

/* The blob's tables of records, as far as they lie in it. It has at least a header. */
void find_records(uint8_t *blob, uint32_t bytes, records tables[TABLES]);

#endif
