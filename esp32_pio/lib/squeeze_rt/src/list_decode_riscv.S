/*
 * sqz_decode_lists (list_decode.h) for RISC-V. The C in list_decode.c says what it does, and what form symbols have.
 *
 * In assembler so that the stream's state stays in registers: 22 instructions for a non-zero weight with the zeros
 * before it, 30 where inputs were measured, 6 for each 16 bits of code, 15 or more where the code word is longer than
 * the lookup's, and as many for a symbol of zeros alone as for one with a weight: its tap goes into list 0.
 */
#include "assembler.h"

#if SQZ_RISCV

#include "stream_riscv.inc"

/* tap_lists */
#define LIST        8 /* bytes of one: next, weight */
#define LIST_WEIGHT 4
#define SHIFT_GRID  12 /* weight of list 1 */
#define MARKS       128
#define MARKS_BYTES 64 /* of one chunk */

/* The end of list \number in a chunk. A list of negative taps adds its bytes to t6, and t6 to a0: those of 7 will count
 * seven times. */
    .macro end_list number
    lw      t0, LIST * \number(s0)
    .if     \number & 1
    lw      t1, 4 * \number(s3)
    .endif
    sw      t0, MARKS_BYTES + 4 * \number(s3)
    .if     \number & 1
    sub     t1, t0, t1
    add     t6, t6, t1
    add     a0, a0, t6
    .endif
    .endm

/* List \number begins anew at \begin; refused where it had no room before the next one. */
    .macro restart number, begin, next
    lw      \next, MARKS + 4 * ((\number + 1) & 15)(s0)
    lw      t2, MARKS_BYTES + 4 * \number(s3)
    sw      \begin, LIST * \number(s0)
    bltu    \next, t2, .Lrefused
    .endm

/*
 * a2: bits of the window that are used up, in the lower six bits, and above them all symbols of the chunk, added up
 * a6: what a2 must not get to, or 0: chunks end by s5    s1: input of the last weight, a7: that of the filter's last
 * one    s0: lists    s3: marks of the chunk before, s4: where they must not get to    s5: weight of the chunk's taps,
 * times their largest inputs << 16 | the same of negative ones    s6: list of the tap that has no room in the chunk, or
 * 0    s7: its symbol, s8: what it weighs
 */
    .section .text.sqz_decode_lists, "ax", @progbits
    .align  2
    .global sqz_decode_lists
    .type   sqz_decode_lists, @function
sqz_decode_lists: /* a0: stream */
    enter_stream
    load_window
    bgez    a2, .Lheld
    bgeu    a3, a4, .Lempty
    lhu     t0, 0(a3)
    neg     t1, a2
    sll     t0, t0, t1
    or      a1, a1, t0
.Lempty: /* behind the end are zeros */
    addi    a3, a3, 2
    addi    a2, a2, 16
.Lheld:
    li      t0, 16
    sub     a2, t0, a2
    lw      t2, DECODER_ZEROS(s2)
    lw      t1, DECODER_VALUE(s2)
    lw      s1, STREAM_INPUTS(s2)
    lw      a7, STREAM_WEIGHTS(s2)
    lw      s0, STREAM_LISTS(s2)
    lw      s4, STREAM_LAST_MARKS(s2)
    lw      a6, STREAM_CHUNK_LIMIT(s2)
    addi    s1, s1, -4
    slli    a7, a7, 2
    add     a7, a7, s1
    slli    t3, t2, 2
    add     s1, s1, t3
    addi    s4, s4, -MARKS_BYTES
    li      s5, 0
    li      s6, 0
    sw      zero, MARKS + 4(s0)
    addi    s3, s0, MARKS
    beqz    t2, .Lnext
    bltu    a7, s1, .Lstill
    srli    t2, t1, 11
    slli    t2, t2, 11
    add     a2, a2, t2
    j       .Ltap

.Lnext:
    andi    t0, a2, 16
    beqz    t0, .Lfilled
    bgeu    a3, a4, .Lno_more
    lhu     t0, 0(a3)
    addi    a2, a2, -16
    addi    a3, a3, 2
    sll     t0, t0, a2
    or      a1, a1, t0
.Lfilled:
    look_up lhu
.Lsymbol:
    andi    t2, t1, 31 << 6
    beqz    t2, .Llong
    srli    t2, t2, 4
    add     s1, s1, t2
    bltu    a7, s1, .Lend
    add     a2, a2, t1
    sll     a1, a1, t1
