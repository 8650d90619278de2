"""Where the fonts are: Noto Sans and Serif CJK, which have the rare characters of people's names (㛃䶮𬭎𠅤𰻞).

Only these directories are looked at, never whatever fonts the machine happens to have: what is printed
looks the same everywhere, and one that would show empty boxes is not drawn at all.
"""

from collections.abc import Sequence
from pathlib import Path

from vault.errors import StrongroomError
from vault.text import Text

DIRECTORIES: tuple[Path, ...] = (
    Path("/usr/share/fonts/opentype/noto"),  # Debian, Ubuntu, UOS, Kylin: fonts-noto-cjk
    Path("/usr/share/fonts/noto-cjk"),  # Arch, openEuler
    Path("/usr/local/share/fonts/noto-cjk"),
)
REGISTERS = "NotoSerifCJK-Regular.ttc"
LABELS = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", "NotoSerifCJK-Bold.ttc")
_NEEDED = (*LABELS, REGISTERS)


class FontsMissing(StrongroomError):
    hint = Text(
        en="Install them: apt-get install fonts-noto-cjk",
        zh="请安装字体：apt-get install fonts-noto-cjk",
    )


def font_directory(directories: Sequence[Path] = DIRECTORIES) -> Path:
    """The first directory that has them all; FontsMissing where none has."""
    for directory in directories:
        if all((directory / name).is_file() for name in _NEEDED):
            return directory
    looked = ", ".join(map(str, directories))
    raise FontsMissing(
        Text(
            en=f"The fonts (Noto Sans and Serif CJK) are in none of: {looked}.",
            zh=f"找不到所需字体（思源黑体、思源宋体 Noto CJK），已查找：{looked}。",
        )
    )
