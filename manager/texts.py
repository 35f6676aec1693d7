"""The words of the hall's own on slips and screens: one page, with what they look like there."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from hall import days
from hall.catalogue import Catalogue, HallText
from hall.catalogue_rules import problems
from hall.texts import PLACES, Place
from kiosk.slip import SlipFacts, slip
from manager.cells import as_text
from manager.history import history_of
from manager.kinds import kinds
from manager.meanwhile import BASE, Differing, differing, joined, packed, unpacked
from manager.telling import NOTHING
from manager.who import by, frame, given, say, see_other
from web.access import allow
from web.aside import in_thread
from web.current import config, register, rooms

blueprint = Blueprint("texts", __name__, url_prefix="/catalogue/texts")

ENGLISH = ".en"


@dataclass(frozen=True, slots=True)
class Row:
    """One text on the form: where it stands, and what is typed."""

    key: str
    label: str
    place: Place
    text: str
    text_en: str


@blueprint.get("")
@allow("manager")
def page() -> str:
    """Show every text with its place."""
    return _page(register().catalogue().text, {})


@blueprint.post("")
@allow("manager")
def save() -> ResponseReturnValue:
    """Keep what was typed; an emptied text is the usual one again."""
    old = register().catalogue()
    typed = _typed(old, given())
    texts = tuple(each for each in typed.values() if each.text or each.text_en)
    found = problems(replace(old, texts=texts))
    errors = {
        texts[each.row].key + (ENGLISH if each.column == "text_en" else ""): each.message
        for each in found
        if each.sheet == "texts"
    }
    opened_with = request.form.get(BASE, "")
    if errors:
        return _page(typed, errors, opened_with=opened_with), 422
    if others := _others_changes(opened_with, typed, old):
        # what was emptied is the usual text again: no words at all
        said = {name: " ".join(texts) for name, texts in joined(_texts(typed), others).items()}
        joined_up = {
            key: replace(text, text=said[key], text_en=said[key + ENGLISH])
            for key, text in typed.items()
        }
        return _page(joined_up, {}, meanwhile=_in_words(others, old)), 409
    with rooms().store.transaction():
        for key, text in typed.items():
            if old.text.get(key, HallText(text.place, text.zone)) != text:
                register().save(text, by())
    say("文字已保存，各处立即使用。")
    return see_other("/manager/catalogue/texts")


@blueprint.get("/slip.png")
@allow("manager")
def slip_picture() -> Response:
    """Show a slip with a last line of its own, as it would be printed."""
    foot = request.args.get("foot", "")[: PLACES["slip_foot"].most]
    hall, now = register().hall(), days.iso(rooms().clock(), config().hall.zone)
    facts = SlipFacts(
        hall=hall.name,
        number="A018",
        service="综合受理",
        windows="3–7号窗口",
        people_ahead=4,
        expected_wait=12,
        taken_at=now[:16].replace("T", " "),
        demo=hall.demo,
        foot=foot,
    )
    answer = Response(in_thread(_png, facts), mimetype="image/png")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _png(facts: SlipFacts) -> bytes:
    file = io.BytesIO()
    slip(facts, 384).save(file, "PNG")
    return file.getvalue()


def _typed(catalogue: Catalogue, form: Mapping[str, Sequence[str]]) -> dict[str, HallText]:
    """Return the texts of a form by their key; what is not on it stays as it is."""
    found = {}
    for place, zone in _places(catalogue):
        stands = HallText(place, zone)
        stands = catalogue.text.get(stands.key, stands)
        texts = {
            name: as_text(form[field][0]) if form.get(field) else getattr(stands, name)
            for name, field in (("text", stands.key), ("text_en", stands.key + ENGLISH))
        }
        found[stands.key] = replace(stands, **texts)
    return found


def _texts(texts: Mapping[str, HallText]) -> dict[str, list[str]]:
    """Return texts by the names of their fields on the form."""
    return {
        name: [text]
        for key, each in texts.items()
        for name, text in ((key, each.text), (key + ENGLISH, each.text_en))
    }


def _standing(catalogue: Catalogue) -> dict[str, list[str]]:
    """Return what every field of the form says as the hall stands."""
    places = [HallText(place, zone) for place, zone in _places(catalogue)]
    return _texts({each.key: catalogue.text.get(each.key, each) for each in places})


def _others_changes(
    opened_with: str, typed: Mapping[str, HallText], old: Catalogue
) -> list[Differing]:
    base = unpacked(opened_with)
    return differing(base, _texts(typed), _standing(old), _texts(typed)) if base else []


def _in_words(found: Sequence[Differing], catalogue: Catalogue) -> dict[str, Any]:
    """Return who changed which texts while the page was open, as ``meanwhile.html`` shows it."""
    headings = {}
    for code, zone in _places(catalogue):
        key, name = HallText(code, zone).key, PLACES[code].name
        headings[key] = f"{name} {catalogue.zone[zone].name}" if zone else name
        headings[key + ENGLISH] = f"{headings[key]}（英文）"
    last = next(iter(history_of("text")), {"who": "", "at": ""})
    rows = [
        {
            "field": each.field,
            "heading": headings[each.field],
            "theirs": " ".join(each.theirs) or NOTHING,
            "ours": " ".join(each.ours) or NOTHING,
            "keeps_ours": each.keeps_ours,
        }
        for each in found
    ]
    return {"who": last["who"], "at": last["at"], "rows": rows}


def _places(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [
        (code, zone)
        for code, place in PLACES.items()
        for zone in ("", *(catalogue.zone if place.by_zone else ()))
    ]


def _page(
    texts: Mapping[str, HallText],
    errors: dict[str, str],
    *,
    meanwhile: dict[str, Any] | None = None,
    opened_with: str = "",
) -> str:
    catalogue = register().catalogue()
    rows: dict[str, list[Row]] = {}
    for code, zone in _places(catalogue):
        text = HallText(code, zone)
        text = texts.get(text.key, text)
        label = catalogue.zone[zone].name if zone else "整个大厅"
        rows.setdefault(code, []).append(
            Row(text.key, label, PLACES[code], text.text, text.text_en)
        )
    return render_template(
        "manager/texts.html",
        kinds=kinds(),
        rows=rows,
        text_places=PLACES,
        english=ENGLISH,
        errors=errors,
        meanwhile=meanwhile,
        opened_with=opened_with or packed(_standing(catalogue)),
        history=history_of("text"),
        kind="text",
        **frame("catalogue"),
    )
