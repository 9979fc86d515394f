"""The command line: ``python run_suite.py --help``."""

import sys

from suite.cli import main

if __name__ == "__main__":
    sys.exit(main())
