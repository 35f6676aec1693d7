"""How a service's days are cut: plans saved, removed, or taken from a workbook."""

from collections.abc import Sequence
from dataclasses import replace

from booking.plans import Plan, check_plan
from booking.verbs import BookingVerbs
from booking.words import IN_WEEK
from hall import changes
from hall.changes import Fields
from hall.refusals import NotAllowed, NotFound


class Planning(BookingVerbs):
    """Plans; appointments already made stand as they are."""

    def plans(self, service: str | None = None) -> list[Plan]:
        """Return the plans slots are cut by."""
        return self.appointments.plans(service)

    def save_plan(
        self,
        service: str,
        *,
        weekday: int | None = None,
        day: str | None = None,
        slot_minutes: int,
        quota: int,
        by: str = "",
    ) -> Plan:
        """Say how a service's day is cut: on a weekday, or on one date in its place.

        Appointments already made stand as they are.
        """
        plan = check_plan(Plan(0, service, weekday, day, slot_minutes, quota))
        with self.store.transaction():
            number = self._put_plan(plan, by, changes.way_of(by))
        return Plan(number, service, weekday, day, slot_minutes, quota)

    def _put_plan(self, plan: Plan, by: str, way: str) -> int:
        self._service(plan.service)
        known = next((each for each in self.plans(plan.service) if _on(each) == _on(plan)), None)
        number = self.appointments.save_plan(plan)
        on, minutes, quota = plan.day or plan.weekday, plan.slot_minutes, plan.quota
        told = {"service": plan.service, "on": on, "minutes": minutes, "quota": quota}
        self.store.note(self.clock(), "slot_plan_saved", who=by, detail=told)
        fields = {
            name: [getattr(known, name, None), getattr(plan, name)]
            for name in ("slot_minutes", "quota")
            if getattr(known, name, None) != getattr(plan, name)
        }
        if fields:
            self._remember(plan, changes.CHANGED if known else changes.ADDED, fields, by, way)
        return number

    def remove_plan(self, number: int, by: str = "") -> None:
        """Cut no more slots by a plan; appointments already made stand."""
        with self.store.transaction():
            plan = next((each for each in self.plans() if each.id == number), None)
            if plan is None:
                raise NotFound("unknown_plan", "没有这个放号计划，可能已被删除。")
            self._drop_plan(plan, by, changes.way_of(by))

    def _drop_plan(self, plan: Plan, by: str, way: str) -> None:
        self.appointments.remove_plan(plan.id)
        self.store.note(self.clock(), "slot_plan_removed", who=by, detail={"plan": plan.id})
        fields = {"slot_minutes": [plan.slot_minutes, None], "quota": [plan.quota, None]}
        self._remember(plan, changes.RETIRED, fields, by, way)

    def adopt_plans(
        self, plans: Sequence[Plan], by: str = "", standing: Sequence[Plan] | None = None
    ) -> None:
        """Cut slots by these plans and no others, as a workbook says.

        NotAllowed ``changed_meanwhile`` when the plans are no longer ``standing``, which was shown.
        Ids play no part in it.
        """
        with self.store.transaction():
            known = {_on(each): each for each in self.plans()}
            if standing is not None and {_on(each): each for each in standing} != {
                on: replace(each, id=0) for on, each in known.items()
            }:
                raise NotAllowed(
                    "changed_meanwhile",
                    "检查之后放号计划又有改动，什么都没有导入。请重新检查这个工作簿。",
                )
            for plan in plans:
                stands = known.get(_on(plan))
                if stands is None or replace(stands, id=plan.id) != plan:
                    self._put_plan(check_plan(plan), by, "workbook")
            named = {_on(each) for each in plans}
            for on, plan in known.items():
                if on not in named:
                    self._drop_plan(plan, by, "workbook")

    def _remember(self, plan: Plan, act: str, fields: Fields, by: str, way: str) -> None:
        """Keep in the catalogue's history how a service's slots changed."""
        service = self.register.catalogue().service.get(plan.service)
        when = plan.day or f"周{IN_WEEK[(plan.weekday or 1) - 1]}"
        name = f"{service.name if service else plan.service} {when}"
        self.register.history.add(self.clock(), by, way, act, "plan", plan.service, name, fields)


def _on(plan: Plan) -> tuple[str, int | None, str | None]:
    """Return what a plan is the only one for."""
    return plan.service, plan.weekday, plan.day
