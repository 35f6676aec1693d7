"""What decides at the door: waits, steps, codes, passwords, PINs; tables."""

from pathlib import Path

import pyotp
import pytest

from admission import codes, lockout, pins, policy
from admission.common import common
from admission.policy import Whose
from admission.steps import MUST, Step, next_step
from admission.vault import Vault
from hall.catalogue import PERSON_ROLES
from hall.days import DAY, HOUR, SECOND
from hall.refusals import NotAllowed

NOW = 1_790_000_000_000
ZHAO = Whose("9001", "赵建国", "云溪县政务服务中心")


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        *((each, 0) for each in (0, 1, 4)),
        *((5, 15), (6, 30), (7, 60), (8, 120), (9, 240), (10, 480), (14, 7680)),
        *((each, 24 * 3600) for each in (15, 16, 1000)),
    ],
)
def test_five_failures_cost_15_seconds_and_each_more_twice_as_much(
    failures: int, seconds: int
) -> None:
    assert lockout.wait_after(failures) == seconds * SECOND


@pytest.mark.parametrize(
    ("failures", "ago", "left"),
    [
        (4, 0, 0),
        (5, 0, 15),
        (5, 14_001, 1),
        (5, 15_000, 0),
        (15, HOUR, 23 * 3600),
        (15, 24 * HOUR, 0),
        # a clock that was set back by a year adds nothing to the wait
        (5, -365 * DAY, 15),
    ],
)
def test_a_wait_is_told_in_whole_seconds_and_ends(failures: int, ago: int, left: int) -> None:
    assert lockout.left(failures, NOW - ago, NOW) == left


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(15, " 15 秒"), (119, " 119 秒"), (120, " 2 分钟"), (481, " 9 分钟"), (7200, " 2 小时")],
)
def test_a_wait_is_told_as_people_say_it(seconds: int, words: str) -> None:
    assert lockout.in_words(seconds) == words


@pytest.mark.parametrize(
    ("enrolled", "must_enrol", "code_given", "must_change", "step"),
    [
        (False, False, False, False, None),
        (False, False, False, True, Step.PASSWORD),
        (False, True, False, False, Step.ENROL),
        (False, True, False, True, Step.PASSWORD),
        (True, True, False, True, Step.CODE),
        (True, False, False, False, Step.CODE),
        (True, True, True, True, Step.PASSWORD),
        (True, True, True, False, None),
        (True, False, True, False, None),
    ],
)
def test_the_code_comes_before_the_new_password_and_that_before_setting_up(
    enrolled: bool, must_enrol: bool, code_given: bool, must_change: bool, step: Step | None
) -> None:
    assert step is next_step(
        enrolled=enrolled, must_enrol=must_enrol, code_given=code_given, must_change=must_change
    )


def test_the_roles_that_must_have_a_second_factor_are_roles_of_people() -> None:
    assert MUST["off"] < MUST["administrators"] < MUST["managers"] < set(PERSON_ROLES)


# -- codes -------------------------------------------------------------------------------------


def test_a_code_opens_in_its_half_minute_and_beside_it_once() -> None:
    secret = codes.new_secret()
    step = NOW // 30_000
    for offset in (-1, 0, 1):
        code = pyotp.TOTP(secret).at((step + offset) * 30)
        assert codes.accepted_step(secret, code, NOW, 0) == step + offset
        assert codes.accepted_step(secret, f"{code[:3]} {code[3:]}", NOW, 0) == step + offset
        assert codes.accepted_step(secret, code, NOW, step + offset) is None
    for offset in (-2, 2):
        code = pyotp.TOTP(secret).at((step + offset) * 30)
        assert codes.accepted_step(secret, code, NOW, 0) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_what_is_no_code_opens_nothing(typed: str) -> None:
    assert codes.accepted_step(codes.new_secret(), typed, NOW, 0) is None


def test_a_long_name_of_the_hall_makes_no_code_too_fine_for_a_phone() -> None:
    secret = codes.new_secret()
    told = {
        hall: pyotp.parse_uri(codes.address(secret, "9001", hall))
        for hall in ("厅" * 12, "厅" * 30)
    }
    assert [each.issuer for each in told.values()] == ["厅" * 12, "厅" * 11 + "…"]
    assert {(each.name, each.secret) for each in told.values()} == {("9001", secret)}


