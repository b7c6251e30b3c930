import pytest

from scripts.system_packages import NEEDED, SystemPackage, install_line, missing, provide

SHELL = SystemPackage("dash", "sh", "the shell")
BROWSER = SystemPackage("no-such-browser", "no-such-browser-here", "the pages")
SERVER = SystemPackage("a-server", "no-such-server-here", "the bus")


def test_what_is_on_the_path_is_not_missing() -> None:
    assert missing([SHELL, BROWSER]) == [BROWSER]


def test_one_line_installs_everything_that_is_missing() -> None:
    assert install_line([BROWSER, SERVER])[-2:] == ["a-server", "no-such-browser"]


def test_with_nothing_missing_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert provide([SHELL], is_root=False, required=True) == 0
    assert capsys.readouterr().out == ""


def test_who_is_not_root_is_told_the_one_line_and_what_is_skipped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert provide([BROWSER], is_root=False, required=False) == 0

    assert capsys.readouterr().out.splitlines() == [
        f"To test everything, run once: sudo {' '.join(install_line([BROWSER]))}",
        "without no-such-browser: the pages is not tested",
    ]


def test_a_missing_package_is_a_failure_where_all_are_required() -> None:
    assert provide([BROWSER], is_root=False, required=True) == 1


def test_each_package_is_listed_once() -> None:
    assert len({one.package for one in NEEDED}) == len(NEEDED)
