"""Compile the folders that make up a home: ESP-IDF's, or those that the board's JSON names."""

Import("env")

if "espidf" in env.get("PIOFRAMEWORK", []):
    folders, includes = ["ssd1306", "espidf"], []
else:
    board = env.BoardConfig()
    folders, includes = board.get("build.folders"), board.get("build.include_folders")
env.Replace(SRC_FILTER=[f"+<{folder}/>" for folder in ("portable", *folders)])
env.Append(CPPPATH=[env.Dir(folder).srcnode() for folder in includes])
