"""Whether an image can be burnt on what lies in a drive: pure, and asked before a byte is written."""

from media.drives.port import Condition, Loaded
from media.mediums import SECTOR
from vault.errors import MediumUnfit, NoMedium
from vault.text import Text


def require_fit(drive: str, loaded: Loaded, size: int) -> None:
    """NoMedium; MediumUnfit where it is not blank, could be written over later, or is smaller than `size` bytes."""
    if loaded.condition is Condition.EMPTY:
        raise NoMedium(Text(en=f"There is no disc in {drive}.", zh=f"{drive} 中没有光盘。"))
    if loaded.condition is not Condition.BLANK:
        state = loaded.condition.label
        raise MediumUnfit(
            Text(en=f"The disc in {drive} is not blank: {state.en}.", zh=f"{drive} 中的光盘不是空白盘：{state.zh}。")
        )
    if loaded.rewritable:
        raise MediumUnfit(
            Text(
                en=f"The disc in {drive} is a {loaded.kind}, which can be written over.",
                zh=f"{drive} 中的光盘是 {loaded.kind}，可被改写，不能用于存档。",
            )
        )
    room = loaded.writable * SECTOR
    if size > room:
        raise MediumUnfit(
            Text(
                en=f"The disc in {drive} is too small: the image has {size:,} bytes, and there is room for {room:,}.",
                zh=f"{drive} 中的光盘容量不足：映像 {size:,} 字节，可写 {room:,} 字节。",
            )
        )
