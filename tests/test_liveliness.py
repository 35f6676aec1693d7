"""The demonstration lives on: people come, clerks call and serve, and a person always wins."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from halls import SHANGHAI, MovedClock, Rooms, open_rooms
from test_demo import FRIDAY_MORNING, OPEN_ALWAYS, built, instant

import upkeep
from cases.cases import Cases
from demo import demand
from demo.fates import RECALL_AFTER, REST, Fate, Scene, Step, fate_of, next_step
from demo.liveliness import IN_A_FULL_HALL, LEFT_ALONE, Liveliness, eagerness
from demo.simulation import SHOWN_WINDOW
from hall import days
from hall.days import MINUTE, SECOND
from hall.desk import Desk
from hall.refusals import NotAllowed
from hall.register import Register
from hall.store import Store
from hall.tickets import Visit, VisitState
from hall.windows import WindowNow
from rating.book import Book
from server import create_app, ticks_of


@dataclass
class Lively:
    """A served demonstration without its server: the hall's own ticks, and the driver's."""

    rooms: Rooms
    driver: Liveliness

    def live(self, seconds: int, each: Callable[[], None] = lambda: None) -> None:
        """Let so many seconds pass, a tick each."""
        for _ in range(seconds):
            self.rooms.clock.move(seconds=1)
            self.rooms.desk.tick()
            self.rooms.book.tick()
            self.driver.tick()
            each()

    def restart(self) -> None:
        """Begin with nothing remembered, as a new process does."""
        self.driver = Liveliness(self.rooms.desk, self.rooms.book)

    def journal(self, after: int = 0) -> list[tuple[str, int | None]]:
        """Event and window of each row after one."""
        return self.rooms.store.rows(
            "select event, window from journal where seq > ? order by seq", (after,)
        )

    def busy(self) -> dict[int, int]:
        """The ticket that each busy window serves."""
        return {window: ticket for window, ticket, *_ in self.rooms.store.active_visits()}


def opened(path: Path, now: int = FRIDAY_MORNING) -> Lively:
    store = Store(path)
    # an hour has hundreds of commits; what a power cut leaves of them is asked elsewhere
    store.connection.execute("pragma synchronous = off")
    clock = MovedClock(now)
    register = Register(store, clock)
    desk = Desk(store, register, OPEN_ALWAYS, clock)
    book = Book(store, register, desk, OPEN_ALWAYS, clock)
    Cases(store, register, desk, book, OPEN_ALWAYS, clock)  # a bad rating opens its case
    return Lively(Rooms(store, register, desk, book, clock), Liveliness(desk, book))


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration that was made at 10:40 on a Friday."""
    path = tmp_path_factory.mktemp("lively") / "demo.db"
    built(path)
    return path


@pytest.fixture
def hall(morning: Path, tmp_path: Path) -> Lively:
    """That hall, in a file that a test may change."""
    return opened(Path(shutil.copy(morning, tmp_path / "demo.db")))


@dataclass
class Hour:
    """An hour that was lived through, and what was seen each ten seconds."""

    lively: Lively
    before: dict[int, int]
    seq: int
    waiting: list[Counter[str]]


@pytest.fixture(scope="module")
def hour(morning: Path, tmp_path_factory: pytest.TempPathFactory) -> Hour:
    path = Path(shutil.copy(morning, tmp_path_factory.mktemp("hour") / "demo.db"))
    lively = opened(path)
    lived = Hour(lively, lively.busy(), lively.rooms.desk.rev(), [])

    def look() -> None:
        if lively.rooms.clock() // SECOND % 10 == 0:
            lived.waiting.append(Counter(lively.rooms.store.waiting()))

    lively.live(3600, look)
    return lived


# -- an hour ------------------------------------------------------------------------------------


