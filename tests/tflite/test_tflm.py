"""TFLM on the host: its scores, its arena, and the C++ sources made for its users."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.dataset.arrays import Split, save_split
from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sqz.header import TFL, read_header
from squeezenet_lib.sqz.program import ModelFacts
from squeezenet_lib.tflite import tflm
from squeezenet_lib.tflite.reference import predict_reference, quantized_input
from squeezenet_lib.tflite.tflm import arena_bytes, predict_tflm
from squeezenet_lib.tflite.tflm_sources import (
    Export,
    GoldenVectors,
    choose_golden,
    gives_probabilities,
    golden_binary,
    operators,
    sources,
)
from squeezenet_lib.tflite.writer import write_graph
from squeezenet_lib.version import version
from stages import tflm_export
from tests.support.one_layer_model import one_layer_model
from tests.support.random_network import random_network
from tests.support.small_tflite import small
from tests.support.tflite_edits import Edit, edited
from tests.support.tflm_stub import STUB_RESOLVER

CLASSES = ["functional", 'de"fec\\tive \u00e9']

# Writes out what the sources define, so that it can be compared with what went in.
PROGRAM = """
#include "golden_vectors.h"
#include "model_data.h"
#include "op_resolver.h"
#include <stdint.h>
#include <stdio.h>
int main() {
    squeezenet::OpResolver resolver;
    if (squeezenet::RegisterOps(&resolver) != kTfLiteOk) return 1;
    if ((uintptr_t)squeezenet::kModel % 16 != 0) return 2;
    fprintf(stderr, "%u operators, arena %u", resolver.count, squeezenet::kTensorArenaBytes);
    for (unsigned i = 0; i < squeezenet::kClasses; i++) fprintf(stderr, ", %s", squeezenet::kClassNames[i]);
    fwrite(squeezenet::kModel, 1, sizeof squeezenet::kModel, stdout);
    for (unsigned i = 0; i < squeezenet::kGoldenVectors; i++) {
        fwrite(squeezenet::kGoldenPictures[i], 1, squeezenet::kGoldenPictureBytes, stdout);
        fwrite(squeezenet::kGoldenExpected[i], 1, squeezenet::kGoldenScores, stdout);
    }
    return 0;
}
"""


def small_export() -> Export:
    network = random_network()
    golden = GoldenVectors(network.images[:3], predict_tflm(network.tflite, network.images[:3]))
    return Export(network.tflite, CLASSES, arena_bytes=12_345, golden=golden)


def test_tflm_equals_the_reference_kernels_bit_for_bit() -> None:
    network = random_network(size=35, channels=3, classes=10, width=0.25, seed=2)
    scores = predict_reference(network.tflite, network.images)
    assert scores.dtype == np.int8 and scores.shape == (len(network.images), 10)
    assert len(np.unique(scores, axis=0)) > 1, "a network that says one thing proves nothing"
    np.testing.assert_array_equal(predict_tflm(network.tflite, network.images), scores)


def test_the_int8_input_is_pixel_minus_128() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    quantized = quantized_input(pixels, (1, 16, 16, 1))
    assert quantized.ravel().tolist() == list(range(-128, 128))


@pytest.mark.parametrize("predict", [predict_reference, predict_tflm])
def test_pictures_of_another_shape_or_type_are_refused(predict: object) -> None:
    assert callable(predict)
    model = random_network().tflite
    for pictures in (
        np.zeros((1, 32, 32, 3), np.uint8),
        np.zeros((1, 33, 32, 1), np.uint8),
        np.zeros((32, 32, 1), np.uint8),
        np.zeros((1, 32, 32, 1), np.int8),
    ):
        with pytest.raises(ValueError, match=r"takes uint8 pictures of \(32, 32, 1\)"):
            predict(model, pictures)


# Size, width, classes and channels that params.yaml allows. Planning the first five takes more memory than
# running them. TFLM crashes in a size that a bisection up to ten times the file tries for the first four.
SHAPES = [
    (29, 0.125, 200, 1),
    (30, 0.125, 200, 1),
    (33, 0.0625, 200, 1),
    (34, 0.0625, 200, 1),
    (32, 0.0625, 2, 3),
    (48, 0.25, 10, 3),
    (64, 0.5, 2, 1),
    (96, 1.0, 2, 1),
]


def random_model(size: int, width: float, classes: int, channels: int) -> bytes:
    return write_graph(random_squeezenet(np.random.default_rng(0), size, channels, classes, width))


def status_in(model: bytes, arena: int) -> int:
    """Of a process in which TFLM runs a picture of zeros in that arena: below zero when a signal ended it."""
    program = "import sys; from squeezenet_lib.tflite.arena_probe import _interpreter, _scores;"
    program += "_scores(_interpreter(sys.stdin.buffer.read(), int(sys.argv[1])))"
    command = [sys.executable, "-c", program, str(arena)]
    return subprocess.run(command, input=model, capture_output=True, check=False).returncode


@pytest.mark.parametrize(("size", "width", "classes", "channels"), SHAPES)
def test_the_model_runs_in_the_stated_arena_and_in_none_smaller(
    size: int, width: float, classes: int, channels: int
) -> None:
    model = random_model(size, width, classes, channels)
    pictures = np.random.default_rng(1).integers(0, 256, (2, size, size, channels)).astype(np.uint8)
    stated = arena_bytes(model)
    np.testing.assert_array_equal(predict_tflm(model, pictures, stated), predict_reference(model, pictures))
    assert status_in(model, stated - 16) != 0


def test_sizes_in_which_tflm_crashes_lie_on_the_way_to_a_stated_arena() -> None:
    """The probes' children are there for them. When a newer TFLM refuses them all, they may go."""
    model = random_model(33, 0.0625, 200, 1)
    assert arena_bytes(model) == 17_344
    assert status_in(model, 15_600) == -signal.SIGSEGV


