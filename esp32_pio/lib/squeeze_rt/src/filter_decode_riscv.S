/*
 * sqz_decode_filter (filter_decode.h) for RISC-V. The C in filter_decode.c says what it does.
 *
 * In assembler so that the stream's state stays in registers: 31 instructions for a non-zero weight with the zeros
 * before it, 19 for a symbol of zeros alone, 7 for each 16 bits of code, 15 or more where the code word is longer than
 * the lookup's, and 23 for each chunk.
 */
#include "assembler.h"

#if SQZ_RISCV

#include "stream_riscv.inc"

/*
 * a6: mask of the low bits    s1: input of the next weight, a7: end of these    s0: next tap    s3: the chunk's
 * header - 4: no tap from there on    s4: budget left in the chunk    s5: its negative weights x largest inputs, s6:
 * those of all chunks before    s7: the chunk's first tap    s8: where the sum of all negative ones goes
 * s9: list of the chunks
 */

/* Of the chunk before the tap at \end. */
    .macro write_header end
    sub     t1, \end, s7
    srli    t1, t1, 2
    sh      t1, 4(s3)
    sh      s5, 6(s3)
    add     s6, s6, s5
    .endm

    .section .text.sqz_decode_filter, "ax", @progbits
    .align  2
    .global sqz_decode_filter
    .type   sqz_decode_filter, @function
sqz_decode_filter: /* a0: stream, a1: taps, a2: limit, a3: negative */
    enter_stream
    sw      a1, AT_OWN(sp)
    mv      s0, a1
    mv      s7, a1
    mv      s8, a3
    slli    s9, a2, 2
    add     s9, s9, a1
    addi    s9, s9, -4
    addi    s3, s9, -8
    li      s4, LANE_BUDGET
    li      s5, 0
    li      s6, 0
    load_window
    lw      t2, DECODER_ZEROS(s2)
    lw      t5, DECODER_VALUE(s2)
    lh      a6, DECODER_LOW(s2)
    lw      s1, STREAM_INPUTS(s2)
    lw      a7, STREAM_WEIGHTS(s2)
    slli    a7, a7, 2
    add     a7, a7, s1
    slli    t2, t2, 2
    add     s1, s1, t2
    bgeu    s1, a7, .Lpending
    bnez    t5, .Ltap

.Lsymbol:
    refill  filled
    look_up lh
    andi    t2, t1, 15
    beqz    t2, .Llong
.Lknown: /* t2: bits of its code word and its low bits */
    neg     t3, t2
    srl     t3, a1, t3
    and     t3, t3, a6
    sll     a1, a1, t2
    sub     a2, a2, t2
    andi    t4, t1, 15 << 4
    srli    t4, t4, 2
    add     s1, s1, t4
    srai    t5, t1, 8
    beqz    t5, .Lzero
    add     t5, t5, t3
    bgeu    s1, a7, .Lpending
.Ltap: /* of weight t5 */
    bgeu    s0, s3, .Lrefused
    lhu     t4, 0(s1)
    lhu     t3, 2(s1)
    sh      t5, 2(s0)
    sh      t4, 0(s0)
    mul     t3, t3, t5
    addi    s0, s0, 4
    bltz    t3, .Lminus
    sub     s4, s4, t3
    bltz    s4, .Lnew_chunk
.Lwritten:
    addi    s1, s1, 4
    bltu    s1, a7, .Lsymbol
    j       .Ldone
.Lminus:
    add     s4, s4, t3
    sub     s5, s5, t3
    bgez    s4, .Lwritten

.Lnew_chunk: /* the old one ends before the tap that was written; t3: what it can add */
    li      s4, LANE_BUDGET
    li      t2, 0
    bgez    t3, .Lpositive
    add     s5, s5, t3
    neg     t3, t3
    mv      t2, t3
.Lpositive:
    sub     s4, s4, t3
    addi    t0, s0, -4
    write_header t0
    mv      s5, t2
    mv      s7, t0
    addi    s3, s3, -4
    bltu    s3, s0, .Lrefused
    j       .Lwritten

.Lzero:
    addi    s1, s1, 4
    bltu    s1, a7, .Lsymbol
    j       .Ldone
    code_ends filled
.Llong:
    srli    t2, t1, 4
    andi    t2, t2, 15
    look_up_long lh
    andi    t2, t1, 15
    j       .Lknown

.Ldone:
    li      t5, 0
.Lpending: /* t5: the weight that belongs to the next filter, or 0 */
    addi    t0, a2, 16
    bltz    t0, .Lrefused
    sub     s1, s1, a7
    srli    s1, s1, 2
    sw      s1, DECODER_ZEROS(s2)
    sw      t5, DECODER_VALUE(s2)
    save_window
    write_header s0
    sw      zero, 0(s3)
    lw      t0, AT_OWN(sp)
    sub     t0, t0, s9
    srai    t0, t0, 2
    sw      t0, 0(s9)
    sw      s6, 0(s8)
    li      a0, 0
.Lreturn:
    leave_stream
.Lrefused:
    li      a0, SQZ_ERR_CODE
    j       .Lreturn
    .size   sqz_decode_filter, . - sqz_decode_filter

#endif
