"""Whether the appointments are whole: what ``server.py verify`` asks of them.

Each question is a query that finds the rows which break a promise; none may be found.
"""

from hall.proof import broken
from hall.store import Store

PROMISES = {
    "签到的预约与号票一一对应": """
        select appointment.code from appointment left join ticket on ticket.id = appointment.ticket
        where appointment.state = 'arrived' and ticket.appointment is not appointment.id
    """,
    "预约号票都来自一个已签到的预约": """
        select ticket.number from ticket
        left join appointment on appointment.id = ticket.appointment
            and appointment.ticket = ticket.id
        where ticket.appointment is not null and appointment.id is null
    """,
    "每人每天同一业务只有一个有效预约": """
        select min(code) from appointment
        where state in ('booked', 'arrived') and person is not null
        group by person, day, service having count(*) > 1
    """,
    "每个预约都有预约流水": """
        select code from appointment where not exists (
            select 1 from journal
            where event = 'appointment_booked'
                and detail like '{"appointment": ' || appointment.id || ',%'
        )
    """,
}


def problems(store: Store) -> list[str]:
    """Return what is wrong with the appointments of a file, a sentence each."""
    return [
        broken(promise, [str(row[0]) for row in rows])
        for promise, query in PROMISES.items()
        if (rows := store.rows(query))
    ]
