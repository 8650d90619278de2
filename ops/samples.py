"""One day's recordings of an office, made on the spot: what `strongroom demo` takes in.

The media are real: H.264 and AAC that play, JPEGs with EXIF, a collector's ZIP. ffmpeg makes them, because
recordings in the repository would be megabytes of binary that nobody can review, and because they must be recent: a
rule such as Dengzhou's article 9 (stored within 24 hours of the end of the activity) looks at their times. All people,
companies and cases are invented.

The rules of this file: `now` is passed in; every activity ended within the 24 hours before it, at an office's hours;
clocks in the picture, in names, in EXIF and in the sheet show Beijing time, as devices and clerks there do; what the
formats define as UTC is UTC. One file has no facts on purpose.
"""

import csv
import io
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import msgspec

from ops.sample_media import BEIJING, make_audio, make_photo, make_video, photo, require_tools, set_modified
from vault.facts import FACTS, Facts

FILE_COLUMN = "文件"
GROUP_COLUMN = "记录组"

_OFFICE = "邓州市财政局"


@dataclass(frozen=True, slots=True)
class Samples:
    """What lies in the folder, and what a demonstration can expect of it."""

    folder: Path
    sheet: Path  # maps files to facts; rows with the same 记录组 are one record
    container: Path  # the collector's ZIP: its members are one record
    sidecar: Path  # facts of the file whose name it carries
    unlisted: Path  # nothing says which section it belongs to: it goes to quarantine
    recordings: tuple[Path, ...]  # every file to take in, the container and the unlisted one included
    records: int  # how many records they make, the quarantined one included
    party: str  # in exactly one record, two characters long: the usual query


@dataclass(frozen=True, slots=True)
class Activities:
    """Facts of what the office did that day; `recorded_at` is when the first recording of each began."""

    inspection: Facts
    inquiry: Facts
    report: Facts
    preservation: Facts


def make_samples(folder: Path, now: datetime) -> Samples:
    """Fill `folder` (made if missing) with about 1 MB of recordings from the 24 hours before `now`.

    StrongroomError where ffmpeg or the Chinese font is missing, saying what to install.
    """
    require_tools()
    folder.mkdir(parents=True, exist_ok=True)
    day = activities(now)
    began = _began(day.inspection)
    segments = [folder / f"{day.inspection.device_number}_{began:%Y%m%d_%H%M%S}_{part:02}.mp4" for part in (1, 2)]
    photos = [folder / f"IMG_{began + timedelta(minutes=m):%Y%m%d_%H%M%S}.jpg" for m in (12, 25)]
    asked = _began(day.inquiry)
    interview = folder / f"询问{day.inquiry.party}_{asked:%Y%m%d}.mp4"
    backup = folder / f"询问{day.inquiry.party}_{asked:%Y%m%d}_录音.m4a"
    called = _began(day.report)
    call = folder / f"电话举报_{called:%Y%m%d_%H%M}.wav"
    exported = _began(day.preservation)
    container = folder / f"采集站导出_{exported:%Y%m%d}.zip"
    unlisted_at = exported + timedelta(minutes=9)
    unlisted = folder / f"IMG_{unlisted_at:%Y%m%d_%H%M%S}.jpg"

    # Two at a time: the encoder already uses every core, and the small jobs fill its gaps.
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(_film, segments[0], began, day.inspection, 1),
            pool.submit(_film, segments[1], began + timedelta(minutes=30), day.inspection, 2),
            pool.submit(_film, interview, asked, day.inquiry, 3),
            pool.submit(make_audio, backup, asked, 3),
            pool.submit(make_audio, call, called, 4),
            pool.submit(_make_container, container, exported, day.preservation),
            pool.submit(make_photo, photos[0], began + timedelta(minutes=12), ["记账凭证 第 0347 号", "附单据 2 张"]),
            pool.submit(make_photo, photos[1], began + timedelta(minutes=25), ["总分类账", "应付账款 结转下页"]),
            pool.submit(make_photo, unlisted, unlisted_at, ["走访笔录", "（第 1 页）"]),
        ]
        for job in jobs:
            job.result()

    sheet = folder / "清单.csv"
    _write_sheet(
        sheet,
        [
            *((path, "1", day.inspection) for path in (*segments, *photos)),
            (interview, "2", day.inquiry),
            (backup, "2", day.inquiry),
            (container, "", day.preservation),
        ],
    )
    sidecar = call.with_name(call.name + ".facts.json")
    sidecar.write_bytes(msgspec.json.format(msgspec.json.encode(day.report), indent=2) + b"\n")
    recordings = (*segments, *photos, interview, backup, call, container, unlisted)
    return Samples(folder, sheet, container, sidecar, unlisted, recordings, 5, day.inspection.party)


def activities(now: datetime) -> Activities:
    """Facts as the office would write them; the matters are those of the annex to Dengzhou's regulation."""
    return Activities(
        inspection=_inspection(_last(now, time(11, 20))),
        inquiry=_inquiry(_last(now, time(16, 10))),
        report=_report(_last(now, time(8, 40))),
        preservation=_preservation(_last(now, time(17, 5))),
    )


