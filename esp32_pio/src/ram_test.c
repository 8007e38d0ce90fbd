/* The RAM test is March C- (van de Goor, "Using March Tests to Test SRAMs", IEEE Design & Test of Computers 10(1),
   1993) with whole words for its 0 and 1. It finds bits that are stuck or do not change, address lines that are stuck
   or shorted, and words that change with another word, above or below. What bits of one word do to each other it does
   not see, as they always change together: so its last step, which only reads, goes on to write a pattern in which
   neighbours differ, and its complement (after van de Goor and Tlili, "March Tests for Word-Oriented Memories", DATE
   1998). */
#include "ram_test.h"

#include <stdbool.h>
#include <stddef.h>

#include "ram_access.h"

static const uint32_t ZEROS = 0, ONES = 0xFFFFFFFF, EVEN = 0x55555555, ODD = 0xAAAAAAAA;

/* One step of a march: read, compare and overwrite word after word. */
typedef struct {
    bool downward;
    uint32_t expected, next;
} element;

static const element MARCH[] = {
    {false, ZEROS, ONES},
    {false, ONES, ZEROS},
    {true, ZEROS, ONES},
    {true, ONES, ZEROS},
    {false, ZEROS, EVEN},
    {false, EVEN, ODD},
    {false, ODD, ZEROS},
};

static uint32_t *sweep(uint32_t *word, uint32_t words, ptrdiff_t step, uint32_t expected, uint32_t next) {
    for (uint32_t left = words; left > 0; left--, word += step) {
        if (ram_read(word) != expected) {
            return word;
        }
        ram_write(word, next);
    }
    return NULL;
}

uint32_t *ram_test(uint32_t *start, uint32_t words) {
    for (uint32_t i = 0; i < words; i++) {
        ram_write(start + i, ZEROS);
    }
    uint32_t *bad = NULL;
    for (uint32_t i = 0; i < sizeof MARCH / sizeof MARCH[0] && words > 0 && bad == NULL; i++) {
        const element *e = &MARCH[i];
        bad = e->downward ? sweep(start + words - 1, words, -1, e->expected, e->next)
                          : sweep(start, words, 1, e->expected, e->next);
    }
    return bad;
}
