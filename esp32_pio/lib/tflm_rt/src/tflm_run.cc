// sqz_run() by TensorFlow Lite for Microcontrollers. C++17 without exceptions, RTTI and the C++ library.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

extern "C" {
#include "tfl_blob.h"
}

#include "op_resolver.h" // made by the tflm-export stage: build/tflm
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace {

struct Place { // tells this operator new from the C++ library's
    void *memory;
};

} // namespace

inline void *operator new(size_t, Place place) {
    return place.memory;
}

namespace {

constexpr uint8_t kSign = 0x80; // as int8, a pixel is 128 less

// Interpreter and resolver live in memory of their own: no constructor runs before main(), none after it.
alignas(tflite::MicroInterpreter) uint8_t interpreter_memory[sizeof(tflite::MicroInterpreter)];
alignas(squeezenet::OpResolver) uint8_t resolver_memory[sizeof(squeezenet::OpResolver)];

// What the interpreter was made for: it is kept between pictures. A blob's address may come again with another content.
struct {
    tflite::MicroInterpreter *interpreter; // nullptr: none
    const uint8_t *blob, *memory;
    uint32_t crc32;
} kept;

squeezenet::OpResolver *Resolver() {
    static squeezenet::OpResolver *resolver;
    if (resolver == nullptr) {
        auto *made = new (Place{resolver_memory}) squeezenet::OpResolver();
        resolver = squeezenet::RegisterOps(made) == kTfLiteOk ? made : nullptr;
    }
    return resolver;
}

bool IsKept(const sqz_model *model, const uint8_t *memory) {
    return kept.interpreter != nullptr && kept.blob == model->blob && kept.memory == memory &&
           kept.crc32 == tfl_crc32(model);
}

void Drop() {
    if (kept.interpreter != nullptr) {
        kept.interpreter->~MicroInterpreter();
    }
    kept = {};
}

bool HoldsBytes(const TfLiteTensor *tensor, uint32_t bytes) {
    return tensor != nullptr && tensor->type == kTfLiteInt8 && tensor->bytes == bytes;
}

sqz_status Make(const sqz_model *model, uint8_t *memory) {
    Drop();
    const tflite::Model *graph = tflite::GetModel(tfl_tflite(model));
    squeezenet::OpResolver *resolver = Resolver();
    if (graph->version() != TFLITE_SCHEMA_VERSION || resolver == nullptr) {
        return SQZ_ERR_PROGRAM;
    }
    const uint32_t start = tfl_arena_offset(model);
    kept = {new (Place{interpreter_memory})
                tflite::MicroInterpreter(graph, *resolver, memory + start, model->arena_bytes - start),
        model->blob, memory, tfl_crc32(model)};
    if (kept.interpreter->AllocateTensors() != kTfLiteOk) {
        Drop();
        return SQZ_ERR_ARENA;
    }
    if (!HoldsBytes(kept.interpreter->input(0), model->picture_bytes) ||
        !HoldsBytes(kept.interpreter->output(0), model->classes)) {
        Drop();
        return SQZ_ERR_PROGRAM;
    }
    return SQZ_OK;
}

} // namespace

extern "C" sqz_status sqz_run(const sqz_model *model, void *arena, size_t arena_bytes) {
    auto *memory = static_cast<uint8_t *>(arena);
    if (reinterpret_cast<uintptr_t>(arena) % TFL_ALIGNMENT != 0) {
        return SQZ_ERR_ALIGNMENT;
    }
    if (arena_bytes < model->arena_bytes) {
        return SQZ_ERR_ARENA;
    }
    if (!IsKept(model, memory)) {
        const sqz_status status = Make(model, memory);
        if (status != SQZ_OK) {
            return status;
        }
    }
    auto *input = reinterpret_cast<uint8_t *>(kept.interpreter->input(0)->data.int8);
    for (uint32_t i = 0; i < model->picture_bytes; i++) {
        input[i] = memory[model->picture_offset + i] ^ kSign;
    }
    if (kept.interpreter->Invoke() != kTfLiteOk) {
        return SQZ_ERR_CODE;
    }
    memcpy(memory + model->scores_offset, kept.interpreter->output(0)->data.int8, model->classes);
    return SQZ_OK;
}
