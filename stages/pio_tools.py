"""See that PlatformIO has what it builds the chosen env with, or can fetch it.

A stage of its own, because DVC removes a stage's outputs before it runs it: without a network this one fails
and the firmware built before stays.

Reads:  esp32_pio/platformio.ini
Writes: build/tools.json
Params: pio.env
"""

from pathlib import Path

from squeezenet_lib.outputs import write_json
from squeezenet_lib.params import load_params
from squeezenet_lib.platform_packages import ENVIRONMENT, require_packages
from stages.stage import run

PROJECT = Path("esp32_pio")
TOOLS = Path("build/tools.json")


def main() -> None:
    """Env esp32 needs nothing but what is installed with the project."""
    environment = load_params().pio.env
    platform = require_packages(PROJECT) if environment == ENVIRONMENT else None
    write_json(TOOLS, {"env": environment, "platform": platform})


if __name__ == "__main__":
    run(main)
