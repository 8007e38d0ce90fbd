/* How deep the stack has been: start.S paints it, and what is painted over was in use. */
#include <stdint.h>

#include "board.h"

/* start.S fills the stack with this word before it calls main(). */
static const uint32_t PAINT = 0xA5A5A5A5u;

extern const uint32_t _stack_bottom[], _stack_top[];

uint32_t board_stack_size(void) {
    return (uint32_t)(_stack_top - _stack_bottom) * 4u;
}

uint32_t board_stack_used(void) {
    const uint32_t *word = _stack_bottom;
    while (word < _stack_top && *word == PAINT) {
        word++;
    }
    return (uint32_t)(_stack_top - word) * 4u;
}
