/* The firmware on this machine: board.h with a stream of bytes for a line, so that src/ runs under sanitizers. */
#ifndef HOST_BOARD_H
#define HOST_BOARD_H

#include <stdint.h>

#include "board.h"

/* Before the application starts. The files stay the caller's; `memory_bytes` of RAM are free. */
void host_board_start(board_file model, board_file golden, uint32_t memory_bytes);

/* Let the application read `count` bytes and be left waiting for `silent_ms`. `received` gets what it wrote; returns how
   many bytes that was. */
uint32_t host_board_exchange(
    const uint8_t *bytes, uint32_t count, uint32_t silent_ms, uint8_t *received, uint32_t room);

#endif
