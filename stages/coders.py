"""The int8 weights through other coders, beside what the .sqz makes of them: a study that nothing depends on.

Reads:  models/model.tflite
Writes: metrics/coders.json
Params: none
"""

from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import write_json
from squeezenet_lib.paths import METRICS
from squeezenet_lib.tflite.reader import read_graph
from stages.int8_model import read_int8_model
from stages.stage import run

PACKAGES = ("brotli", "constriction", "zstandard")  # no other stage needs them


def main() -> None:
    """Bytes of the weights by coder, and two of the bounds: the entropy, and the best static models."""
    try:
        from squeezenet_lib.coding.comparison import BEST, BOUND, ENTROPY, compare
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        raise UserError(
            f"The Python package {error.name}, which only the coders stage needs, is not installed; run "
            f"`pip install -r requirements.txt`."
        ) from None
    model = read_int8_model()
    graph = read_graph(model)
    sizes = compare([conv.weights for conv in graph.convolutions], graph.float32_bytes)
    bounds = (ENTROPY, BOUND + BEST)
    write_json(
        METRICS / "coders.json",
        {size.name: size.bytes for size in sizes if not size.computed or size.name in bounds},
    )
    for size in sizes:
        print(f"{size.name}: {size.bytes} bytes, {size.model_bytes} of them tables or side information")


if __name__ == "__main__":
    run(main)
