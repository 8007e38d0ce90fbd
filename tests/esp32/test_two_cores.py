"""Two cores share a model's work: equal scores as threads and in forced interleavings; what fails is named.

The C twins of the kernels are what runs here.
"""

import ctypes
import dataclasses
import functools
import itertools
import re
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.header import HEADER, OP, TENSOR, read_header
from squeezenet_lib.sqz.host_runtime import ARENA_ALIGNMENT, SOURCES, HostRuntime, compile_library
from tests.support.random_model import random_model
from tests.support.random_pictures import random_pictures
from tests.support.single_convolution import SQZ_MODEL_BYTES, library

OK, ERR_CODE, ERR_CORE = 0, -7, -9
MODELS, RUNS = 50, 200  # 10,000 interleavings; continuous integration takes fewer
CI_MODELS, CI_RUNS = 10, 20
THREADED_MODELS, THREADED_RUNS = 5, 8
SECONDS = 300  # that a program may take

C_TESTS = ROOT / "tests" / "c"
SHARE = [C_TESTS / name for name in ("share.c", "mutate_sqz.c", "sqz_fields.c")]
FLAGS = ["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", f"-I{SOURCES / 'src'}"]
TRACED, SWITCHING = "-fsanitize-coverage=trace-pc", "-DINTERLEAVED"
NO_WAITING = "-DNOBODY_WAITS"


