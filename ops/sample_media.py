"""Recordings as devices leave them, made by ffmpeg: video, sound and photos for ops/samples.py.

Clocks in the picture and in EXIF show Beijing time, as devices there do; what the formats define as UTC is UTC.
EXIF is built by hand: of the libraries that write it, piexif is unmaintained and Pillow is an imaging library of
several MB, for eight fields that nothing but a demonstration writes.
"""

import os
import shutil
import struct
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from vault.errors import StrongroomError
from vault.text import Text

BEIJING = timezone(timedelta(hours=8))  # no summer time since 1991, so no time zone database is needed
DEVICE_MODEL = "DSJ-H8"  # DSJ: the prefix of body-worn recorders' model codes in China
VIDEO_SECONDS = 6
AUDIO_SECONDS = 8

_FONT = "Noto Sans CJK SC"
_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
_ASCII, _LONG, _UNDEFINED = 2, 4, 7  # field types of TIFF 6.0
_TYPE_SIZE = {_ASCII: 1, _LONG: 4, _UNDEFINED: 1}  # bytes
_TIFF_HEADER_SIZE = 8


def require_tools() -> None:
    if shutil.which("ffmpeg") is None:
        raise StrongroomError(
            Text(en="ffmpeg is not installed; it makes the sample recordings.", zh="未安装 ffmpeg，无法生成示例录像。"),
            hint=Text(en="Run: apt-get install ffmpeg", zh="请运行：apt-get install ffmpeg"),
        )
    # Without this check fontconfig would substitute another font, and the captions would be empty boxes.
    if not any(next(folder.rglob("NotoSansCJK*"), None) for folder in _FONT_FOLDERS):
        raise StrongroomError(
            Text(en=f"The font {_FONT} is not installed; captions need it.", zh=f"未安装字体 {_FONT}，无法显示中文。"),
            hint=Text(en="Run: apt-get install fonts-noto-cjk", zh="请运行：apt-get install fonts-noto-cjk"),
        )


def _ffmpeg(arguments: Sequence[str]) -> bytes:
    """Run ffmpeg and give back its standard output."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        raise StrongroomError(
            Text(en=f"ffmpeg could not make a sample recording: {said}", zh=f"ffmpeg 生成示例录像失败：{said}"),
            hint=Text(
                en="Install Debian's own: apt-get install ffmpeg",
                zh="请安装 Debian 自带的 ffmpeg：apt-get install ffmpeg",
            ),
        )
    return done.stdout


def _caption(text: str, size: int, colour: str, x: str, y: str) -> str:
    """A drawtext filter. The callers' texts have none of the characters that ffmpeg would read as syntax."""
    return f"drawtext=font='{_FONT}':expansion=none:text='{text}':fontsize={size}:fontcolor={colour}:x={x}:y={y}"


def _voice(seed: int, seconds: int, rate: int) -> str:
    """A source that sounds like speech through a wall: a gliding tone, cut into syllables; `rate` in Hz."""
    pitch = 110 + 25 * seed
    expression = f"0.3*sin(2*PI*{pitch}*t+6*sin(2*PI*0.7*t))*max(0,sin(2*PI*2.6*t))*max(0,sin(2*PI*0.31*t+{seed}))"
    return f"aevalsrc=exprs='{expression}':s={rate}:d={seconds}"


def _times(began: datetime) -> list[str]:
    """Arguments that put the time of recording and the device into an MP4 (ISO 14496-12: UTC)."""
    return [
        *("-metadata", f"creation_time={began.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
        *("-metadata", f"com.apple.quicktime.model={DEVICE_MODEL}"),
        *("-movflags", "+faststart+use_metadata_tags"),
    ]


def make_video(path: Path, began: datetime, device: str, lines: Sequence[str], seed: int) -> None:
    """A body-worn recorder's segment: 1280 × 720, 15 frames a second, with a running clock burnt in."""
    shown = int((began + timedelta(hours=8)).timestamp())  # shown by gmtime, so the machine's zone plays no part
    clock = f"drawtext=font='{_FONT}':text='%{{pts\\:gmtime\\:{shown}}}':fontsize=34:x=28:y=24"
    picture = ",".join(
        [
            f"gradients=s=160x90:r=15:d={VIDEO_SECONDS}:nb_colors=2:c0=0x39424e:c1=0x8a7f6a:speed=0.02:seed={seed}",
            "scale=1280:720,format=yuv420p",  # drawn small: ffmpeg computes gradients slowly
            "drawbox=x=180:y=430:w=920:h=230:color=0x5b4632:t=fill",  # a desk
            "drawbox=x=470:y=390:w=330:h=200:color=0xe8e4d8:t=fill",  # and the ledger on it
            "noise=c0s=6:c0f=t",
            clock + ":fontcolor=white:box=1:boxcolor=black@0.45:boxborderw=8",
            _caption(f"{device} {DEVICE_MODEL}", 28, "white", "w-tw-28", "28"),
            *(_caption(line, 30, "white", "28", str(620 + 44 * n)) for n, line in enumerate(lines)),
        ]
    )
    encoding = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "25", "-c:a", "aac", "-b:a", "48k", "-shortest"]
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", _voice(seed, VIDEO_SECONDS, 32000)]
    _ffmpeg([*inputs, *encoding, *_times(began), f"file:{path}"])
    set_modified(path, began + timedelta(seconds=VIDEO_SECONDS))


