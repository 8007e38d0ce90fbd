"""C++ sources for TensorFlow Lite for Microcontrollers: the model, its op resolver, golden vectors."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError
from squeezenet_lib.tflite.file import load_model

GOLDEN_MAGIC = b"SQGV"


@dataclass(frozen=True)
class GoldenVectors:
    """Pictures with the scores that TFLM gives them: uint8 (N, H, W, C) and int8 (N, classes)."""

    pictures: npt.NDArray[np.uint8]
    scores: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Export:
    """Everything the sources tell. arena_bytes: what the 64-bit TFLM interpreter on the host uses."""

    model: bytes
    classes: list[str]
    arena_bytes: int
    golden: GoldenVectors


def choose_golden(labels: npt.NDArray[np.int64], count: int, seed: int) -> npt.NDArray[np.int64]:
    """Indices of golden pictures, ascending: one of each class in `labels` (N,), then others at random.

    There are `count` of them, or as many as there are classes or pictures when these limit the choice.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    _, first_of_class = np.unique(labels[order], return_index=True)
    others = np.setdiff1d(np.arange(len(labels)), first_of_class)
    chosen = np.concatenate([first_of_class, others[: max(0, count - len(first_of_class))]])
    return np.sort(order[chosen])


def operators(model: bytes) -> list[str]:
    """Names of the built-in operators that the model uses, sorted, such as CONV_2D.

    Raises UserError for a custom operator: the op resolver cannot know its registration.
    """
    used = load_model(model).operators
    custom = [operator.kind for operator in used if operator.custom]
    if custom:
        raise UserError(
            f"the .tflite has the custom operator {custom[0]}; TFLM knows built-in operators only"
        )
    return sorted({operator.kind for operator in used})


def gives_probabilities(model: bytes) -> bool:
    """Whether a score is a probability, (score + 128) / 256: a softmax or a sigmoid makes the output.

    TFLM runs both with this scale and zero point only.
    """
    loaded = load_model(model)
    output = loaded.outputs[0]
    for operator in reversed(loaded.operators):
        if output in operator.outputs and operator.kind not in ("RESHAPE", "SQUEEZE"):
            return operator.kind in ("SOFTMAX", "LOGISTIC")
        if output in operator.outputs:
            output = operator.inputs[0]
    return False


def golden_binary(golden: GoldenVectors) -> bytes:
    """golden.bin: magic, count, picture bytes, classes (u32, little endian); each picture and its scores."""
    count, classes = golden.scores.shape
    pictures = golden.pictures.reshape(count, -1)
    header = GOLDEN_MAGIC + struct.pack("<3I", count, pictures.shape[1], classes)
    vectors = zip(pictures, golden.scores, strict=True)
    return header + b"".join(picture.tobytes() + scores.tobytes() for picture, scores in vectors)


def sources(export: Export) -> dict[str, str]:
    """File name -> text of every source file and the README that explains them."""
    return {
        "model_data.h": _model_header(export),
        "model_data.cc": _model_source(export),
        "op_resolver.h": _op_resolver(operators(export.model)),
        "golden_vectors.h": _golden_header(export.golden),
        "golden_vectors.cc": _golden_source(export.golden),
        "README.md": _readme(export),
    }


def _model_header(export: Export) -> str:
    return f"""\
// The model as a byte array. Written by the pipeline's tflm-export stage; do not edit.
#ifndef SQUEEZENET_MODEL_DATA_H_
#define SQUEEZENET_MODEL_DATA_H_

namespace squeezenet {{

// A TensorFlow Lite flatbuffer, aligned to 16 bytes.
constexpr unsigned int kModelBytes = {len(export.model)};
extern const unsigned char kModel[kModelBytes];

// Tensor arena that the TFLM interpreter used on the 64-bit host where this file was written. TFLM keeps
// structs with pointers in the arena, so a 32-bit chip needs somewhat less: a safe size to begin with.
constexpr unsigned int kTensorArenaBytes = {export.arena_bytes};

// In the order of the scores.
constexpr unsigned int kClasses = {len(export.classes)};
extern const char *const kClassNames[kClasses];

}}  // namespace squeezenet

#endif  // SQUEEZENET_MODEL_DATA_H_
"""


def _model_source(export: Export) -> str:
    names = "\n".join(f"    {_string_literal(name)}," for name in export.classes)
    return f"""\
// Written by the pipeline's tflm-export stage; do not edit.
#include "model_data.h"

namespace squeezenet {{

alignas(16) const unsigned char kModel[kModelBytes] = {{
{_byte_rows(export.model)}
}};

const char *const kClassNames[kClasses] = {{
{names}
}};

}}  // namespace squeezenet
"""


def _op_resolver(names: list[str]) -> str:
    calls = "\n".join(
        f"    if (resolver->{_registration(name)}() != kTfLiteOk) return kTfLiteError;" for name in names
    )
    return f"""\
// Exactly the operators that the model uses. Written by the pipeline's tflm-export stage; do not edit.
#ifndef SQUEEZENET_OP_RESOLVER_H_
#define SQUEEZENET_OP_RESOLVER_H_

#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

namespace squeezenet {{

using OpResolver = tflite::MicroMutableOpResolver<{len(names)}>;

inline TfLiteStatus RegisterOps(OpResolver *resolver) {{
{calls}
    return kTfLiteOk;
}}

}}  // namespace squeezenet

#endif  // SQUEEZENET_OP_RESOLVER_H_
"""


