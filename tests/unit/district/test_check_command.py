"""What `jiaoying check` prints about a pack that cannot be used."""

import re

from typer.testing import CliRunner

from services.cli import app
from tests.unit.district.conftest import BreakablePack
from tests.unit.district.test_twenty_mistakes import MISTAKES


def test_it_prints_twenty_lines_of_file_line_and_reason(breakable: BreakablePack) -> None:
    for mistake in MISTAKES:
        breakable.replace(mistake["file"], mistake["right"], mistake["wrong"])

    result = CliRunner().invoke(app, ["check", str(breakable.folder)])

    *lines, count = result.stderr.splitlines()
    assert result.exit_code == 1
    assert [line for line in lines if not re.fullmatch(r"[\w./-]+:\d+: .+", line)] == []
    assert len(lines) == len(MISTAKES)
    assert count.endswith("20 处错误 faults")
    assert "20019409" not in result.output
