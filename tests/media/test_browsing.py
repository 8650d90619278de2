"""index.html in a real browser, from the content of a disc as 7z unpacks it from the image."""

import json
import random
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from media.browsing import index_page
from media.image import build_image
from media.placing import digest_parts, place_all
from media.planning import plan
from tests.media.browser import Browser, browsing
from tests.media.scene import NOW, SMALL, TAKEN, Shelf, disc, laid, one_disc, record
from vault.facts import Facts
from vault.profile import load_profile
from vault.profile.known import in_words
from vault.records import Record

HOSTILE = '</script><script>document.title="hacked"</script><img src=x onerror=alert(1)>\u2028"\'&amp;<!--'
_TITLES = "[...document.querySelectorAll('#records .what')].map(e => e.textContent)"
CASE = "邓州市某公司违规收费案"


def made(folder: Path, name: str, *options: str) -> bytes:
    """A recording, as ffmpeg makes it."""
    sources = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=3", "-f", "lavfi", "-i", "sine=duration=3")
    target = folder / name
    subprocess.run(["ffmpeg", "-v", "error", *sources, *options, str(target)], check=True)
    return target.read_bytes()


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Record], Shelf]:
    folder, shelf = tmp_path_factory.mktemp("录像"), Shelf()
    video = made(folder, "a.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    photo = made(folder, "a.jpg", "-map", "0:v", "-frames:v", "1", "-update", "1")
    sound = made(folder, "a.wav", "-map", "1:a")
    facts = Facts(
        case_number="邓财罚〔2026〕1号",
        case_name=CASE,
        party="王芳",
        section="会计科",
        officers=("张三", "李四"),
        place="邓州市新华东路 8 号",
        content="现场检查全过程录像，含当事人陈述申辩。" * 3,
        recorded_at=TAKEN,
    )
    first = record(
        1,
        *(
            shelf.file("现场检查 100%#?.mp4", video),
            shelf.file("询问录音.wav", sound),
            shelf.file("现场照片.jpg", photo),
        ),
        *(shelf.file("执法记录仪.avi", b"RIFF"), shelf.file("询问笔录.txt", "陈述".encode())),
        facts=facts,
    )
    hostile = record(
        2,
        shelf.file(HOSTILE, b"1"),
        facts=Facts(case_name=HOSTILE, party=HOSTILE, section="综合执法科", recorded_at=NOW),
    )
    return [first, hostile], shelf


@pytest.fixture(scope="module")
def page(records: tuple[list[Record], Shelf], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """index.html of the disc's content."""
    folder = tmp_path_factory.mktemp("盘")
    (layout,) = laid(one_disc(records[0], SMALL), records[0], records[1])
    build_image(folder / "盘.iso", layout, records[1].open, "2026-0001-1", NOW)
    command = ["7z", "x", "-tUdf", f"-o{folder / '内容'}", str(folder / "盘.iso")]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "内容" / "index.html"


@pytest.fixture(scope="module")
def one_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(one_browser: Browser, page: Path) -> Browser:
    one_browser.events.clear()
    one_browser.open(page)
    return one_browser


def titles(browser: Browser) -> list[str]:
    shown: list[str] = browser.evaluate(_TITLES)
    return shown


def finds(browser: Browser, words: str, expected: list[str]) -> None:
    """The page waits for the next key before it looks."""
    browser.evaluate(f"document.getElementById('words').value = {json.dumps(words)}")
    browser.evaluate("document.getElementById('words').dispatchEvent(new Event('input'))")
    browser.until(f"{_TITLES}.join('\\n') === {json.dumps(chr(10).join(expected))}")


def test_records_browse_with_their_facts_in_both_languages(browser: Browser) -> None:
    assert titles(browser) == [CASE, HOSTILE]
    shown = browser.evaluate("document.getElementById('record').innerText")
    for text in ("当事人", "王芳", "张三、李四", "2026-03-01 09:02:03", "邓财罚〔2026〕1号"):
        assert text in shown
    browser.evaluate("document.getElementById('language').click()")
    shown = browser.evaluate("document.body.innerText")
    assert "party" in shown
    assert "disc 1 of 1" in shown
    browser.evaluate("document.getElementById('language').click()")


def test_search_and_filters_find(browser: Browser) -> None:
    finds(browser, "王芳 李四", [CASE])
    finds(browser, "没有这样的案件", [])
    finds(browser, "", [CASE, HOSTILE])
    browser.evaluate("const s = document.getElementById('section'); s.value = '综合执法科'; s.onchange()")
    assert titles(browser) == [HOSTILE]


def test_video_and_sound_play_and_photos_show(browser: Browser) -> None:
    for kind in ("video", "audio"):
        browser.evaluate(f"document.querySelector('{kind}').play()")
        browser.until(f"document.querySelector('{kind}').currentTime > 0.3")
    assert browser.evaluate("document.querySelector('video').videoWidth") == 640
    browser.until("document.querySelector('.file img').naturalWidth === 640")
    assert "请另存后用播放器打开" in browser.evaluate("document.getElementById('record').innerText")


def test_links_lead_to_the_files(browser: Browser, page: Path) -> None:
    links = browser.evaluate(
        "[...document.querySelectorAll('.links a, #integrity a')].map(a => a.getAttribute('href'))"
    )
    assert "data/2026-0000001/%E7%8E%B0%E5%9C%BA%E6%A3%80%E6%9F%A5%20100%EF%BC%85%23%EF%BC%9F.mp4" in links
    urls = browser.evaluate("[...document.querySelectorAll('.links a, #integrity a')].map(a => a.href)")
    assert all(url.startswith(page.parent.as_uri()) for url in urls)
    assert all(Path(unquote(urlsplit(url).path)).is_file() for url in urls)


def test_what_people_wrote_is_text_and_nothing_more(browser: Browser) -> None:
    browser.evaluate("document.querySelectorAll('#records button')[1].click()")
    assert browser.evaluate("document.querySelector('article h2').textContent") == HOSTILE
    assert "hacked" not in browser.evaluate("document.title")
    assert browser.evaluate("document.querySelectorAll('article img').length") == 0
    assert browser.evaluate("document.scripts.length") == 2
    assert browser.complaints() == []


def test_no_request_leaves_the_page(browser: Browser, page: Path) -> None:
    test_video_and_sound_play_and_photos_show(browser)
    asked = browser.requests()
    assert len(asked) >= 4
    # Chromium draws its own players' buttons from data: addresses.
    assert {url for url in asked if not url.startswith((page.parent.as_uri(), "data:"))} == set()


def test_the_policy_refuses_the_network(browser: Browser) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        for script in (
            f"fetch('{address}/fetch', {{ signal: AbortSignal.timeout(1000) }}).catch(() => 0)",
            f"{{ const i = new Image(); i.src = '{address}/image'; document.body.append(i) }}",
            f"{{ const s = document.createElement('script'); s.src = '{address}/s.js'; document.body.append(s) }}",
        ):
            browser.evaluate(script)
        time.sleep(0.3)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody came
            server.accept()
    assert len([said for said in browser.complaints() if "violates" in said]) >= 3


def test_thousands_of_records_do_not_freeze_it(one_browser: Browser, tmp_path: Path) -> None:
    shelf = Shelf()
    many = [
        record(
            n,
            shelf.file(f"录像{n}.mp4", b"%d" % n),
            facts=Facts(case_name=f"第{n}号案", party="王芳", recorded_at=TAKEN),
        )
        for n in range(5_000)
    ]
    target = tmp_path / "index.html"
    target.write_bytes(index_page(disc(), place_all(one_disc(many, SMALL), many, {}), ""))
    began = time.monotonic()
    one_browser.open(target)
    one_browser.until("document.querySelectorAll('#records li').length === 200")
    assert time.monotonic() - began < 10
    finds(one_browser, "第4999号", ["第4999号案"])
    clicked = "const t = performance.now(); document.getElementById('language').click(); return performance.now() - t"
    assert one_browser.evaluate(f"(() => {{ {clicked} }})()") < 1_000  # milliseconds, for all there is to do anew


def test_pieces_and_other_files_elsewhere_are_told_apart_and_identifiers_are_words(
    one_browser: Browser, tmp_path: Path
) -> None:
    shelf, profile = Shelf(), load_profile("dengzhou")
    film = random.Random(2026).randbytes(5 << 19)
    files = (shelf.file("大.mp4", film), shelf.file("照片.jpg", b"\xff\xd8"))
    one = record(1, *files, facts=Facts(case_name=CASE, circumstances=("objection",)))
    planned = plan([one], SMALL, 0)
    placed = place_all(planned, [one], digest_parts(planned, [one], shelf.open))
    (photo,) = (n for n in range(1, len(planned.discs) + 1) if placed[0].files[1].on(n))
    of = next(n for n in range(1, len(planned.discs) + 1) if n != photo)
    later = replace(disc(of, len(planned.discs)), generation=2, words=partial(in_words, profile))
    target = tmp_path / "index.html"
    target.write_bytes(index_page(later, placed, ""))
    one_browser.open(target)
    others = [n for n in range(1, len(planned.discs) + 1) if n != of]
    objection = profile.circumstance("objection")
    assert objection is not None
    zh, en = (
        one_browser.evaluate(f"(() => {{ {click} return document.body.textContent }})()")
        for click in ("", "document.getElementById('language').click();")
    )
    if "English" not in zh:  # as the machine's language has it
        zh, en = en, zh
    pieces = "、".join(f"第 {n} 张" for n in others)
    assert f"以上分段的其余部分在本组的其他光盘上：大.mp4（{pieces}）" in zh
    assert f"本记录的其他文件在本组的其他光盘上：照片.jpg（第 {photo} 张）" in zh
    assert f"Other files of this record are on other discs of this set: 照片.jpg (disc {photo})" in en
    assert f"discs of this set: 大.mp4 ({', '.join(f'disc {n}' for n in others)})" in en
    assert objection.zh in zh
    assert objection.en in en
    assert "本盘为第 2 代" in zh
    assert "This is generation 2" in en


def test_the_page_is_the_same_for_the_same_records(records: tuple[list[Record], Shelf]) -> None:
    placed = place_all(one_disc(records[0], SMALL), records[0], {})
    assert index_page(disc(), placed, "") == index_page(disc(), placed, "")
    assert (
        HOSTILE[:9] not in index_page(disc(), placed, "").decode().partition('id="data">')[2].partition("</script>")[0]
    )
