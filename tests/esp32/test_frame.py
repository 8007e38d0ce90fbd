"""A frame on the chip becomes the network input that images.py makes of the same pixels, bit for bit."""

import ctypes
import re
import subprocess
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.frame_pixels import FrameFormat
from squeezenet_lib.images import Pixels, Shape, decode, load_picture, to_grey, to_network_input
from squeezenet_lib.params.sections import PreprocessParams
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sources.solar import open_solar
from tests.pipeline.synthetic_pictures import CLASSES, write_pictures
from tests.support.host_frame import SOURCES, UNTOUCHED, Frame, Input, by_images, library, on_chip, packed
from tests.support.random_pictures import random_pictures

C_TESTS = ROOT / "tests" / "c"
COLOUR = (FrameFormat.RGB888, FrameFormat.BGR888)

# --- random frames ---

small = st.tuples(st.integers(1, 64), st.integers(1, 48))
cameras = st.sampled_from([(96, 96), (160, 120), (176, 144), (240, 240), (320, 240), (640, 480)])
sizes = st.integers(0, 39).flatmap(lambda which: cameras if which == 0 else small)
sides = st.one_of(st.integers(1, 64), st.sampled_from([29, 32, 48, 96]))
inputs = st.one_of(sides.map(lambda side: (side, side)), st.tuples(sides, sides))


def contents(random: np.random.Generator, shape: tuple[int, int, int]) -> Pixels:
    """Any bytes; the extremes only; one value; or nearly so, which standardising has to stretch."""
    low = random.integers(0, 256)
    match random.integers(0, 4):
        case 0:
            return random.integers(0, 256, shape, np.uint8)
        case 1:
            return random.integers(0, 2, shape, np.uint8) * np.uint8(255)
        case 2:
            return np.full(shape, random.choice([0, 255, low]), np.uint8)
        case _:
            return random.integers(low, min(256, low + 9), shape).astype(np.uint8)


