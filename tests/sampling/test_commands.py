"""The calculators of the command line: the same numbers as the functions, JSON, Chinese refusals, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from sampling import __main__ as program
from sampling import intervals, target


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = program.main(list(arguments))
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, out, err = run(capsys, *arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_an_interval_is_the_one_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    for method in intervals.METHODS:
        found = answer(capsys, "interval", "98", "100", "--method", method, "--conf", "90%")
        assert (found["lower"], found["upper"]) == tuple(float(v) for v in intervals.interval(98, 100, method, 0.9))
    assert answer(capsys, "interval", "98", "100", "--side", "lower", "--method", "clopper-pearson")["bound"] == float(intervals.lower_bound(98, 100))
    assert answer(capsys, "interval", "49", "50", "--roster", "100")["D_lower"] == 92
    assert answer(capsys, "interval", "49", "50", "--roster", "100", "--side", "lower")["D_lower"] == 93
    assert answer(capsys, "interval", "98", "100", "--deff", "2")["n_eff"] == 50


def test_a_verdict_is_printed_in_chinese_and_never_from_the_rounded_rate(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "verdict", "16294", "16641", "98%")
    assert code == 0 and "判定：尚不能判定" in out and "合格率：97.91%" in out
    assert "零不合格也不足以证明达标" in run(capsys, "verdict", "148", "148", "98%")[1]
    assert answer(capsys, "verdict", "149", "149", "98%")["verdict"] == "attained"
    assert answer(capsys, "verdict", "149", "149", "98%", "--targeted")["verdict"] == "not_assessable"
    assert answer(capsys, "verdict", "97", "100", "98%", "--roster", "100")["verdict"] == "not_attained"


def test_planned_looks_are_listed_and_judged(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "looks", "98%", "560", "1120", "1680", "2240", "--failures", "3", "10")
    assert (found["verdict"], found["at_look"], found["look_4"]["attained_at_most"]) == ("attained", 2, 33)
    assert "第1次（累计 560 批）" in run(capsys, "looks", "98%", "560", "1120")[1]


@pytest.mark.parametrize(
    ("arguments", "n"),
    [
        ("margin 98% 1%", 753), ("margin 0.5 0.05 --roster 2000", 323), ("half-width 98% 1%", 792), ("compare 98% 99%", 2319), ("mean 15 1", 865),
        ("target 98%", 149), ("target 98% --failures 5", 523), ("target 98% --roster 600", 123), ("target 98% --roster 600 --failures 1", 189), ("target 98% --true-rate 99%", 969), ("budget 500000 600 98%", 833),
    ],
)
def test_sizes_are_those_of_the_tables(capsys: pytest.CaptureFixture[str], arguments: str, n: int) -> None:
    assert answer(capsys, "size", *arguments.split())["n"] == n


def test_shares_add_up_with_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "allocate", "10", "甲=60", "乙=60", "丙=20") == {"甲": 4, "乙": 4, "丙": 2}
    assert answer(capsys, "allocate", "10", "甲=60", "乙=60", "丙=20", "--method", "webster") == {"甲": 5, "乙": 4, "丙": 1}
    assert answer(capsys, "allocate", "10", "甲=60", "乙=60", "丙=20", "--minima", "0", "0", "4") == {"甲": 3, "乙": 3, "丙": 4}


def test_plans_and_curves(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "plan", "1000", "1.0") == {"letter": "J", "n": 80, "ac": 2, "re": 3}
    assert "全数检验" in run(capsys, "plan", "40", "0.25")[1]
    assert answer(capsys, "plan", "--search", "0.05", "0.95", "0.15", "0.075")["n"] == 80
    assert answer(capsys, "oc", "80", "2", "--quality", "2%")["p_0.02"]["pa"] == pytest.approx(0.7844, abs=5e-5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", "缺少参数"), ("foo", "不能是 'foo'"), ("interval 5 4", "x 不合法：5"), ("interval x 4", "“x”不是整数"), ("interval 1", "缺少参数：n"),
        ("interval 1 2 --conf 95", "conf"), ("interval 1 2 --conf nan", "不是数"), ("interval 1 0", "n 不合法：0"), ("interval 1 2 --method wald", "wilson"),
        ("interval 1 2 --deff 2 --side lower", "--deff"), ("interval 1 2 --json --hello", "不认识的参数"), ("interval 1 2 --conf", "缺少取值"),
        ("verdict 1 2 九成", "目标"), ("verdict 1 2 1e999999999", "目标"), ("verdict 3 2 98% --roster 9", "x"), ("looks 98% 5 5", "逐次增大"),
        ("looks 98% 5 9 --failures 9 1", "failures"), ("size", "缺少参数"), ("size margin 0 1%", "合格率 p"), ("size target 100%", "100%"),
        ("size target 98% --true-rate 97%", "真实合格率"), ("size budget 1 600 98%", "不够一批"), ("allocate 10 甲=60 甲=1", "重复"),
        ("allocate 10 甲=x", "x"), ("allocate 10 甲=1 乙=1 --minima 1", "minima"), ("allocate 1.5 甲=1", "整数"), ("plan", "批量"),
        ("plan 1 1.0", "lot_size"), ("plan 100 1.1", "AQL"), ("plan --search 0.1 0.9", "4 个取值"), ("oc 5 5", "Ac"), ("oc 5 1 --quality 120%", "p"),
        ("oc 5 1 --kind hypergeometric", "批量"),
    ],
)
def test_bad_input_is_refused_in_chinese_with_exit_code_two(capsys: pytest.CaptureFixture[str], arguments: str, said: str) -> None:
    code, out, err = run(capsys, *arguments.split())
    assert (code, out) == (2, "") and err.startswith("错误：") and said in err and "Traceback" not in err


def test_help_is_given_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    from sampling.commands import COMMANDS

    for command in COMMANDS:
        code, out, _ = run(capsys, *command.split(), "--help")
        assert (code == 0 and "置信水平" in out) or command in ("size compare", "allocate", "plan", "oc")


def test_the_program_runs_as_a_module_and_verifying_loads_no_numerical_library() -> None:
    done = subprocess.run([sys.executable, "-m", "sampling", "interval", "132", "140", "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["lower"] == float(intervals.wilson(132, 140)[0])
    code = "import sys\nfrom sampling.__main__ import main\nmain(['verify', 'none.zip'])\nprint([m for m in ('numpy', 'scipy', 'argparse') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_modules_of_the_application_load_without_the_heavy_part_of_scipy() -> None:
    code = "import sys, sampling.intervals, sampling.target, sampling.counting, sampling.acceptance, sampling.size; print('scipy.stats' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_judging_on_the_command_line_is_judging_in_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    for x, n in ((149, 149), (500, 560), (551, 560)):
        assert answer(capsys, "verdict", str(x), str(n), "98%")["verdict"] == target.judge(x, n, "98%").verdict.value