def _inspection(ended: datetime) -> Facts:
    return Facts(
        case_number=f"邓财监〔{ended.year}〕12号",
        case_name="邓州市宏运商贸有限公司会计信息质量检查案",
        party="王芳",
        section="监督检查科",
        officers=("张建国", "刘敏"),
        recorder="张建国",
        device_number="DZCZ0107",
        place="邓州市新华东路126号宏运商贸有限公司财务室",
        cause="未按照规定填制会计凭证",
        matter="现场检查",
        content="清点会计账簿和凭证，财务负责人王芳在场配合",
        recorded_at=ended - timedelta(minutes=52),
        activity_ended_at=ended,
        confidentiality="内部",
    )


def _inquiry(ended: datetime) -> Facts:
    return Facts(
        case_number=f"邓财采〔{ended.year}〕7号",
        case_name="邓州市城区第三小学教学设备采购投诉处理案",
        party="李伟",
        section="政府采购监督管理科",
        officers=("赵晓东", "陈静"),
        recorder="陈静",
        device_number="DZCZ0103",
        place="邓州市财政局三楼询问室",
        cause="提供虚假材料谋取中标",
        matter="调查询问",
        content="李伟对认定的事实提出异议，拒绝在笔录上签字",
        recorded_at=ended - timedelta(minutes=46),
        activity_ended_at=ended,
        circumstances=("objection",),
    )


def _report(ended: datetime) -> Facts:
    return Facts(
        party="周建军",
        section="综合科",
        officers=("马丽",),
        recorder="马丽",
        place="邓州市财政局值班室",
        cause="反映代理记账机构虚开发票入账",
        matter="电话举报",
        content="值班电话接听举报全程录音",
        recorded_at=ended - timedelta(minutes=7),
        activity_ended_at=ended,
    )


def _preservation(ended: datetime) -> Facts:
    return Facts(
        case_number=f"邓财会〔{ended.year}〕3号",
        case_name="邓州市惠民财务服务部未经许可从事代理记账案",
        party="孙丽",
        section="会计科",
        officers=("吴志强", "刘敏"),
        recorder="吴志强",
        device_number="DZCZ0112",
        place="邓州市交通路58号惠民财务服务部",
        cause="未取得代理记账许可从事代理记账业务",
        matter="证据保全",
        content="对代理记账合同和收费收据登记保存",
        recorded_at=ended - timedelta(minutes=38),
        activity_ended_at=ended,
    )


def _last(now: datetime, hour: time) -> datetime:
    """The last time before `now` that clocks in Beijing showed `hour`: less than 24 hours ago."""
    moment = datetime.combine(now.astimezone(BEIJING).date(), hour, BEIJING)
    return moment if moment < now else moment - timedelta(days=1)


def _began(facts: Facts) -> datetime:
    assert facts.recorded_at is not None  # activities() gives every one a beginning
    return facts.recorded_at


def _film(path: Path, began: datetime, facts: Facts, seed: int) -> None:
    lines = [f"{_OFFICE} {facts.section}", f"{facts.matter} {facts.party}"]
    make_video(path, began, facts.device_number, lines, seed)


def _make_container(path: Path, began: datetime, facts: Facts) -> None:
    """A docking station's export: photos and a sound recording of one activity, names in UTF-8 (ZIP's flag bit 11)."""
    sound = path.with_name("." + path.stem + ".m4a")
    make_audio(sound, began, 5)
    members = [
        (f"{facts.device_number}/证据保全_{n:02}_{title}.jpg", when, photo(when, [title, facts.matter]))
        for n, title in enumerate(("代理记账合同", "收费收据", "登记保存清单"), start=1)
        for when in [began + timedelta(minutes=4 * n)]
    ]
    members.append((f"{facts.device_number}/现场录音.m4a", began, sound.read_bytes()))
    sound.unlink()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, when, data in members:
            archive.writestr(zipfile.ZipInfo(name, when.timetuple()[:6]), data)
    set_modified(path, began + timedelta(minutes=20))


def _write_sheet(path: Path, rows: Sequence[tuple[Path, str, Facts]]) -> None:
    """CSV with a byte order mark, because without one Excel and WPS show Chinese as rubbish."""
    used = [fact for fact in FACTS if any(fact.name in facts.known() for _, _, facts in rows)]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([FILE_COLUMN, GROUP_COLUMN, *(fact.label.zh for fact in used)])
    for file, group, facts in rows:
        writer.writerow([file.name, group, *(_cell(getattr(facts, fact.name)) for fact in used)])
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def _cell(value: str | tuple[str, ...] | datetime | None) -> str:
    """As a clerk would type it: names joined by 、 and Beijing time without a zone."""
    if isinstance(value, datetime):
        return f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, tuple):
        return "、".join(value)
    return value or ""
