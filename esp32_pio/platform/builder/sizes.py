"""What the firmware occupies, section by section, against what the chip has."""

import hashlib
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from build_error import BuildError
from inputs import Inputs


@dataclass(frozen=True)
class Sizes:
    """Bytes. dram: initialised data and .bss with the arena. text: the code of lib/squeeze_rt alone.

    drom_address: where the flash part is linked.
    """

    iram: int
    dram: int
    drom: int
    drom_address: int
    text: int


def measure(elf: Path, prefix: str, path: str) -> Sizes:
    """Ask the binutils."""

    def ask(*command: str) -> str:
        return subprocess.run(command, env={"PATH": path}, check=True, capture_output=True, text=True).stdout

    sections = {
        name: (int(size), int(address))
        for name, size, address in re.findall(
            r"^(\.\S+)\s+(\d+)\s+(\d+)", ask(prefix + "size", "-A", "-d", str(elf)), re.MULTILINE
        )
    }
    symbols = re.findall(r"^(\S+) \S (_runtime_text_\w+)$", ask(prefix + "nm", str(elf)), re.MULTILINE)
    addresses = {name: int(value, 16) for value, name in symbols}
    return Sizes(
        iram=sections[".iram.text"][0],
        dram=sum(sections[".dram.bss"]) - sections[".dram.data"][1],
        drom=sections[".flash.rodata"][0],
        drom_address=sections[".flash.rodata"][1],
        text=addresses["_runtime_text_end"] - addresses["_runtime_text_start"],
    )


def check(sizes: Sizes, inputs: Inputs) -> None:
    """Raise BuildError when code or data are too large for the chip's RAM; print them."""
    for what, used, key in (
        ("IRAM", sizes.iram, "iram_bytes"),
        ("DRAM", dram_bytes(sizes, inputs), "dram_bytes"),
    ):
        limit = inputs.limits[key]
        print(f"{what}: {used:,} of {limit:,} bytes")
        if used > limit:
            raise BuildError(
                f"the firmware does not fit the chip: it needs {used:,} bytes of {what} and an {inputs.chip} "
                f"has {limit:,} (arena of the model: {inputs.arena_bytes:,})"
            )


def dram_bytes(sizes: Sizes, inputs: Inputs) -> int:
    """Data, arena and the stack."""
    return sizes.dram + inputs.limits["stack_bytes"]


def check_flash(image: Path, inputs: Inputs) -> None:
    """Raise BuildError when the image is larger than the flash that is there for it; print its size."""
    used, limit = image.stat().st_size, inputs.limits["flash_bytes"]
    print(f"Flash: {used:,} of {limit:,} bytes")
    if used > limit:
        raise BuildError(
            f"the image does not fit the flash: it has {used:,} bytes and {limit:,} are there; "
            "lower model.width or raise pio.flash_size in params.yaml"
        )


def write(path: Path, sizes: Sizes, inputs: Inputs) -> None:
    """Write size.json without the image's part."""
    limits = {key: inputs.limits[key] for key in ("flash_bytes", "iram_bytes", "dram_bytes", "arena_bytes")}
    report = {
        "iram_bytes": sizes.iram,
        "dram_bytes": dram_bytes(sizes, inputs),
        "text_bytes": sizes.text,
        "arena_bytes": inputs.arena_bytes,
        "limits": limits,
    }
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def add_image(path: Path, image: Path, goes: dict[str, object]) -> None:
    """Complete size.json. goes: to which chip, and where in its flash."""
    report = json.loads(path.read_text(encoding="utf-8"))
    content = image.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    report = {"flash_bytes": len(content), **report, "image_sha256": digest, **goes}
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
