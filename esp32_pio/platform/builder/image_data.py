"""The assembler source that puts model, golden pictures and settings (and the arena) into the image.

Its symbols are declared in lib/board/portable/image_data.h. On bare metal the model decides the
arena's size here, at link time: no object of src/ or lib/squeeze_rt depends on it. A build without a model
has the largest arena and no symbols of model and golden pictures. On ESP-IDF the heap gives the arena.
"""

import zlib
from pathlib import Path

from inputs import Inputs


def write(path: Path, inputs: Inputs, files_section: str, with_arena: bool) -> None:
    """Write the source, unless it is there with the same content already.

    files_section: of the linker script, for the files. with_arena: the arena is linked, too.
    """
    text = _source(inputs, files_section, with_arena)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _source(inputs: Inputs, files_section: str, with_arena: bool) -> str:
    words = {}
    for file in inputs.files:
        content = file.path.read_bytes()
        words |= {f"image_{file.name}_bytes": len(content), f"image_{file.name}_crc32": zlib.crc32(content)}
    words |= {
        "image_baud_rate": inputs.baud_rate,
        "image_flash_mhz": inputs.flash_mhz,
        "image_flash_bytes": inputs.flash_bytes,
        "image_light": inputs.light,
        "image_continuous": inputs.continuous,
    }
    lines = ['    .section .rodata.image_data, "a"', "    .balign 4"]
    lines += [f"    .global {name}\n{name}: .word {int(value):#x}" for name, value in words.items()]
    lines += [f'    .global image_version\nimage_version: .asciz "{inputs.version}"']
    lines += [f'    .section {files_section}, "a"']
    for file in inputs.files:
        name = f"image_{file.name}"
        lines += [f'    .balign 16\n    .global {name}\n{name}: .incbin "{file.path}"']
    lines += ["    .balign 16"]
    if with_arena:
        lines += ['    .section .arena, "aw", @nobits', "    .balign 16"]
        lines += [f"    .global image_arena\nimage_arena: .space {inputs.arena_bytes}"]
    return "\n".join(lines) + "\n"
