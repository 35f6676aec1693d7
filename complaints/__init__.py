"""Complaints 投诉: what reaches the window, the box, the telephone, by letter or by 12345.

Each has a limit, and each unit's replies are counted: on time 按时, late 逾期, unanswered 未回复
(GB/T 39046 table 10).
"""
