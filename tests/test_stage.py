"""What a stage does with an error."""

import pytest

from squeezenet_lib.errors import UserError
from stages.stage import run


def test_a_users_error_is_one_line_and_exit_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> None:
        raise UserError("The folder x is missing; make it.")

    with pytest.raises(SystemExit) as exit_:
        run(main)
    assert exit_.value.code == 1
    assert capsys.readouterr().err == "error: The folder x is missing; make it.\n"


def test_a_fault_of_the_program_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run(lambda: print(1 // 0))
