"""The matters (事项) of the demo hall, by the service in whose line they are applied for; pure.

Names and limits are such as county halls publish; a promise of 0 working days is done at once.
Ways: w window, o online, m mobile, s self-service, p post, 1 all at once, h at home.
"""

from collections.abc import Iterator

from hall.catalogue import Matter
from hall.matters import AT_ONCE, PROMISED

LETTERS = {
    "w": "window",
    "o": "online",
    "m": "mobile",
    "s": "self",
    "p": "post",
    "1": "once",
    "h": "home",
}
# Service, then one matter a line: name, promised and statutory working days, ways.
TABLE = """
zonghe
  人力资源服务许可 3 20 wo1
  民办职业培训学校设立审批 10 60 wo
  劳务派遣经营许可 5 20 wo1
  公共停车场登记备案 0 0 wo
  政府信息公开申请 10 20 wop
lingzheng
  证照现场领取 0 0 w
  证照邮寄送达 1 0 op
yijianshi
  新生儿出生“一件事” 5 20 wom1
  企业开办“一件事” 1 20 wo1
  员工录用“一件事” 3 20 wo1
  公民身后“一件事” 5 30 w1
kuasheng
  异地代收代办 2 0 wo
  跨省通办事项受理 1 0 wo
gongcheng
  工程建设项目联合验收 7 20 wo1
  工程建设项目并联审批受理 1 5 wo
bangninban
  老年人帮办代办 0 0 wh
  项目全程代办 0 0 wo
zixun
  政策咨询解答 0 0 wom
tousu
  窗口服务投诉受理 1 15 wom
  意见建议登记 0 0 wom
kaiban
  有限责任公司设立登记 1 3 wo1
  股份有限公司设立登记 1 3 wo
  分公司设立登记 1 3 wo1
  公章刻制备案 0 0 wo1
getihu
  个体工商户设立登记 0 3 wom
  个体工商户变更登记 0 3 wo
  个体工商户注销登记 0 3 wo
qiye-biangeng
  公司变更登记 1 3 wo
  股权变更登记 1 3 wo
qiye-zhuxiao
  公司注销登记 1 3 wo
  企业简易注销登记 1 3 wo
shipin
  食品经营许可新办 5 20 wo1
  食品经营许可变更 3 20 wo
  小餐饮登记 3 15 wo
yaopin
  药品零售企业许可 10 30 wo
  第二类医疗器械经营备案 0 0 wo
tezhong
  特种设备使用登记 3 15 wo
  特种设备作业人员资格复审 5 20 wo
nashui
  增值税申报 0 0 woms
  企业所得税年度申报 0 0 wo
  开具完税证明 0 0 woms
fapiao
  发票领用 0 0 wos
  代开增值税专用发票 0 0 wos
  发票票种核定 1 5 wo
qishui
  契税申报 0 0 wo1
  房产交易税收减免备案 0 0 w
gouzhishui
  车辆购置税申报 0 0 woms
shebaofei
  城乡居民社保费缴纳 0 0 woms
  灵活就业人员社保费缴纳 0 0 woms
shebao-canbao
  企业职工参保登记 0 10 wo1
  城乡居民养老保险参保登记 0 10 wom
  灵活就业人员参保登记 0 10 wom
  单位参保信息变更 0 10 wo
renzheng
  领取养老金人员待遇资格认证 0 0 womsh
tuixiu
  正常退休申请 5 30 wo
  病退申请 20 60 w
  养老保险待遇核定 5 15 wo
shebaoka
  社会保障卡申领 0 20 wos
  社会保障卡补领换领 0 20 wos
  社会保障卡挂失与解挂 0 0 woms
shebao-zhuanyi
  基本养老保险关系转移接续 10 45 wom
  机关事业单位养老保险转移 15 45 wo
gongshang
  工伤认定申请 15 60 wo
  工伤医疗费用报销 10 30 wo
  劳动能力鉴定申请 30 60 wo
yibao-canbao
  城乡居民医保参保登记 0 5 woms
  职工医保参保登记 0 5 wo
  医保个人信息变更 0 5 wom
baoxiao
  门诊费用报销 10 30 wo
  住院费用报销 10 30 wo
yidi
  异地长期居住人员备案 0 2 wom
  异地转诊人员备案 0 2 wom
manbing
  门诊慢特病病种待遇认定 10 20 wo
shengyu-baoxian
  生育津贴支付 10 20 wo1
  生育医疗费支付 10 20 wo
jiuye
  就业登记 0 0 wom
  失业登记 0 0 wom
  就业困难人员认定 5 10 wo
shiyejin
  失业保险金申领 3 10 wom
  失业补助金申领 3 10 wom
chuangye
  创业担保贷款申请 10 20 wo
  一次性创业补贴申领 10 20 wo
zhicheng
  职业资格证书补发 3 10 wo
  初级职称认定 15 30 wo
weiquan
  劳动人事争议仲裁申请 5 5 wo
  劳动保障监察投诉 3 5 wo
dangan
  流动人员档案接收 0 5 w
  档案材料查阅与证明开具 0 5 wo
gjj-tiqu
  租房提取住房公积金 0 3 woms
  购房提取住房公积金 1 3 wom
  退休提取住房公积金 0 3 wom1
  偿还贷款本息提取 1 3 wom
gjj-daikuan
  住房公积金贷款申请 7 15 wo
  住房公积金贷款提前还款 0 3 wom
gjj-jiaocun
  单位缴存登记 0 0 wo1
  个人账户设立与转移 0 0 wo
yongshui
  用水报装 3 10 wo1
  用水过户 0 0 wom
yongdian
  低压居民新装用电 2 5 wom1
  用电更名过户 0 3 wom
ranqi
  燃气报装 4 10 wo1
  燃气过户 0 0 wom
gongnuan
  供热报停与恢复 0 0 wom
  供热费缴纳 0 0 woms
tongxin
  固定电话与宽带新装 2 0 wo
  通信业务过户 0 0 w
hunyin
  内地居民结婚登记 0 0 w
  内地居民离婚登记 0 0 w
hunyin-buling
  补领结婚证 0 0 w
  补领离婚证 0 0 w
jiuzhu
  最低生活保障对象认定 15 45 wm
  特困人员认定 15 30 w
  临时救助对象认定 3 20 wm
gaoling
  80周岁以上高龄津贴申领 3 20 wmh
shehui-zuzhi
  社会团体成立登记 15 60 wo
  民办非企业单位变更登记 5 20 wo
shenfenzheng
  居民身份证申领 15 60 ws
  居民身份证换领 15 60 ws
  居民身份证补领 15 60 ws
  临时居民身份证申领 0 3 w
hukou
  出生登记 0 0 wo1
  户口迁移 0 3 wo
  户口注销 0 0 w1
  姓名变更更正 5 20 w
juzhuzheng
  居住登记 0 3 wom
  居住证申领 7 15 wom
wufanzui
  开具无犯罪记录证明 1 7 wom
churujing
  普通护照签发 7 15 wo
  往来港澳通行证签发 7 15 wos
  往来台湾通行证签发 7 15 wos
jiashizheng
  初次申领机动车驾驶证 0 1 w
  期满换领驾驶证 0 1 woms
  补领驾驶证 0 1 woms
cheliang
  机动车注册登记 0 2 w
  机动车转让登记 0 2 wo
  机动车抵押登记 0 1 wo
weifa
  交通违法行为处理 0 0 woms
  驾驶人记分查询 0 0 woms
bdc-zhuanyi
  国有建设用地使用权及房屋所有权转移登记（买卖） 1 30 wo1
  转移登记（继承、受遗赠） 5 30 w
  转移登记（离婚析产） 2 30 w
bdc-diya
  抵押权首次登记 1 30 wo
  抵押权注销登记 0 30 wom
bdc-chaxun
  不动产登记资料查询 0 5 woms
  出具无房证明 0 5 woms
bdc-shouci
  房屋所有权首次登记 5 30 wo
bdc-buzheng
  不动产权证书补发 1 30 w
  不动产权证书换发 0 30 w
guihua
  建设用地规划许可证核发 5 20 wo
  建设工程规划许可证核发 7 20 wo
yongdi
  临时用地审批 10 20 wo
kuangchan
  采矿权延续登记 20 40 wo
shigong
  建筑工程施工许可证核发 2 7 wo
  消防设计审查 10 15 wo
wangqian
  商品房买卖合同网签备案 0 0 wo
  存量房买卖合同网签备案 0 0 wo
zufang
  公共租赁住房申请 20 40 wo
  住房租赁补贴申领 15 30 wo
weixiu
  住宅专项维修资金使用审核 7 15 wo
yiliao
  医疗机构执业登记 10 45 wo
  护士执业注册 3 20 wo
weisheng
  公共场所卫生许可 3 20 wo1
shengyu
  生育登记 0 0 wom1
  独生子女父母光荣证补发 0 0 w
jiaoshi
  教师资格认定 15 30 wo
  教师资格证书补发 5 10 wo
zizhu
  家庭经济困难学生资助申请 10 20 w
  生源地信用助学贷款 0 10 wo
ruxue
  义务教育入学报名 10 0 wom1
gongzheng
  委托公证 3 15 wo
  学历学位公证 3 15 wo
  继承权公证 10 15 w
fayuan
  法律援助申请 3 7 wom
nongji
  拖拉机和联合收割机登记 0 2 w
  农机购置补贴申领 10 15 wm
nongzi
  农药经营许可 10 20 wo
  种子生产经营备案 0 0 wo
zhaijidi
  农村土地承包经营权变更 10 15 w
yunshu
  道路货物运输经营许可 3 20 wo1
  道路运输证配发 1 10 wo
congye
  道路运输从业资格证换发 1 20 wom
  网络预约出租汽车驾驶员证核发 5 10 wo
baodao
  退役士兵接收报到 0 0 w
  退役军人优待证申领 15 30 wom
youfu
  优抚对象抚恤补助金给付 10 20 w
canjizheng
  残疾人证新办 15 25 wh
  残疾人证换领 5 15 w1
canji-butie
  困难残疾人生活补贴和重度残疾人护理补贴 10 20 wom
anquan
  危险化学品经营许可 15 30 wo
  非药品类易制毒化学品经营备案 0 10 wo
yanhua
  烟花爆竹经营（零售）许可 7 30 wo
wenhua
  娱乐场所经营许可 7 20 wo
  互联网上网服务营业场所审批 7 20 wo
lvyou
  导游证核发 5 10 wo
qushui
  取水许可审批 10 45 wo
  取水许可延续 5 45 wo
shuibao
  生产建设项目水土保持方案审批 7 10 wo
huanping
  建设项目环境影响报告书审批 20 60 wo
  建设项目环境影响报告表审批 10 30 wo
paiwu
  排污许可证核发 10 30 wo
  排污登记 0 0 o
yancao-xuke
  烟草专卖零售许可证新办 8 20 wom
  烟草专卖零售许可证延续 3 20 wom
  烟草专卖零售许可证停业 1 20 wom
"""


def matters() -> Iterator[Matter]:
    """Yield the matters of the table in its order."""
    service, count, sort = "", 0, 0
    for line in TABLE.strip().splitlines():
        if not line.startswith(" "):
            service, count = line.strip(), 0
            continue
        name, promised, statutory, ways = line.split()
        count, sort = count + 1, sort + 1
        yield Matter(
            f"{service}-{count:02}",
            name,
            service,
            PROMISED if int(promised) else AT_ONCE,
            int(promised),
            int(statutory),
            tuple(LETTERS[each] for each in ways),
            sort=sort,
        )
