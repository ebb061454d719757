"""Named points at which a fault test makes the process kill itself."""

import os
import signal

_armed = os.environ.get("RELAIS_FAILPOINT", "")
_passes = int(os.environ.get("RELAIS_FAILPOINT_AFTER", "0"))


def reach(name: str) -> None:
    """Do nothing, or die at once by SIGKILL when `RELAIS_FAILPOINT` names this point.

    `RELAIS_FAILPOINT_AFTER` lets that many passes go by first.
    """
    global _passes
    if name != _armed:
        return
    if _passes > 0:
        _passes -= 1
        return
    os.kill(os.getpid(), signal.SIGKILL)
