"""Where a model's bytes, memory and instructions go, step by step: a table for the web page."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.bench.cores import DE212, count
from squeezenet_lib.bench.two_cores import MEETING
from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.compiler.dataflow import Step, steps_of
from squeezenet_lib.compiler.memory_plan import MemoryPlan
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import build_firmware
from squeezenet_lib.graph import Conv2D
from squeezenet_lib.params.sections import HuffmanParams
from squeezenet_lib.sqz.container import coded_weights
from squeezenet_lib.sqz.header import read_header
from squeezenet_lib.sqz.program import ModelFacts, OpKind
from squeezenet_lib.tflite.reader import read_graph


@dataclass(frozen=True)
class Layer:
    """One step of the program. output: the shape that it makes, without the batch; pooled where pooling is
    fused. weights, zeros, code_bytes: of convolutions, else 0; code words only, tables are shared.
    arena_bytes: in use while it runs, its working memory included. instructions: of QEMU's de212 core.
    instructions_of_two: of a step that two cores share, until both are done and have met; else the same.
    """

    name: str
    output: tuple[int, ...]
    weights: int
    zeros: int
    code_bytes: int
    arena_bytes: int
    instructions: int
    instructions_of_two: int


def layers_of(
    tflite: bytes, sqz: bytes, settings: HuffmanParams, picture: npt.NDArray[np.uint8]
) -> list[Layer]:
    """The steps of the model `tflite` that was compiled to `sqz`, counted on one `picture` (H, W, C).

    Raises UserError when `sqz` was made from another model or with other settings, or the emulator fails.
    """
    header = read_header(sqz)
    graph = read_graph(tflite)
    compiled = compile_graph(
        graph,
        ModelFacts(header.class_names, header.standardise, header.decision, header.producer),
        settings.arena_limit,
        settings.max_code_length,
        settings.cores,
    )
    if compiled.sqz != sqz:
        raise UserError("the .sqz was not made from this .tflite with these params; run `dvc repro` first")
    codes = iter(coded_weights(compiled.program, settings.max_code_length))
    counted = _instructions(sqz, picture)
    steps = iter(steps_of(graph))
    layers: list[Layer] = []
    for index, op in enumerate(compiled.program.ops):
        code_bytes = len(next(codes).code) if op.kind == OpKind.CONV2D else 0
        if op.is_beside:  # the other part of the layer before
            before = layers.pop()
            layers.append(
                replace(
                    before,
                    code_bytes=before.code_bytes + code_bytes,
                    instructions=before.instructions + counted[index],
                    instructions_of_two=max(before.instructions, counted[index]) + MEETING,
                )
            )
            continue
        step = next(steps)
        weights = step.operator.weights if isinstance(step.operator, Conv2D) else np.empty(0, np.int8)
        layers.append(
            Layer(
                name=_short(step.name),
                output=_output(step, header.classes),
                weights=weights.size,
                zeros=weights.size - int(np.count_nonzero(weights)),
                code_bytes=code_bytes,
                arena_bytes=_alive(compiled.memory, index),
                instructions=counted[index],
                instructions_of_two=counted[index],
            )
        )
    return layers


def _instructions(sqz: bytes, picture: npt.NDArray[np.uint8]) -> tuple[int, ...]:
    with tempfile.TemporaryDirectory(prefix="site-") as work:
        elf = build_firmware(Path(work), f"bench_{DE212}", None, None).elf
        return count({DE212: elf}, DE212, sqz, picture).steps


def _alive(memory: MemoryPlan, step: int) -> int:
    return sum(buffer.size for buffer in memory.buffers if buffer.first <= step <= buffer.last)


def _output(step: Step, classes: int) -> tuple[int, ...]:
    if step.target is None:
        return (classes,)
    made = step.pool or step.operator
    return (made.output if made is not None else step.target.tensor).shape[1:]


def _short(name: str) -> str:
    """The Keras layer in a .tflite's tensor name, such as "squeezenet/conv1_relu/Relu;...": "conv1".

    The last tensor has the name of the converter's call: the scores.
    """
    if name.startswith("StatefulPartitionedCall"):
        return "softmax"
    found = re.match(r"\w+/(\w+?)(_relu)?/", name)
    return found[1] if found else name