# An interpreter that treats arenas of some sizes as TFLM treats those that are too small.
STAND_IN = """
import os, signal
from squeezenet_lib.tflite import arena_probe

def scores(arena):
    if arena < 1200:
        os.kill(os.getpid(), signal.SIGABRT)
    while arena < 1300:
        pass
    if arena < 1400:
        raise RuntimeError("TFLM failed to allocate tensors")
    if arena < 1500:
        raise MemoryError
    return b"other" if arena < 1600 or arena == 1616 else b"as ever"

arena_probe.SECONDS = 1
arena_probe._interpreter, arena_probe._scores = lambda model, arena: arena, scores
arena_probe._reported = lambda interpreter: 1001
print(arena_probe.smallest_arena(b"", 1 << 20))
"""


def test_what_crashes_hangs_fails_gives_other_scores_or_is_lucky_does_not_fit() -> None:
    done = subprocess.run([sys.executable, "-c", STAND_IN], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 1632  # 1600 works by luck: 1616 does not


def test_a_large_picture_in_a_narrow_network_runs() -> None:
    """Its activations are many times its file, of which the interpreter's default arena is ten."""
    model = random_model(512, 0.0625, 2, 1)
    assert arena_bytes(model) > 10 * len(model)
    pictures = np.random.default_rng(1).integers(0, 256, (1, 512, 512, 1)).astype(np.uint8)
    np.testing.assert_array_equal(predict_tflm(model, pictures), predict_reference(model, pictures))


def unknown_operator(edit: Edit) -> None:
    code = edit.model.operatorCodes[0]
    code.builtinCode = code.deprecatedBuiltinCode = edit.schema.BuiltinOperator.CUSTOM
    code.customCode = b"nobody_has_it"


def test_a_model_that_tflm_refuses_is_named_with_its_reason() -> None:
    with pytest.raises(UserError, match=r"TFLM cannot run the \.tflite in an arena of [\d,]+ bytes \(.*TFLM"):
        arena_bytes(edited(small(), unknown_operator))


def test_a_crash_of_tflm_in_every_arena_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tflm, "ample_arena", lambda model: 64)
    with pytest.raises(UserError, match=r"TFLM crashed \(SIGSEGV\) on the \.tflite in an arena of 64 bytes"):
        arena_bytes(random_model(29, 0.0625, 2, 1))


