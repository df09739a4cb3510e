"""行文: amounts, dates, numerals, rates and verdicts in the words of official papers.

Rates are decided on integers and shown ROUND_HALF_UP; a rounded text is never compared with a target.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from reports.content import Day
from reports.errors import ReportError

UPPER = "零壹贰叁肆伍陆柒捌玖"
LOWER = "零一二三四五六七八九"
MARK = "※"
UNANNOUNCED = f"{MARK} 节假日安排未公布，按周末推算"
VERDICTS = {
    "attained": "达标",
    "not_attained": "未达标",
    "inconclusive": "尚不能判定",
    "not_inferable": "不可推断",
    "": "—",
}


def _group(number: int, digits: str, units: Sequence[str]) -> str:
    """Four digits in words, without the zero in front."""
    text, gap = "", False
    for position in (3, 2, 1, 0):
        digit = number // 10**position % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += (digits[0] if gap else "") + digits[digit] + units[position]
        gap = False
    return text


def _integer(number: int, digits: str, units: Sequence[str], big: Sequence[str]) -> str:
    if number == 0:
        return digits[0]
    groups = []
    while number:
        groups.append(number % 10000)
        number //= 10000
    if len(groups) > len(big):
        raise ReportError("number-too-large", "数字超出可用中文书写的范围（一万亿亿）。")
    text, gap = "", False
    for index in range(len(groups) - 1, -1, -1):
        part = groups[index]
        if part == 0:
            gap = bool(text)
            continue
        text += (digits[0] if text and (gap or part < 1000) else "") + _group(part, digits, units) + big[index]
        gap = False
    return text


def rmb_upper(amount: Decimal) -> str:
    """金额大写 of an amount in yuan, as 票据 are written.

    Parameters
    ----------
    amount : yuan, not negative, at most two decimals.

    Raises
    ------
    ReportError
        ``amount-invalid`` for negative amounts or fractions of a 分: nothing is rounded here.

    References
    ----------
    中国人民银行《正确填写票据和结算凭证的基本规定》.

    Examples
    --------
    >>> rmb_upper(Decimal("10050.03"))
    '壹万零伍拾元零叁分'
    >>> rmb_upper(Decimal("123456789.12"))
    '壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元壹角贰分'
    >>> rmb_upper(Decimal("1000000")), rmb_upper(Decimal("0.5"))
    ('壹佰万元整', '伍角整')
    """
    if not amount.is_finite() or amount < 0 or amount * 100 != int(amount * 100):
        raise ReportError("amount-invalid", f"金额 {amount} 无法写成大写：应为不小于零、至多两位小数的金额。")
    cents = int(amount * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    text = _integer(yuan, UPPER, ("", "拾", "佰", "仟"), ("", "万", "亿", "万亿")) + "元" if yuan else ""
    if not jiao and not fen:
        return (text or "零元") + "整"
    if jiao:
        text += UPPER[jiao] + "角"
    elif text:
        text += "零"
    return text + (UPPER[fen] + "分" if fen else "整")


def numeral(number: int) -> str:
    """A counting number in words: 12 is 十二, 105 is 一百零五.

    >>> [numeral(n) for n in (0, 2, 10, 12, 20, 105, 1010, 10000, 2240)]
    ['零', '二', '十', '十二', '二十', '一百零五', '一千零一十', '一万', '二千二百四十']
    """
    if number < 0:
        raise ReportError("number-negative", f"序数不能为负数（{number}）。")
    text = _integer(number, LOWER, ("", "十", "百", "千"), ("", "万", "亿", "万亿"))
    return text[1:] if text.startswith("一十") else text


def day(value: Day | date) -> str:
    """2026年9月6日, without padding; a provisional day carries the mark.

    >>> day(date(2026, 9, 6)), day(Day(date(2027, 3, 5), provisional=True))
    ('2026年9月6日', '2027年3月5日※')
    """
    on = value.on if isinstance(value, Day) else value
    mark = MARK if isinstance(value, Day) and value.provisional else ""
    return f"{on.year}年{on.month}月{on.day}日{mark}"


def day_in_words(value: date) -> str:
    """二〇二六年十一月二十四日.

    >>> day_in_words(date(2026, 11, 24))
    '二〇二六年十一月二十四日'
    """
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(value.year))
    return f"{year}年{numeral(value.month)}月{numeral(value.day)}日"


def document_number(word: str, year: int, serial: int) -> str:
    """发文字号: year in 〔〕, no 第, no leading zeros.

    >>> document_number("市监通告", 2026, 3)
    '市监通告〔2026〕3号'
    """
    return f"{word}〔{year}〕{serial}号"


def percent(part: int, whole: int, places: int = 2) -> str:
    """A rate in percent, ROUND_HALF_UP on integers; — when there is nothing to divide by.

    >>> percent(546, 560), percent(1, 3, 1), percent(0, 0)
    ('97.50%', '33.3%', '—')
    """
    if whole == 0:
        return "—"
    scale = 10**places
    value = (2 * part * 100 * scale + whole) // (2 * whole)
    return f"{value // scale}.{value % scale:0{places}d}%" if places else f"{value}%"


def ppm(value: int, places: int = 2) -> str:
    """Millionths as percent text.

    >>> ppm(958400), ppm(1000000, 1)
    ('95.84%', '100.0%')
    """
    return percent(value, 1_000_000, places)


def per_hundred(low_ppm: int, high_ppm: int, unit: str = "批") -> str:
    """The failing share in plain words for the public; ends in millionths of the failing share.

    >>> per_hundred(13700, 41600)
    '每100批约有1.4—4.2批不合格'
    >>> per_hundred(0, 6500)
    '每100批至多约有0.7批不合格'
    """
    low, high = percent(low_ppm, 1_000_000, 1)[:-1], percent(high_ppm, 1_000_000, 1)[:-1]
    if low_ppm == 0:
        return f"每100{unit}至多约有{high}{unit}不合格"
    return f"每100{unit}约有{low}—{high}{unit}不合格"


def per_hundred_in_english(low_ppm: int, high_ppm: int, unit: str = "batches") -> str:
    """The same sentence for the English page.

    >>> per_hundred_in_english(13700, 41600)
    'about 1.4 to 4.2 of every 100 batches fail'
    >>> per_hundred_in_english(0, 6500)
    'at most about 0.7 of every 100 batches fail'
    """
    low, high = percent(low_ppm, 1_000_000, 1)[:-1], percent(high_ppm, 1_000_000, 1)[:-1]
    return f"{'at most about' if low_ppm == 0 else f'about {low} to'} {high} of every 100 {unit} fail"


def listed(texts: Sequence[str], mark: str = "、") -> str:
    """Texts in one sentence."""
    return mark.join(texts)


def verdict(code: str) -> str:
    """达标判定 in words; an unknown code is refused, never printed as something else."""
    if code not in VERDICTS:
        raise ReportError("verdict-unknown", f"不认识的判定代码 {code}；可用：{'、'.join(key for key in VERDICTS if key)}。")
    return VERDICTS[code]