@pytest.mark.parametrize("geometries", [150, pytest.param(1000, marks=pytest.mark.full)])
def test_random_frames(geometries: int) -> None:
    """Ten frames of each size: every format, for grey and for colour."""

    @settings(max_examples=geometries, deadline=None)
    @given(sizes, inputs, st.integers(0, 9), st.sampled_from(["gcc", "clang"]), st.integers(0, 2**32 - 1))
    def check(size: tuple[int, int], wished: tuple[int, int], padding: int, compiler: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        for kind in FrameFormat:
            for channels in (1, 3):
                width, height = size
                width += width % 2 if kind == FrameFormat.YUV422 else 0
                frame = packed(contents(random, (height, width, kind.pixel_bytes)), kind, padding)
                standardise = bool(random.integers(0, 2))
                shape = (*wished, channels)
                got = on_chip(frame, shape, standardise, compiler)
                assert np.array_equal(got, by_images(frame, shape, standardise)), (kind, channels)

    check()


@pytest.mark.parametrize("wished", [(1, 1), (29, 29), (96, 96), (511, 511), (512, 512), (4096, 192)])
def test_sums_of_the_largest_white_frame_fit(wished: tuple[int, int]) -> None:
    white = Frame(b"\xff" * 4096 * 4096, 4096, 4096, 4096, FrameFormat.GREY)
    assert (on_chip(white, (*wished, 1), False) == 255).all()


@pytest.mark.parametrize("kind", COLOUR)
@pytest.mark.parametrize(("width", "height"), [(4096, 1), (1, 4096), (4096, 530), (512, 512), (31, 33)])
@pytest.mark.parametrize("largest", [(512, 512, 3), (64, 4096, 3)])
def test_the_largest_input_of_thin_and_large_frames(
    kind: FrameFormat, width: int, height: int, largest: Shape
) -> None:
    """Bright ones, standardised: sums of squares come near to what their integers hold."""
    rows = (np.random.default_rng(width).random((height, width, 3)) < 0.98) * np.uint8(255)
    frame = packed(rows, kind, 1)
    assert np.array_equal(on_chip(frame, largest, True), by_images(frame, largest, True))


def test_the_largest_input_is_that_of_the_pipeline() -> None:
    (rule,) = get_type_hints(PreprocessParams, include_extras=True)["size"].__metadata__
    stated = re.search(r"FRAME_MAX_SAMPLES +\((\d+) \* (\d+) \* 3\)", (SOURCES / "frame.h").read_text())
    assert [int(side) for side in stated.groups()] == [rule.most] * 2
    text = library("gcc").frame_status_text(INPUT).decode()
    assert text.endswith(f" at most {rule.most**2 * 3} bytes")


# --- pictures, through each format that keeps what they hold ---


def frames_of(pixels: Pixels, random: np.random.Generator) -> list[Frame]:
    """The picture, decoded uint8 (height, width, 1 or 3), as frames that hold all of it."""
    frames = []
    if pixels.shape[2] == 1:
        frames.append(packed(pixels, FrameFormat.GREY, 3))
        if pixels.shape[1] % 2 == 0:
            colour = random.integers(0, 256, pixels.shape, np.uint8)
            frames.append(packed(np.concatenate([pixels, colour], axis=2), FrameFormat.YUV422))
    rgb = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    frames.append(packed(rgb, FrameFormat.RGB888))
    frames.append(packed(rgb[:, :, ::-1], FrameFormat.BGR888, 1))
    return frames


def as_rgb565(pixels: Pixels) -> tuple[Pixels, Frame]:
    """A picture with the colours that RGB565 can show, and its frame."""
    levels = np.array([31, 63, 31])
    red, green, blue = np.moveaxis((pixels * levels + 127) // 255, 2, 0)
    shown = [red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2]
    words = (red << 11 | green << 5 | blue).astype(">u2")
    rows = words.view(np.uint8).reshape(*words.shape, 2)
    return np.stack(shown, axis=2).astype(np.uint8), packed(rows, FrameFormat.RGB565, 2)


def check_picture(pixels: Pixels, side: int, random: np.random.Generator) -> int:
    """How many frames were compared."""
    shown, frame = as_rgb565(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))
    pairs = [(pixels, frame) for frame in frames_of(pixels, random)] + [(shown, frame)]
    for picture, frame in pairs:
        for channels in (1,) if frame.kind == FrameFormat.YUV422 else (1, 3):
            for standardise in (False, True):
                shape = (side, side, channels)
                expected = to_network_input(picture, shape, standardise)
                got = on_chip(frame, shape, standardise)
                assert np.array_equal(got, expected), (frame.kind, channels, standardise)
    return len(pairs)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    write_pictures(folder, 25)
    return [path for name in CLASSES for path in sorted((folder / name).iterdir())]


@pytest.mark.parametrize("side", [29, 48])
def test_fifty_picture_files_in_colour_and_in_grey(files: list[Path], side: int) -> None:
    """JPEG and PNG by turns, of sides from 36 to 63."""
    random = np.random.default_rng(side)
    kinds = 0
    for path in files:
        pixels = decode(path)
        kinds += check_picture(pixels, side, random) + check_picture(to_grey(pixels), side, random)
        frame = packed(pixels, FrameFormat.RGB888)
        shape = (side, side, 1)
        assert np.array_equal(on_chip(frame, shape, True), load_picture(path, shape, True))
    assert len(files) == 50
    assert kinds >= 50 * 7


def test_frames_of_a_cameras_sizes() -> None:
    random = np.random.default_rng(0)
    for width, height in ((96, 96), (160, 120), (320, 240), (640, 480)):
        for channels in (1, 3):
            check_picture(random_pictures(random, 2, height, width, channels)[1], 96, random)


@pytest.mark.full
@pytest.mark.parametrize("side", [96, 150])
def test_fifty_solar_cells_in_grey_and_three_as_colours(side: int) -> None:
    """The package with the pictures is fetched unless `make demo` has done so."""
    random = np.random.default_rng(side)
    (ROOT / "data" / "cache").mkdir(parents=True, exist_ok=True)
    pictures = open_solar(ROOT / "data" / "cache").pictures
    cells = [decode(picture.content) for _, picture in zip(range(50), pictures, strict=False)]
    for i, cell in enumerate(cells):
        check_picture(cell, side, random)
        check_picture(np.concatenate([cell, cells[i - 1], cells[i - 2]], axis=2), side, random)


# --- arguments that it refuses ---

NULL, FORMAT, SIZE, STRIDE, BYTES, INPUT, OUTPUT, SCRATCH = range(-1, -9, -1)
HUGE = 2**32 - 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 0),
        ({"pixels": None}, NULL),
        ({"format": 5}, FORMAT),
        ({"format": -1}, FORMAT),
        ({"width": 0}, SIZE),
        ({"height": 0}, SIZE),
        ({"width": 4097, "stride": 1 << 20}, SIZE),
        ({"height": 4097}, SIZE),
        ({"width": HUGE, "height": HUGE}, SIZE),
        ({"format": FrameFormat.YUV422, "width": 5}, SIZE),
        ({"stride": 9}, STRIDE),
        ({"stride": 0}, STRIDE),
        ({"format": FrameFormat.RGB565}, STRIDE),
        ({"bytes": 9 * 12 + 9}, BYTES),
        ({"bytes": 0}, BYTES),
        ({"stride": 2**64 - 1}, BYTES),
        ({"stride": 2**63}, BYTES),
        ({"height": 11}, BYTES),
        *(
            ({f"input_{side}": size}, INPUT)
            for side in ("height", "width")
            for size in (0, 4097, 65536, HUGE)
        ),
        ({"input_height": 1024, "input_width": 769}, INPUT),
        *(({"input_channels": channels}, INPUT) for channels in (0, 2, 4, HUGE)),
        ({"out_bytes": 8 * 8 - 1}, OUTPUT),
        ({"out_bytes": 0}, OUTPUT),
        ({"scratch_bytes": 4 * 8 + 10 - 1}, SCRATCH),
        ({"misaligned": 2}, SCRATCH),
    ],
)
def test_each_bad_argument_has_its_status_and_writes_nothing(changes: dict[str, int], status: int) -> None:
    code = library("gcc")
    view = Frame(bytes(9 * 12 + 10), 10, 10, 12, FrameFormat.GREY).view
    wished = Input(8, 8, 1, True)
    calls = {"out_bytes": 8 * 8, "scratch_bytes": 4 * 8 + 10, "misaligned": 0}
    for name, value in changes.items():
        if name in calls:
            calls[name] = value
        elif name.startswith("input_"):
            setattr(wished, name.removeprefix("input_"), value)
        else:
            setattr(view, name, value)
    out, scratch = (np.full(256, UNTOUCHED, np.uint8) for _ in range(2))
    got = code.frame_to_input(
        ctypes.byref(view),
        ctypes.byref(wished),
        ctypes.c_void_p(out.ctypes.data),
        ctypes.c_size_t(calls["out_bytes"]),
        ctypes.c_void_p(scratch.ctypes.data + calls["misaligned"]),
        ctypes.c_size_t(calls["scratch_bytes"]),
    )
    assert got == status
    assert (out[: 64 if status == 0 else 0] == 128).all()
    assert (out[64 if status == 0 else 0 :] == UNTOUCHED).all()
    refused_frame = status in (FORMAT, SIZE, STRIDE, BYTES, INPUT)
    need = code.frame_scratch_bytes(ctypes.byref(view), ctypes.byref(wished))
    assert need == (0 if refused_frame else 4 * 8 + 10)


