"""What a stage finds in the place of the library when it is called as a script, `python stages/train.py`:
Python then looks for modules in this folder. A stage is a module, and DVC calls it as one.
"""

import sys
from pathlib import Path

stage = Path(sys.argv[0]).stem
sys.exit(
    f"error: a stage runs as a module, in the project's folder and environment: `. .venv/bin/activate`, then "
    f"`python -m stages.{stage}`"
)
