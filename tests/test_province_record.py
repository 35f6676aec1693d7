"""The record a province asks for: tables of our words, its codes, its times and its limits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from halls import SMALL_HALL

from hall.refusals import NotValid
from hall.tickets import Outcome
from province import adapter, example, sm
from province.adapter import REFUSALS, RETRIES, Reply, Verdict, next_try
from province.example import Example, Secret, opened, signed_part
from province.pages import page_address, signed_text
from province.record import Facts, Promise, Record, department_code, known_name, record_of
from rating.levels import Channel, Level

SHANGHAI = ZoneInfo("Asia/Shanghai")
CODES = {"MZ": "11330100MB0000001A"}
AREA = "330100000000"
SECRET = Secret(bytes(range(16)), bytes(range(16, 32)))
EXAMPLE = Example("https://province.example.cn/evaluate", "yunxi", SECRET, SHANGHAI)


def at(hour: int, minute: int, second: int = 0) -> int:
    return int(datetime(2026, 11, 20, hour, minute, second, tzinfo=SHANGHAI).timestamp() * 1000)


FACTS = Facts(
    rating=5,
    nth=1,
    visit=17,
    day="2026-11-20",
    case_number="MZ-2026-0042",
    service_number=2,
    service="marriage",
    window=1,
    clerk="1001",
    holder="张*",
    helper="",
    started_at=at(10, 0),
    ended_at=at(10, 12, 30),
    outcome="completed",
    level="very_satisfied",
    tags='[{"code": "511", "text": "一窗受理"}, {"code": "512", "text": "快"}]',
    text="很好",
    contact="",
    channel="evaluator",
    rated_at=at(10, 13),
    voided="",
    unid="",
)


def told(**changed: Any) -> dict[str, str]:
    return EXAMPLE.fields(record(**changed))


def record(**changed: Any) -> Record:
    return record_of(replace(FACTS, **changed), SMALL_HALL, AREA, CODES)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(NotValid) as refusal:
        act()
    return refusal.value.code


def test_a_rated_service_is_told_with_every_field_a_province_asks_for() -> None:
    assert told() == {
        "projectNo": "MZ-2026-0042",
        "taskCode": "marriage",
        "taskHandleItem": "marriage",
        "taskName": "婚姻登记",
        "projectName": "婚姻登记（1号窗口）",
        "proStatus": "3",
        "acceptDate": "2026-11-20 10:00:00",
        "serviceTime": "2026-11-20 10:12:30",
        "resultDate": "2026-11-20 10:12:30",
        "assessTime": "2026-11-20 10:13:00",
        "serviceName": "1号窗口",
        "serviceNumber": "2",
        "promiseTime": "1",
        "taskType": "1",
        "areaCode": AREA,
        "deptCode": "11330100MB0000001A",
        "proDepart": "民政局",
        "proManager": "张敏",
        "proManagerNo": "1001",
        "pf": "4",
        "satisfaction": "5",
        "evalDetail": "511,512",
        "writingEvaluation": "很好",
        "assessNumber": "1",
        "appStatus": "1",
        "publicFlag": "0",
        "anonymityFlag": "1",
        "dataSource": "政务大厅",
    }


@pytest.mark.parametrize(
    ("level", "digit"),
    [
        ("very_satisfied", "5"),
        ("satisfied", "4"),
        ("basically_satisfied", "3"),
        ("dissatisfied", "2"),
        ("very_dissatisfied", "1"),
    ],
)
def test_each_level_has_the_digit_of_the_published_interfaces(level: str, digit: str) -> None:
    assert told(level=level)["satisfaction"] == digit


@pytest.mark.parametrize(
    ("channel", "pf"),
    [
        ("evaluator", "4"),
        ("qr", "3"),
        ("window_qr", "3"),
        ("paper", "5"),
        ("box", "5"),
        ("phone", "6"),
        ("sms", "7"),
    ],
)
def test_each_channel_has_its_code(channel: str, pf: str) -> None:
    assert told(channel=channel)["pf"] == pf


def test_what_has_no_code_is_refused_and_not_told_as_something_else() -> None:
    assert refused(lambda: told(channel=Channel.IMPORT)) == "no_code"


@pytest.mark.parametrize(
    ("outcome", "status", "promise", "ends"),
    [
        ("accepted", "2", "2", None),
        ("completed", "3", "1", "2026-11-20 10:12:30"),
        ("collected", "3", "1", "2026-11-20 10:12:30"),
        ("consulted", "3", "1", "2026-11-20 10:12:30"),
        ("other", "3", "1", "2026-11-20 10:12:30"),
    ],
)
def test_what_was_only_taken_in_has_not_ended(
    outcome: str, status: str, promise: str, ends: str | None
) -> None:
    fields = told(outcome=outcome)
    assert (fields["proStatus"], fields["taskType"]) == (status, promise)
    assert fields.get("resultDate") == ends


def test_every_outcome_and_level_is_in_the_code_tables() -> None:
    assert set(example.CODES.outcomes) == set(Outcome)
    assert set(example.CODES.levels) == set(Level)
    assert set(example.CODES.channels) == set(Channel) - {Channel.IMPORT}
    assert set(example.CODES.promises) == set(Promise)


def test_a_province_with_opposite_digits_is_another_table_and_nothing_else() -> None:
    levels = {level: str(place) for place, level in enumerate(Level, 1)}
    promises = {Promise.AT_ONCE: "2", Promise.PROMISED: "1"}
    codes = replace(example.CODES, levels=levels, promises=promises)
    said = adapter.said(record(level="very_dissatisfied"), codes, SHANGHAI)
    assert (said["level"], said["promise"]) == ("5", "2")


def test_a_rating_without_a_case_number_has_the_hall_s_own() -> None:
    assert told(case_number=None)["projectNo"] == "2026112000000017"
    assert told(case_number="")["projectNo"] == "2026112000000017"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"rated_at": at(10, 12, 29)}, "rated_before_service"),
        ({"service_number": 100}, "too_many_services"),
        ({"service_number": 0}, "too_many_services"),
        ({"nth": 3}, "bad_nth"),
    ],
)
def test_what_no_province_takes_is_refused_with_its_reason(
    changed: dict[str, Any], code: str
) -> None:
    assert refused(lambda: record(**changed)) == code


def test_a_rating_of_the_second_the_service_ended_and_the_99th_service_are_taken() -> None:
    assert record(rated_at=FACTS.ended_at).rated_at == FACTS.ended_at
    assert told(service_number=99)["serviceNumber"] == "99"


def test_a_department_without_a_credit_code_or_a_hall_without_an_area_is_refused() -> None:
    assert refused(lambda: record_of(FACTS, SMALL_HALL, AREA, {})) == "department_code_missing"
    assert refused(lambda: record_of(FACTS, SMALL_HALL, "3301", CODES)) == "area_missing"


@pytest.mark.parametrize(
    ("code", "found"),
    [("MZ", CODES["MZ"]), ("BDC", ""), ("11330100MB0000009X", "11330100MB0000009X")],
)
def test_a_department_s_own_code_may_be_its_credit_code(code: str, found: str) -> None:
    assert department_code(code, CODES) == found


@pytest.mark.parametrize(
    ("name", "known"), [("张*", ""), ("欧阳**", ""), ("张三", "张三"), ("", "")]
)
def test_a_masked_name_is_not_a_name(name: str, known: str) -> None:
    assert known_name(name) == known


@pytest.mark.parametrize(
    ("holder", "contact", "anonymous"),
    [("张*", "", "1"), ("张*", "13800001111", "0"), ("张三", "", "0"), ("", "", "1")],
)
def test_who_left_neither_name_nor_contact_is_anonymous(
    holder: str, contact: str, anonymous: str
) -> None:
    assert told(holder=holder, contact=contact)["anonymityFlag"] == anonymous


def test_a_name_that_is_known_goes_with_its_kind_of_paper_and_a_contact_never_goes() -> None:
    fields = told(holder="张三", contact="13800001111")
    assert (fields["userName"], fields["userPageType"]) == ("张三", "111")
    assert "13800001111" not in "".join(fields.values())


def test_a_second_rating_and_a_voided_one_say_so() -> None:
    assert told(nth=2)["assessNumber"] == "2"
    voided = told(voided="mistaken", unid="U000007")
    assert (voided["appStatus"], voided["evaluateUnid"]) == ("0", "U000007")


# -- signing -----------------------------------------------------------------------------------


def test_sm3_is_the_standard_s() -> None:
    # GB/T 32905-2016, appendix A.1 and A.2
    assert sm.digest(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert sm.digest(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_sm4_is_the_standard_s() -> None:
    # GB/T 32907-2016, appendix A.1: one block; under CBC with an iv of zeros the first is the same
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    first = sm.encrypted(key, bytes(16), key)[:16]
    assert first.hex() == "681edf34d206965e86b3e94f536e4246"


def test_sm4_blocks_are_chained_as_rfc_8998_s_companion_draft_has_it() -> None:
    # draft-ribose-cfrg-sm4-10, A.2.2.1
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    iv = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
    plain = bytes.fromhex("aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffffaaaaaaaabbbbbbbb")
    whole = sm.encrypted(key, iv, plain)
    assert whole[:32].hex() == "78ebb11cc40b0a48312aaeb2040244cb4cb7016951909226979b0d15dc6a8f6d"
    assert sm.decrypted(key, iv, whole) == plain


def test_a_body_is_opened_only_with_the_key_it_was_sealed_with() -> None:
    message = EXAMPLE.pack("hq_1", told(), at(11, 0), "ab" * 16)
    assert "张敏".encode() not in message.body
    assert opened(SECRET, message.body) == told()
    with pytest.raises(ValueError):
        opened(Secret(bytes(16), SECRET.signing), message.body)


def test_a_signature_is_void_for_another_time_nonce_or_body() -> None:
    message = EXAMPLE.pack("hq_1", told(), at(11, 0), "ab" * 16)
    given, key = message.headers["X-Signature"], SECRET.signing
    assert message.headers["Idempotency-Key"] == "hq_1"
    assert sm.is_signed(key, signed_part(at(11, 0), "ab" * 16, message.body), given)
    assert not sm.is_signed(key, signed_part(at(11, 1), "ab" * 16, message.body), given)
    assert not sm.is_signed(key, signed_part(at(11, 0), "cd" * 16, message.body), given)
    assert not sm.is_signed(key, signed_part(at(11, 0), "ab" * 16, b"{}"), given)
    assert not sm.is_signed(SECRET.cipher, signed_part(at(11, 0), "ab" * 16, message.body), given)
    assert not sm.is_signed(key, b"", "no hex")


# -- answers -----------------------------------------------------------------------------------

TAKEN = b'{"code": "200", "msg": "ok", "data": {"evaluateUnid": "U1"}}'


@pytest.mark.parametrize(
    ("reply", "unid", "silent", "refused"),
    [
        (Reply(200, TAKEN), "U1", False, False),
        (Reply(200, TAKEN.replace(b"200", b"409")), "U1", False, False),
        (Reply(200, TAKEN.replace(b'"200"', b"200")), "U1", False, False),
        (Reply(200, b'{"code": "200", "data": {}}'), "", False, True),
        (Reply(200, b'{"code": "200", "data": null}'), "", False, True),
        (Reply(500, TAKEN), "", False, False),
        (Reply(400, b'{"code": "400", "msg": "no"}'), "", False, True),
        (Reply(200, b'{"code": "401", "msg": "sign"}'), "", False, True),
        (Reply(200, b'{"code": "500", "msg": "busy"}'), "", False, False),
        (Reply(429, b""), "", False, False),
        (Reply(502, b"<html>"), "", False, False),
        (Reply(200, b"<html>"), "", False, False),
        (Reply(200, b"[]"), "", False, False),
        (Reply(error="10 秒内没有答完"), "", True, False),
    ],
)
def test_only_a_code_and_an_id_together_are_stored(
    reply: Reply, unid: str, silent: bool, refused: bool
) -> None:
    verdict = EXAMPLE.read(reply)
    assert (verdict.unid, verdict.silent, verdict.refused) == (unid, silent, refused)
    assert bool(verdict.error) == (not unid)


@pytest.mark.parametrize(
    ("tries", "refused", "seconds"),
    [
        (1, False, 5),
        (2, False, 60),
        (6, False, 3600),
        (len(RETRIES), False, 3600),
        (len(RETRIES) + 1, False, None),
        (1, True, 60),
        (len(REFUSALS), True, 3600),
        (len(REFUSALS) + 1, True, None),
    ],
)
def test_pauses_grow_until_a_row_is_given_up(
    tries: int, refused: bool, seconds: int | None
) -> None:
    when = next_try(tries, 1000, Verdict(error="no", refused=refused))
    assert when == (None if seconds is None else 1000 + seconds * 1000)


def test_a_province_that_is_down_over_a_long_weekend_loses_nothing() -> None:
    assert sum(RETRIES) >= 3 * 24 * 3600


# -- the province's page -----------------------------------------------------------------------


def test_the_page_s_address_carries_the_visit_percent_encoded_and_signed() -> None:
    values = {"project_no": "A&B=1/2", "service": "婚姻", "window": "1"}
    template = "https://p.example.cn/pad?no={project_no}&s={service}&sign={sign}"
    address = page_address(template, values, EXAMPLE.sign)
    mine = EXAMPLE.sign("project_no=A&B=1/2&service=婚姻")
    assert address == (
        f"https://p.example.cn/pad?no=A%26B%3D1%2F2&s=%E5%A9%9A%E5%A7%BB&sign={mine}"
    )


def test_what_is_signed_is_what_stands_in_the_address_by_name() -> None:
    values = {"window": "1", "visit": "7", "clerk": "1001"}
    assert signed_text("https://p/?w={window}&v={visit}&s={sign}", values) == "visit=7&window=1"
    assert page_address("https://p/?w={window}", values, None) == "https://p/?w=1"
