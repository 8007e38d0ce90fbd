"""Networks as people train them, through TensorFlow's converter, on the chip's runtime."""

import re
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.graph import AddChannels, Conv2D, MaxPool2D, MultiplyChannels
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import OpKind
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.tflm import predict_tflm
from tests.support.keras_squeezenet import CLASSES, trained
from tests.support.random_pictures import random_pictures


def converted(model: object, pictures: np.ndarray) -> bytes:
    """By the lines of docs/compile.md, in the current directory."""
    (lines,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/compile.md").read_text(), re.M | re.S)
    exec(lines, {"model": model, "pictures": pictures})
    return Path("model.tflite").read_bytes()


@pytest.mark.parametrize("head", ["average", "maximum", "flattened"])
def test_batch_normalisation_behind_relu_and_dense_heads_score_as_in_tflm(
    head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pictures = random_pictures(np.random.default_rng(5), 40, 32, 28, 3)
    tflite = converted(trained(head, pictures), pictures)
    graph = read_graph(tflite)

    kinds = [type(op) for op in graph.operators]
    assert kinds[:2] == [MultiplyChannels, AddChannels]  # of the pictures, before the first convolution
    assert kinds.count(MultiplyChannels) == kinds.count(AddChannels) >= 9
    assert isinstance(graph.operators[-2], Conv2D)
    assert graph.operators[-2].output.shape == (1, CLASSES)
    assert (head == "maximum") == (MaxPool2D in kinds[-4:])

    compiled = compile_graph(graph)
    scores = HostRuntime(compiled.sqz).run(pictures)
    assert len(np.unique(scores, axis=0)) > len(pictures) // 2
    assert np.array_equal(scores, predict_tflm(tflite, pictures))
    assert sum(op.kind == OpKind.MULTIPLY_CHANNELS for op in compiled.program.ops) == kinds.count(
        MultiplyChannels
    )
