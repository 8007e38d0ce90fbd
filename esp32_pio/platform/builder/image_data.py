"""The assembler source that puts model, golden pictures and settings (and the arena) into the image.

Its symbols are declared in lib/board/portable/image_data.h. On bare metal the model decides the
arena's size here, at link time: no object of src/ or lib/squeeze_rt depends on it. A build without a model
has the largest arena and no symbols of model and golden pictures. On ESP-IDF the heap gives the arena.
"""

import zlib
from pathlib import Path

from inputs import Inputs

NO_OUTPUT = 0xFFFF  # lib/board/portable/image_data.h


def write(path: Path, inputs: Inputs, files_section: str, with_arena: bool) -> None:
    """Write the source, unless it is there with the same content already.

    files_section: of the linker script, for the files. with_arena: the arena is linked, too.
    """
    text = _source(inputs, files_section, with_arena)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _source(inputs: Inputs, files_section: str, with_arena: bool) -> str:
    words, output = {}, inputs.output
    for file in inputs.files:
        content = file.path.read_bytes()
        words |= {f"image_{file.name}_bytes": len(content), f"image_{file.name}_crc32": zlib.crc32(content)}
    words |= {
        "image_baud_rate": inputs.baud_rate,
        "image_flash_mhz": inputs.flash_mhz,
        "image_flash_bytes": inputs.flash_bytes,
        "image_light": inputs.light,
        "image_continuous": inputs.continuous,
        "image_camera_orientation": inputs.camera.orientation,
        "image_camera_warm_up": inputs.camera.warm_up,
        "image_camera_exposure": inputs.camera.exposure,
        "image_camera_white_balance": inputs.camera.white_balance,
        "image_output_pin": output.pin if output else NO_OUTPUT,
        "image_output_high": bool(output and output.active_high),
        "image_output_hold_ms": output.hold_ms if output else 0,
    }
    lines = ['    .section .rodata.image_data, "a"', "    .balign 4"]
    lines += [f"    .global {name}\n{name}: .word {int(value):#x}" for name, value in words.items()]
    lines += [f'    .global image_version\nimage_version: .asciz "{inputs.version}"']
    name = output.class_name.encode() if output else b""
    listed = ", ".join(map(str, name + b"\0"))
    lines += [f"    .global image_output_class\nimage_output_class: .byte {listed}"]
    lines += [f'    .section {files_section}, "a"']
    for file in inputs.files:
        name = f"image_{file.name}"
        lines += [f'    .balign 16\n    .global {name}\n{name}: .incbin "{file.path}"']
    lines += ["    .balign 16"]
    if with_arena:
        lines += ['    .section .arena, "aw", @nobits', "    .balign 16"]
        lines += [f"    .global image_arena\nimage_arena: .space {inputs.arena_bytes}"]
    return "\n".join(lines) + "\n"
