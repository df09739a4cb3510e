"""What can be written behind `python -m sampling`: commands, arguments and what they mean, in Chinese."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from sampling import acceptance, allocate, intervals
from sampling.arguments import exact_fraction
from sampling.errors import SamplingError
from sampling.target.sequential import SPENDING

_CHINESE = (
    (r"the following arguments are required: (.*)", r"缺少参数：\1"),
    (r"unrecognized arguments: (.*)", r"不认识的参数：\1"),
    (r"argument (.*): invalid choice: (.*) \(choose from (.*)\)", r"参数 \1 不能是 \2；可选 \3"),
    (r"argument (.*): expected one argument", r"参数 \1 后面缺少取值"),
    (r"argument (.*): expected at least one argument", r"参数 \1 后面缺少取值"),
    (r"argument (.*): expected (\d+) arguments", r"参数 \1 后面应有 \2 个取值"),
    (r"argument (.*?): (.*)", r"参数 \1：\2"),
)


class Parser(argparse.ArgumentParser):
    """Refuses in Chinese with exit code 2."""

    def error(self, message: str) -> NoReturn:
        for pattern, chinese in _CHINESE:
            if re.fullmatch(pattern, message):
                message = re.sub(pattern, chinese, message)
                break
        print(f"错误：{message}\n用法：{self.format_usage().removeprefix('usage: ')}", end="", file=sys.stderr)
        sys.exit(2)


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是整数") from None


def decimal(text: str) -> float:
    """A number; "98%" is 0.98 to the last digit."""
    try:
        return float(exact_fraction(text, "数"))
    except (SamplingError, OverflowError):
        raise argparse.ArgumentTypeError(f"“{text}”不是数") from None


def named_weight(text: str) -> tuple[str, str]:
    """`名称=权重`, or a bare weight that is its own name."""
    name, equal, weight = text.rpartition("=")
    return (name, weight) if equal else (text, text)


def parser() -> Parser:
    """The whole command line."""
    top = Parser(prog="python -m sampling", description="抽样计算：区间、判定、样本量、分配、验收方案。另有 verify 核验抽取结果包。")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令", parser_class=Parser)
    for add in (_interval, _verdict, _looks, _size, _allocate, _plan, _oc):
        add(commands)
    return top


def _command(commands: Any, name: str, meaning: str, full_name: str | None = None) -> Parser:
    made: Parser = commands.add_parser(name, help=meaning, description=meaning)
    made.add_argument("--json", action="store_true", help="输出 JSON")
    made.set_defaults(command=full_name or name)
    return made


def _conf(made: Parser) -> None:
    made.add_argument("--conf", type=decimal, default=0.95, help="置信水平，缺省 0.95")


def _roster(made: Parser) -> None:
    made.add_argument("--roster", type=whole, help="名录单位数 N（有限总体）")


def _positional(made: Parser, kind: Callable[[str], Any], **meanings: str) -> None:
    for name, meaning in meanings.items():
        made.add_argument(name, type=kind, help=meaning)


def _interval(commands: Any) -> None:
    made = _command(commands, "interval", "合格率的区间或单侧界")
    _positional(made, whole, x="合格批次", n="检验批次")
    made.add_argument("--method", choices=list(intervals.METHODS), default="wilson", help="区间方法，缺省 wilson")
    made.add_argument("--side", choices=["two-sided", "lower", "upper"], default="two-sided", help="双侧、单侧下限或单侧上限")
    made.add_argument("--deff", type=decimal, help="设计效应")
    _roster(made)
    _conf(made)


def _verdict(commands: Any) -> None:
    made = _command(commands, "verdict", "是否达标")
    _positional(made, whole, x="合格批次", n="检验批次")
    _positional(made, str, target="目标，如 98%% 或 0.98")
    made.add_argument("--targeted", action="store_true", help="问题导向抽样：不可推断")
    _roster(made)
    _conf(made)


def _looks(commands: Any) -> None:
    made = _command(commands, "looks", "计划内多次判定的界限")
    _positional(made, str, target="目标，如 98%%")
    made.add_argument("looks", type=whole, nargs="+", help="各次判定时的累计批次")
    made.add_argument("--failures", type=whole, nargs="+", default=[], help="已有各次的累计不合格批次")
    made.add_argument("--planned", type=whole, help="计划总批次，缺省为最后一次的批次")
    made.add_argument("--spending", choices=list(SPENDING), default="obrien-fleming", help="消耗函数")
    _conf(made)


def _size(commands: Any) -> None:
    group = commands.add_parser("size", help="样本量", description="样本量").add_subparsers(
        dest="kind", required=True, metavar="用途", parser_class=Parser
    )
    _size_precision(group)
    made = _command(group, "compare", "比较两个合格率", "size compare")
    _positional(made, decimal, p1="合格率一", p2="合格率二")
    made.add_argument("--alpha", type=decimal, default=0.05, help="显著性水平")
    made.add_argument("--power", type=decimal, default=0.8, help="把握度")
    made = _command(group, "target", "证明达标", "size target")
    _positional(made, str, target="目标，如 98%%")
    made.add_argument("--failures", type=whole, default=0, help="允许的不合格批次，缺省 0")
    made.add_argument("--true-rate", type=decimal, help="假定的真实合格率（按把握度计算）")
    made.add_argument("--power", type=decimal, default=0.8, help="把握度，缺省 0.8")
    _roster(made)
    _conf(made)
    made = _command(group, "budget", "给定预算", "size budget")
    _positional(made, decimal, budget="预算", cost="每批费用", rate="预期合格率")
    made.add_argument("--fixed", type=decimal, default=0.0, help="固定费用")
    _conf(made)


def _size_precision(group: Any) -> None:
    for name, meaning, columns in (
        ("margin", "合格率 ± 误差（Cochran）", {"rate": "预期合格率", "margin": "误差，如 0.01"}),
        ("half-width", "Wilson 区间半宽", {"rate": "预期合格率", "halfwidth": "半宽，如 0.01"}),
        ("mean", "均值 ± 误差", {"sd": "标准差", "margin": "误差"}),
    ):
        made = _command(group, name, meaning, f"size {name}")
        _positional(made, decimal, **columns)
        made.add_argument("--deff", type=decimal, default=1.0, help="设计效应，缺省 1")
        if name != "half-width":
            _roster(made)
        _conf(made)


def _allocate(commands: Any) -> None:
    made = _command(commands, "allocate", "按权重分配批次")
    _positional(made, whole, total="总批次")
    made.add_argument("weights", type=named_weight, nargs="+", help="权重：名称=数，或只写数")
    made.add_argument("--method", choices=list(allocate.METHODS), default="hamilton", help="分配方法，缺省 hamilton（最大余数法）")
    made.add_argument("--minima", type=whole, nargs="+", default=[], help="各单位下限")
    made.add_argument("--caps", type=whole, nargs="+", default=[], help="各单位上限")


def _plan(commands: Any) -> None:
    made = _command(commands, "plan", "验收抽样方案：按 GB/T 2828.1 查表，或按两个风险点求最小方案")
    made.add_argument("lot", type=whole, nargs="?", help="批量")
    made.add_argument("aql", nargs="?", help="AQL，如 1.0")
    made.add_argument("--level", choices=["S-1", "S-2", "S-3", "S-4", "I", "II", "III"], default="II", help="检验水平，缺省 II")
    made.add_argument("--severity", choices=["normal", "tightened"], default="normal", help="正常或加严")
    made.add_argument("--search", type=decimal, nargs=4, metavar=("P1", "PA1", "P2", "PA2"), help="好质量及其接收概率、差质量及其接收概率")
    made.add_argument("--kind", choices=list(acceptance.KINDS), default="binomial", help="分布")


def _oc(commands: Any) -> None:
    made = _command(commands, "oc", "抽检特性曲线")
    _positional(made, whole, n="样本量", ac="接收数 Ac")
    made.add_argument("--re", type=whole, help="拒收数 Re，缺省 Ac+1")
    made.add_argument("--quality", type=decimal, nargs="+", default=[0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1], help="不合格率")
    made.add_argument("--kind", choices=list(acceptance.KINDS), default="binomial", help="分布")
    made.add_argument("--lot", type=whole, help="批量")