@given(
    labels=st.lists(st.integers(0, 5), min_size=1, max_size=60),
    count=st.integers(1, 12),
    seed=st.integers(0, 99),
)
def test_golden_pictures_cover_each_class_and_are_as_many_as_asked(
    labels: list[int], count: int, seed: int
) -> None:
    array = np.array(labels, np.int64)
    chosen = choose_golden(array, count, seed)
    assert set(array[chosen]) == set(labels)
    assert len(chosen) == min(len(labels), max(count, len(set(labels))))
    assert (np.diff(chosen) > 0).all()
    np.testing.assert_array_equal(chosen, choose_golden(array, count, seed))


def test_golden_pictures_depend_on_the_seed() -> None:
    labels = np.zeros(1000, np.int64)
    assert choose_golden(labels, 8, 1).tolist() != choose_golden(labels, 8, 2).tolist()


def test_operators_are_those_of_the_network() -> None:
    names = operators(random_network().tflite)
    assert names == ["CONCATENATION", "CONV_2D", "MAX_POOL_2D", "MEAN", "SOFTMAX"]


def test_golden_binary_has_the_documented_layout() -> None:
    golden = GoldenVectors(
        np.arange(16, dtype=np.uint8).reshape(2, 2, 2, 2), np.array([[-128, 1, 127], [0, 5, -1]], np.int8)
    )
    assert golden_binary(golden) == (
        b"SQGV\x02\0\0\0\x08\0\0\0\x03\0\0\0"
        + (bytes(range(8)) + b"\x80\x01\x7f")
        + (bytes(range(8, 16)) + b"\x00\x05\xff")
    )