def test_eight_recovery_codes_are_told_apart_and_read_as_people_type_them() -> None:
    made = codes.new_recovery_codes()
    assert len({codes.label_of(each) for each in made}) == codes.RECOVERY_CODES == 8
    for each in made:
        assert codes.recovery_code(f" {each.upper().replace('-', ' ')} ") == each
    for wrong in ("", "123456", made[0][:-1], made[0].replace(made[0][0], "0")):
        assert codes.recovery_code(wrong) is None


def test_a_secret_opens_with_the_key_beside_the_file_for_one_person_only(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "hall.key")
    sealed = vault.seal("JBSWY3DPEHPK3PXP", "9001")
    assert b"JBSW" not in sealed
    assert Vault(tmp_path / "hall.key").open(sealed, "9001") == "JBSWY3DPEHPK3PXP"
    assert (tmp_path / "hall.key").stat().st_mode & 0o077 == 0
    for stranger, whose in ((vault, "9002"), (Vault(tmp_path / "lost.key"), "9001")):
        with pytest.raises(NotAllowed) as refused:
            stranger.open(sealed, whose)
        assert refused.value.code == "no_key"


# -- passwords ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "今天食堂的红烧肉特别好吃真想再来一份",
        "k7mp-x2aa-9rtw-b",
        "zhengwu 大厅的猫 eats plums",
    ],
)
def test_a_sentence_is_a_password_by_nist(password: str) -> None:
    assert policy.problem(password, "nist", ZHAO, common()) is None


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("fourteen chars", "至少 15 个"),
        ("x" * 201, "最多 200"),
        ("aaaaaaaaaaaaaaaaaaa", "太常见"),
        ("1234567890123456", "太常见"),
        ("zyxwvutsrqponmlk", "太常见"),
        ("abcabcabcabcabcabc", "太常见"),
        ("9001900190019001", "太常见"),
        ("云溪县政务服务中心9001 2026", "只由"),
        ("zhengwudating2026", "只由"),
        ("hallqueueadmin1!", "只由"),
    ],
)
def test_what_is_guessed_first_is_no_password_by_nist(password: str, said: str) -> None:
    assert said in str(policy.problem(password, "nist", ZHAO, common()))


@pytest.mark.parametrize(
    "password", ["password1", "12345678", "QWERTYUIOP", "1qaz2wsx", "iloveyou!!"]
)
def test_common_passwords_are_refused_beside_a_second_factor_too(password: str) -> None:
    whose = Whose("9001", "赵建国", "云溪县政务服务中心", second_factor=True)
    assert policy.problem("plum42tree", "nist", whose, common()) is None
    assert "太常见" in str(policy.problem(password, "nist", whose, common()))


def test_more_than_three_thousand_common_passwords_are_long_enough_to_be_tried() -> None:
    """ASVS 5.0, 6.2.4."""
    assert sum(len(each) >= policy.NIST_BESIDE for each in common()) > 3000


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Plum-tree42", None),
        ("plumtree42!", None),
        ("Plum-tre4", "至少 10 个"),
        ("plumtree4242", "至少三种"),
        ("Plum-9001-tree", "工号或姓名"),
        ("Plum-赵建国-42", "工号或姓名"),
    ],
)
def test_a_password_by_dengbao_has_three_classes_and_no_name(
    password: str, said: str | None
) -> None:
    found = policy.problem(password, "mlps", ZHAO, common())
    assert found is None if said is None else said in str(found)


@pytest.mark.parametrize(
    ("rule", "age", "must_change", "due"),
    [
        ("nist", 4000, False, False),
        ("nist", None, False, False),
        ("nist", 0, True, True),
        ("mlps", 90, False, False),
        ("mlps", 91, False, True),
        ("mlps", None, False, True),
    ],
)
def test_a_password_is_due_by_dengbao_after_90_days_and_when_somebody_else_made_it_up(
    rule: policy.Rule, age: int | None, must_change: bool, due: bool
) -> None:
    set_at = None if age is None else NOW - age * DAY
    assert policy.is_due(rule, set_at, must_change, NOW) is due


# -- PINs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("pin", ["4071", "93582", "20481907"])
def test_a_pin_is_four_to_eight_digits(pin: str) -> None:
    assert pins.problem(pin, "1001", "13800001234") is None


@pytest.mark.parametrize(
    "pin",
    [
        *("", "123", "123456789", "12a4", "１２３４"),
        *("1234", "4321", "7890", "2468", "0000", "1212", "1122", "5201314", "2580"),
        *("1001", "0012"),
    ],
)
def test_what_everybody_would_try_is_no_pin(pin: str) -> None:
    assert pins.problem(pin, "1001", "13800001234") is not None
