"""Compile the folders that make up a home: ESP-IDF's, or those that the board's JSON names.

What lies in entry itself is for every core on bare metal, its folders for one each.
"""

Import("env")

if "espidf" in env.get("PIOFRAMEWORK", []):
    folders, includes = ["portable/", "ssd1306/", "espidf/"], []
else:
    board = env.BoardConfig()
    folders = ["portable/", "entry/*.c", *(f"{folder}/" for folder in board.get("build.folders"))]
    includes = board.get("build.include_folders")
env.Replace(SRC_FILTER=[f"+<{folder}>" for folder in folders])
env.Append(CPPPATH=[env.Dir(folder).srcnode() for folder in includes])
