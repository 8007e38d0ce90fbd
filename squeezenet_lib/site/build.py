"""The web page's code: TypeScript in site/, checked and bundled with the npm packages that it pins."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from squeezenet_lib.errors import UserError, require_room, temporary_folder
from squeezenet_lib.paths import ROOT
from squeezenet_lib.processes import announced

SITE = ROOT / "site"
INSTALLED = SITE / "node_modules/.package-lock.json"  # npm writes it last
ENTRIES = ("page.ts", "page.css")
COPIED = ("index.html", "icon.svg")
# In the bundle, directly or through another.
BUNDLED = ("@noble/hashes", "atob-lite", "esptool-js", "pako")
FLAGS = (
    *("--bundle", "--splitting", "--chunk-names=code/[name]-[hash]", "--format=esm", "--target=es2022"),
    *("--minify", "--log-level=warning"),
)


def install_packages() -> None:
    """Install what site/package-lock.json pins, unless it is there. Raises UserError."""
    lock = SITE / "package-lock.json"
    if INSTALLED.is_file() and INSTALLED.stat().st_mtime >= lock.stat().st_mtime:
        return
    _run(["npm", "ci", "--no-progress", "--loglevel=error"])
    INSTALLED.touch()


def bundle(folder: Path) -> None:
    """Write page, style and code into the existing `folder`, with the licences of what is bundled."""
    install_packages()
    entries = [f"src/{name}" for name in ENTRIES]
    _run([_tool("esbuild"), *entries, *FLAGS, f"--outdir={folder.resolve()}"])
    for name in COPIED:
        shutil.copyfile(SITE / "src" / name, folder / name)
    (folder / "licenses.txt").write_text(_licences(), encoding="utf-8")


def _licences() -> str:
    texts = []
    for name in BUNDLED:
        package = SITE / "node_modules" / name
        about = json.loads((package / "package.json").read_text(encoding="utf-8"))
        files = sorted(path for path in package.iterdir() if path.name.upper().startswith("LICENSE"))
        text = "\n".join(path.read_text(encoding="utf-8").strip() for path in files)
        texts.append(f"{name} {about['version']} ({about['license']})\n\n{text}\n")
    return f"\n{'-' * 80}\n\n".join(texts)


def _tool(name: str) -> str:
    return str(SITE / "node_modules/.bin" / name)


def _run(command: Sequence[str]) -> None:
    """Raises UserError with what the command said."""
    try:
        with announced(f"{Path(command[0]).name} in site/"):
            done = subprocess.run(
                command, cwd=SITE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
    except FileNotFoundError:
        if command[0] == "npm":
            raise UserError("npm is not installed: sudo apt install npm") from None
        raise UserError(f"{command[0]} is missing: remove site/node_modules and run this again") from None
    if done.returncode != 0:
        require_room(done.stdout, SITE, temporary_folder())
        raise UserError(f"`{Path(command[0]).name} {command[1]}` in site/ failed: {done.stdout.strip()}")