def test_no_window_stays_with_the_citizen_it_had_for_an_hour(hour: Hour) -> None:
    assert len(hour.before) > 40
    now = hour.lively.busy()
    stay = {window for window, ticket in hour.before.items() if now.get(window) == ticket}
    # the longest services take 35 minutes in the mean: a few last longer than an hour
    assert len(stay) <= 2
    assert len(now) > 25


def test_every_open_window_for_which_somebody_waits_calls(hour: Hour) -> None:
    called = {no for event, no in hour.lively.journal(hour.seq) if event == "ticket_called"}
    catalogue = hour.lively.rooms.register.catalogue()
    never_empty = {
        code for code in catalogue.service if all(seen[code] for seen in hour.waiting[::6])
    }
    assert len(never_empty) > 3
    for no, doing in hour.lively.rooms.store.windows_now().items():
        wanted = never_empty & set(catalogue.window[no].services)
        if doing.state == "open" and wanted and no != SHOWN_WINDOW:
            assert no in called, f"{no} never called though {wanted} waited all the time"


def test_all_that_happens_in_a_hall_happens(hour: Hour) -> None:
    happened = Counter(event for event, _ in hour.lively.journal(hour.seq))
    assert 80 < happened["ticket_taken"] < 220
    assert 80 < happened["service_finished"] < 220
    assert 40 < happened["service_rated"] < happened["service_finished"]
    for event in ("call_repeated", "ticket_missed", "ask_timed_out", "window_paused"):
        assert happened[event] > 0, event
    assert happened["ticket_missed"] < happened["ticket_called"] / 10


def test_the_lines_stay_as_long_as_a_halls_are(hour: Hour) -> None:
    for seen in hour.waiting:
        assert 15 < seen.total() < 90
        assert max(seen.values()) <= 15


def test_somebody_always_waits_for_the_window_that_is_shown(hour: Hour) -> None:
    services = hour.lively.rooms.register.catalogue().window[SHOWN_WINDOW].services
    assert all(any(seen[code] for code in services) for seen in hour.waiting)


def test_the_window_that_is_shown_ends_what_it_began_and_calls_nobody(hour: Hour) -> None:
    assert SHOWN_WINDOW in hour.before
    assert SHOWN_WINDOW not in hour.lively.busy()
    events = {event for event, no in hour.lively.journal(hour.seq) if no == SHOWN_WINDOW}
    assert events == {"service_finished", "ask_timed_out"}
    assert hour.lively.rooms.desk.call_next(SHOWN_WINDOW).window == SHOWN_WINDOW
    hour.lively.rooms.desk.undo(SHOWN_WINDOW)


def test_after_an_hour_the_file_keeps_every_promise(hour: Hour) -> None:
    assert upkeep.verify(hour.lively.rooms.store.path, OPEN_ALWAYS) == []


# -- a person wins ------------------------------------------------------------------------------


def test_a_window_that_a_page_holds_is_left_alone(hall: Lively) -> None:
    held = [no for no in hall.busy() if no != SHOWN_WINDOW][:12]
    for no in held:
        hall.rooms.desk.hold_window(no, f"page-{no:04d}")
    hall.restart()  # a page that holds a window outlives the server
    before, began = hall.busy(), hall.rooms.desk.rev()
    hall.live(900)
    assert {no: hall.busy().get(no) for no in held} == {no: before[no] for no in held}
    events = hall.journal(began)
    assert not [each for each in events if each[1] in held]
    assert len(events) > 60


