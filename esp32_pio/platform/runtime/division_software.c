/* 32-bit division for a core without a divide instruction (the lx106), by shifting and subtracting. gcc calls these
   by name. Division by zero gives what the loop gives; nothing here relies on it. */
#include <stdint.h>

uint32_t __udivsi3(uint32_t dividend, uint32_t divisor);
uint32_t __umodsi3(uint32_t dividend, uint32_t divisor);
int32_t __divsi3(int32_t dividend, int32_t divisor);
int32_t __modsi3(int32_t dividend, int32_t divisor);

typedef struct {
    uint32_t quotient, rest;
} division;

static division divide(uint32_t dividend, uint32_t divisor) {
    division d = {0, 0};
    for (uint32_t bit = 32; bit-- > 0;) {
        const uint32_t carry = d.rest >> 31;
        d.rest = d.rest << 1 | (dividend >> bit & 1u);
        if (carry != 0 || d.rest >= divisor) {
            d.rest -= divisor;
            d.quotient |= 1u << bit;
        }
    }
    return d;
}

static uint32_t magnitude(int32_t value) {
    return value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
}

uint32_t __udivsi3(uint32_t dividend, uint32_t divisor) {
    return divide(dividend, divisor).quotient;
}

uint32_t __umodsi3(uint32_t dividend, uint32_t divisor) {
    return divide(dividend, divisor).rest;
}

int32_t __divsi3(int32_t dividend, int32_t divisor) {
    const uint32_t quotient = divide(magnitude(dividend), magnitude(divisor)).quotient;
    return (int32_t)((dividend < 0) != (divisor < 0) ? 0u - quotient : quotient);
}

int32_t __modsi3(int32_t dividend, int32_t divisor) {
    const uint32_t rest = divide(magnitude(dividend), magnitude(divisor)).rest;
    return (int32_t)(dividend < 0 ? 0u - rest : rest);
}
