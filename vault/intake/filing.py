"""Filing what has landed: records get their numbers, content seen before is recognised, all in one commit.

Whether content is known is asked inside the transaction that files it, so two intakes of the same files at the same
time make one record and one `record.seen-again`, whichever comes first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from vault import acts
from vault.actions import Action
from vault.barring import settling
from vault.casenumbers import same_case
from vault.catalogue import copies, people, schema
from vault.catalogue.disposals import get, on_open_lists
from vault.catalogue.holdings import also_claiming, claim_of
from vault.catalogue.projection.filing import known_objects
from vault.catalogue.rows import read_facts, serial_of
from vault.catalogue.succession import last_serial
from vault.catalogue.upserts import upsert
from vault.deadlines import Timeliness, ahead, deadline
from vault.digest import Digest
from vault.errors import BadInput
from vault.facts import FACT, Facts
from vault.filelist import encode_file_list
from vault.intake.items import Fingerprint
from vault.intake.said import AGAIN
from vault.moments import local
from vault.profile import Profile, file_kinds
from vault.records import RecordFile, Standing
from vault.retention import Holding, case_terms
from vault.store import Vault
from vault.text import Text

# Bytes of an entry's 64 KiB that its parts may have; the rest is for origins, stores, and what the media add to facts.
_INLINE = 32_000  # files' descriptions; longer lists become an object of their own
_FACTS = 20_000
_WARNINGS = 4_000
_DIGESTS = 500  # copies that one entry names
_NAMES = 32_000  # names that a `record.seen-again` entry repeats


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """One activity whose files are all durable on `stores`, with everything that is known of it."""

    files: tuple[RecordFile, ...]
    stores: tuple[str, ...]
    facts: Facts
    origins: Mapping[str, str] = {}
    warnings: tuple[Text, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    damaged: tuple[tuple[str, str], ...] = ()  # (store, object) whose earlier copy was bad and has been replaced


class Filed(msgspec.Struct, frozen=True):
    """Where an activity went: a new record, or one that has held the same content before."""

    number: str
    new: bool
    standing: Standing
    missing: tuple[str, ...]  # facts that the profile requires and nobody has said
    notes: tuple[Text, ...] = ()  # late; to a closed case; what became of facts that were said of one that was here


def missing_facts(facts: Facts, files: Iterable[RecordFile], profile: Profile) -> tuple[str, ...]:
    """The facts that are required of such a record and not known, in the profile's order."""
    shown = {kind for media_type in {file.media_type for file in files} for kind in file_kinds(media_type)}
    asked = (rule.fact for rule in profile.intake.required if rule.asks(facts.kind, shown))
    return tuple(dict.fromkeys(fact for fact in asked if not getattr(facts, fact)))


def file_records(vault: Vault, ready: Sequence[Ready], intake: int | None) -> list[Filed]:
    """File activities in one commit; durable and published on return. `intake`: the run to remember them under."""
    lists = _keep_file_lists(vault, ready)
    filed: list[Filed] = []

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        clerk = _Clerk(vault, connection, known_objects(connection, [f.sha256 for one in ready for f in one.files]))
        happened: list[acts.AnyAct] = []
        for one, listed in zip(ready, lists, strict=True):
            happened += clerk.file(one, listed)
        filed[:] = clerk.filed
        if intake is not None:
            _remember(connection, intake, ready, filed)
        return happened

    vault.commit(draft, {listed.sha256: one.files for one, listed in zip(ready, lists, strict=True) if listed})
    return filed