def test_a_window_that_somebody_has_just_used_is_left_alone_for_a_while(hall: Lively) -> None:
    desk, store = hall.rooms.desk, hall.rooms.store
    no = next(
        window for window, _, _, service, state, *_ in store.active_visits()
        if state == "serving" and service == "shebao-canbao"
    )  # fmt: skip
    desk.finish(no, "completed")
    began = desk.rev()
    hall.live(LEFT_ALONE // SECOND - 1)
    assert store.waiting()["shebao-canbao"]
    assert not [each for each in hall.journal(began) if each == ("ticket_called", no)]
    hall.live(LEFT_ALONE // SECOND)
    assert [each for each in hall.journal(began) if each == ("ticket_called", no)]


def test_whom_a_person_calls_at_the_shown_window_the_person_serves(hall: Lively) -> None:
    desk = hall.rooms.desk
    desk.finish(SHOWN_WINDOW, "completed")
    called = desk.call_next(SHOWN_WINDOW).ticket
    hall.live(LEFT_ALONE // SECOND + 100)
    visit = hall.rooms.store.active_visit(SHOWN_WINDOW)
    assert visit is not None
    assert (visit.ticket, visit.state) == (called.id, VisitState.CALLED)


def test_a_hall_that_refuses_goes_on_where_it_can(hall: Lively) -> None:
    hall.rooms.desk.end_day()
    began = hall.rooms.desk.rev()
    hall.live(300)
    happened = Counter(event for event, _ in hall.journal(began))
    assert happened["ticket_taken"] == 0
    assert happened["service_finished"] > 5


# -- whenever -----------------------------------------------------------------------------------


def test_a_restart_goes_on_as_if_there_had_been_none(morning: Path, tmp_path: Path) -> None:
    told = []
    for name, restarts in (("one", 0), ("other", 4)):
        lively = opened(Path(shutil.copy(morning, tmp_path / f"{name}.db")))
        began = lively.rooms.desk.rev()
        for _ in range(5):
            lively.live(90)
            if restarts:
                lively.restart()
        told.append(lively.journal(began))
    assert told[0] == told[1]
    assert len(told[0]) > 30


def test_after_midnight_the_lines_fill_again(tmp_path: Path) -> None:
    now = instant("2026-11-20T23:58")
    path = tmp_path / "demo.db"
    built(path, now)
    lively = opened(path, now)
    lively.live(180)
    assert lively.rooms.store.last_day() == "2026-11-21"
    services = lively.rooms.register.catalogue().window[SHOWN_WINDOW].services
    assert any(lively.rooms.store.waiting().get(code) for code in services)
    first = sum(lively.rooms.store.waiting().values())
    lively.live(600)
    assert sum(lively.rooms.store.waiting().values()) > first


def test_the_wish_of_a_moment_is_never_small_and_full_in_the_late_morning() -> None:
    shares = {
        hour: demand.share_at(instant(f"2026-11-20T{hour:02d}:50"), SHANGHAI) for hour in range(24)
    }
    assert shares[9] == max(shares.values()) == 2.4
    assert min(shares.values()) == shares[12] == shares[3] == demand.LIVELY
    assert demand.share_at(instant("2026-11-22T09:50"), SHANGHAI) == demand.LIVELY
    assert eagerness(0) > eagerness(IN_A_FULL_HALL) == 1 > eagerness(100) > eagerness(150) == 0


# -- a real hall --------------------------------------------------------------------------------


def test_a_real_hall_has_no_invented_citizens(tmp_path: Path, clock: MovedClock) -> None:
    rooms = open_rooms(tmp_path / "hall.db", clock)
    with pytest.raises(NotAllowed) as refused:
        Liveliness(rooms.desk, rooms.book)
    assert refused.value.code == "is_a_real_hall"
    rooms.desk.open(1)
    rooms.desk.open(2)
    rooms.take()
    rooms.desk.call_next(1)
    rooms.take()
    rooms.store.close()
    app = create_app(OPEN_ALWAYS, tmp_path / "hall.db", clock)
    began = app.extensions["hall"].desk.rev()
    for _ in range(600):
        clock.move(seconds=1)
        for tick in ticks_of(app):
            tick()
    assert app.extensions["hall"].desk.rev() == began
    app.extensions["outbox"].close()
    app.extensions["hall"].store.close()


# -- what a clerk does next ---------------------------------------------------------------------

CALLED = Visit(
    7, 7, "2026-11-20", "marriage", 1, "1001", 100_000, 100_000, 0, None, None, None, None,
    VisitState.CALLED,
)  # fmt: skip
SERVING = CALLED._replace(state=VisitState.SERVING, started_at=110_000)
DONE = SERVING._replace(state=VisitState.DONE, ended_at=200_000)
OPEN = WindowNow(1, "open", "1001", "", 50_000)
COMES = Fate(
    walk=12_000,
    never_comes=False,
    recalled=False,
    given_up=30_000,
    lasts=60_000,
    outcome="completed",
    filed=True,
    filing=40_000,
    rests=False,
)
LATE = replace(COMES, walk=35_000, recalled=True)
NEVER = replace(COMES, never_comes=True)
RESTS = replace(COMES, rests=True)
RECALLED = CALLED._replace(recalls=1, shown_at=130_000)
LONGEST_REST = round(REST[1] * MINUTE)


@pytest.mark.parametrize(
    ("scene", "fate", "not_yet", "due", "step"),
    [
        (Scene(OPEN, CALLED), COMES, 111_999, 112_000, Step.START),
        (Scene(OPEN, CALLED), LATE, 124_999, 125_000, Step.RECALL),
        (Scene(OPEN, RECALLED), LATE, 134_999, 135_000, Step.START),
        (Scene(OPEN, CALLED), NEVER, 124_999, 100_000 + RECALL_AFTER, Step.RECALL),
        (Scene(OPEN, RECALLED), NEVER, 159_999, 160_000, Step.MISS),
        (Scene(OPEN, SERVING), COMES, 169_999, 170_000, Step.FINISH),
        (Scene(OPEN, SERVING._replace(held=5_000)), COMES, 174_999, 175_000, Step.FINISH),
        (Scene(OPEN, None, DONE, 150_000), COMES, 239_999, 240_000, Step.CALL),
        (Scene(OPEN, None, DONE, 300_000), COMES, 303_999, 304_000, Step.CALL),
        (Scene(OPEN, None, None, 20_000), COMES, 49_999, 50_000, Step.CALL),
        (Scene(OPEN, None, DONE, 150_000), RESTS, 199_999, 200_000, Step.PAUSE),
        (
            Scene(replace(OPEN, state="paused"), None, DONE, 1),
            RESTS,
            50_000 + REST[0] * MINUTE - 1,
            50_000 + LONGEST_REST,
            Step.OPEN,
        ),
    ],
)
def test_what_a_clerk_does_next(
    scene: Scene, fate: Fate, not_yet: int, due: int, step: Step
) -> None:
    assert next_step(scene, lambda _: fate, not_yet) is None
    assert next_step(scene, lambda _: fate, due) is step


@pytest.mark.parametrize(
    "scene",
    [
        Scene(OPEN, None, DONE, None),  # nobody waits
        Scene(replace(OPEN, state="closed"), None, DONE, 1),
        Scene(replace(OPEN, since=250_000), None, DONE, None),  # has rested since
    ],
)
def test_a_clerk_with_nothing_to_do_does_nothing(scene: Scene) -> None:
    assert (
        next_step(scene, lambda _: RESTS if scene.doing.since > 200_000 else COMES, 10**9) is None
    )


def test_a_fate_is_the_same_whenever_it_is_asked_and_differs_between_visits() -> None:
    fates = [fate_of(f"1/{visit}", 12) for visit in range(2000)]
    assert fates == [fate_of(f"1/{visit}", 12) for visit in range(2000)]
    assert len({fate.lasts for fate in fates}) > 1900
    mean = sum(fate.lasts for fate in fates) / len(fates) / MINUTE
    assert 11 < mean < 13
    assert 20 < sum(fate.never_comes for fate in fates) < 90
    assert all(days.SECOND * 6 <= fate.walk <= days.SECOND * 40 for fate in fates)
