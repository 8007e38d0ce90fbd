"""Headers that stand in for TFLM's, so that lib/tflm_rt compiles without it. A fake .tflite tells the fake
interpreter what it is, and the scores depend on every pixel."""

import struct

STUB_RESOLVER = """
#pragma once
enum TfLiteStatus { kTfLiteOk, kTfLiteError };
namespace tflite {
template <unsigned int capacity> struct MicroMutableOpResolver {
    unsigned int count = 0;
    TfLiteStatus add() { return count++ < capacity ? kTfLiteOk : kTfLiteError; }
    TfLiteStatus AddConv2D() { return add(); }
    TfLiteStatus AddMaxPool2D() { return add(); }
    TfLiteStatus AddConcatenation() { return add(); }
    TfLiteStatus AddMean() { return add(); }
    TfLiteStatus AddSoftmax() { return add(); }
};
}
"""

STUB_SCHEMA = """
#pragma once
#include <stdint.h>
#define TFLITE_SCHEMA_VERSION 3
namespace tflite {
struct Model {
    uint8_t offset[4], identifier[4];
    uint32_t schema, picture_bytes, classes, arena_bytes, fails;
    uint32_t version() const { return schema; }
};
inline const Model *GetModel(const void *buffer) { return static_cast<const Model *>(buffer); }
}
"""

STUB_INTERPRETER = """
#pragma once
#include <stddef.h>
#include "op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"
enum TfLiteType { kTfLiteFloat32 = 1, kTfLiteInt8 = 9 };
struct TfLiteTensor { TfLiteType type; union { int8_t *int8; } data; size_t bytes; };
inline int stub_living, stub_made;  // interpreters
extern "C" __attribute__((used)) inline int stub_count(int living) {
    return living ? stub_living : stub_made;
}
namespace tflite {
struct MicroInterpreter {
    const Model *model;
    uint8_t *arena;
    size_t room;
    TfLiteTensor in, out;
    MicroInterpreter(const Model *graph, const squeezenet::OpResolver &resolver, uint8_t *memory,
                     size_t bytes)
        : model(graph), arena(memory), room(resolver.count == 5 ? bytes : 0) { stub_living++; stub_made++; }
    ~MicroInterpreter() { stub_living--; }
    TfLiteStatus AllocateTensors() {
        if (room < model->arena_bytes || reinterpret_cast<uintptr_t>(arena) % 16 != 0) return kTfLiteError;
        in = {kTfLiteInt8, {reinterpret_cast<int8_t *>(arena)}, model->picture_bytes};
        out = {kTfLiteInt8, {reinterpret_cast<int8_t *>(arena) + model->picture_bytes}, model->classes};
        return kTfLiteOk;
    }
    TfLiteTensor *input(size_t) { return &in; }
    TfLiteTensor *output(size_t) { return &out; }
    TfLiteStatus Invoke() {
        for (uint32_t c = 0; c < model->classes; c++) {
            uint32_t sum = c;
            for (uint32_t i = 0; i < model->picture_bytes; i++)
                sum += static_cast<uint32_t>(in.data.int8[i]) * (i + c + 1);
            out.data.int8[c] = static_cast<int8_t>(sum);
        }
        for (uint32_t i = 0; i < model->picture_bytes; i++) in.data.int8[i] = 0;
        return model->fails ? kTfLiteError : kTfLiteOk;
    }
};
}
"""

STUBS = {
    "tensorflow/lite/micro/micro_mutable_op_resolver.h": STUB_RESOLVER,
    "tensorflow/lite/schema/schema_generated.h": STUB_SCHEMA,
    "tensorflow/lite/micro/micro_interpreter.h": STUB_INTERPRETER,
}


def fake_tflite(
    picture_bytes: int, classes: int, arena_bytes: int, schema: int = 3, fails: bool = False
) -> bytes:
    return struct.pack("<4x4s5I", b"TFL3", schema, picture_bytes, classes, arena_bytes, fails)


def fake_scores(picture: bytes, classes: int) -> tuple[int, ...]:
    """What the fake interpreter makes of it."""
    sums = [c + sum((pixel - 128) * (i + c + 1) for i, pixel in enumerate(picture)) for c in range(classes)]
    return tuple((value + 128) % 256 - 128 for value in sums)
