/* How deep the stack has been: start.S paints it, and what is painted over was in use. Likewise second_entry.S and the
   second core's. */
#include <stdint.h>

#include "board.h"
#include "stack.h"

extern const uint32_t _stack_bottom[], _stack_top[];

uint32_t board_stack_size(void) {
    return (uint32_t)(_stack_top - _stack_bottom) * 4u;
}

uint32_t board_stack_used(void) {
    return stack_used(_stack_bottom, _stack_top);
}
