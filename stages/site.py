"""The web page: the pipeline's outputs told, the firmware to install, a board to talk to.

`python -m stages.site [ENV ...]`: it installs images of these envs; without any, the one that was built.

Reads: models/model.tflite, models/model.sqz, models/imagenet, build/firmware, build/tflm/golden.bin,
       data/processed, metrics/*.json, params.yaml, site/; for envs that were not built: esp32_pio.
Writes: build/site, which any local file server can serve.
"""

import sys

from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.paths import SITE
from squeezenet_lib.site.build import bundle
from squeezenet_lib.site.data import write_data
from stages.stage import run


def main() -> None:
    """Make all of it, or leave an earlier one as it was."""
    with replace_when_done(SITE) as folder:
        folder.mkdir()
        write_data(folder, chips=sys.argv[1:])
        bundle(folder)
    print(f"{SITE} is ready: python -m http.server -d {SITE}, then http://localhost:8000 in Chrome or Edge")


if __name__ == "__main__":
    run(main)
