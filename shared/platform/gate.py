"""Lets processes get ready while the database is still being migrated, and begin only when it is.

`./koi run` names a file in KOI_GATE and makes it when the migrations are through. Without KOI_GATE nobody waits.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "KOI_GATE"
_LOOK_S = 0.02
_LONGEST_S = 3600.0  # a migration of a large installation takes its time; a child dies with ./koi run anyway


def wait_open(environ: Mapping[str, str], longest_s: float = _LONGEST_S) -> bool:
    """Wait until the file is there; False when it did not come in time."""
    name = environ.get(VARIABLE)
    deadline = time.monotonic() + longest_s
    while name and not Path(name).exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_S)
    return True
