"""How the campaigns tell what they found."""

import os
import platform
import time
from collections.abc import Iterable


def machine() -> str:
    """On which it was found."""
    return f"{os.cpu_count()} CPUs, Linux {platform.release()}, Python {platform.python_version()}"


def heading(what: str) -> None:
    """Above a campaign's figures."""
    print(f"\n{what} · {time.strftime('%Y-%m-%d')} · {machine()}", flush=True)


def tell(problems: Iterable[str]) -> None:
    """One a line."""
    for problem in problems:
        print(f"  PROBLEM {problem}", flush=True)
