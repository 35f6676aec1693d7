"""个人信息 personal data: what the hall holds of people, how long, who looked, what was erased.

rule 规则          which data goes when, and by which setting
reveal 查看        one record shown in full to one person for some minutes, with a reason
request 申请       one person's wish to see (§45) or erase (§47 个人信息保护法) what is held
receipt 回执       what was erased for a request, what stays and why
"""
