/* Special registers by number, for assembler sources: the lx106 assembler does not know the LX6's by name. */
#ifndef SPECIAL_REGISTERS_H
#define SPECIAL_REGISTERS_H

.equ    LCOUNT,      2
    .equ    WINDOWBASE,  72
    .equ    WINDOWSTART, 73
    .equ    DBREAKA0,    144
    .equ    DBREAKA1,    145
    .equ    DBREAKC0,    160
    .equ    DBREAKC1,    161
    .equ    EPC1,        177
#ifdef CORE_LX106
    .equ    EPC_DEBUG,   178        /* return address of the debug level: the second */
#else
    .equ    EPC_DEBUG,   182        /* the sixth */
#endif
    .equ    DEPC,        192
    .equ    EXCSAVE1,    209
    .equ    EXCSAVE2,    210
    .equ    INTENABLE,   228
    .equ    PS,          230
    .equ    VECBASE,     231
    .equ    EXCCAUSE,    232
    .equ    DEBUGCAUSE,  233
    .equ    EXCVADDR,    238

    .macro  read_special to, number     /* to: 0..15 for a0..a15 */
    .byte   (\to) << 4, \number, 0x03
    .endm

    .macro  write_special number, from
    .byte   (\from) << 4, \number, 0x13
    .endm

    .macro  write_lx6 number, from      /* registers that the benchmark's lx106 core does not have */
#ifndef CORE_LX106
    write_special \number, \from
#endif
    .endm

#endif