def make_audio(path: Path, began: datetime, seed: int) -> None:
    """AAC as from a voice recorder (.m4a), or 8 kHz PCM as from a telephone recording box (.wav)."""
    if path.suffix == ".wav":
        encoding, rate = ["-c:a", "pcm_s16le"], 8000
    else:
        encoding, rate = ["-c:a", "aac", "-b:a", "64k", *_times(began)], 32000
    _ffmpeg(["-f", "lavfi", "-i", _voice(seed, AUDIO_SECONDS, rate), "-ac", "1", *encoding, f"file:{path}"])
    set_modified(path, began + timedelta(seconds=AUDIO_SECONDS))


def photo(taken: datetime, lines: Sequence[str]) -> bytes:
    """A JPEG of a sheet of paper with `lines` on it, 1600 × 1200, with EXIF."""
    picture = ",".join(
        [
            "gradients=s=160x120:nb_colors=2:c0=0x6b5a48:c1=0x43382d:seed=5",
            "scale=1600:1200,format=yuvj420p",
            "drawbox=x=220:y=110:w=1160:h=980:color=0xf1ece0:t=fill",
            *(_caption(line, 72, "0x2b2b33", "(w-tw)/2", str(240 + 170 * n)) for n, line in enumerate(lines)),
            _caption(f"{taken.astimezone(BEIJING):%Y-%m-%d}", 40, "0x8c2a22", "w-tw-260", "1000"),
            "noise=c0s=8",
        ]
    )
    encoding = ["-frames:v", "1", "-c:v", "mjpeg", "-q:v", "5", "-f", "image2pipe", "pipe:1"]
    return _with_exif(_ffmpeg(["-f", "lavfi", "-i", picture, *encoding]), taken)


def make_photo(path: Path, taken: datetime, lines: Sequence[str]) -> None:
    path.write_bytes(photo(taken, lines))
    set_modified(path, taken)


def _with_exif(jpeg: bytes, taken: datetime) -> bytes:
    """The same picture with an EXIF segment (CIPA DC-008, Exif 2.31): maker, model and when it was taken."""
    shown = f"{taken.astimezone(BEIJING):%Y:%m:%d %H:%M:%S}"
    exif_tags = [
        (0x9000, _UNDEFINED, b"0231"),  # ExifVersion
        (0x9003, _ASCII, _ascii(shown)),  # DateTimeOriginal
        (0x9004, _ASCII, _ascii(shown)),  # DateTimeDigitized
        (0x9010, _ASCII, _ascii("+08:00")),  # OffsetTime
        (0x9011, _ASCII, _ascii("+08:00")),  # OffsetTimeOriginal
    ]

    def image_tags(exif_at: int) -> bytes:
        tags = [
            (0x010F, _ASCII, _ascii("DZCZ")),  # Make
            (0x0110, _ASCII, _ascii(DEVICE_MODEL)),  # Model
            (0x0132, _ASCII, _ascii(shown)),  # DateTime
            (0x8769, _LONG, struct.pack("<I", exif_at)),  # where the Exif IFD is
        ]
        return _ifd(tags, _TIFF_HEADER_SIZE)

    exif_at = _TIFF_HEADER_SIZE + len(image_tags(0))
    tiff = struct.pack("<2sHI", b"II", 42, _TIFF_HEADER_SIZE) + image_tags(exif_at) + _ifd(exif_tags, exif_at)
    segment = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]  # right after SOI


def _ascii(text: str) -> bytes:
    return text.encode("ascii") + b"\0"


def _ifd(tags: Sequence[tuple[int, int, bytes]], at: int) -> bytes:
    """A TIFF 6.0 image file directory that begins at offset `at`; what is longer than four bytes follows it."""
    body, tail = struct.pack("<H", len(tags)), b""
    tail_at = at + 2 + 12 * len(tags) + 4
    for tag, kind, value in tags:
        inline = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", tail_at + len(tail))
        body += struct.pack("<HHI", tag, kind, len(value) // _TYPE_SIZE[kind]) + inline
        if len(value) > 4:
            tail += value + b"\0" * (len(value) % 2)  # values begin on a word boundary
    return body + struct.pack("<I", 0) + tail


def set_modified(path: Path, moment: datetime) -> None:
    """Devices leave the end of the recording as the file's modification time."""
    os.utime(path, (moment.timestamp(), moment.timestamp()))
