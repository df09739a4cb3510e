"""A worker that is going to be killed: keeps a checkpoint after every piece, so that a test can choose the moment."""

from __future__ import annotations

import sys

from inspection.jobs import printing
from tests.inspection.jobs.kinds import main

if __name__ == "__main__":
    printing.CHECKPOINT_SECONDS = 0.0
    main(*sys.argv[1:])
