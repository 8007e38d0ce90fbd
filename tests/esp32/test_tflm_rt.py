"""lib/tflm_rt with stubs in TFLM's place: which .tfl it takes, and how it hands pictures and scores over.

That real TFLM gives the reference's scores is what the tflm-export stage proves.
"""

import ctypes
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import PROJECT
from squeezenet_lib.sqz.decision import Decision
from squeezenet_lib.sqz.header import HEADER, TFL, read_header
from squeezenet_lib.sqz.program import ModelFacts
from squeezenet_lib.sqz.tfl import write_tfl
from squeezenet_lib.tflite.tflm_sources import _op_resolver
from squeezenet_lib.version import version
from tests.support.object_symbols import external_symbols
from tests.support.tflm_stub import STUBS, fake_scores, fake_tflite

SHAPE, PICTURE_BYTES = (5, 7, 1), 35
FACTS_OF_TWO = ModelFacts(("a", "b and what follows"))
CLASSES = ("good as new", "cracked", "d\u00fcster")
TFLM_BYTES = 1000
OPERATORS = ["CONCATENATION", "CONV_2D", "MAX_POOL_2D", "MEAN", "SOFTMAX"]
TRUNCATED, MAGIC, VERSION, CRC, PROGRAM, ARENA, CODE, ALIGNMENT, CORE = range(-1, -10, -1)
GUARD = 64


class Model(ctypes.Structure):
    """squeeze_rt.h's sqz_model."""

    _fields_ = [
        ("blob", ctypes.c_void_p),
        *((name, ctypes.c_uint32) for name in ("blob_bytes", "arena_bytes", "picture_offset")),
        *((name, ctypes.c_uint32) for name in ("picture_bytes", "scores_offset")),
        *((name, ctypes.c_uint16) for name in ("height", "width", "channels", "classes", "ops", "cores")),
        ("probabilities", ctypes.c_bool),
        ("decision", ctypes.c_void_p),
    ]