Compile = Callable[..., Path]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Makes tests/c/share.c with the runtime a program, given flags of the runtime and those of its own."""

    def build(folder: Path, sources: list[Path], *flags: str) -> list[Path]:
        subprocess.run(["gcc", *FLAGS, *flags, "-c", *map(str, sources)], check=True, cwd=folder)
        return [folder / f"{source.stem}.o" for source in sources]

    @functools.cache
    def runtime_objects(flag: str) -> list[Path]:
        return build(tmp_path_factory.mktemp("runtime"), sorted(SOURCES.glob("src/*.c")), flag)

    def compile_share(runtime: str, *own: str) -> Path:
        folder = tmp_path_factory.mktemp("share")
        objects = [*build(folder, SHARE, *own), *runtime_objects(runtime)]
        sanitizer = [flag for flag in own if flag.startswith("-fsanitize=")]
        subprocess.run(["gcc", *sanitizer, *map(str, objects), "-o", str(folder / "share")], check=True)
        return folder / "share"

    return compile_share


@pytest.fixture(scope="module")
def interleaved(compiled: Compile) -> Path:
    return compiled(TRACED, SWITCHING)


@pytest.fixture(scope="module")
def threads(compiled: Compile) -> Path:
    return compiled("-fsanitize=thread", "-fsanitize=thread")


@pytest.fixture(scope="module")
def damaged(compiled: Compile) -> Path:
    return compiled(TRACED, SWITCHING, "-DDAMAGED")


def shared_models() -> Iterator[tuple[bytes, bytes]]:
    """Random networks that two cores share, as .sqz, and three pictures for each."""
    for seed in itertools.count():
        random = np.random.default_rng(seed)
        graph = random_model(random)
        made = compile_graph(graph, cores=2)
        if made.program.cores == 2:
            yield made.sqz, random_pictures(random, 3, *graph.input.shape[1:]).tobytes()


def counts(program: Path, folder: Path, models: int, runs: int) -> dict[str, int]:
    """What all runs of so many models had of each, and in `models`, in how many the cores met."""
    total = {"models": 0, "runs": 0, "meetings": 0, "changes": 0}
    for seed, (sqz, pictures) in enumerate(itertools.islice(shared_models(), models), 1):
        (folder / "model.sqz").write_bytes(sqz)
        (folder / "pictures.bin").write_bytes(pictures)
        done = ended(program, folder, runs, seed)
        assert (done.returncode, done.stderr) == (0, ""), f"model {seed}"
        for name, number in re.findall(r"(\w+) (\d+)", done.stdout):
            total[name] += int(number)
        total["models"] += 1
    return total


def ended(program: Path, folder: Path, runs: int, seed: int) -> subprocess.CompletedProcess[str]:
    command = [str(program), str(folder / "model.sqz"), str(folder / "pictures.bin"), str(runs), str(seed)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)


def test_scores_are_the_same_in_whatever_order_two_cores_work(interleaved: Path, tmp_path: Path) -> None:
    """Changing from one core to the other at random basic blocks, often or seldom."""
    total = counts(interleaved, tmp_path, CI_MODELS, CI_RUNS)
    assert (total["models"], total["runs"]) == (CI_MODELS, CI_MODELS * CI_RUNS)
    assert total["meetings"] > 2 * total["runs"]
    assert total["changes"] > 100 * total["runs"]


@pytest.mark.full
def test_scores_are_the_same_in_ten_thousand_orders(interleaved: Path, tmp_path: Path) -> None:
    total = counts(interleaved, tmp_path, MODELS, RUNS)
    assert (total["models"], total["runs"]) == (MODELS, MODELS * RUNS)


def test_damaged_programs_stay_inside_on_two_cores_too(damaged: Path, tmp_path: Path) -> None:
    """Mutations that the runtime accepts, in the same orders, with a guard page behind blob and arena. By
    hand, without the check that parts have no scratch in common: each of three models ended in a fault."""
    total = counts(damaged, tmp_path, CI_MODELS // 2, 10 * CI_RUNS)
    assert CI_MODELS * CI_RUNS < total["runs"] < 5 * CI_MODELS * CI_RUNS
    assert total["changes"] > 10 * total["runs"]


@pytest.mark.full
def test_many_damaged_programs_stay_inside_on_two_cores_too(damaged: Path, tmp_path: Path) -> None:
    assert counts(damaged, tmp_path, MODELS // 2, 2 * RUNS)["runs"] > MODELS * RUNS // 4


def test_two_threads_have_no_data_race(threads: Path, tmp_path: Path) -> None:
    """ThreadSanitizer says nothing, and the scores are the same."""
    total = counts(threads, tmp_path, THREADED_MODELS, THREADED_RUNS)
    assert total["runs"] == THREADED_MODELS * THREADED_RUNS


@pytest.mark.parametrize(
    ("runtime", "own"),
    [
        pytest.param(TRACED, (SWITCHING, NO_WAITING), id="interleaved"),
        pytest.param("-fsanitize=thread", ("-fsanitize=thread", NO_WAITING), id="threads"),
    ],
)
def test_cores_that_do_not_wait_are_noticed(
    compiled: Compile, runtime: str, own: tuple[str, ...], tmp_path: Path
) -> None:
    program = compiled(runtime, *own)
    sqz, pictures = next(shared_models())
    (tmp_path / "model.sqz").write_bytes(sqz)
    (tmp_path / "pictures.bin").write_bytes(pictures)
    done = ended(program, tmp_path, 20, 1)
    assert done.returncode != 0
    assert "data race" in done.stderr or "not so: the scores are the same" in done.stderr


def test_the_runtime_has_no_memory_of_its_own(tmp_path: Path) -> None:
    """Nothing that two cores could write beside the arena and their stacks; `completed` is the compiler's."""
    made = compile_library(tmp_path, "gcc")
    listed = subprocess.run(["nm", str(made)], capture_output=True, text=True, check=True).stdout
    assert " T sqz_run_share" in listed
    written = set(re.findall(r" [bBdD] (\w+)", listed))
    assert {name for name in written if not name.startswith("_")} <= {"completed"}


# --- the function itself ---

MEET = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p)
Meet = Callable[[], bool]


@functools.cache
def small() -> tuple[bytes, bytes]:
    return min(itertools.islice(shared_models(), 3), key=lambda model: len(model[0]))


