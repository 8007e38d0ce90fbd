/* Damage to a .sqz that knows its format. */
#ifndef MUTATE_SQZ_H
#define MUTATE_SQZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes right in the header what any damage spoils: magic, format, sizes, CRC-32. `blob` is 4-byte aligned. */
void repair_sqz(uint8_t *blob, size_t bytes);

/* Changes one to four things in `blob`: fields of tensors, ops and header, their order, records, code tables, bytes;
 * or cuts it short. Returns its new size, which is not larger. The same seed does the same. */
size_t mutate_sqz(uint8_t *blob, size_t bytes, uint32_t seed);

/* Of a blob that the runtime accepts: the field number `which` / 2, of all records' fields, becomes as large (even) or
 * as small (odd) as is still accepted. False when there are not as many fields. */
bool push_to_limit(uint8_t *blob, size_t bytes, uint32_t which);

#endif