class Aligned:
    """Bytes at a multiple of 16, `off` bytes beside it, with a guard behind them."""

    def __init__(self, content: bytes, off: int = 0) -> None:
        self._room = np.full(len(content) + 32 + GUARD, 0xA5, np.uint8)
        start = -self._room.ctypes.data % 16 + off
        self.bytes = self._room[start : start + len(content)]
        self.bytes[:] = np.frombuffer(content, np.uint8)
        self.guard = self._room[start + len(content) :]
        self.address = ctypes.c_void_p(self.bytes.ctypes.data)
        self.size = ctypes.c_size_t(len(content))


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """By clang alone: Debian's gcc has no C++ without another package. Nothing here needs the C++ library."""
    folder = tmp_path_factory.mktemp("tflm_rt")
    for name, text in {**STUBS, "op_resolver.h": _op_resolver(OPERATORS)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    rt, sqz = PROJECT / "lib/tflm_rt/src", PROJECT / "lib/squeeze_rt/src"
    flags = ["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fPIC", f"-I{rt}", f"-I{sqz}", f"-I{folder}"]
    flags += ["-fsanitize=undefined", "-fno-sanitize=function", "-fsanitize-undefined-trap-on-error"]
    cxx = ["-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"]
    c_sources = (rt / "tfl_open.c", sqz / "crc32.c", sqz / "sqz_decide.c")
    commands = [
        ["clang", "-std=c11", *flags, "-c", *map(str, c_sources)],
        ["clang", *cxx, *flags, "-c", str(rt / "tflm_run.cc")],
        ["clang", "-shared", "-o", "rt.so", "tfl_open.o", "crc32.o", "sqz_decide.o", "tflm_run.o"],
    ]
    for command in commands:
        subprocess.run(command, cwd=folder, check=True)
    library = ctypes.CDLL(str(folder / "rt.so"))
    for name in ("sqz_class_name", "sqz_producer", "sqz_status_text", "sqz_engine"):
        getattr(library, name).restype = ctypes.c_char_p
    return library


def tfl(
    tflite: bytes | None = None,
    classes: tuple[str, ...] = CLASSES,
    probabilities: bool = True,
    decision: Decision | None = None,
) -> bytes:
    tflite = tflite or fake_tflite(PICTURE_BYTES, len(classes), TFLM_BYTES)
    return write_tfl(tflite, SHAPE, ModelFacts(classes, True, decision), TFLM_BYTES, probabilities)


def opened(runtime: ctypes.CDLL, blob: Aligned) -> Model:
    model = Model()
    status = runtime.sqz_open(ctypes.byref(model), blob.address, blob.size)
    assert status == 0, runtime.sqz_status_text(status)
    return model


def memory_for(model: Model) -> Aligned:
    return Aligned(bytes(model.arena_bytes))


def run(runtime: ctypes.CDLL, model: Model, memory: Aligned, picture: bytes) -> tuple[int, tuple[int, ...]]:
    """The status, and the scores."""
    start = model.picture_offset
    memory.bytes[start : start + len(picture)] = np.frombuffer(picture, np.uint8)
    status = runtime.sqz_run(ctypes.byref(model), memory.address, memory.size)
    assert (memory.guard == 0xA5).all()
    scores = memory.bytes[model.scores_offset : model.scores_offset + model.classes].view(np.int8)
    return status, tuple(scores.tolist())


def random_picture(seed: int) -> bytes:
    return np.random.default_rng(seed).bytes(PICTURE_BYTES)


# --- the file ---


def test_it_lends_the_functions_of_squeeze_rt_h_and_its_own(runtime: ctypes.CDLL) -> None:
    names = external_symbols(Path(runtime._name))
    assert "sqz_run" in names
    assert {name for name in names if not name.startswith(("sqz_", "tfl_"))} == set()


def test_a_model_is_opened_with_its_names_and_its_place_for_picture_and_scores(runtime: ctypes.CDLL) -> None:
    blob = Aligned(tfl())
    model = opened(runtime, blob)
    assert (model.height, model.width, model.channels, model.classes) == (*SHAPE, len(CLASSES))
    assert (model.picture_offset, model.picture_bytes) == (0, PICTURE_BYTES)
    assert (model.scores_offset, model.arena_bytes) == (48, 64 + TFLM_BYTES)
    names = [runtime.sqz_class_name(ctypes.byref(model), i).decode() for i in range(4)]
    assert names == [*CLASSES, "?"]
    assert runtime.sqz_producer(ctypes.byref(model)).decode() == version()
    assert runtime.sqz_engine() == b"tflm"


def test_the_host_reads_what_it_writes() -> None:
    header = read_header(tfl(), (TFL,))
    assert (header.class_names, header.standardise, header.producer) == (CLASSES, True, version())
    assert (header.picture_offset, header.scores_offset, header.arena_bytes) == (0, 48, 64 + TFLM_BYTES)
    with pytest.raises(UserError, match=r"this is no \.sqz file"):
        read_header(tfl())


@pytest.mark.parametrize("probabilities", [True, False])
def test_host_and_chip_read_what_the_scores_are(runtime: ctypes.CDLL, probabilities: bool) -> None:
    content = tfl(probabilities=probabilities)
    assert read_header(content, (TFL,)).probabilities is probabilities
    assert opened(runtime, Aligned(content)).probabilities is probabilities


@pytest.mark.parametrize("name", ["x", "of fourteen ch", "of fifteen char", "of sixteen chars"])
def test_the_tflite_lies_aligned_behind_names_of_any_length(name: str) -> None:
    content = tfl(classes=(name, "other", "third"))
    assert content.index(b"TFL3") % 16 == 4


Change = Callable[[bytearray], bytes | bytearray]


def field(offset: int, format: str, value: int, crc: bool = True) -> Change:
    """Another value in the header; with the CRC-32 that belongs to it."""

    def change(content: bytearray) -> bytearray:
        struct.pack_into(format, content, offset, value)
        if crc:
            struct.pack_into("<I", content, 12, zlib.crc32(content[16:]))
        return content

    return change


def renamed(content: bytearray) -> bytearray:
    content[content.index(b"TFL3")] ^= 1
    return field(4, "<H", 1)(content)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda content: content[:63], TRUNCATED),
        (lambda content: content[:-1], TRUNCATED),
        (lambda content: content + b"\0", TRUNCATED),
        (lambda content: b"SQZ1" + content[4:], MAGIC),
        (field(4, "<H", 3), VERSION),
        (field(6, "<H", 68), VERSION),
        (field(100, "<B", 0x7F, crc=False), CRC),
        (field(31, "<B", 1), PROGRAM),  # the producer does not end
        (field(32, "<I", 51), PROGRAM),  # arena: no room behind the scores
        (field(36, "<I", 16), PROGRAM),  # the picture elsewhere
        (field(40, "<I", 32), PROGRAM),  # scores in the picture
        (field(40, "<I", 0xFFFFFFF0), PROGRAM),
        (field(44, "<H", 0), PROGRAM),  # height
        (field(46, "<H", 0xFFFF), PROGRAM),  # width: the picture is larger than its place
        (field(50, "<H", 0), PROGRAM),  # classes
        (field(50, "<H", 0xFFFF), PROGRAM),  # more names than there are
        (field(56, "<I", 0), PROGRAM),  # names in the header
        (field(56, "<I", 0xFFFFFFFF), PROGRAM),
        (renamed, PROGRAM),
    ],
)
def test_a_file_that_is_damaged_or_lies_is_refused(runtime: ctypes.CDLL, change: Change, status: int) -> None:
    blob, model = Aligned(bytes(change(bytearray(tfl())))), Model(ops=1)
    assert runtime.sqz_open(ctypes.byref(model), blob.address, blob.size) == status
    assert bytes(model) == bytes(ctypes.sizeof(Model))
    assert runtime.sqz_status_text(status) not in (b"ok", b"unknown status")


def test_the_first_bytes_tell_before_the_rest_is_there(runtime: ctypes.CDLL) -> None:
    start, total = Aligned(tfl()[: HEADER.size]), ctypes.c_size_t(len(tfl()))
    assert runtime.sqz_check_start(start.address, total) == 0
    assert runtime.sqz_check_start(start.address, ctypes.c_size_t(len(tfl()) + 1)) == TRUNCATED


