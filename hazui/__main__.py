"""``python -m hazui`` is the ``hazui`` command."""

import sys

from hazui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
