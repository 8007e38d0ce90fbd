"""The runtime scores as TFLite's reference kernels and TFLM do, and no blob makes it leave its memory."""

import functools
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.sqz.host_runtime import SOURCES, HostRuntime, compile_library
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.reference import predict_reference
from squeezenet_lib.tflite.tflm import predict_tflm
from tests.support.fuzz_seeds import edge_cases, varied_seeds
from tests.support.random_network import RandomNetwork, random_network

C_TESTS = ROOT / "tests" / "c"
SMALL = 3000  # bytes of a file
CORPUS = ROOT / "tests" / "fuzz_corpus"

# Made by the converter; tests/compiler/test_random_graphs.py has many more networks, made without.
NETWORKS = {
    "default shape": {},
    "colour, odd side, ten classes": {"size": 35, "channels": 3, "classes": 10, "width": 0.25, "seed": 2},
}


@functools.cache
def sqz_of(name: str) -> bytes:
    graph = read_graph(random_network(**NETWORKS[name]).tflite)
    classes = tuple(str(i) for i in range(graph.output.shape[-1]))
    return write_sqz(plan(graph, classes, standardise=False, producer="test")[0])[0]


@functools.cache
def host_scores(name: str) -> np.ndarray:
    return HostRuntime(sqz_of(name)).run(network(name).images)


def network(name: str) -> RandomNetwork:
    return random_network(**NETWORKS[name])


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_equal_tflite_reference_kernels(name: str) -> None:
    expected = predict_reference(network(name).tflite, network(name).images)
    assert np.array_equal(host_scores(name), expected)
    assert len(np.unique(expected, axis=0)) > 1, "a network that answers always the same proves little"


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_equal_tflm(name: str) -> None:
    assert np.array_equal(host_scores(name), predict_tflm(network(name).tflite, network(name).images))


def test_scores_depend_on_nothing_left_in_the_arena() -> None:
    runtime = HostRuntime(sqz_of("default shape"))
    images = network("default shape").images
    assert np.array_equal(runtime.run(images[::-1])[::-1], host_scores("default shape"))


def test_pictures_of_another_shape_are_refused() -> None:
    runtime = HostRuntime(sqz_of("default shape"))
    with pytest.raises(ValueError, match=r"takes uint8 pictures of \(32, 32, 1\)"):
        runtime.run(np.zeros((1, 32, 32, 3), np.uint8))


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_it_compiles_without_warnings(compiler: str, tmp_path: Path) -> None:
    assert compile_library(tmp_path, compiler, ("-O3", "-Wconversion", "-Wno-sign-conversion")).is_file()


@pytest.fixture(scope="module", params=[pytest.param("gcc", marks=pytest.mark.full), "clang"])
def fuzz_target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fuzz target as a program of its own, which the sanitizers end at the first bad access."""
    program = tmp_path_factory.mktemp("fuzz") / "fuzz_sqz"
    own = (C_TESTS / name for name in ("fuzz_sqz.c", "mutate_sqz.c", "sqz_fields.c"))
    sources = [*own, *sorted(SOURCES.glob("src/*.c"))]
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    flags = ["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-DFUZZ_REPLAY", *sanitizers]
    command = [request.param, *flags, f"-I{SOURCES / 'src'}", *map(str, sources), "-o", str(program)]
    subprocess.run(command, check=True)
    return program


def outcomes(fuzz_target: Path, rounds: int, files: list[Path]) -> dict[str, int]:
    """How many of the files, and of what `rounds` makes of them, ended in which way."""
    command = [str(fuzz_target), str(rounds), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return {name: int(count) for name, count in re.findall(r"(\w+) (\d+)", done.stdout)}


def written(folder: Path, files: dict[str, bytes]) -> list[Path]:
    for name, sqz in files.items():
        (folder / name).write_bytes(sqz)
    return [folder / name for name in sorted(files)]


@pytest.mark.parametrize("fuzz_target", ["clang"], indirect=True)
def test_damaged_programs_never_leave_blob_and_arena(fuzz_target: Path, tmp_path: Path) -> None:
    """Each field at the limits of what is accepted, and many mutations."""
    files = written(tmp_path, {name: sqz for name, sqz in varied_seeds().items() if len(sqz) < SMALL})
    assert len(files) > 10
    assert outcomes(fuzz_target, 0, files)["ok"] == len(files)
    counts = outcomes(fuzz_target, 100, files)
    assert min(counts["ok"], counts["refused"], counts["stopped"]) > 100, "each outcome has to be exercised"


def test_numbers_and_places_at_the_edge_never_leave_blob_and_arena(fuzz_target: Path, tmp_path: Path) -> None:
    cases = edge_cases()
    counts = outcomes(fuzz_target, 0, written(tmp_path, cases))
    assert sum(counts.values()) == len(cases)
    assert HostRuntime.status(cases["conv2d output over taps"]) == -5
    assert HostRuntime.status(cases["conv2d largest"]) == 0


@pytest.mark.parametrize("outcome", ["ok", "refused", "stopped"])
def test_what_fuzzing_found_ends_as_its_name_says(fuzz_target: Path, outcome: str) -> None:
    files = sorted(CORPUS.glob(f"{outcome}_*.sqz"))
    assert len(files) > 3
    assert outcomes(fuzz_target, 0, files)[outcome] == len(files), (
        "a new format needs a new corpus: `make fuzz`"
    )
