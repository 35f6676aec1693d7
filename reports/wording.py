"""What a manager writes above and below a bulletin; pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from hall.days import Instant
from hall.refusals import NotValid

# Field, its label and how long it may be.
FIELDS = {
    "document": ("文号", 60),
    "issue": ("期号", 30),
    "addressed": ("主送", 120),
    "remarks": ("工作要求", 1000),
    "made_by": ("制表人", 30),
    "reviewed_by": ("审核人", 30),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The document's number, the issue, to whom it goes, what is asked of them, and who signs."""

    document: str = ""
    issue: str = ""
    addressed: str = ""
    remarks: str = ""
    made_by: str = ""
    reviewed_by: str = ""
    at: Instant = 0

    def says(self, other: "Words") -> bool:
        """Return whether both say the same, whenever they were kept."""
        mine, theirs = asdict(self), asdict(other)
        return all(mine[name] == theirs[name] for name in FIELDS)


def words_of(typed: Mapping[str, str]) -> Words:
    """Return what a form says; NotValid for a text that is too long."""
    told: dict[str, str] = {}
    for name, (label, most) in FIELDS.items():
        text = "".join(
            each
            for each in typed.get(name, "").replace("\r\n", "\n")
            if each >= " " or each == "\n"
        ).strip()
        if len(text) > most:
            raise NotValid("words_too_long", f"{label}最多 {most} 个字，现有 {len(text)} 个。")
        told[name] = text if name == "remarks" else text.replace("\n", " ")
    # the fields are read by name from one table; mypy sees the type of ``at`` as well
    return Words(**told)  # type: ignore[arg-type]


def default_issue(month: str) -> str:
    """Return the issue a bulletin has when nobody says otherwise: the month's number."""
    return f"{month[:4]}年第{int(month[5:7])}期"
