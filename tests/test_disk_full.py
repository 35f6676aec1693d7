"""The disk is full, or fails: whoever asked is told so, nothing is half done, and work goes on."""

import os
import sqlite3
from pathlib import Path

import pytest

from faults.failing import failures
from faults.no_room import real_server
from hall.file import RolledBack, told_of


def trouble(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("trouble")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (trouble(sqlite3.SQLITE_FULL), "disk_full"),
        (trouble(sqlite3.SQLITE_IOERR_FSYNC), "disk_failed"),
        (trouble(sqlite3.SQLITE_CANTOPEN), "disk_failed"),
        (trouble(sqlite3.SQLITE_CORRUPT_VTAB), "file_damaged"),
        (trouble(sqlite3.SQLITE_BUSY_SNAPSHOT), "file_busy"),
        (RolledBack("undone"), "disk_failed"),
        (trouble(sqlite3.SQLITE_CONSTRAINT), None),
        (sqlite3.ProgrammingError("ours"), None),
    ],
)
def test_a_disks_trouble_has_a_code_and_our_own_mistake_has_none(
    error: sqlite3.Error, code: str | None
) -> None:
    told = told_of(error)
    assert (told and told[0]) == code


def test_at_whatever_write_the_disk_fails_the_api_says_so_and_loses_nothing() -> None:
    told = failures(5)
    assert told.wrong == []
    assert set(told.codes) == {"disk_full", "disk_failed"}
    assert told.acknowledged > 5


@pytest.mark.skipif(os.name == "nt", reason="no limit of a file's size for a process there")
def test_a_server_whose_files_may_not_grow_refuses_tickets_and_goes_on(tmp_path: Path) -> None:
    told = real_server(1, tmp_path / "hall")
    assert told.wrong == []
    assert told.refused