class _Clerk:
    """Gives numbers and recognises content, for one transaction."""

    def __init__(self, vault: Vault, connection: Connection, known: Mapping[str, int]) -> None:
        self._vault = vault
        self._connection = connection
        self._known = known  # objects that records hold already, with their ids
        self._now = vault.now()
        self._year = self._now.astimezone(vault.profile.zone).year
        self._by = vault.setting.person
        self._last = self._serial = last_serial(connection)  # of those filed before
        self._fresh: dict[tuple[str, ...], tuple[Filed, Facts]] = {}  # content filed in this transaction
        self.filed: list[Filed] = []

    def file(self, ready: Ready, listed: acts.FileList | None) -> list[acts.AnyAct]:
        content = tuple(sorted(file.sha256 for file in ready.files))
        known = self._fresh.get(content) or self._same_content(content, ready)
        happened: list[acts.AnyAct] = self._healed(ready)
        if known is not None:
            names = tuple(_within(_NAMES, [file.name for file in ready.files]))
            said = {name: v for name, v in ready.facts.known().items() if ready.origins.get(name) != "media"}
            otherwise = self._otherwise(said, *known)
            happened.append(
                acts.RecordSeenAgain(
                    at=self._now, by=self._by, record=known[0].number, names=names, otherwise=Facts(**otherwise)
                )
            )
            happened += self._come(ready, content)
            return happened + self._said_again(content, ready, said, otherwise, *known)
        missing = missing_facts(ready.facts, ready.files, self._vault.profile)
        standing = Standing.QUARANTINED if missing else Standing.KEPT
        self._serial += 1
        number = f"{self._year}-{self._serial:07d}"
        notes = (*self._ahead(number, ready.facts), *self._late(number, ready.facts))
        notes = (*notes, *self._to_closed_case(ready.facts, ready.facts.case_number))
        filed = Filed(number, new=True, standing=standing, missing=missing, notes=notes)
        self._fresh[content] = filed, ready.facts
        happened.append(
            acts.RecordStored(
                at=self._now,
                by=self._by,
                record=number,
                facts=ready.facts,
                origins=dict(ready.origins),
                files=() if listed else ready.files,
                file_list=listed,
                stores=ready.stores,
                standing=standing,
                warnings=tuple(_within(_WARNINGS, [warning.en for warning in ready.warnings])),
            )
        )
        self.filed.append(filed)
        return happened

    def _ahead(self, number: str, facts: Facts) -> Iterator[Text]:
        """What says that it was recorded later than it comes is taken in as it is; whoever brings it is told."""
        for name in ahead(facts, self._now):
            says, label = local(getattr(facts, name), self._vault.profile.zone), FACT[name].label
            right = f"strongroom complete {number} {FACT[name].option} …"
            yield Text(
                en=f"{label.en} {says}, which is later than it was stored: a clock was ahead "
                f"(to put it right: {right})",
                zh=f"{label.zh}为 {says}，晚于入库时间，设备时钟可能有误（更正：{right}）",
            )

    def _late(self, number: str, facts: Facts) -> Iterator[Text]:
        """What comes after its deadline is taken in all the same; whoever brings it is told."""
        due = deadline(facts, self._vault.profile, self._now)
        if due.judge(self._now) is Timeliness.LATE and due.by is not None:
            by = local(due.by, self._vault.profile.zone)
            yield Text(
                en=f"late: it was to be stored by {by} (say why: strongroom deadline justify {number} --why …)",
                zh=f"逾期入库：应于 {by} 前入库（说明原因：strongroom deadline justify {number} --why …）",
            )

    def _to_closed_case(self, facts: Facts, number: str) -> Iterator[Text]:
        """What comes after its case was closed belongs there all the same; whoever brings it is told, and until when
        the case keeps it."""
        case = claim_of(self._connection, number) if number else None
        if case is None or case.closed_on is None:
            return
        recorded, ended = facts.recorded_at, facts.activity_ended_at
        filed = Holding(
            stored_at=self._now, recorded_at=recorded, activity_ended_at=ended, kind=facts.kind, cases=(case,)
        )
        (term,) = case_terms(filed, self._vault.profile)
        until = Text(en="", zh="")
        if term.last_day is not None:
            until = Text(en=f", and kept until {term.last_day} at least", zh=f"，至少保存至 {term.last_day}")
        again = f"strongroom case reopen {case.number} --why …"
        yield Text(
            en=f"case {case.number} was closed on {case.closed_on}; the recording is filed there{until.en} (to go on "
            f"with the case: {again})",
            zh=f"案件 {case.number} 已于 {case.closed_on} 结案，仍按该案入库{until.zh}（如需恢复办理：{again}）",
        )

    def _otherwise(self, said: Mapping[str, Any], known: Filed, facts: Facts) -> dict[str, Any]:
        """What is said now that the record says otherwise; of a case that claims it already that is nothing new."""
        otherwise = {n: v for n, v in said.items() if getattr(facts, n) and getattr(facts, n) != v}
        claiming = (facts.case_number, *also_claiming(self._connection, serial_of(known.number)))
        if any(same_case(otherwise.get("case_number", ""), case) for case in claiming if case):
            del otherwise["case_number"]
        return otherwise

    def _said_again(
        self,
        content: tuple[str, ...],
        ready: Ready,
        said: Mapping[str, Any],
        otherwise: Mapping[str, Any],
        known: Filed,
        facts: Facts,
    ) -> list[acts.AnyAct]:
        """What a person says of a record that is here already fills its gaps; another case claims it, too; the rest
        stays as it is, and is told.

        Who forgot the sheet takes the files in once more with it.
        """
        barred, happened = self._may_not_settle(known, facts, said)
        new = Facts(**{name: value for name, value in said.items() if not (getattr(facts, name) or name in barred)})
        notes: list[Text] = list(barred.values())
        standing, missing = known.standing, known.missing
        if added := [FACT[name].label for name in new.known()]:
            facts = facts.over(new)
            missing = missing_facts(facts, ready.files, self._vault.profile)
            standing = standing if missing else Standing.KEPT
            happened.append(
                acts.RecordCorrected(
                    at=self._now, by=self._by, record=known.number, facts=new, standing=standing, why=AGAIN.en
                )
            )
            notes += self._to_closed_case(facts, new.case_number)
            notes.append(
                Text(
                    en=f"added to the record: {', '.join(label.en for label in added)}",
                    zh=f"已补入记录：{'、'.join(label.zh for label in added)}",
                )
            )
        notes += self._handed_in_again(known.number, otherwise, facts)
        filed = Filed(known.number, new=False, standing=standing, missing=missing, notes=tuple(notes))
        self._fresh[content] = filed, facts
        self.filed.append(filed)
        return happened

    def _may_not_settle(
        self, known: Filed, facts: Facts, said: Mapping[str, object]
    ) -> tuple[dict[str, Text], list[acts.AnyAct]]:
        """The kind, with the reason, where it would say how long the record is kept and whoever brings it may not."""
        if "kind" not in said or facts.kind or serial_of(known.number) > self._last:
            return {}, []
        person = people.at_work(self._connection, self._by)
        ruling = settling(self._connection, person, known.number, known.standing)
        if ruling.allowed:
            return {}, []
        refused = acts.ActionRefused(
            at=self._now,
            by=self._by,
            action=Action.CLASS_RAISE.value,
            about=known.number,
            why=tuple(reason.bar.value for reason in ruling.reasons),
        )
        return {"kind": ruling.reasons[0].text}, [refused]

    def _handed_in_again(self, number: str, otherwise: Mapping[str, Any], facts: Facts) -> Iterator[Text]:
        """What whoever brings it once more is told of the record: its cases, what stays, and a list that it is on."""
        if case := otherwise.get("case_number"):
            yield Text(
                en=f"filed to case {case}, too, beside case {facts.case_number}: kept as long as the longest of its "
                "cases demands",
                zh=f"除案件 {facts.case_number} 外，同时归入案件 {case}，保存期限以最长者为准",
            )
        if stays := [FACT[name].label for name in otherwise if name != "case_number"]:
            yield Text(
                en=f"the record says otherwise, and stays as it is: {', '.join(label.en for label in stays)} "
                f"(to change it: strongroom complete {number} …)",
                zh=f"与已有记录不一致，未作更改：{'、'.join(label.zh for label in stays)}"
                f"（如需更正：strongroom complete {number} …）",
            )
        serial = serial_of(number)
        if (listed := on_open_lists(self._connection, [serial]).get(serial)) is not None:
            state = get(self._connection, listed).at(self._now).label
            spared = Text(en="", zh="")
            if otherwise:
                spared = Text(en="; it is spared now, and to be appraised anew", zh="；现予以免销毁，须重新鉴定")
            yield Text(
                en=f"it is on list {listed} of records to be destroyed ({state.en}){spared.en}",
                zh=f"该记录已列入拟销毁清册 {listed}（{state.zh}）{spared.zh}",
            )

    def _healed(self, ready: Ready) -> list[acts.AnyAct]:
        happened: list[acts.AnyAct] = []
        for store, sha256 in ready.damaged:
            happened += [
                acts.CopyDamaged(at=self._now, by=self._by, store=store, sha256=sha256, state="corrupt"),
                acts.CopyHealed(at=self._now, by=self._by, store=store, sha256=sha256, source="intake"),
            ]
        return happened

    def _come(self, ready: Ready, content: Sequence[str]) -> Iterator[acts.AnyAct]:
        """Copies that were owed, and came with it."""
        known = {self._known[sha256]: sha256 for sha256 in content if sha256 in self._known}
        for store in ready.stores:
            here = copies.present(self._connection, store, list(known))
            come = [sha256 for object_id, sha256 in known.items() if object_id not in here]
            for start in range(0, len(come), _DIGESTS):
                some = tuple(come[start : start + _DIGESTS])
                yield acts.CopiesMade(at=self._now, by=self._by, store=store, sha256=some)

    def _same_content(self, content: tuple[str, ...], ready: Ready) -> tuple[Filed, Facts] | None:
        """The record that holds exactly these objects, if there is one, and what is known of it."""
        if any(sha256 not in self._known for sha256 in content):
            return None
        file = schema.record_file.c
        candidates = self._connection.execute(
            select(file.record_id).where(file.object_id == self._known[content[0]]).distinct().order_by(file.record_id)
        )
        wanted = sorted(self._known[sha256] for sha256 in content)
        for record_id in candidates.scalars():
            held = self._connection.execute(select(file.object_id).where(file.record_id == record_id)).scalars()
            if sorted(held) == wanted:
                row = self._connection.execute(select(schema.record).where(schema.record.c.id == record_id)).mappings()
                record = dict(row.one())
                facts = read_facts(record)
                missing = missing_facts(facts, ready.files, self._vault.profile)
                standing = Standing(record["standing"])
                return Filed(record["number"], new=False, standing=standing, missing=missing), facts
        return None


