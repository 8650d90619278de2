"""Discs for tests of reading: a folder as docs/format.md lays it out, and an image of it that xorriso makes, not we."""

import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ops.samples import BEIJING
from vault.bag import BagInfo, lay_bag
from vault.catalogue import queries
from vault.digest import Digest
from vault.proving import proof_files
from vault.store import Vault
from vault.verified import VerifiedStream

VAULT = "0123456789abcdef"
XORRISO = ["xorriso", "-no_rc", "-as", "mkisofs", "-quiet", "-iso-level", "3", "-R", "-J", "-joliet-long"]


def sheet(
    disc: int, discs: int, objects: Sequence[Mapping[str, Any]], vault: str = VAULT, disc_set: str = "2026-0001"
) -> bytes:
    """disc.json."""
    return json.dumps(
        {
            "format": "strongroom-disc 1",
            "vault": vault,
            "set": disc_set,
            "disc": disc,
            "discs": discs,
            "volume": f"{disc_set}-{disc}",
            "generation": 1,
            "made_at": "2026-11-21T01:30:00Z",
            "unit": "邓州市财政局",
            "producer": "李建国",
            "activity": "占道经营检查",
            "medium": "dvd+r",
            "blocks": {"file": "blocks-sha256.txt", "size": 32768},
            "error_correction": "dvdisaster RS03",
            "objects": list(objects),
        },
        ensure_ascii=False,
    ).encode()


def press(folder: Path, *contents: bytes, vault: str = VAULT) -> None:
    """One disc with these objects, whole."""
    objects = []
    for number, data in enumerate(contents):
        path = f"data/2026-0000001/现场录像{number:05d}.mp4"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        sha256 = Digest.of(data).hex
        piece = {"disc": 1, "path": path, "start": 0, "size": len(data), "sha256": sha256}
        objects.append({"sha256": sha256, "size": len(data), "pieces": [piece]})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "disc.json").write_bytes(sheet(1, 1, objects, vault))


def press_cut(folders: Sequence[Path], data: bytes, size: int) -> None:
    """One object in pieces of `size` bytes over as many discs as there are folders, dealt round."""
    starts = range(0, len(data), size)
    discs = [number % len(folders) + 1 for number in range(len(starts))]
    for disc, folder in enumerate(folders, 1):
        (folder / "data").mkdir(parents=True)
        pieces = []
        for number, (start, on) in enumerate(zip(starts, discs, strict=True), 1):
            part = data[start : start + size]
            path = f"data/询问.mp4.part-{number:03d}-of-{len(starts):03d}"
            if on == disc:
                (folder / path).write_bytes(part)
            sha256 = hashlib.sha256(part).hexdigest()
            here = path if on == disc else None
            pieces.append({"disc": on, "path": here, "start": start, "size": len(part), "sha256": sha256})
        whole = {"sha256": Digest.of(data).hex, "size": len(data), "pieces": pieces}
        (folder / "disc.json").write_bytes(sheet(disc, len(folders), [whole]))


def image_of(folder: Path, target: Path, volume: str = "2026-0001-1") -> Path:
    """An image of the folder, in the place of one that is there."""
    partial = target.with_suffix(".partial")
    subprocess.run([*XORRISO, "-V", volume, "-o", str(partial), str(folder)], check=True, capture_output=True)
    partial.replace(target)
    return target


def press_records(vault: Vault, numbers: Sequence[str], folder: Path, disc_set: str = "2026-0001") -> Path:
    """A disc with records of a vault: a bag as every export is, and disc.json."""
    with vault.database.reading() as connection:
        records = [queries.kept_record(connection, number) for number in numbers]
    layout = lay_bag(
        records, BagInfo("邓州市财政局", date(2026, 11, 21), "2026-0001-1", BEIJING), proof_files(vault, numbers)
    )
    objects: dict[str, dict[str, Any]] = {}
    for entry in layout.payload:
        (folder / entry.path).parent.mkdir(parents=True, exist_ok=True)
        with VerifiedStream(entry.file, vault.open_file) as stream:
            (folder / entry.path).write_bytes(stream.read(entry.file.size))
        said = {"disc": 1, "path": entry.path, "start": 0, "size": entry.file.size, "sha256": entry.file.sha256}
        objects[entry.file.sha256] = {"sha256": entry.file.sha256, "size": entry.file.size, "pieces": [said]}
    for path, data in layout.tags.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "disc.json").write_bytes(sheet(1, 1, list(objects.values()), vault.setting.vault_id, disc_set))
    return folder
