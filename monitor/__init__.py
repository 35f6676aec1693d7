"""实时监控: the whole hall at one look, its alarms, and what to do. Builds on hall and rating.

sighting 所见   something measured now of a window, a service, a device: a kind and a value
rule 规则       from which value on a kind is yellow and red; rules have versions, all are kept
alarm 告警      a sighting that reached a rule: opened, turned red, escalated, cleared by itself
advice 建议     a sentence that says which window should do what for whom
"""
