"""Settings of personal data: how long it is kept, when it goes, how long a look lasts."""

from datetime import time

from pydantic import Field

from hall.hall_settings import Section

# A bad rating and a complaint must stay traceable for two years at least, whatever a hall writes.
LEAST_FILE_DAYS = 730


class PrivacySection(Section):
    """Personal data 个人信息: retention, looks with a reason, erasure."""

    run_at: time = Field(
        time(0, 30), description="每天几点开始清除到期的个人信息，在业务日结束以后"
    )
    keep_name_days: int = Field(
        90, ge=1, le=365, description="号票上隐去的姓名（张*）和协助取号人的姓名保存几天"
    )
    keep_contact_days: int = Field(
        180, ge=30, le=1095, description="评价人联系方式和纸质评价录入内容保存几天（差评的随档案）"
    )
    keep_text_days: int = Field(
        730, ge=180, le=3650, description="评价文字保存几天（差评的随档案），等级和标签不删"
    )
    keep_case_days: int = Field(
        730, ge=LEAST_FILE_DAYS, le=3650, description="差评办结后档案里的个人信息保存几天"
    )
    keep_complaint_days: int = Field(
        730, ge=LEAST_FILE_DAYS, le=3650, description="投诉办结后投诉人信息和内容保存几天"
    )
    keep_staff_days: int = Field(
        365, ge=30, le=3650, description="工作人员停用后手机号码和照片保存几天"
    )
    reveal_minutes: int = Field(
        10, ge=1, le=60, description="写明原因查看联系方式后，几分钟内再打开仍然显示"
    )
