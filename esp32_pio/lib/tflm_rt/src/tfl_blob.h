/*
 * Layout of a .tfl file, format 1 (little endian; its twin is squeezenet_lib/sqz/tfl.py): a .tflite for the chip.
 *
 *   sqz_header | sqz_decision and names for a display, if flags say so | class names | zeros up to a multiple of 16
 *     | the .tflite up to the end
 *
 * The header is that of a .sqz (sqz_format.h) with "TFL1", no tensors and ops, and a flag more. The memory that it asks
 * for begins with the picture; the scores follow, and behind them, from a multiple of 16 on, lies TFLM's own arena.
 */
#ifndef TFL_BLOB_H
#define TFL_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "squeeze_rt.h"

#define TFL_FORMAT      1
#define TFL_FLAG_LOGITS 2u /* its scores are no probabilities; of a .sqz the last op says so */
#define TFL_ALIGNMENT   16 /* of the blob, and in it of the .tflite, and of TFLM's arena */

/* Of a model that sqz_open() accepted. */
const uint8_t *tfl_tflite(const sqz_model *model);
/* Where TFLM's arena begins in the memory; it goes on to arena_bytes. */
uint32_t tfl_arena_offset(const sqz_model *model);
uint32_t tfl_crc32(const sqz_model *model);

#endif