def _within(limit: int, texts: Sequence[str]) -> Iterator[str]:
    """As many texts, from the first, as fit into `limit` bytes of an entry; then how many there are beside them."""
    for told, text in enumerate(texts):
        limit -= len(msgspec.json.encode(text)) + 1
        if limit < 0:
            yield f"… +{len(texts) - told}"
            return
        yield text


def _remember(connection: Connection, intake: int, ready: Sequence[Ready], filed: Sequence[Filed]) -> None:
    rows = [
        {"intake_id": intake, "fingerprint": spell_fingerprint(print_), "record_id": serial_of(done.number)}
        for one, done in zip(ready, filed, strict=True)
        for print_ in one.fingerprints
    ]
    if rows:
        connection.execute(upsert(schema.intake_file).on_conflict_do_nothing(), rows)


def spell_fingerprint(fingerprint: Fingerprint) -> str:
    """A file's identity as the intake table keeps it."""
    f = fingerprint
    return f"{f.device}:{f.inode}:{f.size}:{f.mtime_ns}:{f.ctime_ns}"


def _keep_file_lists(vault: Vault, ready: Sequence[Ready]) -> list[acts.FileList | None]:
    """Store the lists that do not fit into an entry as objects; None for those that do."""
    lists: list[acts.FileList | None] = []
    for one in ready:
        data = encode_file_list(one.files)
        if len(data) <= _INLINE:
            lists.append(None)
            continue
        digest = Digest.of(data)
        for store in (vault.stores[name] for name in one.stores):
            arrival = store.begin(len(data))
            arrival.write(data)
            arrival.finish()
            store.put([(arrival, digest)])
        lists.append(acts.FileList(sha256=digest.hex, size=len(data), count=len(one.files)))
    return lists


def require_short_enough(facts: Facts, where: str) -> None:
    """BadInput where the facts alone would overflow a journal entry (64 KiB)."""
    size = len(msgspec.json.encode(facts))
    if size > _FACTS:
        longest = max(facts.known(), key=lambda name: len(str(getattr(facts, name))))
        raise BadInput(
            Text(
                en=f"{where}: the facts are too long ({size} bytes), most of all: {FACT[longest].label.en}.",
                zh=f"{where}：信息过长（{size} 字节），最长的是：{FACT[longest].label.zh}。",
            ),
            hint=Text(en="Shorten it; put long texts into a file of the record.", zh="请缩短；长文本请作为文件入库。"),
        )
