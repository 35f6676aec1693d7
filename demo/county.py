"""Who and what the demo hall consists of: invented people in a county that does not exist; pure.

``SERVICES`` also says how many citizens a working day brings, which is no part of a hall's data:
only the made-up life of the demo (``demo/life.py``) uses it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from demo.matters import matters
from hall.catalogue import (
    Catalogue,
    Department,
    Device,
    HallText,
    Person,
    Service,
    Window,
    Zone,
)

HALL_NAME = "云溪县政务服务中心"
HALL_NAME_EN = "Yunxi County Government Service Centre"

ZONES = (
    Zone("1F-A", "一楼A区", "Floor 1, Area A", 1),
    Zone("1F-B", "一楼B区", "Floor 1, Area B", 2),
    Zone("2F-A", "二楼A区", "Floor 2, Area A", 3),
    Zone("2F-B", "二楼B区", "Floor 2, Area B", 4),
)

DEPARTMENTS = tuple(
    Department(code, name, name_en, sort)
    for sort, (code, name, name_en) in enumerate(
        (
            ("shenpi", "行政审批服务局", "Administrative Approval Bureau"),
            ("shichang", "市场监督管理局", "Market Regulation Bureau"),
            ("shuiwu", "税务局", "Tax Bureau"),
            ("shebao", "社会保险事业服务中心", "Social Insurance Centre"),
            ("yibao", "医疗保障局", "Healthcare Security Bureau"),
            ("renshe", "人力资源和社会保障局", "Human Resources Bureau"),
            ("gongjijin", "住房公积金管理中心", "Housing Provident Fund Centre"),
            ("gongyong", "公用事业服务专区（水电气热信）", "Water, Power, Gas, Heat, Telecom"),
            ("minzheng", "民政局", "Civil Affairs Bureau"),
            ("gongan", "公安局", "Public Security Bureau"),
            ("jiaojing", "公安局交通警察大队", "Traffic Police"),
            ("budongchan", "不动产登记中心", "Real Estate Registration Centre"),
            ("ziran", "自然资源局", "Natural Resources Bureau"),
            ("zhujian", "住房和城乡建设局", "Housing and Construction Bureau"),
            ("weijian", "卫生健康局", "Health Bureau"),
            ("jiaoyu", "教育局", "Education Bureau"),
            ("sifa", "司法局", "Justice Bureau"),
            ("nongye", "农业农村局", "Agriculture Bureau"),
            ("jiaotong", "交通运输局", "Transport Bureau"),
            ("tuiyi", "退役军人事务局", "Veterans Affairs Bureau"),
            ("canlian", "残疾人联合会", "Disabled Persons' Federation"),
            ("yingji", "应急管理局", "Emergency Management Bureau"),
            ("wenlv", "文化旅游体育局", "Culture, Tourism and Sports Bureau"),
            ("shuili", "水利局", "Water Resources Bureau"),
            ("huanjing", "生态环境局云溪县分局", "Ecology and Environment Bureau"),
            ("yancao", "烟草专卖局", "Tobacco Monopoly Bureau"),
        ),
        start=1,
    )
)


@dataclass(frozen=True, slots=True)
class Trade:
    """A service, and how many citizens want it on a working day."""

    code: str
    name: str
    name_en: str
    prefix: str
    department: str
    minutes: int
    citizens: float
    common: bool = False


COMMON = True
# Services of one prefix share the numbers of a day; I, O, V and Y are not used: I and O look like
# digits, V and Y may mark priority and appointment.
SERVICES = (
    Trade("zonghe", "综合受理", "General Acceptance", "A", "shenpi", 18, 44, COMMON),
    Trade("lingzheng", "证照领取", "Certificate Collection", "A", "shenpi", 6, 29, COMMON),
    Trade("yijianshi", "一件事联办", "One-Stop Life Events", "A", "shenpi", 23, 6),
    Trade("kuasheng", "跨省通办", "Cross-Province Services", "A", "shenpi", 21, 4),
    Trade("gongcheng", "工程建设项目审批", "Construction Approval", "A", "shenpi", 32, 3),
    Trade("bangninban", "帮您办（代办）", "Assisted Service", "D", "shenpi", 23, 8),
    Trade("zixun", "政策咨询", "Policy Enquiries", "D", "shenpi", 7, 10),
    Trade("tousu", "投诉与建议", "Complaints and Suggestions", "E", "shenpi", 21, 2),
    Trade("kaiban", "企业开办", "Starting a Company", "Q", "shichang", 31, 21, COMMON),
    Trade("getihu", "个体工商户登记", "Sole Trader Registration", "Q", "shichang", 22, 18),
    Trade("qiye-biangeng", "企业变更登记", "Company Changes", "Q", "shichang", 23, 9),
    Trade("qiye-zhuxiao", "企业注销登记", "Company Deregistration", "Q", "shichang", 23, 5),
    Trade("shipin", "食品经营许可", "Food Business Licence", "Q", "shichang", 22, 6),
    Trade("yaopin", "药品医疗器械许可", "Drug and Device Licence", "Q", "shichang", 23, 2),
    Trade("tezhong", "特种设备登记", "Special Equipment", "Q", "shichang", 18, 2),
    Trade("nashui", "纳税申报", "Tax Returns", "T", "shuiwu", 17, 34, COMMON),
    Trade("fapiao", "发票领用与代开", "Invoices", "T", "shuiwu", 12, 31),
    Trade("qishui", "房产交易契税", "Property Deed Tax", "T", "shuiwu", 21, 18),
    Trade("gouzhishui", "车辆购置税", "Vehicle Purchase Tax", "T", "shuiwu", 10, 7),
    Trade("shebaofei", "社保费缴纳", "Social Insurance Payment", "T", "shuiwu", 10, 18),
    Trade(
        "shebao-canbao", "社保参保登记", "Joining Social Insurance", "S", "shebao", 16, 39, COMMON
    ),
    Trade("renzheng", "养老待遇资格认证", "Pension Eligibility Check", "S", "shebao", 8, 26),
    Trade("tuixiu", "退休办理", "Retirement", "S", "shebao", 29, 8),
    Trade("shebaoka", "社保卡办理", "Social Security Card", "S", "shebao", 13, 34, COMMON),
    Trade("shebao-zhuanyi", "社保关系转移", "Social Insurance Transfer", "S", "shebao", 17, 8),
    Trade("gongshang", "工伤保险", "Work Injury Insurance", "S", "shebao", 23, 3),
    Trade(
        "yibao-canbao", "医保参保登记", "Joining Medical Insurance", "L", "yibao", 13, 29, COMMON
    ),
    Trade("baoxiao", "医疗费用报销", "Medical Reimbursement", "L", "yibao", 23, 21),
    Trade("yidi", "异地就医备案", "Treatment Elsewhere", "L", "yibao", 10, 9),
    Trade("manbing", "门诊慢特病认定", "Chronic Disease Certificate", "L", "yibao", 17, 7),
    Trade("shengyu-baoxian", "生育保险", "Maternity Insurance", "L", "yibao", 15, 3),
    Trade("jiuye", "就业失业登记", "Employment Registration", "R", "renshe", 15, 9),
    Trade("shiyejin", "失业保险金申领", "Unemployment Benefit", "R", "renshe", 17, 5),
    Trade("chuangye", "创业担保贷款", "Start-up Loans", "R", "renshe", 28, 3),
    Trade("zhicheng", "职称与职业资格", "Professional Titles", "R", "renshe", 15, 4),
    Trade("weiquan", "劳动维权", "Labour Rights", "R", "renshe", 30, 3),
    Trade("dangan", "人事档案服务", "Personnel Files", "R", "renshe", 14, 5),
    Trade("gjj-tiqu", "公积金提取", "Provident Fund Withdrawal", "F", "gongjijin", 17, 23, COMMON),
    Trade("gjj-daikuan", "公积金贷款", "Provident Fund Loans", "F", "gongjijin", 29, 6),
    Trade("gjj-jiaocun", "公积金缴存", "Provident Fund Deposits", "F", "gongjijin", 14, 6),
    Trade("yongshui", "用水报装与过户", "Water Supply", "U", "gongyong", 13, 6),
    Trade("yongdian", "用电报装与过户", "Power Supply", "U", "gongyong", 13, 7),
    Trade("ranqi", "燃气报装与过户", "Gas Supply", "U", "gongyong", 13, 5),
    Trade("gongnuan", "供暖服务", "Heating", "U", "gongyong", 10, 3),
    Trade("tongxin", "通信业务", "Telecom", "U", "gongyong", 10, 3),
    Trade("hunyin", "婚姻登记", "Marriage Registration", "H", "minzheng", 30, 16),
    Trade(
        "hunyin-buling", "补领婚姻登记证", "Marriage Certificate Reissue", "H", "minzheng", 12, 3
    ),
    Trade("jiuzhu", "低保与临时救助", "Social Assistance", "M", "minzheng", 23, 4),
    Trade("gaoling", "高龄津贴", "Old-Age Allowance", "M", "minzheng", 12, 5),
    Trade("shehui-zuzhi", "社会组织登记", "Social Organisations", "M", "minzheng", 25, 1),
    Trade("shenfenzheng", "居民身份证", "Identity Card", "G", "gongan", 12, 34, COMMON),
    Trade("hukou", "户口登记与迁移", "Household Registration", "G", "gongan", 25, 21),
    Trade("juzhuzheng", "居住证", "Residence Permit", "G", "gongan", 13, 5),
    Trade("wufanzui", "无犯罪记录证明", "No Criminal Record", "G", "gongan", 8, 6),
    Trade("churujing", "出入境证件", "Passports and Travel Permits", "K", "gongan", 18, 18),
    Trade("jiashizheng", "驾驶证业务", "Driving Licence", "C", "jiaojing", 13, 26),
    Trade("cheliang", "车辆注册与转移", "Vehicle Registration", "C", "jiaojing", 22, 16),
    Trade("weifa", "交通违法处理", "Traffic Offences", "C", "jiaojing", 12, 21),
    Trade("bdc-zhuanyi", "不动产转移登记", "Property Transfer", "B", "budongchan", 32, 23, COMMON),
    Trade("bdc-diya", "不动产抵押登记", "Property Mortgage", "B", "budongchan", 23, 16),
    Trade("bdc-chaxun", "不动产信息查询", "Property Records", "B", "budongchan", 8, 18),
    Trade("bdc-shouci", "不动产首次登记", "First Property Registration", "B", "budongchan", 32, 4),
    Trade(
        "bdc-buzheng", "不动产证补换发", "Property Certificate Reissue", "B", "budongchan", 13, 3
    ),
    Trade("guihua", "规划许可", "Planning Permission", "Z", "ziran", 29, 2),
    Trade("yongdi", "用地审批", "Land Use Approval", "Z", "ziran", 32, 1.5),
    Trade("kuangchan", "矿产资源许可", "Mining Licence", "Z", "ziran", 25, 0.5),
    Trade("shigong", "施工许可", "Building Permit", "P", "zhujian", 29, 2),
    Trade("wangqian", "商品房网签备案", "Home Sale Filing", "P", "zhujian", 16, 6),
    Trade("zufang", "公租房与租房补贴", "Public Rental Housing", "P", "zhujian", 20, 4),
    Trade("weixiu", "物业维修资金", "Property Maintenance Fund", "P", "zhujian", 16, 2),
    Trade("yiliao", "医疗机构许可", "Medical Institution Licence", "W", "weijian", 25, 1),
    Trade("weisheng", "公共场所卫生许可", "Public Hygiene Licence", "W", "weijian", 18, 3),
    Trade("shengyu", "生育登记", "Birth Registration", "W", "weijian", 12, 4),
    Trade("jiaoshi", "教师资格认定", "Teacher Qualification", "X", "jiaoyu", 15, 4),
    Trade("zizhu", "学生资助", "Student Aid", "X", "jiaoyu", 14, 3),
    Trade("ruxue", "入学报名咨询", "School Enrolment", "X", "jiaoyu", 10, 4),
    Trade("gongzheng", "公证", "Notary", "SF", "sifa", 29, 5),
    Trade("fayuan", "法律援助", "Legal Aid", "SF", "sifa", 25, 3),
    Trade("nongji", "农机登记与补贴", "Farm Machinery", "N", "nongye", 16, 4),
    Trade("nongzi", "农药种子兽药经营许可", "Farm Supplies Licence", "N", "nongye", 20, 1.5),
    Trade("zhaijidi", "土地承包与宅基地", "Farm Land and Homesteads", "N", "nongye", 22, 3),
    Trade("yunshu", "道路运输许可", "Road Transport Licence", "JT", "jiaotong", 16, 5),
    Trade("congye", "运输从业资格证", "Transport Qualification", "JT", "jiaotong", 14, 4),
    Trade("baodao", "退役军人报到", "Veterans' Registration", "TY", "tuiyi", 17, 2),
    Trade("youfu", "优抚待遇", "Veterans' Benefits", "TY", "tuiyi", 15, 3),
    Trade("canjizheng", "残疾人证", "Disability Certificate", "CL", "canlian", 18, 4),
    Trade("canji-butie", "残疾人补贴", "Disability Allowance", "CL", "canlian", 14, 2),
    Trade("anquan", "安全生产许可", "Work Safety Licence", "YJ", "yingji", 23, 1),
    Trade("yanhua", "烟花爆竹经营许可", "Fireworks Licence", "YJ", "yingji", 16, 0.7),
    Trade("wenhua", "文化经营许可", "Culture Business Licence", "WL", "wenlv", 18, 1),
    Trade("lvyou", "旅行社与导游", "Travel Agencies and Guides", "WL", "wenlv", 16, 0.7),
    Trade("qushui", "取水许可", "Water Abstraction", "SL", "shuili", 20, 0.7),
    Trade("shuibao", "水土保持审批", "Soil Conservation", "SL", "shuili", 23, 0.5),
    Trade("huanping", "环境影响评价", "Environmental Assessment", "HJ", "huanjing", 25, 1),
    Trade("paiwu", "排污许可", "Discharge Permit", "HJ", "huanjing", 20, 0.8),
    Trade("yancao-xuke", "烟草专卖零售许可", "Tobacco Retail Licence", "YC", "yancao", 14, 4),
)

GENERAL = "zonghe lingzheng shebaoka yibao-canbao getihu wufanzui yijianshi kuasheng"
# First window, last window, name, zone, department, services by preference.
WINDOWS = (
    (1, 1, "咨询导办", "1F-A", "shenpi", "zixun bangninban"),
    (2, 2, "帮您办", "1F-A", "shenpi", "bangninban zixun yijianshi kuasheng"),
    (3, 7, "综合窗口", "1F-A", "shenpi", GENERAL),
    (8, 8, "工程建设", "1F-A", "shenpi", "gongcheng zonghe lingzheng"),
    (9, 10, "企业开办", "1F-A", "shichang", "kaiban getihu"),
    (11, 12, "企业登记", "1F-A", "shichang", "qiye-biangeng qiye-zhuxiao getihu kaiban"),
    (13, 14, "市场准入许可", "1F-A", "shichang", "shipin yaopin tezhong"),
    (15, 17, "税务申报", "1F-A", "shuiwu", "nashui fapiao shebaofei"),
    (18, 19, "税务发票", "1F-A", "shuiwu", "fapiao nashui gouzhishui"),
    (20, 21, "税务契税", "1F-A", "shuiwu", "qishui gouzhishui shebaofei"),
    (22, 24, "社保综合", "1F-B", "shebao", "shebao-canbao shebaoka renzheng shebao-zhuanyi"),
    (25, 26, "社保待遇", "1F-B", "shebao", "tuixiu renzheng gongshang shebao-zhuanyi"),
    (27, 27, "社保卡", "1F-B", "shebao", "shebaoka"),
    (28, 30, "医保综合", "1F-B", "yibao", "yibao-canbao yidi baoxiao manbing shengyu-baoxian"),
    (31, 32, "医保报销", "1F-B", "yibao", "baoxiao manbing shengyu-baoxian"),
    (33, 34, "就业服务", "1F-B", "renshe", "jiuye shiyejin chuangye zhicheng dangan"),
    (35, 35, "劳动维权", "1F-B", "renshe", "weiquan dangan zhicheng"),
    (36, 38, "公积金", "1F-B", "gongjijin", "gjj-tiqu gjj-jiaocun gjj-daikuan"),
    (39, 40, "水电气热", "1F-B", "gongyong", "yongshui yongdian ranqi gongnuan"),
    (41, 41, "通信", "1F-B", "gongyong", "tongxin"),
    (42, 43, "婚姻登记", "2F-A", "minzheng", "hunyin hunyin-buling"),
    (44, 44, "社会救助", "2F-A", "minzheng", "jiuzhu gaoling shehui-zuzhi"),
    (45, 48, "公安户政", "2F-A", "gongan", "shenfenzheng hukou juzhuzheng wufanzui"),
    (49, 50, "出入境", "2F-A", "gongan", "churujing"),
    (51, 54, "车管", "2F-A", "jiaojing", "jiashizheng weifa cheliang"),
    (55, 58, "不动产登记", "2F-A", "budongchan", "bdc-zhuanyi bdc-diya bdc-shouci bdc-buzheng"),
    (59, 60, "不动产查询", "2F-A", "budongchan", "bdc-chaxun bdc-buzheng bdc-diya"),
    (61, 61, "自然资源", "2F-A", "ziran", "guihua yongdi kuangchan"),
    (62, 63, "住房建设", "2F-A", "zhujian", "wangqian zufang shigong weixiu"),
    (64, 64, "卫生健康", "2F-B", "weijian", "shengyu weisheng yiliao"),
    (65, 65, "教育", "2F-B", "jiaoyu", "jiaoshi zizhu ruxue"),
    (66, 66, "公证法援", "2F-B", "sifa", "gongzheng fayuan"),
    (67, 67, "农业农村", "2F-B", "nongye", "nongji zhaijidi nongzi"),
    (68, 68, "交通运输", "2F-B", "jiaotong", "yunshu congye"),
    (69, 69, "退役军人", "2F-B", "tuiyi", "baodao youfu"),
    (70, 70, "残联", "2F-B", "canlian", "canjizheng canji-butie"),
    (71, 71, "应急管理", "2F-B", "yingji", "anquan yanhua"),
    (72, 72, "文化旅游", "2F-B", "wenlv", "wenhua lvyou"),
    (73, 73, "水利", "2F-B", "shuili", "qushui shuibao"),
    (74, 74, "生态环境", "2F-B", "huanjing", "huanping paiwu"),
    (75, 75, "烟草专卖", "2F-B", "yancao", "yancao-xuke"),
    (76, 76, "投诉窗口", "2F-B", "shenpi", "tousu zixun"),
)

# By window 1, 2, 3 …; those after the 76th stand in. Real halls have rare characters and long
# names, and every page and slip must bear them.
CLERKS = """
林晓梅 周明远 李思佳 王海涛 张雅琴 赵文博 陈丽萍 孙志强 刘雨桐 杨帆
黄秀英 吴建国 徐静 马俊杰 朱玉兰 胡晓东 郭婷婷 何伟 高敏 罗志勇
梁雪 宋佳怡 郑凯 谢春燕 韩冰 唐国栋 冯媛 于洋 董淑珍 萧然
程浩 曹䶮 袁慧 邓超群 许诺 古丽娜尔·阿卜杜热合曼 沈一鸣 曾宪文 彭丽娜 吕思远
苏晴 卢大伟 蒋欣怡 蔡永福 贾文静 丁一 魏晓峰 薛梅 叶子涵 阎犇
余翠花 潘志刚 杜鹃 戴宏宇 夏雨荷 钟建军 欧阳青云 田甜 任重 姜海燕
范思敏 方圆 石磊 姚丽华 谭咏梅 廖翀 邹国庆 熊敏 金海珠 陆嘉
郝春雷 孔令仪 白桦 崔明月 康健 毛小蓉
傅红霞 汪洋 司马文君 李𬸚 邱淑贤 秦川 江雪莹 史铁生 顾盼 侯喆
孟令辉 龙翔宇 万晓丽 段云霞
""".split()  # noqa: SIM905 – ninety names in a list of strings fill two pages
# Each department has somebody who follows up what was rated badly there.
HANDLERS = """
安学民 白云飞 柴静宜 邓小楠 范国强 葛文秀 华建业 纪春梅 柯俊杰 连素芬
苗永康 宁远航 裴丽娟 齐鸿飞 阮玉梅 尚志勇 童心怡 温国栋 向红英 严守信
应晓岚 俞文渊 岳峰 翟慧敏 章若愚 祝长青 左宗明 卓雅
""".split()  # noqa: SIM905 – as above
LEADERS = (
    Person("2001", "钱立群", "manager", "大厅值班长", "shenpi"),
    Person("2002", "雷雅芬", "manager", "督导科科长", "shenpi"),
    Person("2003", "夏清和", "guide", "咨询台导办员", "shenpi"),
    Person("2004", "宋怀远", "inspector", "效能督查室", "shenpi"),
    Person("2005", "贺明珠", "leader", "分管副局长", "shenpi"),
    Person("9001", "汤志远", "administrator", "系统管理员", "shenpi"),
    Person("9002", "柏雅宁", "security", "安全管理员", "shenpi"),
    Person("9003", "瞿正言", "audit", "审计管理员", "shenpi"),
)


TEXTS = (
    HallText("slip_foot", "", "请看大屏、听叫号，勿离开等候区", "Please stay near the screens"),
    HallText("display_notice", "2F-B", "教育、公证、残联等窗口在本层东侧，请先取号"),
)
# Windows are compared among their like: those that take anything, those of one trade, and those
# with one thing to do.
SINGLE_WINDOWS = {"社保卡", "通信", "不动产查询", "咨询导办", "投诉窗口"}


def catalogue() -> Catalogue:
    """Return the demo hall as data, made from the tables above."""
    windows = tuple(_windows())
    return Catalogue(
        DEPARTMENTS,
        ZONES,
        tuple(_services()),
        windows,
        (*_clerks(windows), *_handlers(), *LEADERS),
        tuple(_devices(windows)),
        matters=tuple(matters()),
        texts=TEXTS,
    )


def _handlers() -> Iterator[Person]:
    for number, (department, name) in enumerate(zip(DEPARTMENTS, HANDLERS, strict=False), 3001):
        yield Person(str(number), name, "handler", "差评承办人", department.code)


def _services() -> Iterator[Service]:
    for sort, each in enumerate(SERVICES, start=1):
        yield Service(
            each.code,
            each.name,
            each.name_en,
            each.prefix,
            each.department,
            common=each.common,
            sort=sort,
            usual_minutes=each.minutes,
        )


def _windows() -> Iterator[Window]:
    for first, last, name, zone, department, services in WINDOWS:
        for no in range(first, last + 1):
            kind = "综合" if "综合" in name or name == "帮您办" else "专业"
            category = "单一" if name in SINGLE_WINDOWS else kind
            yield Window(no, name, zone, department, tuple(services.split()), category=category)


def _clerks(windows: tuple[Window, ...]) -> Iterator[Person]:
    for no, name in enumerate(CLERKS, start=1):
        if no <= len(windows):
            window = windows[no - 1]
            post = f"{window.name.removesuffix('窗口')}窗口"
            yield Person(str(1000 + no), name, "clerk", post, window.department, no)
        else:
            yield Person(str(1000 + no), name, "clerk", "AB岗替岗人员", "shenpi")


def _devices(windows: tuple[Window, ...]) -> Iterator[Device]:
    for no, zone in enumerate(("1F-A", "1F-A", "1F-B", "2F-A"), start=1):
        yield Device(None, "kiosk", f"{no}号取号机", zone=zone)
    for each in ZONES:
        yield Device(None, "display", f"{each.name}显示屏", zone=each.code)
    for window in windows:
        yield Device(None, "window", f"{window.no}号窗口终端", window.no)
        yield Device(None, "evaluator", f"{window.no}号窗口评价器", window.no)
    yield Device(None, "manager", "值班室大屏")
    yield Device(None, "program", "审批系统接口")
