"""Compile the entry code, which every target shares, and the folder that the board's JSON names."""

Import("env")

target = env.BoardConfig().get("build.target")
env.Replace(SRC_FILTER=["+<entry/>", f"+<{target}/>"])
env.Append(CPPPATH=[env.Dir(f"{target}/access").srcnode()] if target == "esp32" else [])