.Ltap: /* of symbol t1 */
    srli    t4, t1, 8
    andi    t4, t4, 15 << 3
    add     t4, t4, s0
    lw      t5, 0(t4)
    lw      t3, 0(s1)
    addi    t6, t5, 2
    sw      t6, 0(t4)
    sh      t3, 0(t5)
    bltu    a2, a6, .Lnext
    bnez    a6, .Lsplit
    lw      t6, LIST_WEIGHT(t4)
    srli    t3, t3, 16
    mul     t3, t3, t6
    add     t6, t3, s5
    bltu    t6, t3, .Lsplit
    mv      s5, t6
    j       .Lnext

.Lno_more: /* behind the end are zeros */
    addi    a2, a2, -16
    addi    a3, a3, 2
    j       .Lfilled

.Llong: /* of at least t1 >> 11 bits */
    srli    t2, t1, 11
    look_up_long lhu
    j       .Lsymbol

.Lsplit: /* before the tap: t5: where it is, t4: its list, t3: what it weighs */
    mv      s6, t4
    mv      s7, t1
    mv      s8, t3
    sw      t5, 0(t4)
    j       .Lclose

.Lend: /* symbol t1, of t2 / 4 weights, is of the next filter, at least in part */
    sub     t2, s1, t2
    mv      t3, s1
    mv      s1, a7
    beq     t2, a7, .Lstill /* as a whole: it was not read */
    mv      s1, t3
    add     a2, a2, t1
    sll     a1, a1, t1
.Lstill:
    sub     s1, s1, a7
    srli    s1, s1, 2
    sw      s1, DECODER_ZEROS(s2)
    sw      t1, DECODER_VALUE(s2)
    andi    a2, a2, 63
    li      t0, 16
    sub     a2, t0, a2
    save_window
.Lclose:
    li      a0, 0
    li      t6, 0
    .irp    number, 15, 14, 13, 12, 11, 10, 9, 8, 7
    end_list \number
    .endr
    lw      t2, SHIFT_GRID(s0)
    beqz    t2, .Lthrees
    slli    t2, t1, 2 /* it is the list of -8, which is 5 more */
    add     t1, t1, t2
    add     a0, a0, t1
.Lthrees:
    .irp    number, 6, 5, 4, 3, 2
    end_list \number
    .endr
    lw      t0, STREAM_INPUTS(s2)
    lhu     t0, 2(t0) /* the largest input */
    mul     a0, a0, t0
    srli    a0, a0, 1 /* two bytes a tap */
    bnez    a6, .Lcounted
    slli    a0, s5, 16
    srli    a0, a0, 16
.Lcounted:
    lw      t0, MARKS + 4(s0)
    sw      a0, MARKS_BYTES + 4(s3)
    add     t0, t0, a0
    sw      t0, MARKS + 4(s0)
    sw      s6, MARKS_BYTES(s3)
    bnez    s6, .Lmore
    lw      t0, MARKS + 8(s0)
    lw      t2, LIST(s0)
    lw      t1, MARKS(s0)
    sw      t1, 0(s0)
    bltu    t0, t2, .Lrefused
    restart 2, t0, t1
    restart 3, t1, t0
    restart 4, t0, t1
    restart 5, t1, t0
    restart 6, t0, t1
    restart 7, t1, t0
    restart 8, t0, t1
    restart 9, t1, t0
    restart 10, t0, t1
    restart 11, t1, t0
    restart 12, t0, t1
    restart 13, t1, t0
    restart 14, t0, t1
    restart 15, t1, t0
    li      a0, 0
.Lreturn:
    leave_stream
.Lrefused:
    li      a0, SQZ_ERR_CODE
    j       .Lreturn

.Lmore: /* the tap is the new chunk's first */
    addi    s3, s3, MARKS_BYTES
    bgeu    s3, s4, .Lrefused
    lw      t0, 0(s6)
    mv      s5, s8
    addi    t0, t0, 2
    sw      t0, 0(s6)
    li      s6, 0
    srli    t0, s7, 11
    slli    t0, t0, 11
    andi    a2, a2, 63
    add     a2, a2, t0
    j       .Lnext
    .size   sqz_decode_lists, . - sqz_decode_lists

#endif