def _golden_header(golden: GoldenVectors) -> str:
    count, classes = golden.scores.shape
    return f"""\
// Network inputs and the scores that the TFLM interpreter gave them.
// Written by the pipeline's tflm-export stage; do not edit.
#ifndef SQUEEZENET_GOLDEN_VECTORS_H_
#define SQUEEZENET_GOLDEN_VECTORS_H_

#include <stdint.h>

namespace squeezenet {{

constexpr unsigned int kGoldenVectors = {count};
constexpr unsigned int kGoldenPictureBytes = {golden.pictures[0].size};
constexpr unsigned int kGoldenScores = {classes};

// Finished network inputs, rows of pixels of channels. The model's int8 input is pixel - 128.
extern const uint8_t kGoldenPictures[kGoldenVectors][kGoldenPictureBytes];
extern const int8_t kGoldenExpected[kGoldenVectors][kGoldenScores];

}}  // namespace squeezenet

#endif  // SQUEEZENET_GOLDEN_VECTORS_H_
"""


def _golden_source(golden: GoldenVectors) -> str:
    pictures = "\n".join(f"    {{\n{_byte_rows(picture.tobytes())}\n    }}," for picture in golden.pictures)
    scores = "\n".join(f"    {{{', '.join(map(str, row.tolist()))}}}," for row in golden.scores)
    return f"""\
// Written by the pipeline's tflm-export stage; do not edit.
#include "golden_vectors.h"

namespace squeezenet {{

alignas(16) const uint8_t kGoldenPictures[kGoldenVectors][kGoldenPictureBytes] = {{
{pictures}
}};

const int8_t kGoldenExpected[kGoldenVectors][kGoldenScores] = {{
{scores}
}};

}}  // namespace squeezenet
"""


def _readme(export: Export) -> str:
    height, width, channels = export.golden.pictures.shape[1:]
    vectors = len(export.golden.scores)
    return f"""\
# The model for TensorFlow Lite for Microcontrollers

Written by the pipeline's tflm-export stage; it needs nothing of this project but what is in this folder.

| file | what |
|---|---|
| model_data.h, .cc | the .tflite ({len(export.model):,} bytes) as an array, class names, arena size |
| op_resolver.h | a `MicroMutableOpResolver` with exactly the operators that the model uses |
| golden_vectors.h, .cc | {vectors} pictures of the test split with the scores that TFLM gives them |
| golden.bin | the same vectors for other languages: "SQGV", then count, picture bytes and classes \
(u32, little endian), then each picture and its int8 scores |
| model.tfl | the .tflite with class names, for the project's own firmware (`pio.engine: tflm`) |

```cpp
#include "golden_vectors.h"
#include "model_data.h"
#include "op_resolver.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/schema/schema_generated.h"

alignas(16) static uint8_t arena[squeezenet::kTensorArenaBytes];

// True when this build of TFLM computes what the host computed.
bool SelfTest() {{
    squeezenet::OpResolver resolver;
    if (squeezenet::RegisterOps(&resolver) != kTfLiteOk) return false;
    tflite::MicroInterpreter interpreter(tflite::GetModel(squeezenet::kModel), resolver, arena, sizeof arena);
    if (interpreter.AllocateTensors() != kTfLiteOk) return false;
    for (unsigned v = 0; v < squeezenet::kGoldenVectors; v++) {{
        int8_t *input = interpreter.input(0)->data.int8;
        for (unsigned i = 0; i < squeezenet::kGoldenPictureBytes; i++)
            input[i] = squeezenet::kGoldenPictures[v][i] - 128;
        if (interpreter.Invoke() != kTfLiteOk) return false;
        for (unsigned c = 0; c < squeezenet::kGoldenScores; c++)
            if (interpreter.output(0)->data.int8[c] != squeezenet::kGoldenExpected[v][c]) return false;
    }}
    return true;
}}
```

- Input: int8, {height} x {width} x {channels}, `pixel - 128` of a finished network input. How a photograph \
becomes one (crop, size, grey, standardisation) is defined in the project's `squeezenet_lib/images.py`.
- Output: {len(export.classes)} int8 scores; {_meaning(export.model)}.
- Arena: {export.arena_bytes:,} bytes is what the interpreter used on a 64-bit host. A 32-bit chip needs \
somewhat less; `interpreter.arena_used_bytes()` tells how much.
- Kernels that trade exactness for speed (some vendors' do) may round differently and miss the golden scores.
"""


def _meaning(model: bytes) -> str:
    if gives_probabilities(model):
        return "the probability of class c is (score + 128) / 256"
    return "they are no probabilities: the model ends in logits, in the scale of its output tensor"


def _registration(operator: str) -> str:
    """CONV_2D -> AddConv2D, the resolver's method for it."""
    return "Add" + "".join(word if word[0].isdigit() else word.capitalize() for word in operator.split("_"))


def _byte_rows(content: bytes) -> str:
    rows: Iterable[bytes] = (content[start : start + 16] for start in range(0, len(content), 16))
    return "\n".join("    " + ", ".join(f"0x{byte:02x}" for byte in row) + "," for row in rows)


def _string_literal(text: str) -> str:
    """A C string: JSON's escapes are C's; characters beyond ASCII are written as octal UTF-8."""
    ascii_only = json.dumps(text, ensure_ascii=False)
    return re.sub(
        r"[^\x20-\x7e]", lambda found: "".join(f"\\{byte:03o}" for byte in found[0].encode()), ascii_only
    )
