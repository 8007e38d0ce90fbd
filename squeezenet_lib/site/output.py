"""Reading what the pipeline made."""

from pathlib import Path

from squeezenet_lib.errors import UserError


def read_output(path: Path) -> bytes:
    """Raises UserError with the command that makes it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); run `make demo` first.") from None
