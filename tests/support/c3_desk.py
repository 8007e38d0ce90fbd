"""labwired's ESP32-C3, completed by what the firmware needs, with a BOOT button."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import labwired
import yaml

CHIPS = Path(labwired.__file__).parent / "configs/chips"
RESET_STATE, SYNC = 0x60008038, 0x600C4028
USB = {"id": "usb_device", "type": "esp32s3_usb_serial_jtag", "base_address": 0x60043000}
# The bus to the analogue blocks and the MMU's table: plain memory will do, its busy bit is never set.
MISSING = (("analogue", 0x6000E000), ("mmu", 0x600C5000))
BUTTON = {"id": "boot_button", "kind": "button", "peripheral": "gpio", "pin": 9} | {
    "signal": "input",
    "active_high": False,
}


def _chip(usb: bool) -> dict[str, Any]:
    chip: dict[str, Any] = yaml.safe_load((CHIPS / "esp32c3.yaml").read_text(encoding="utf-8"))
    for peripheral in chip["peripherals"]:
        files = peripheral.get("config") or {}
        for key, path in files.items():
            if str(path).startswith("../"):
                files[key] = str((CHIPS / path).resolve())
        if usb and peripheral["id"] == USB["id"]:
            peripheral.clear()
            peripheral.update(USB)
    chip["memory_regions"] += [{"name": name, "base": base, "size": "4KB"} for name, base in MISSING]
    return chip


@contextmanager
def c3_desk(elf: Path, usb: bool = False, reset: int = 1) -> Iterator[labwired.Sim]:
    """The chip with `elf` loaded. usb: with the model of the S3's USB device, which is the same, and which
    nobody reads. reset: the reason of its start. A synchronisation of the cache is always done.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "chip.yaml").write_text(yaml.safe_dump(_chip(usb)), encoding="utf-8")
        system = Path(folder) / "system.yaml"
        system.write_text(
            yaml.safe_dump(
                {"name": "desk", "chip": "chip.yaml", "external_devices": [], "board_io": [BUTTON]}
            ),
            encoding="utf-8",
        )
        with labwired.Sim(str(elf), system=str(system)) as chip:
            chip.write_u32(RESET_STATE, reset)
            chip.write_u32(SYNC, 3)
            yield chip


def on_the_wire(chip: labwired.Sim) -> bytes:
    """What went over UART0 since it was asked last: the transcript has USB's output, too."""
    return bytes(frame["payload"]["byte"] for frame in chip.frames() if frame["bus"] == "uart0")
