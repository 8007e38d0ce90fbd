"""Turn the collected pictures into network inputs, split into train, val and test.

Reads:  data/raw
Writes: data/processed/{train,val,test}_{images,labels,targets}.npy, classes.json, report.json
Params: seed, preprocess
"""

from pathlib import Path

from squeezenet_lib.dataset.arrays import SPLITS, Split, save_classes, save_split
from squeezenet_lib.dataset.decoding import decode_pictures, usable_cores
from squeezenet_lib.dataset.raw_index import read_index
from squeezenet_lib.dataset.selection import select, split_rules
from squeezenet_lib.dataset.selection_report import selection_report, summary_lines
from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import PreprocessParams
from squeezenet_lib.paths import PROCESSED, RAW
from stages.stage import run


def main() -> None:
    """Decode, select, write."""
    params = load_params()
    preprocess(RAW, PROCESSED, params.preprocess, params.seed, usable_cores())


def preprocess(raw: Path, processed: Path, params: PreprocessParams, seed: int, processes: int = 1) -> None:
    """Make `processed` out of `raw`; the number of processes that decode changes nothing in it.

    Raises UserError when `raw` is damaged, a class in `params` is unknown, too many pictures are unreadable,
    a class has too few, or `processed` cannot be written.
    """
    index = read_index(raw, params.classes)
    rules = split_rules(params, index.classes, seed)
    try:
        with replace_when_done(processed) as temporary:
            temporary.mkdir()
            inputs = temporary / "inputs"
            decoded = decode_pictures(raw / "pictures.zip", index.members, inputs, params, processes)
            appearances = decoded.appearances
            selection = select(index, decoded.digests, appearances, rules, params.max_unreadable_share)
            pictures = Split(decoded.inputs, index.labels, index.targets)
            for name in SPLITS:
                save_split(temporary, name, pictures, selection.splits == name)
            for file in temporary.glob("inputs*"):  # what decoding worked on
                file.unlink()
            save_classes(temporary, index.classes)
            report = selection_report(index, params, selection)
            write_json(temporary / "report.json", report)
    except OSError as error:
        raise UserError(
            f"{processed} cannot be written ({error.strerror or error}); make room and run again."
        ) from None
    print("\n".join(summary_lines(report)))


if __name__ == "__main__":
    run(main)
