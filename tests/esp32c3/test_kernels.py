"""RISC-V's kernels in whole networks give what their C twins give here; which cores take them.

tests/esp32/test_cores.py runs the first random networks, squeezenets and every kind of alphabet on all cores,
test_kernel_calls.py calls the kernels one by one."""

import re
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.bench.cores import RV32
from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.device.emulator import run_elf
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import FirmwareBuild, build_firmware
from squeezenet_lib.sqz.container import read_sqz
from squeezenet_lib.sqz.header import CRC_START
from squeezenet_lib.sqz.host_runtime import HostRuntime
from tests.esp32.test_cores import assert_equal, programs
from tests.support.object_symbols import external_symbols
from tests.support.random_model import random_model
from tests.support.small_firmware import PROJECT, firmware

RUNTIME = PROJECT / "lib/squeeze_rt/src"
KERNELS = sorted(RUNTIME.glob("*_riscv.S"))
COMPILER = ("riscv64-unknown-elf-gcc", "-std=c11", "-O2", "-ffreestanding", f"-I{RUNTIME}")
HEADERS = f"-I{PROJECT / 'platform/runtime/include'}"

CI_SEEDS = range(6, 21)
FULL_SEEDS = range(21, 1000)
_CRC_AT = 12


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> FirmwareBuild:
    return build_firmware(tmp_path_factory.mktemp("bench"), f"bench_{RV32}", None, None)


@pytest.mark.parametrize("seed", CI_SEEDS)
def test_random_networks(bench: FirmwareBuild, seed: int) -> None:
    random = np.random.default_rng(seed)
    assert_equal([(RV32, bench.elf)], random_model(random), random)


@pytest.mark.full
@pytest.mark.parametrize("seed", FULL_SEEDS)
def test_many_random_networks(bench: FirmwareBuild, seed: int) -> None:
    random = np.random.default_rng(seed)
    assert_equal([(RV32, bench.elf)], random_model(random), random)


def outcome(elf: Path, sqz: bytes, picture: np.ndarray) -> list[int] | None:
    """Scores, or None where the chip refuses the file or stops."""
    blocks = (sqz, picture.tobytes())
    line = b"".join(struct.pack("<I", len(block)) + block for block in blocks)
    text = run_elf(elf, line, 60).text
    scores = re.search(r"^run .* scores=(\S+)$", text, re.MULTILINE)
    if scores is None:
        assert "error why=" in text, text
        return None
    return [int(score) for score in scores[1].split(",")]


def outcome_here(sqz: bytes, picture: np.ndarray) -> list[int] | None:
    try:
        return HostRuntime(sqz).run(picture[np.newaxis])[0].tolist()
    except UserError:
        return None


@pytest.mark.parametrize(
    ("sparsity", "levels"), [(0.0, None), (0.6, None), (0.6, 7)], ids=["pairs", "sequence", "lists"]
)
def test_damaged_code_ends_as_it_does_here(bench: FirmwareBuild, sparsity: float, levels: int | None) -> None:
    random = np.random.default_rng(5)
    graph = random_squeezenet(random, 32, 1, 2, width=0.125, sparsity=sparsity, levels=levels)
    picture = random.integers(0, 256, graph.input.shape[1:]).astype(np.uint8)
    (sqz, *_) = programs(graph)
    first_code = len(sqz) - sum(op.filters.weights.size for op in read_sqz(sqz).ops if op.filters) // 8
    outcomes = []
    for _ in range(24):
        damaged = bytearray(sqz)
        for at in random.integers(first_code, len(sqz), random.integers(1, 4)):
            damaged[at] ^= 1 << int(random.integers(8))
        struct.pack_into("<I", damaged, _CRC_AT, zlib.crc32(damaged[CRC_START:]))
        expected = outcome_here(bytes(damaged), picture)
        assert outcome(bench.elf, bytes(damaged), picture) == expected
        outcomes.append(expected)
    assert None in outcomes and any(outcomes), "some are refused, others are not"


def test_what_is_counted_is_what_the_image_has(bench: FirmwareBuild) -> None:
    image = {name: digest for name, digest in firmware("esp32c3").objects.items() if "squeeze_rt" in name}
    assert image.items() <= bench.objects.items()
    assert len([name for name in image if "_riscv" in name]) == len(KERNELS) == 10


def test_the_runtime_is_small(bench: FirmwareBuild) -> None:
    """A little larger than the classic's: blocks of sums have more sizes."""
    assert 10_000 < bench.sizes["text_bytes"] <= 21 * 1024


# --- which cores take them ---


def defined(folder: Path, source: Path, *machine: str) -> set[str]:
    target = folder / f"{source.name}.o"
    subprocess.run([*COMPILER, HEADERS, *machine, "-c", source, "-o", target], check=True)
    return external_symbols(target)


@pytest.mark.parametrize(
    "machine",
    [
        ("-march=rv32ic", "-mabi=ilp32"),
        ("-march=rv32em", "-mabi=ilp32e"),
        ("-march=rv64imc", "-mabi=lp64", "-mcmodel=medany"),
    ],
    ids=["no multiplication", "16 registers", "64 bits"],
)
def test_other_cores_take_the_twins(machine: tuple[str, ...], tmp_path: Path) -> None:
    assert [defined(tmp_path, kernel, *machine) for kernel in KERNELS] == [set()] * len(KERNELS)
    names = set().union(*(defined(tmp_path, source, *machine) for source in RUNTIME.glob("*.c")))
    for name in ("sum_products_2", "sum_products_4", "sum_lists_2", "sum_lists_4"):
        assert f"sqz_{name}" in names
    assert {"sqz_decode_filter", "sqz_decode_pairs", "sqz_decode_lists", "sqz_requantize_rows"} <= names


@pytest.mark.parametrize("machine", ["rv32im", "rv32imc", "rv32imac"])
def test_kernels_keep_the_stack_aligned_and_leave_gp_and_tp_alone(machine: str, tmp_path: Path) -> None:
    """Assembled with and without compressed instructions."""
    for kernel in KERNELS:
        assert defined(tmp_path, kernel, f"-march={machine}", "-mabi=ilp32")
        command = ["riscv64-unknown-elf-objdump", "-d", "-M", "no-aliases", tmp_path / f"{kernel.name}.o"]
        listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        instructions = re.findall(r"^\s*[0-9a-f]+:\s+[0-9a-f]+\s+(\S+)\s*(\S*)", listing, re.MULTILINE)
        assert len(instructions) > 50
        moves = [operands.split(",") for _, operands in instructions if operands.startswith("sp,")]
        steps = [int(move[-1]) for move in moves if move[-1].lstrip("-").isdigit()]
        assert len(steps) == len(moves)
        assert all(step % 16 == 0 for step in steps)
        assert not any(re.search(r"\b[gt]p\b", operands) for _, operands in instructions)
