"""What every stage does around its work."""

import sys
from collections.abc import Callable

from squeezenet_lib.errors import UserError


def run(main: Callable[[], None]) -> None:
    """Call `main`; a UserError becomes one line on stderr and exit status 1."""
    try:
        main()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
