"""The pictures that guard the layout. `python -m tests.labels.golden` draws them anew: look at them, commit them."""

import subprocess
from pathlib import Path

from labels.draw import Options, draw
from labels.kinds import Kind
from tests.labels.discs import FULL, STATEMENT, copy_of
from vault.profile import load_profile

FOLDER = Path(__file__).with_name("golden")
NAMES = [kind.value for kind in Kind] + ["disc-narrow"]


def picture(name: str) -> bytes:
    """One label, as it is drawn now."""
    kind, sheet = (Kind.DISC, "bare-narrow") if name == "disc-narrow" else (Kind(name), "bare")
    letter = "B" if name == "disc-narrow" else "A"
    drawn = draw(kind, [copy_of(FULL, letter)], load_profile("jiangyuan"), Options(sheet=sheet), [STATEMENT])
    return drawn.pngs[0]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in NAMES:
        command = [
            "ffmpeg",
            "-v",
            "error",
            "-y",
            "-i",
            "-",
            "-vf",
            "scale=iw*0.4:-1:flags=area,format=gray",
            "-frames:v",
            "1",
        ]
        subprocess.run([*command, str(FOLDER / f"{name}.png")], input=picture(name), check=True)


if __name__ == "__main__":
    main()