def test_sources_compile_and_hold_model_classes_and_vectors(tmp_path: Path) -> None:
    export = small_export()
    files = {
        **sources(export),
        "tensorflow/lite/micro/micro_mutable_op_resolver.h": STUB_RESOLVER,
        "program.cc": PROGRAM,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    # clang alone: Debian's gcc has no C++ without another package. Nothing here needs the C++ library.
    command = ["clang", "-x", "c++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-I."]
    command += ["-o", "program", "program.cc", "model_data.cc", "golden_vectors.cc"]
    subprocess.run(command, cwd=tmp_path, check=True)

    done = subprocess.run([tmp_path / "program"], capture_output=True, check=True)
    assert done.stderr.decode() == f"5 operators, arena 12345, {CLASSES[0]}, {CLASSES[1]}"
    vectors = b"".join(
        picture.tobytes() + scores.tobytes()
        for picture, scores in zip(export.golden.pictures, export.golden.scores, strict=True)
    )
    assert done.stdout == export.model + vectors


def test_readme_of_the_sources_says_what_the_arena_figure_is() -> None:
    assert (
        "12,345 bytes is what the interpreter used on a 64-bit host" in sources(small_export())["README.md"]
    )


def sigmoid(edit: Edit) -> None:
    edit.last("SOFTMAX").opcodeIndex = edit.code("LOGISTIC")


def reshaped(edit: Edit) -> None:
    output = edit.last("SOFTMAX").outputs[0]
    again = edit.add_tensor("again", [1, 1, 1, 5], "INT8", 1 / 256, -128)
    edit.insert(len(edit.operators), "RESHAPE", [output], again)
    edit.subgraph.outputs = np.array([again])


def unread(edit: Edit) -> None:
    """The logits are the output, and nobody reads the softmax's."""
    edit.subgraph.outputs = np.array(edit.last("SOFTMAX").inputs)


@pytest.mark.parametrize(
    ("change", "probabilities"),
    [(lambda edit: None, True), (sigmoid, True), (reshaped, True), (unread, False)],
)
def test_the_graph_tells_what_the_scores_are(change: Callable[[Edit], None], probabilities: bool) -> None:
    model = edited(one_layer_model(softmax=True).tflite, change)
    assert gives_probabilities(model) is probabilities
    assert not gives_probabilities(one_layer_model(softmax=False).tflite)


def test_the_file_and_the_readme_say_that_logits_are_no_probabilities() -> None:
    model = one_layer_model((8, 8, 3), softmax=False).tflite
    golden = GoldenVectors(np.zeros((1, 8, 8, 3), np.uint8), np.zeros((1, 5), np.int8))
    export = Export(model, list("abcde"), arena_bytes=1, golden=golden)
    assert "they are no probabilities: the model ends in logits" in sources(export)["README.md"]
    file = tflm_export.model_file(export, ModelFacts(tuple(export.classes), standardise=True))
    assert not read_header(file, (TFL,)).probabilities
    assert "the probability of class c is (score + 128) / 256" in sources(small_export())["README.md"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder in which the decide stage has just run; the current directory."""
    network = random_network()
    labels = (np.arange(len(network.images)) % 2).astype(np.int64)
    processed = tmp_path / "data/processed"
    processed.mkdir(parents=True)
    save_split(processed, "test", Split(network.images, labels, np.eye(2, dtype=np.float32)[labels]))
    (processed / "classes.json").write_text(json.dumps(CLASSES))
    (tmp_path / "models").mkdir()
    (tmp_path / "models/model.tflite").write_bytes(network.tflite)
    (tmp_path / "models/decision.json").write_text('{"decision": null}')
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_stage_writes_sources_vectors_and_metrics(project: Path) -> None:
    tflm_export.main()

    network = random_network()
    assert json.loads((project / "metrics/tflm_export.json").read_text()) == {
        "model_bytes": len(network.tflite),
        "tflm_arena_bytes": arena_bytes(network.tflite),
        "pictures": len(network.images),
        "agreement": 1.0,
    }
    golden = (project / "build/tflm/golden.bin").read_bytes()
    count = yaml.safe_load((project / "params.yaml").read_text())["tflm_export"]["golden_pictures"]
    assert golden[:8] == b"SQGV" + count.to_bytes(4, "little")
    assert len(golden) == 16 + count * (32 * 32 + 2)
    packed = (project / "build/tflm/model.tfl").read_bytes()
    header = read_header(packed, (TFL,))
    assert packed.endswith(network.tflite)
    assert (header.class_names, header.standardise, header.producer) == (tuple(CLASSES), True, version())
    assert header.arena_bytes == 32 * 32 + 16 + arena_bytes(network.tflite)
    assert (
        f"kTensorArenaBytes = {arena_bytes(network.tflite)};"
        in (project / "build/tflm/model_data.h").read_text()
    )


def test_stage_gives_the_same_bytes_again(project: Path) -> None:
    tflm_export.main()
    first = {path.name: path.read_bytes() for path in (project / "build/tflm").iterdir()}
    tflm_export.main()
    assert {path.name: path.read_bytes() for path in (project / "build/tflm").iterdir()} == first


def test_stage_fails_when_tflm_and_the_reference_differ(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tflm_export.main()
    before = (project / "build/tflm/golden.bin").read_bytes()

    def off_by_one(model: bytes, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
        scores = predict_tflm(model, images)
        scores[3, 0] ^= 1
        return scores

    monkeypatch.setattr(tflm_export, "predict_reference", off_by_one)
    with pytest.raises(UserError, match=r"differ on 1 of 12 test pictures \(the first is number 3\)"):
        tflm_export.main()
    assert (project / "build/tflm/golden.bin").read_bytes() == before


def test_stage_without_a_model_says_which_stage_to_run(project: Path) -> None:
    (project / "models/model.tflite").unlink()
    with pytest.raises(UserError, match=r"models/model\.tflite cannot be read .* run the quantize stage"):
        tflm_export.main()
