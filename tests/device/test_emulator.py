"""The firmware running: on QEMU's core, its serial line being stdin and stdout."""

from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.device import emulator
from squeezenet_lib.device.emulator import run_elf, run_pictures
from squeezenet_lib.errors import UserError
from tests.support.small_firmware import emulated_firmware, firmware, golden_file, small_model

# --- what it computes ---


def test_scores_equal_the_reference_bit_for_bit() -> None:
    model = small_model()
    chip = run_pictures(firmware("qemu").elf, model.images)
    assert np.array_equal(chip.scores, model.expected)
    assert len(np.unique(model.expected, axis=0)) > 3, "the pictures tell nothing apart"


def test_instruction_counts_repeat() -> None:
    images = small_model().images[:3]
    first, second = (run_pictures(firmware("qemu").elf, images) for _ in range(2))
    assert np.abs(np.subtract(first.instructions, second.instructions)).max() <= 1
    assert all(count > 50_000 for count in first.instructions)


def test_arena_and_stack_are_reported() -> None:
    run = run_pictures(firmware("qemu").elf, small_model().images[:1])
    assert run.arena_bytes == firmware("qemu").sizes["arena_bytes"]
    assert 200 < run.stack_bytes < 4096


def test_a_cycle_is_25_ns_and_an_instruction_32() -> None:
    assert emulator.instructions(128) == 100
    assert emulator.instructions(129) == 101


@pytest.mark.parametrize("position", [0, 12, -1])
def test_a_model_that_the_chip_refuses_is_reported(tmp_path: Path, position: int) -> None:
    """The byte flips in flash, after the build."""
    sqz, elf = small_model().sqz.read_bytes(), bytearray(firmware("qemu").elf.read_bytes())
    elf[elf.index(sqz) + range(len(sqz))[position]] ^= 0x40
    damaged = tmp_path / "damaged.elf"
    damaged.write_bytes(elf)
    with pytest.raises(UserError, match="says: model=refused: "):
        run_pictures(damaged, small_model().images[:1])


def test_golden_pictures_that_come_out_otherwise_are_shown(tmp_path: Path) -> None:
    model = small_model()
    scores = model.expected[:3].copy()
    scores[2, 0] ^= 1
    elf = emulated_firmware(tmp_path, model.sqz.read_bytes(), golden_file(model.images[:3], scores))
    with pytest.raises(UserError, match=r"says: golden picture=2 expected=\S+ got=\S+"):
        run_pictures(elf, model.images[:1])


# --- what stands around it ---


def test_without_qemu_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="sudo apt install qemu-system-misc"):
        run_elf(tmp_path / "firmware.elf", b"", timeout=5)


def test_a_file_that_qemu_cannot_load_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot run .*absent\.elf"):
        run_elf(tmp_path / "absent.elf", b"", timeout=60)


def test_a_chip_that_does_not_finish_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "qemu-system-xtensa"
    slow.write_text("#!/bin/sh\necho booting\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(UserError, match="not done after 1 s; it printed: booting"):
        run_elf(tmp_path / "firmware.elf", b"", timeout=1)
