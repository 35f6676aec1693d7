"""What leaves the hall: webhooks to other programs, notices to citizens and staff. Builds on both.

message 消息        one thing that happened, told under one id however often it is sent
webhook            another program's address; it is told what it asked for, signed
notifier 通知渠道   an Apprise address: SMS to a citizen, a group of the staff
delivery 投递       one message to one receiver: pending, failed (tried again later), sent or dead
dead letter 死信    a delivery that was given up; `server.py webhook retry` sends it again
"""
