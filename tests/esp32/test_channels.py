"""Constants of channels on the chip: large planes by a table, small ones pixel by pixel; dense layers."""

from pathlib import Path

import numpy as np

from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.device.emulator import run_pictures
from squeezenet_lib.graph import AddChannels, Graph, MaxPool2D, MultiplyChannels, Padding, Tensor
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import OpKind
from squeezenet_lib.tflite.tflm import predict_tflm
from squeezenet_lib.tflite.writer import write_graph
from tests.support.normalised_tflite import channel_constants, dense
from tests.support.random_pictures import random_pictures
from tests.support.small_firmware import emulated_firmware, golden_file
from tests.support.small_tflite import conv, tensor


def normalised(source: Tensor, first: int, negate_input: bool) -> tuple[MultiplyChannels, AddChannels]:
    """A batch normalisation with factors of both signs, made of tensors `first` and the one after it."""
    multiplied = tensor(first, source.shape, source.scale * 2.5, 10)
    added = tensor(first + 1, source.shape, source.scale * 5, -20)
    return (
        MultiplyChannels(source, multiplied, channel_constants(-35, 3), -128, 127),
        AddChannels(multiplied, added, channel_constants(-30, 3), -128, 127, negate_input, not negate_input),
    )


def network() -> Graph:
    picture, convolved = tensor(0, (1, 24, 21, 2), 1 / 128, 0), tensor(1, (1, 24, 21, 3), 0.02, 0)
    large = normalised(convolved, 2, negate_input=False)
    pooled = Tensor(4, "pooled", (1, 6, 5, 3), large[1].output.scale, large[1].output.zero_point)
    small = normalised(pooled, 5, negate_input=True)
    scores = tensor(7, (1, 5), 0.1, 0)
    operators = (
        conv(picture, convolved, 3, 1, Padding(1, 1, 1, 1)),
        *large,
        MaxPool2D(large[1].output, pooled, 4, 4, Padding(), -128, 127),
        *small,
        dense(small[1].output, scores),
    )
    return Graph(picture, scores, operators)


def test_the_chip_scores_as_tflm(tmp_path: Path) -> None:
    graph = network()
    compiled = compile_graph(graph)
    kinds = [op.kind for op in compiled.program.ops]
    assert kinds.count(OpKind.MULTIPLY_CHANNELS) == kinds.count(OpKind.ADD_CHANNELS) == 2
    pictures = random_pictures(np.random.default_rng(4), 6, 24, 21, 2)
    expected = predict_tflm(write_graph(graph), pictures)
    assert len(np.unique(expected, axis=0)) == len(pictures)
    assert np.array_equal(HostRuntime(compiled.sqz).run(pictures), expected)
    elf = emulated_firmware(tmp_path, compiled.sqz, golden_file(pictures[:1], expected[:1]))
    assert np.array_equal(run_pictures(elf, pictures).scores, expected)
