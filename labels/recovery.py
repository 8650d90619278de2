"""The recovery sheet: a vault's key on paper, to be locked away, and typed or scanned again when all else is lost.

The first page has the key, as vault/typedkey.py spells it and as a QR code that says the same; the pages behind it have
strongroom.toml, which is needed beside it.
"""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from labels.coverage import coverage
from labels.fonts import LABELS, font_directory
from labels.qr import drawn_code
from labels.typesetting import breakable, typeset_pdf
from vault.moments import minute
from vault.text import Text
from vault.typedkey import TypedKey

_TEMPLATE = Path(__file__).with_name("templates") / "recovery.typ"
_LONGEST = 40  # letters of a line of strongroom.toml without a place to break …
_UNBROKEN = 25  # … and of what stands larger


def draw_sheet(
    typed: TypedKey,
    office: str,
    configuration: str,
    made_at: datetime,
    zone: ZoneInfo,
    *,
    sealed: bool,
    fonts: Path | None = None,
) -> bytes:
    """The PDF. `configuration`: strongroom.toml as it is; `sealed`: a store of it is. FontsMissing: install them."""
    directory = fonts or font_directory()
    font = coverage(directory / LABELS[0])
    code, _ = drawn_code(typed.text)
    data = {
        "title": _TITLE.zh,
        "subtitle": _TITLE.en,
        "facts": [
            {"caption": caption.zh, "translated": caption.en, "value": breakable(font.shown(value), _UNBROKEN)}
            for caption, value in (
                (Text(en="Office", zh="单位"), office),
                (Text(en="Vault", zh="档案库编号"), typed.vault_id),
                (Text(en="Drawn up", zh="制表时间"), minute(made_at, zone)),
            )
        ],
        "vault": font.shown(typed.vault_id),
        "lines": [line.split(" ") for line in typed.lines],
        "qr": code.svg,
        "said": [{"zh": text.zh, "en": text.en} for text in _SAID],
        "sealed": {"zh": _SEALED.zh, "en": _SEALED.en} if sealed else None,
        "configuration": {"zh": _CONFIGURATION.zh, "en": _CONFIGURATION.en},
        "listing": [breakable(font.shown(line.expandtabs(4)), _LONGEST) for line in configuration.splitlines()],
        "signed": [{"zh": text.zh, "en": text.en} for text in _SIGNED],
    }
    return typeset_pdf(_TEMPLATE, data, directory, made_at)


_TITLE = Text(en="Key recovery sheet", zh="密钥恢复单")
_SAID = (
    Text(
        en="This is the key that signs the vault's journal. Whoever has it can sign in the vault's name: keep this "
        "sheet in a safe, away from the machine and from the stores. Do not photograph it.",
        zh="本单所载为档案库日志的签名密钥，持有者可冒用本库名义签署日志。请存放于保险柜，与服务器和存储分开；"
        "不得拍照、扫描外传。",
    ),
    Text(
        en="To bring the key back: strongroom restore --typed - FOLDER, then type the vault's id and three lines as "
        "they stand here, or scan the code into a file and name that instead of -.",
        zh="恢复密钥：运行 strongroom restore --typed - 文件夹，依次输入档案库编号和上面三行数字；"
        "也可扫码存为文件，以该文件代替“-”。",
    ),
    Text(
        en="Each group checks itself, and all of them together: a mistake in typing is told, and where.",
        zh="每组数字及全部数字均带校验，输入有误时会提示所在的组。",
    ),
    Text(
        en="Then put strongroom.toml there, as on the next page, mount the stores, and run: strongroom rebuild.",
        zh="随后按下一页写好 strongroom.toml，挂载各存储，运行 strongroom rebuild。",
    ),
)
_SEALED = Text(
    en="Some stores are sealed with age. Their keys (AGE-SECRET-KEY-1…) are not on this sheet: without them what lies "
    "there cannot be read. Keep them as well.",
    zh="部分存储已用 age 加密，其私钥（AGE-SECRET-KEY-1…）不在本单上；缺少私钥即无法读取其内容，请另行妥善保管。",
)
_CONFIGURATION = Text(
    en="strongroom.toml when this sheet was drawn up. Passwords of stores are not in it.",
    zh="制表时的 strongroom.toml（不含各存储的密码）",
)
_SIGNED = (Text(en="Printed by", zh="打印人"), Text(en="Locked away by", zh="保管人"), Text(en="Where", zh="存放位置"))
