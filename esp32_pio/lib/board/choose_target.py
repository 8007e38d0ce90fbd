"""Compile the folders that make up a home: ESP-IDF's, or that of the target which the board's JSON names."""

Import("env")

BARE_METAL = {"esp32": ("entry", "ssd1306", "esp32"), "qemu": ("entry", "qemu")}

if "espidf" in env.get("PIOFRAMEWORK", []):
    folders, includes = ("ssd1306", "espidf"), ()
else:
    target = env.BoardConfig().get("build.target")
    folders = BARE_METAL[target]
    includes = ("esp32/access",) if target == "esp32" else ()
env.Replace(SRC_FILTER=[f"+<{folder}/>" for folder in ("portable", *folders)])
env.Append(CPPPATH=[env.Dir(folder).srcnode() for folder in includes])
