"""What a service tells its manager: sd_notify(3), lines in a datagram to the socket that $NOTIFY_SOCKET names."""

import os
import socket
from contextlib import suppress


def notify(*lines: str) -> None:
    """`READY=1`, `WATCHDOG=1`, `STOPPING=1`, `STATUS=…`. Nothing where no manager listens, or has gone."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    address = "\0" + place[1:] if place.startswith("@") else place  # a name of no file: unix(7)
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.connect(address)
        line.send("\n".join(lines).encode())
