"""What `jiaoying check` prints about a pack that cannot be used."""

import json
import re

from typer.testing import CliRunner

from services.cli import app
from tests.unit.district.conftest import BreakablePack
from tests.unit.district.test_twenty_mistakes import MISTAKES

WARNING = "(提醒 warning)"


def test_it_prints_twenty_lines_of_file_line_and_reason(breakable: BreakablePack) -> None:
    for mistake in MISTAKES:
        breakable.replace(mistake["file"], mistake["right"], mistake["wrong"])

    result = CliRunner().invoke(app, ["check", str(breakable.folder)])

    *found, count = result.stderr.splitlines()
    lines = [line for line in found if not line.endswith(WARNING)]
    assert result.exit_code == 1
    assert [line for line in lines if not re.fullmatch(r"[\w./-]+:\d+: .+", line)] == []
    assert len(lines) == len(MISTAKES)
    assert f"20 处错误 faults, {len(found) - len(lines)} 处提醒 warnings" in count
    assert "20019409" not in result.output


def test_a_warning_is_printed_and_is_no_mistake(breakable: BreakablePack) -> None:
    long_name = "长" * 60
    line = breakable.replace(
        "posts.yaml", "name: 南坪步行街综合管廊燃气舱负责人", f"name: {long_name}"
    )
    assert line

    told = CliRunner().invoke(app, ["check", str(breakable.folder)])
    as_json = CliRunner().invoke(app, ["check", str(breakable.folder), "--json"])

    warned = [one for one in told.stderr.splitlines() if one.endswith(WARNING)]
    assert (told.exit_code, as_json.exit_code) == (0, 0)
    assert any("sms.confirm may take 3 SMS" in one and long_name in one for one in warned)
    assert json.loads(as_json.stdout)["faults"] == []
    assert len(json.loads(as_json.stdout)["warnings"]) == len(warned)
