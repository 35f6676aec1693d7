"""Ratings that look odd, at a reviewer's desk of 1366 × 768: read, opened, remarked."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from halls import SMALL_HALL
from journeys import serious_faults, width_of
from page_faults import Complaints
from playwright.sync_api import Page, expect
from servers import Served, served

from hall.catalogue import Person
from web.passwords import hash_of

SCREEN = {"width": 1366, "height": 768}
PASSWORD = "a hall's secret"
HALL = replace(SMALL_HALL, people=(*SMALL_HALL.people, Person("7101", "钱督查", "inspector")))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hall whose first window was rated eight times the moment each service was done."""
    with served(tmp_path_factory.mktemp("hall"), catalogue=HALL) as running:
        with running.register() as register:
            register.set_password_hash("7101", hash_of(PASSWORD))
        running.at(1, "open")
        for _ in range(8):
            running.take("marriage")
            visit = running.serve_next(1)["visit"]
            told = {"visit": visit, "level": "very_satisfied", "channel": "evaluator"}
            answer = running.post("/api/v1/ratings", told, running.key("evaluator", 1))
            assert answer.status == 201, answer.body
        yield running


def test_a_reviewer_reads_why_and_writes_a_remark(
    page: Page, hall: Served, complaints: Complaints
) -> None:
    complaints.expect("422")
    page.set_viewport_size({"width": SCREEN["width"], "height": SCREEN["height"]})
    page.goto(f"{hall.address}/sign-in?next=/ratings/oddities")
    page.get_by_label("工号").fill("7101")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("异常评价")
    expect(page.locator(".oddity")).to_have_count(2)
    quick = page.locator(".oddity", has_text="办完即评")
    expect(quick).to_contain_text("1号窗口连续 8 条评价")
    quick.get_by_text("查看 8 条评价").click()
    expect(quick.locator("tbody tr")).to_have_count(8)
    assert width_of(page) <= SCREEN["width"]
    assert serious_faults(page) == []
    quick.get_by_text("写下核实意见").click()
    quick.get_by_label("建议作废").check()
    quick.get_by_role("button", name="写下意见").click()
    expect(page.get_by_role("alert")).to_have_text("建议作废须写明理由。")
    assert serious_faults(page) == []
    page.get_by_label("理由或说明").locator("visible=true").fill("群众离开后有人连按")
    page.get_by_role("button", name="写下意见").locator("visible=true").click()
    expect(page.locator(".remarks")).to_contain_text("群众离开后有人连按")
    expect(page.locator(".said")).to_contain_text("评价没有改动")
    assert width_of(page) <= SCREEN["width"]
    assert serious_faults(page) == []
    page.get_by_text("查看 8 条评价").first.click()
    page.get_by_role("link", name="1", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("非常满意")
    assert serious_faults(page) == []
