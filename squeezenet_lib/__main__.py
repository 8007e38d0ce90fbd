"""`python -m squeezenet_lib COMMAND`."""

import sys

from squeezenet_lib.errors import require_python

require_python()

from squeezenet_lib.cli.command_line import main  # noqa: E402 - an older Python cannot read it

sys.exit(main())
