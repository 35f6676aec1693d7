"""统计: every figure of the list, for any part of the hall and any period.

Reads what the other rooms have written and writes nothing; its pages show it.
"""
