/* Damage to a .sqz that knows its format. */
#ifndef MUTATE_SQZ_H
#define MUTATE_SQZ_H

#include <stddef.h>
#include <stdint.h>

/* Changes one to four things in `blob`: fields of tensors, ops and header, their order, records, code tables, bytes;
 * or cuts it short. Returns its new size, which is not larger. The same seed does the same. */
size_t mutate_sqz(uint8_t *blob, size_t bytes, uint32_t seed);

#endif
