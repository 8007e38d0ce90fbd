"""The runtime scores as TFLite's reference kernels and TFLM do, and no blob makes it leave its memory."""

import functools
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.container import write_sqz
from squeezenet_lib.host_runtime import SOURCES, HostRuntime, compile_library
from squeezenet_lib.planner import plan
from squeezenet_lib.tflite_graph import read_graph
from squeezenet_lib.tflite_reference import predict_reference
from squeezenet_lib.tflm import predict_tflm
from tests.random_network import RandomNetwork, random_network

C_TESTS = Path(__file__).parent / "c"

# Odd and even sides (SAME padding differs), the smallest side, grey and colour, dense and very sparse.
NETWORKS = {
    "default shape": {},
    "smallest side": {"size": 29, "sparsity": 0.5, "seed": 1},
    "colour, odd side, ten classes": {"size": 35, "channels": 3, "classes": 10, "width": 0.25, "seed": 2},
    "dense": {"sparsity": 0.0, "seed": 3},
    "very sparse": {"width": 0.25, "sparsity": 0.93, "seed": 4},
    "full width": {"size": 96, "width": 1.0},
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


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_damaged_programs_never_leave_blob_and_arena(compiler: str, tmp_path: Path) -> None:
    """Random damage with a right CRC-32, under AddressSanitizer and UndefinedBehaviorSanitizer."""
    program = tmp_path / "mutate_sqz"
    sources = [C_TESTS / "mutate_sqz.c", *sorted(SOURCES.glob("src/*.c"))]
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    flags = ["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", *sanitizers, f"-I{SOURCES / 'src'}"]
    subprocess.run([compiler, *flags, *map(str, sources), "-o", str(program)], check=True)
    blob = tmp_path / "model.sqz"
    blob.write_bytes(sqz_of("default shape"))
    done = subprocess.run([str(program), str(blob), "8000", "1"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counts = [int(n) for n in re.findall(r"\d+", done.stdout)]
    assert sum(counts) == 8000
    assert min(counts) > 100, f"each outcome has to be exercised: {done.stdout}"
