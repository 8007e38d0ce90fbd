"""The way from code without register windows to the ROM's functions, on a core of QEMU's that has windows."""

import subprocess
from pathlib import Path

from squeezenet_lib.device.emulator import run_elf
from squeezenet_lib.paths import ROOT
from tests.support.register_model import BOARD
from tests.support.windowed_firmware import WINDOWED_CORE


def test_a_function_with_windows_gets_its_arguments_and_its_caller_loses_nothing(tmp_path: Path) -> None:
    elf = tmp_path / "rom_call.elf"
    sources = [ROOT / "tests/c/rom_call.S", BOARD / "esp32s3/rom_call.S"]
    command = ["xtensa-lx106-elf-gcc", "-nostdlib", "-nostartfiles", f"-I{BOARD / 'entry/xtensa'}"]
    command += ["-Wl,-Ttext=0x40378000", "-Wl,-Tdata=0x3FC9A000", "-Wl,-e,_start", "-o", str(elf)]
    subprocess.run([*command, *map(str, sources)], check=True)
    assert run_elf(elf, b"", 60, WINDOWED_CORE).status == 0
