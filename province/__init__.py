"""The province's system 省平台: what goes up, how it is signed, and the three modes of a hall.

record 评价记录      all a province asks of one rated service, in our words
adapter 对接程序     one province's words: names of fields, code tables, address, signature
row 上报行          one thing to tell: a rating, or that it was voided; under one key for ever
mode 评价方式        own: our pages; page: the province's page on the pad; qr: its static QR code
"""
