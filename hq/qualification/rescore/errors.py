"""What scoring anew refuses."""

from __future__ import annotations

from shared.platform.errors import Conflict


class AlreadyRunning(Conflict):
    """Everybody is being scored with this version already; `params`: version, who, at."""

    code = "rescore_running"


class RunMoved(Conflict):
    """The run is over, or stands where it is asked to go already; `params`: state."""

    code = "rescore_moved"
