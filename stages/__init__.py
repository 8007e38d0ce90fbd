"""One thin script for each stage of the pipeline (dvc.yaml); the work is done in squeezenet_lib."""

import sys

from squeezenet_lib.errors import require_python

require_python()

from stages.stage import end_in_words, end_with_dvc  # noqa: E402 - an older Python cannot read it

# Before what a stage imports, which takes seconds.
sys.excepthook = end_in_words
end_with_dvc()
