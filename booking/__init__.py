"""预约: a place in line promised for a slot of a day. Builds on the hall.

appointment 预约   one person, one service, one slot; checked in it becomes a ticket
slot 时段          a part of the open day with a quota, cut by the service's plan
plan 放号计划      how long slots are and how many a slot takes, for a weekday or one date
check-in 签到      it is the ticket: nobody queues twice
grace 保留时间     how long a slot is kept for who is late; then no-show 爽约
code 预约码        eight characters that nobody mistakes for each other
"""