def shared(sqz: bytes, picture: bytes, meets: tuple[Meet, Meet]) -> tuple[list[int], bytes]:
    """What two threads' sqz_run_share() return, each with its own `meet`; and the scores."""
    blob, model = ctypes.create_string_buffer(sqz, len(sqz)), ctypes.create_string_buffer(SQZ_MODEL_BYTES)
    assert library().sqz_open(model, blob, ctypes.c_size_t(len(sqz))) == OK
    header = read_header(sqz)
    memory = np.full(header.arena_bytes + ARENA_ALIGNMENT, 0xA5, np.uint8)
    arena = memory[-memory.ctypes.data % ARENA_ALIGNMENT :][: header.arena_bytes]
    arena[header.picture_offset :][: len(picture)] = np.frombuffer(picture, np.uint8)
    found = [1, 1]

    def run(core: int) -> None:
        callback = MEET(lambda _: meets[core]())
        size, at = ctypes.c_size_t(arena.size), ctypes.c_void_p(arena.ctypes.data)
        found[core] = library().sqz_run_share(model, at, size, ctypes.c_uint32(core), callback, None)

    other = threading.Thread(target=run, args=(1,))
    other.start()
    run(0)
    other.join()
    return found, arena[header.scores_offset :][: header.classes].tobytes()


def alone(sqz: bytes, picture: bytes) -> bytes:
    runtime = HostRuntime(sqz)
    return runtime.run(np.frombuffer(picture, np.uint8).reshape(1, *runtime.header.shape)).tobytes()


class Meeting:
    """Where both cores are waited for, how often."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2)
        self.times = [0, 0]

    def of(self, core: int) -> Meet:
        def meet() -> bool:
            self.times[core] += 1
            self.barrier.wait(SECONDS)
            return True

        return meet


def test_two_cores_leave_the_scores_that_one_does() -> None:
    sqz, pictures = small()
    picture = pictures[: len(pictures) // 3]
    meeting = Meeting()
    assert shared(sqz, picture, (meeting.of(0), meeting.of(1))) == ([OK, OK], alone(sqz, picture))
    ops = read_sqz(sqz).ops
    # Before and after each layer that both work on, once between two of them.
    second = [i for i, op in enumerate(ops) if op.is_beside]
    assert meeting.times == [len({i - 1 for i in second} | {i + 1 for i in second})] * 2


@pytest.mark.parametrize("core", [0, 1])
def test_a_core_that_waits_in_vain_says_so_at_once(core: int) -> None:
    sqz, pictures = small()
    calls = [0, 0]

    def in_vain(core: int) -> Meet:
        def meet() -> bool:
            calls[core] += 1
            return False

        return meet

    statuses, _ = shared(sqz, pictures[: len(pictures) // 3], (in_vain(0), in_vain(1)))
    assert statuses[core] == ERR_CORE
    assert calls == [1, 1]


@pytest.mark.parametrize("core", [0, 1])
def test_a_core_with_an_error_still_meets_the_other_one(core: int) -> None:
    """Of the first shared layer, the part of one core ends early: its last filter is read, but not there."""
    sqz, pictures = small()
    program = read_sqz(sqz)
    index = next(i for i, op in enumerate(program.ops) if op.is_beside) - 1 + core
    at = HEADER.size + TENSOR.size * len(program.tensors) + OP.size * (index + 1) - 4  # code_bytes
    damaged = bytearray(sqz)
    damaged[at : at + 4] = (int.from_bytes(sqz[at : at + 4], "little") - 2).to_bytes(4, "little")
    meeting = Meeting()
    picture = pictures[: len(pictures) // 3]
    statuses, _ = shared(repaired(bytes(damaged)), picture, (meeting.of(0), meeting.of(1)))
    assert statuses[core] == ERR_CODE
    assert statuses[1 - core] == OK
    assert meeting.times[0] == meeting.times[1] > 0


def repaired(sqz: bytes) -> bytes:
    """With the right checksum."""
    return sqz[:12] + zlib.crc32(sqz[16:]).to_bytes(4, "little") + sqz[16:]


def test_a_program_for_one_core_is_done_by_the_first() -> None:
    sqz, pictures = small()
    program = read_sqz(sqz)
    ops = tuple(dataclasses.replace(op, second=0) if op.is_beside else op for op in program.ops)
    one = write_sqz(dataclasses.replace(program, ops=ops))[0]
    picture = pictures[: len(pictures) // 3]

    def nobody() -> bool:
        raise AssertionError("nothing is shared")

    assert shared(one, picture, (nobody, nobody)) == ([OK, OK], alone(sqz, picture))
