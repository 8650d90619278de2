"""Finding Chinese words on PostgreSQL, whatever the database's language, and without an extension.

Each record's texts are kept as their words between spaces, a Chinese character being a word, as search.py has it;
who looks for 王芳 looks for " 王 芳" in them. An index of grams leads to the few records where that can be: of two
characters that stand together, of each character, and of the beginnings of other words. PostgreSQL's own text search
splits no Chinese, and forgets all but the first 255 places of a word.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column as TableColumn
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    delete,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from vault.catalogue.schema import SEARCHED
from vault.catalogue.search import is_unspaced, words_of
from vault.catalogue.texts import Looked

_BEGINNINGS = (1, 2, 3, 4, 6, 8, 12, 16)  # characters; of a longer word what follows is not in the index

record_text = Table(
    "record_text",
    MetaData(),
    TableColumn("rowid", Integer, primary_key=True, autoincrement=False),
    *(TableColumn(name, Text) for name in SEARCHED),
    TableColumn("grams", ARRAY(Text), nullable=False),
)
_text = record_text.c


class Grams:
    """The texts as words, and the grams of all of them."""

    def put(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            put = [{"rowid": row["rowid"], **_columns({n: row[n] for n in SEARCHED if n in row})} for row in rows]
            empty = dict.fromkeys(SEARCHED)
            connection.execute(insert(record_text), [empty | row for row in put])

    def change(self, connection: Connection, serial: int, texts: Mapping[str, str]) -> None:
        mine = _text.rowid == serial
        before = connection.execute(select(record_text).where(mine)).mappings().one()
        kept = {name: before[name] for name in SEARCHED if before[name] is not None}
        said = {name: words for name, words in (kept | dict(texts)).items() if words}
        connection.execute(record_text.update().where(mine).values(dict.fromkeys(SEARCHED) | _columns(said)))

    def forget(self, connection: Connection, serials: Sequence[int]) -> None:
        connection.execute(delete(record_text).where(_text.rowid.in_(serials)))

    def found(self, looked: Looked) -> tuple[Select[Any], ColumnElement[int]]:
        wanted: list[ColumnElement[bool]] = []
        grams: set[str] = set()
        for fact, words in looked:
            one = _folded(words)
            grams.update(_sought(one))
            spelled = f"% {' '.join(one)}%"  # words have neither % nor _
            names = SEARCHED if fact is None else (fact,)
            wanted.append(or_(*(_text[name].like(spelled) for name in names)))
        return select(_text.rowid).where(_text.grams.contains(sorted(grams)), and_(*wanted)), _text.rowid


GRAMS = Grams()


def _folded(text: str) -> list[str]:
    return [word.casefold() for word in words_of(text)]


def _columns(texts: Mapping[str, str]) -> dict[str, Any]:
    words = {name: _folded(text) for name, text in texts.items()}
    grams = sorted({gram for one in words.values() for gram in _grams(one)})
    return {**{name: f" {' '.join(one)} " for name, one in words.items()}, "grams": grams}


def _grams(words: Sequence[str]) -> Iterator[str]:
    """All that a text can be found by."""
    yield from _pairs(words)
    for word in words:
        yield from (word[:length] for length in _BEGINNINGS if length <= len(word))


def _sought(words: Sequence[str]) -> Iterator[str]:
    """Those of a query, the rarest that say it."""
    pairs = list(_pairs(words))
    yield from pairs
    told = set("".join(pairs))
    for word in words:
        if not (is_unspaced(word) and word in told):
            yield word[: max(length for length in _BEGINNINGS if length <= len(word))]


def _pairs(words: Sequence[str]) -> Iterable[str]:
    return (one + other for one, other in itertools.pairwise(words) if is_unspaced(one) and is_unspaced(other))
