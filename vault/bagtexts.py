"""README.txt of a bag: for whoever opens it in thirty years and has never heard of Strongroom."""

from collections.abc import Mapping

_README = """\
这是什么
========
本文件夹（或光盘）由“{organization}”保存的执法音像记录，编号 {identifier}，共 {count} 个文件，{size} 字节。
目录结构遵循 BagIt 国际标准（RFC 8493）。阅读和核对均不需要任何专用软件。

  data/               原始文件，一条记录一个文件夹，内容与入库时逐字节一致
  清单.csv            文件清单与案件信息，可用 Excel、WPS 打开
  records.json        全部信息，含每个文件的原文件名（部分文件名因含特殊字符已调整）
  manifest-sha256.txt 每个原始文件的 SHA-256 校验值
  tagmanifest-sha256.txt  其余文件的 SHA-256 校验值
{journal_zh}
如何核对
========
Linux：     进入本文件夹，运行  sha256sum -c manifest-sha256.txt
macOS：     进入本文件夹，运行  shasum -a 256 -c manifest-sha256.txt
Windows：   certutil -hashfile "文件" SHA256  ，与 manifest-sha256.txt 中该文件的一行比较
Python：    pip install bagit ，然后  bagit.py --validate .
每一行都显示 OK（或“成功”），即全部文件完整无误；有任何一行失败，请改用另一份副本。


What this is
============
Recordings kept as evidence by "{organization}", number {identifier}: {count} files, {size} bytes.
The layout is BagIt (RFC 8493). No special program is needed to read or to check it.

  data/               the recordings, one folder a record, byte for byte as they were taken in
  清单.csv            the list of files with their facts, for a spreadsheet
  records.json        everything that is known, with each file's original name (some were adapted)
  manifest-sha256.txt the SHA-256 of each recording
  tagmanifest-sha256.txt  the SHA-256 of the other files
{journal_en}
How to check it
===============
Linux:      in this folder:  sha256sum -c manifest-sha256.txt
macOS:      in this folder:  shasum -a 256 -c manifest-sha256.txt
Windows:    certutil -hashfile "FILE" SHA256 , compared with the file's line in manifest-sha256.txt
Python:     pip install bagit , then  bagit.py --validate .
Every line says OK: all files are whole. If one does not, take the other copy.
"""

_JOURNAL_ZH = "  {path:<19} 本次保存的日志证明（C2SP tlog，RFC 6962）\n"
_JOURNAL_EN = "  {path:<19} proofs from the vault's journal (C2SP tlog, RFC 6962)\n"


def readme(organization: str, identifier: str, count: int, size: int, extra: Mapping[str, bytes]) -> bytes:
    """UTF-8 with a mark at its beginning and CRLF: so that every Notepad since Windows XP shows it right."""
    journal = sorted({path.split("/")[0] + "/" for path in extra if path.startswith("journal/")})
    text = _README.format(
        organization=" ".join(organization.split()),
        identifier=" ".join(identifier.split()),
        count=count,
        size=size,
        journal_zh="".join(_JOURNAL_ZH.format(path=path) for path in journal),
        journal_en="".join(_JOURNAL_EN.format(path=path) for path in journal),
    )
    return text.replace("\n", "\r\n").encode("utf-8-sig")
