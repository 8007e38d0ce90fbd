"""Compile the folders that make up a home: ESP-IDF's, or those that the board's JSON names.

What lies in entry itself is for every core on bare metal, its folders for one each. entry/no_camera.c
stands in where none of the board's folders has a camera.c.
"""

from pathlib import Path

Import("env")

if "espidf" in env.get("PIOFRAMEWORK", []):
    folders, includes = ["portable/", "ssd1306/", "espidf/"], []
else:
    board = env.BoardConfig()
    folders = ["portable/", "entry/*.c", *(f"{folder}/" for folder in board.get("build.folders"))]
    includes = board.get("build.include_folders")
here = Path(env.Dir(".").srcnode().abspath)
without = ["-<entry/no_camera.c>" for folder in folders if (here / folder.rstrip("/") / "camera.c").is_file()]
env.Replace(SRC_FILTER=[*(f"+<{folder}>" for folder in folders), *without])
env.Append(CPPPATH=[env.Dir(folder).srcnode() for folder in includes])
