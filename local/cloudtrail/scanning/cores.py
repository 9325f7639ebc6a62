"""How many processes can work side by side; in a room of its own, for who starts none of them loads no crew."""

import os


def usable_cores() -> int:
    """As many as this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
