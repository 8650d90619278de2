"""What lies on a page: its words by poppler, its ink by ffmpeg, its code by zbar."""

import re
import subprocess
from dataclasses import dataclass

SCALE = 2.5  # pixels a millimetre, in which ink is looked at


def _run(command: list[str], data: bytes) -> bytes:
    return subprocess.run(command, input=data, check=True, capture_output=True).stdout


def words(pdf: bytes) -> str:
    """All text, without what is white or invisible."""
    return "".join(_run(["pdftotext", "-raw", "-", "-"], pdf).decode().replace("\u200b", "").split())


def boxes(pdf: bytes) -> list[tuple[float, float, float, float, str]]:
    """Every word with its box: left, top, right, bottom, in points."""
    said = _run(["pdftotext", "-bbox", "-", "-"], pdf).decode(errors="replace")  # poppler spoils rare characters here
    found = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', said)
    return [(float(a), float(b), float(c), float(d), word) for a, b, c, d, word in found]


def sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Each page's width and height in millimetres."""
    said = _run(["pdfinfo", "-l", "99", "-"], pdf).decode()
    found = re.findall(r"Page +\d+ size: +(\S+) x (\S+) pts", said)
    return [(round(float(w) * 25.4 / 72, 1), round(float(h) * 25.4 / 72, 1)) for w, h in found]


def rendered(pdf: bytes, dpi: int, page: int = 1) -> bytes:
    """A page as a printer of so many dots an inch sees it: PNG."""
    return _run(["pdftoppm", "-r", str(dpi), "-f", str(page), "-l", str(page), "-png", "-singlefile", "-"], pdf)


def code(png: bytes) -> str:
    """What its QR code says, without the last line's end; "" where zbar sees none."""
    command = ["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", "-"]
    return subprocess.run(command, input=png, check=False, capture_output=True).stdout.decode().rstrip("\n")


@dataclass(frozen=True)
class Ink:
    """A picture in grey: 0 is black."""

    width: int
    height: int
    pixels: bytes

    def on(self, forbidden: bytes) -> int:
        """How many pixels of a mask (255: forbidden) have ink on them."""
        dark = int.from_bytes(self.pixels.translate(_DARK)) & int.from_bytes(forbidden)
        return dark.bit_count() // 8


_DARK = bytes(255 if grey < 235 else 0 for grey in range(256))


def ink(png: bytes, per_mm: float = SCALE, dpi: float = 200) -> Ink:
    """A picture of so many dots an inch at another scale."""
    width, height = (round(int.from_bytes(png[at : at + 4]) * 25.4 / dpi * per_mm) for at in (16, 20))
    return scaled(png, width, height)


def scaled(png: bytes, width: int, height: int) -> Ink:
    """A picture at another size, every pixel the mean of those that it covers."""
    size = f"scale={width}:{height}:flags=area"
    command = ["ffmpeg", "-v", "error", "-i", "-", "-vf", size, "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    pixels = _run(command, png)
    assert len(pixels) == width * height
    return Ink(width, height, pixels)
