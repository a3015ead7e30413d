"""What keeps a process that needs too much memory from taking the window with it.

A process that asks for more than its share is refused, which Python turns into ``MemoryError`` where it
happened; and where memory of the whole machine runs out all the same, the system ends this process before
others. Linux only: elsewhere the system's own limits hold. Called once, at a worker's start.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

SHARE = 0.8
"""Of the machine's memory, or of what its container may have."""

_OOM_SCORE = "800"
"""Of 1000; a process without one is at 0 and outlives this one."""

_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def limit_memory(share: float = SHARE) -> int | None:
    """Refuse this process more than a share of the memory there is.

    Counted is what it may write to (heap and anonymous maps), not weights that are mapped read-only.

    Returns
    -------
    int | None
        Bytes; None where there is no such limit.
    """
    if sys.platform != "linux":
        return None
    import resource

    limit = int(share * _available_bytes())
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    try:
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)
    except OSError:
        # A container may forbid it; the limit above holds all the same.
        return limit
    return limit


def _available_bytes() -> int:
    """The machine's memory, or less where the container has a limit."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in _CGROUP_LIMITS:
        try:
            stated = Path(name).read_text().strip()
        except OSError:
            continue
        if stated.isdigit():
            total = min(total, int(stated))
    return total