@pytest.mark.parametrize("off", [1, 4, 8])
def test_a_misaligned_file_is_refused(runtime: ctypes.CDLL, off: int) -> None:
    blob, model = Aligned(tfl(), off), Model()
    assert runtime.sqz_open(ctypes.byref(model), blob.address, blob.size) == ALIGNMENT


# --- pictures ---


def test_each_picture_gets_its_scores_by_one_interpreter(runtime: ctypes.CDLL) -> None:
    model_file = Aligned(tfl())
    model = opened(runtime, model_file)
    memory, made = memory_for(model), runtime.stub_count(0)
    for seed in range(5):
        picture = random_picture(seed)
        assert run(runtime, model, memory, picture) == (0, fake_scores(picture, 3))
    assert (runtime.stub_count(0) - made, runtime.stub_count(1)) == (1, 1)


def test_another_model_or_memory_gets_an_interpreter_of_its_own(runtime: ctypes.CDLL) -> None:
    """Also another model in the very place of the one before, as it is loaded into RAM."""
    picture = random_picture(9)
    blob = Aligned(tfl())
    model = opened(runtime, blob)
    memory, other_memory = memory_for(model), memory_for(model)
    assert run(runtime, model, memory, picture) == (0, fake_scores(picture, 3))
    assert run(runtime, model, other_memory, picture) == (0, fake_scores(picture, 3))
    two = write_tfl(fake_tflite(PICTURE_BYTES, 2, 900), SHAPE, FACTS_OF_TWO, 1000, True)
    other = Aligned(two)
    assert run(runtime, opened(runtime, other), memory, picture) == (0, fake_scores(picture, 2))
    same_place = tfl(classes=(CLASSES[0], CLASSES[1], "d\u00fcsteR"))
    blob.bytes[:] = np.frombuffer(same_place, np.uint8)
    made = runtime.stub_count(0)
    assert run(runtime, opened(runtime, blob), memory, picture)[0] == 0
    assert run(runtime, opened(runtime, blob), memory, picture)[0] == 0
    assert (runtime.stub_count(0) - made, runtime.stub_count(1)) == (1, 1)


@pytest.mark.parametrize(
    ("tflite", "status"),
    [
        (fake_tflite(PICTURE_BYTES, 3, TFLM_BYTES + 1), ARENA),
        (fake_tflite(PICTURE_BYTES, 3, TFLM_BYTES, schema=2), PROGRAM),
        (fake_tflite(PICTURE_BYTES + 1, 3, TFLM_BYTES), PROGRAM),
        (fake_tflite(PICTURE_BYTES, 4, TFLM_BYTES), PROGRAM),
        (fake_tflite(PICTURE_BYTES, 3, TFLM_BYTES, fails=True), CODE),
    ],
)
def test_what_tflm_cannot_run_is_named_each_time_and_the_next_model_runs(
    runtime: ctypes.CDLL, tflite: bytes, status: int
) -> None:
    bad, good = Aligned(tfl(tflite)), Aligned(tfl())
    picture = random_picture(4)
    model = opened(runtime, bad)
    memory = memory_for(model)
    for _ in range(2):
        assert run(runtime, model, memory, picture)[0] == status
    assert run(runtime, opened(runtime, good), memory, picture) == (0, fake_scores(picture, 3))
    assert runtime.stub_count(1) == 1


def test_too_little_memory_and_a_misaligned_one_are_refused(runtime: ctypes.CDLL) -> None:
    blob = Aligned(tfl())
    model = opened(runtime, blob)
    small, crooked = Aligned(bytes(model.arena_bytes - 1)), Aligned(bytes(model.arena_bytes), off=8)
    assert runtime.sqz_run(ctypes.byref(model), small.address, small.size) == ARENA
    assert runtime.sqz_run(ctypes.byref(model), crooked.address, crooked.size) == ALIGNMENT


def test_the_sources_stand_alone_in_the_firmware() -> None:
    """The library has every function of squeeze_rt.h that the application calls."""
    provided = "".join(
        (PROJECT / "lib/tflm_rt/src" / name).read_text() for name in ("tfl_open.c", "tflm_run.cc")
    )
    application = "".join(path.read_text() for path in sorted(Path(PROJECT, "src").glob("*.c")))
    header = (PROJECT / "lib/squeeze_rt/src/squeeze_rt.h").read_text()
    for name in ("sqz_open", "sqz_run", "sqz_class_name", "sqz_producer", "sqz_status_text", "sqz_engine"):
        assert f"{name}(" in header
        assert f"{name}(" in provided
    assert "sqz_run_op(" not in application


def test_it_works_on_one_core(runtime: ctypes.CDLL) -> None:
    blob = Aligned(tfl())
    model = opened(runtime, blob)
    memory = memory_for(model)
    assert model.cores == 1
    shared = runtime.sqz_run_share(ctypes.byref(model), memory.address, memory.size, 1, None, None)
    assert shared == CORE
    assert runtime.sqz_status_text(shared) == b"TFLM runs on one core"
