"""The images that the page installs: that of the last run, and of other chips where they are asked for.

manifest.json is as esp-web-tools reads it.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import EMULATED, build_firmware, copy_products
from squeezenet_lib.firmware.product import Product, read_product
from squeezenet_lib.params.board import PioParams
from squeezenet_lib.paths import FIRMWARE, GOLDEN, METRICS, SQZ_MODEL
from squeezenet_lib.site.output import read_output
from squeezenet_lib.version import version

NAME = "squeezenet-esp32"
# Envs whose image is all that a board's flash needs.
CHIPS = tuple(env for env in EMULATED if env != "esp32cam")


@dataclass(frozen=True)
class Image:
    """path: in the page's folder. offset: where in the flash of a chip of this family it goes."""

    family: str
    path: Path
    offset: int

    @property
    def described(self) -> dict[str, Any]:
        content = self.path.read_bytes()
        return {
            "family": self.family,
            "file": self.path.name,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }


def write_images(
    folder: Path, project: Path, settings: PioParams, built: str, chips: Sequence[str]
) -> list[Image]:
    """Write an image for each of `chips`, envs, into the page's `folder`; none: for the env of the last run.

    settings: of the last run, whose outputs lie under `project`. built: SHA-256 of its image. Other chips'
    images are built around the same model. Raises UserError for an env that is no image of its own, when the
    image is not that of the last run, or when one cannot be built.
    """
    chips = tuple(dict.fromkeys(chips)) or (settings.env,)
    for env in chips:
        if env not in CHIPS:
            raise UserError(
                f"the page installs bare-metal images, of env {', '.join(CHIPS)}, none of env {env}: choose "
                "with CHIPS= of `make site`, or by pio.env in params.yaml and `make demo`"
            )
    images = []
    for env in chips:
        with tempfile.TemporaryDirectory(prefix="page-firmware-") as work:
            if env == settings.env:
                product = _of_last_run(project, built)
            else:
                product = _built(Path(work), project, replace(settings, env=cast(Any, env)))
            path = folder / f"firmware-{product.chip}.bin"
            shutil.copyfile(product.image, path)
        images.append(Image(product.family, path, product.offset))
    return images


def manifest(images: Sequence[Image]) -> dict[str, Any]:
    """What a web installer needs to know: for which chips there are images, and where their ROMs look."""
    builds = [
        {"chipFamily": image.family, "parts": [{"path": image.path.name, "offset": image.offset}]}
        for image in images
    ]
    return {"name": NAME, "version": version(), "builds": builds}


def _of_last_run(project: Path, built: str) -> Product:
    product = read_product(project / FIRMWARE)
    digest = hashlib.sha256(read_output(product.image)).hexdigest()
    if digest != built:
        raise UserError(
            f"{product.image} is not the image that {METRICS}/pio_build.json tells of; run `make demo`."
        )
    return product


def _built(work: Path, project: Path, settings: PioParams) -> Product:
    build = build_firmware(work / "build", settings.env, project / SQZ_MODEL, project / GOLDEN, settings)
    copy_products(build, work / "firmware")
    return read_product(work / "firmware")
