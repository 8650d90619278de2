"""Articles as people quote them."""

import re

from vault.text import Text


def cited(article: str) -> Text:
    """An article as it is quoted: "12(1)" is Article 12(1), 第十二条第（一）项; "15; …" names another norm beside it.
    Other norms stand as written."""
    if "; " in article:
        each = [cited(one) for one in article.split("; ")]
        return Text(en="; ".join(one.en for one in each), zh="；".join(one.zh for one in each))
    if at := re.fullmatch(r"(Civil Code |)(\d{1,3})(?:\((\d{1,2})\))?", article):
        code_en, code_zh = ("Civil Code, ", "《民法典》") if at[1] else ("", "")
        item_en, item_zh = (f"({at[3]})", f"第（{_chinese(int(at[3]))}）项") if at[3] else ("", "")
        return Text(en=f"{code_en}Article {at[2]}{item_en}", zh=f"{code_zh}第{_chinese(int(at[2]))}条{item_zh}")
    if at := re.fullmatch(r"annex (\d{1,3})", article):
        return Text(en=f"Annex, item {at[1]}", zh=f"附件第{at[1]}项")
    if at := re.fullmatch(r"annex (\d{1,3})-(\d{1,3})", article):
        return Text(en=f"Annex, items {at[1]}–{at[2]}", zh=f"附件第{at[1]}至{at[2]}项")
    return Text(en=article, zh=article)


def _chinese(number: int) -> str:
    """1 to 999 as statutes write numbers: 十二, 二十, 一百零四, 二百一十."""
    digits = "零一二三四五六七八九"
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    written = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        written += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        written += "零"
    return written + (digits[ones] if ones else "")
