"""`pio test`: the project's tests of the C code, on this machine and in emulators, by pytest.

Arguments behind -a go to pytest: `pio test -a -k -a lanes` runs those with "lanes" in their names.
"""

import importlib.util
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

from platformio.exception import UserSideException
from platformio.test.result import TestCase, TestStatus
from platformio.test.runners.base import TestRunnerBase

TESTS = Path("tests/esp32")
STATUSES = {"failure": TestStatus.FAILED, "error": TestStatus.FAILED, "skipped": TestStatus.SKIPPED}
NO_TEST, INTERRUPTED, WRONG_USE = 5, 2, 4  # pytest's exit statuses


class CustomTestRunner(TestRunnerBase):
    """Named as PlatformIO looks for it."""

    def start(self, cmd_ctx) -> None:
        """Run the tests, and tell PlatformIO of each how it ended. Raises UserSideException."""
        root = Path(self.project_config.get("platformio", "test_dir")).resolve().parents[1]
        if not (root / TESTS).is_dir():
            raise UserSideException(
                f"{root / TESTS}, the tests of the C code, is not there: take the whole project"
            )
        if importlib.util.find_spec("pytest") is None:
            raise UserSideException(
                f"pytest is missing in {sys.executable}: in the project's folder run `make setup` and "
                "`. .venv/bin/activate`, then `pio test` again"
            )
        self.test_suite.on_start()
        with tempfile.TemporaryDirectory(prefix="pio-test-") as folder:
            report = Path(folder, "report.xml")
            command = [sys.executable, "-m", "pytest", str(TESTS), f"--junit-xml={report}"]
            done = subprocess.run([*command, *self.options.program_args], cwd=root, check=False)
            if done.returncode in (NO_TEST, INTERRUPTED, WRONG_USE) or not report.is_file():
                raise UserSideException(f"pytest ran no tests: it ended with status {done.returncode}")
            for case in cases(report):
                self.test_suite.add_case(case)
        self.test_suite.on_finish()


def cases(report: Path) -> Iterator[TestCase]:
    """What pytest's JUnit report tells."""
    for element in ElementTree.parse(report).iter("testcase"):
        outcome = next((child for child in element if child.tag in STATUSES), None)
        yield TestCase(
            name=f"{element.get('classname', '')}.{element.get('name')}".removeprefix("tests.esp32."),
            status=TestStatus.PASSED if outcome is None else STATUSES[outcome.tag],
            message=None if outcome is None else outcome.get("message"),
            duration=float(element.get("time", 0)),
        )
