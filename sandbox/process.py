"""Provider `process`: no isolation, for repositories that the user trusts. Commands run as the user's own processes,
with limits, a minimal environment, and an end that nothing of theirs outlives.
"""

from __future__ import annotations

from overhaul.sandbox.fence import Fence
from overhaul.sandbox.host import HostProvider
from overhaul.sandbox.host_workspace import Enclosure


class ProcessProvider(HostProvider):
    """Takes commands as they are."""

    name = "process"
    isolates = False

    def enclosure(self, _fence: Fence, _workspace: str) -> Enclosure:
        return Enclosure(lambda command: command)
