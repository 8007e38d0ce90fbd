"""One of the page's modules for node to run."""

import subprocess
from pathlib import Path

from squeezenet_lib.site.build import SITE, install_packages


def bundle_module(source: str, folder: Path) -> None:
    """Bundle site/src/`source`, such as "protocol.ts", into `folder` as protocol.mjs."""
    install_packages()
    made = folder.resolve() / Path(source).with_suffix(".mjs").name
    esbuild = [
        SITE / "node_modules/.bin/esbuild",
        f"src/{source}",
        f"--outfile={made}",
        "--log-level=warning",
    ]
    subprocess.run([*esbuild, "--bundle", "--format=esm", "--platform=node"], cwd=SITE, check=True)