@pytest.mark.parametrize("missing", range(4))
def test_null_pointers_are_refused(missing: int) -> None:
    code = library("gcc")
    view, wished = Frame(bytes(100), 10, 10, 10, FrameFormat.GREY).view, Input(8, 8, 1, False)
    memory = np.zeros(256, np.uint8)
    pointers = [ctypes.addressof(view), ctypes.addressof(wished), memory.ctypes.data, memory.ctypes.data + 64]
    frame, input_, out, scratch = (
        ctypes.c_void_p(None if i == missing else pointer) for i, pointer in enumerate(pointers)
    )
    room = ctypes.c_size_t(64)
    assert code.frame_to_input(frame, input_, out, room, scratch, room) == NULL
    assert code.frame_scratch_bytes(frame, input_) == (0 if missing < 2 else 42)


def test_each_status_has_a_text() -> None:
    texts = [library("gcc").frame_status_text(status).decode() for status in range(1, -10, -1)]
    assert texts[0] == texts[-1] == "unknown status"
    assert texts[1] == "ok"
    assert len(set(texts)) == len(texts) - 1


# --- memory ---


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_no_call_leaves_its_memory(compiler: str, tmp_path: Path) -> None:
    """Random arguments, right and wrong, in memory of just the stated size, under the address sanitizer."""
    program = tmp_path / "fuzz_frame"
    flags = ["-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{SOURCES}"]
    flags += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    sources = [C_TESTS / "fuzz_frame.c", *sorted(SOURCES.glob("*.c"))]
    subprocess.run([compiler, *flags, *map(str, sources), "-o", str(program)], check=True)
    done = subprocess.run(
        [str(program), "1", "50000"], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    counts = {int(status): int(count) for status, count in re.findall(r"(-?\d+): (\d+)", done.stdout)}
    assert sorted(counts) == list(range(SCRATCH, 1))
    assert min(counts.values()) > 100, "each status has to be exercised"
    assert counts[0] > 20_000
