#include "drivers.h"
#include "register_bits.h"

static const uint32_t IO_MUX_GPIO0 = 0x3FF49044, GPIO_IN = 0x3FF4403C;

/* A pin of the GPIO matrix (function 2), drive strength 2, input on, pull-up on. */
static const uint32_t AS_INPUT = 2u << 12 | 2u << 10 | 1u << 9 | 1u << 8;
static const uint32_t GPIO0 = 1;

void button_init(void) {
    reg_write(IO_MUX_GPIO0, AS_INPUT);
}

bool button_held(void) {
    return (reg_read(GPIO_IN) & GPIO0) == 0;
}
