"""Viewings that are open while a list waits to be carried out: `disposal show` and `run` tell of them."""

from tests.ops.test_disposal import ONE, TWO, Office, agreed, office

__all__ = ["office"]


def asked(office: Office, *records: str) -> str:
    return office("zhangjianguo", "viewing", "request", *records, "--why", "复议", "--for", "export").out.strip()


def test_a_viewing_not_decided_or_not_used_is_told_before_its_record_goes(office: Office) -> None:
    number, _ = agreed(office)
    show = ("disposal", "show", number)
    assert "viewing" not in office("zhangjianguo", *show).err
    request = asked(office, ONE, TWO)
    told = f"{ONE}: viewing {request} (export), asked for by 张建国: waits for supervising leader\n"
    shown = office("chenjing", *show)
    assert told in shown.err  # of the two records the one that is on the list
    assert "To keep a record: strongroom hold place" in shown.err
    office("wangju", "viewing", "approve", request)
    said = office("chenjing", *show, language="zh").err
    assert f"{ONE}：查阅申请 {request}（导出，申请人：张建国）：已批准，尚未用完，有效至 2032-04-16 10:00:00\n" in said
    (row,) = [row for row in office("chenjing", *show, "--json").lines if row["type"] == "viewing"]
    assert (row["request"], row["records"], row["for"], row["waits_for"]) == (request, [ONE], "export", None)
    ran = office("zhangjianguo", "disposal", "run", number)
    assert f"viewing {request} (export), asked for by 张建国: approved" in ran.err
    assert "closed" in ran.out  # it bars nothing
    assert "viewing" not in office("zhangjianguo", *show).err


def test_who_may_not_read_facts_learns_before_a_run_only_that_there_is_one(office: Office) -> None:
    number, _ = agreed(office)
    asked(office, ONE)
    stranger = office("nobody", "disposal", "run", number, expect=4)
    assert "viewing" not in stranger.err
    supervisor = office("chenjing", "disposal", "run", number, expect=4)
    assert "viewing" not in supervisor.err
    office("yunwei", "disposal", "show", number, expect=4)
    ran = office("yunwei", "disposal", "run", number, language="zh")
    assert (
        f"清册中的记录有 1 项查阅尚未办结；有权查看记录信息的人员可查看详情：strongroom disposal show {number}"
        in ran.err
    )
    assert ONE not in ran.err
    assert "张建国" not in ran.err
    assert "导出" not in ran.err


def test_for_programs_a_run_counts_them(office: Office) -> None:
    number, _ = agreed(office)
    asked(office, ONE)
    (row,) = office("yunwei", "disposal", "run", number, "--json").lines
    assert (row["open_viewings"], row["state"]) == (1, "closed")


def test_what_was_declined_used_or_is_over_is_not_open(office: Office) -> None:
    number, _ = agreed(office)
    show = ("disposal", "show", number)
    declined, used, over = asked(office, ONE), asked(office, ONE, TWO), asked(office, ONE)
    assert [f"viewing {one} (" in office("chenjing", *show).err for one in (declined, used, over)] == [True] * 3
    office("wangju", "viewing", "decline", declined, "--why", "无必要")
    office("wangju", "viewing", "approve", used)
    office("zhangjianguo", "export", "包", ONE, "--request", used)  # it still serves the other
    told = office("chenjing", *show).err
    assert [f"viewing {one} (" in told for one in (declined, used, over)] == [False, False, True]
    office.clock = "2032-04-17T02:00:00+00:00"
    assert "viewing" not in office("chenjing", *show).err
