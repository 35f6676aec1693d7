"""The headings of GB/T 39046-2020 table 10 (办事互动); pure."""

from hall.standard_table import StandardTable

# In the standard's order, each with its width in a sheet.
COLUMNS = {
    "投诉标题": 24,
    "投诉人": 10,
    "被投诉单位": 18,
    "被投诉人": 10,
    "投诉内容": 44,
    "投诉来源": 12,
    "投诉时间": 17,
    "承办单位代码": 13,
    "承办单位名称": 18,
    "承办人": 10,
    "承办时间": 17,
    "反馈信息": 36,
    "反馈时间": 17,
    "承诺时限": 17,
    "延期时限": 17,
    "延期原因": 20,
    "超期天数": 9,
    "行政区划": 11,
}
TABLE = StandardTable("办事互动", COLUMNS, numbers=("超期天数",))
