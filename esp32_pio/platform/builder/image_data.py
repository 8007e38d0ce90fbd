"""The assembler source that puts model, golden pictures, settings and the arena into the image.

Its symbols are declared in lib/board/entry/image_data.h. The model decides the arena's size here, at link
time: no object of src/ or lib/squeeze_rt depends on it. A build without a model has the largest arena and no
symbols of model and golden pictures.
"""

import zlib
from pathlib import Path

from inputs import Inputs


def write(path: Path, inputs: Inputs) -> None:
    """Write the source, unless it is there with the same content already."""
    text = _source(inputs)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _source(inputs: Inputs) -> str:
    words = {}
    for file in inputs.files:
        content = file.path.read_bytes()
        words |= {f"image_{file.name}_bytes": len(content), f"image_{file.name}_crc32": zlib.crc32(content)}
    words |= {
        "image_baud_rate": inputs.baud_rate,
        "image_flash_mhz": inputs.flash_mhz,
    }
    lines = ['    .section .rodata.image_data, "a"', "    .balign 4"]
    lines += [f"    .global {name}\n{name}: .word {value:#x}" for name, value in words.items()]
    lines += [f'    .global image_version\nimage_version: .asciz "{inputs.version}"']
    lines += ['    .section .flash.rodata, "a"']
    for file in inputs.files:
        name = f"image_{file.name}"
        lines += [f'    .balign 16\n    .global {name}\n{name}: .incbin "{file.path}"']
    lines += ["    .balign 16", '    .section .arena, "aw", @nobits', "    .balign 16"]
    lines += [f"    .global image_arena\nimage_arena: .space {inputs.arena_bytes}"]
    return "\n".join(lines) + "\n"
