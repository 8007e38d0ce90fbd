"""The web page: the pipeline's outputs told, the firmware to install, a board to talk to.

Reads: models/model.tflite, models/model.sqz, models/imagenet, build/firmware/firmware.bin, data/processed,
       metrics/*.json, params.yaml, site/.
Writes: build/site, which any local file server can serve.
"""

from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.paths import SITE
from squeezenet_lib.site.build import bundle
from squeezenet_lib.site.data import write_data
from stages.stage import run


def main() -> None:
    """Make all of it, or leave an earlier one as it was."""
    with replace_when_done(SITE) as folder:
        folder.mkdir()
        write_data(folder)
        bundle(folder)
    print(f"{SITE} is ready: python -m http.server -d {SITE}, then http://localhost:8000 in Chrome or Edge")


if __name__ == "__main__":
    run(main)
