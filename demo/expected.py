"""The demonstration's appointments: slots of the common services, and people who are expected."""

from booking.bookings import Bookings
from booking.taking_over import Foreign
from hall.days import MINUTE, Instant

SLOT_MINUTES = 60
QUOTA = 4
HALF_HOUR = 30 * MINUTE
EXPECTED = ("陈", "欧阳", "林", "周", "何", "黄")


def expect(bookings: Bookings, now: Instant) -> list[tuple[str, str]]:
    """Let slots be booked and some people be expected soon; return pages with their names.

    Started again within the half hour it finds whom it expects already.
    """
    common = [
        each.code for each in bookings.register.catalogue().services if each.active and each.common
    ]
    if not bookings.plans():
        for code in common:
            for weekday in range(1, 8):
                bookings.save_plan(
                    code, weekday=weekday, slot_minutes=SLOT_MINUTES, quota=QUOTA, by="demo"
                )
    soon = (now // HALF_HOUR + 1) * HALF_HOUR
    rows = [
        Foreign(f"{soon}-{place}", common[place % len(common)], soon + place * HALF_HOUR, name=name)
        for place, name in enumerate(EXPECTED if common else ())
    ]
    made = [each.booking for each in bookings.import_from("演示平台", rows) if each.booking]
    shown = [("手机预约", "/book")]
    if made:
        shown.append(("手机上的一个预约", f"/book/{made[0].appointment.code}"))
    return shown
