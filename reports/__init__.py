"""报表: what leaves the hall on paper and as data.

Anonymised raw data for an assessor, the tables of GB/T 39046, and the month's bulletin (月度通报).
"""
