"""The queue of a service hall: its rules, its verbs, its store. No Flask below this line.

The trade's words, as the code uses them:

ticket 号票        a citizen's place in line, with a number such as A012
number 号码        what is printed and spoken: a prefix and three digits, new each business day
service 业务       what a citizen comes for; each has a prefix and a line of its own
window 窗口        where a clerk sits; it serves some services, the first of them preferred
zone 分区          a floor or part of the hall whose screens show the same calls
call 呼叫          one ticket asked to one window; a recall repeats it
visit 办理         one service at one window; a transferred ticket has two
clerk 窗口人员     who serves; signed in with a staff number
business day 业务日  a stored row, opened by the server; a clock that steps back reopens nothing
journal 流水       every step in the order it happened; audit, screens and statistics stand on it
"""
