"""好差评: who may rate which visit, how, and what the month adds up to. Builds on the hall.

rating 评价        one of five levels a citizen gave a finished visit
bad rating 差评    the last two levels
asking 邀评        the evaluator asks after a service; it ends rated or timed out
tag 评价标签       a reason given with a level; the set is versioned and never deleted
channel 渠道       where a rating came in: evaluator, qr, paper, sms, phone, import
"""
