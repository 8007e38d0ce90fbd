/* The test of all RAM that a model may use. */
#ifndef RAM_TEST_H
#define RAM_TEST_H

#include <stdint.h>

/* The first of `words` words from `start` that does not hold what was written; NULL when all do. What they held is
   lost. Takes about 2 ms for 32 KB at 240 MHz. */
uint32_t *ram_test(uint32_t *start, uint32_t words);

#endif
