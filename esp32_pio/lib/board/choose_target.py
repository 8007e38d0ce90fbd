"""Compile the folders that make up a home: ESP-IDF's, or those that the board's JSON names.

What lies in entry itself is for every core on bare metal, its folders for one each. Two files of it stand in
for what none of the board's folders has.
"""

from pathlib import Path

Import("env")

if "espidf" in env.get("PIOFRAMEWORK", []):
    folders, includes = ["portable/", "ssd1306/", "two_cores/", "espidf/"], []
else:
    board = env.BoardConfig()
    folders = ["portable/", "entry/*.c", *(f"{folder}/" for folder in board.get("build.folders"))]
    includes = board.get("build.include_folders")
here = Path(env.Dir(".").srcnode().abspath)
STAND_INS = {"camera.c": "entry/no_camera.c", "second_core.c": "entry/one_core.c"}
without = [
    f"-<{STAND_INS[name]}>"
    for folder in folders
    for name in STAND_INS
    if (here / folder.rstrip("/") / name).is_file()
]
env.Replace(SRC_FILTER=[*(f"+<{folder}>" for folder in folders), *without])
env.Append(CPPPATH=[env.Dir(folder).srcnode() for folder in includes])
