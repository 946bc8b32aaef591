"""What is wrong with a file, said so that the person who filed it can mend it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

VALUE_CHARS = 40
NAME_CHARS = 200
SCANNED_CHARS = 20_000
LISTED_FINDINGS = 10_000

# What to do about each reason, in the words of those who file ledgers.
REMEDIES = {
    "E_EMPTY": "请填入数据后重新提交",
    "E_NAME": "请另存为 .xlsx 或 .csv 后重新提交",
    "E_TYPE": "请用 Excel 或 WPS 打开后另存为 .xlsx 重新提交",
    "E_CORRUPT": "请用 Excel 或 WPS 重新打开并另存为 .xlsx 后提交",
    "E_LEGACY_XLS": "请另存为 .xlsx 后重新提交",
    "E_ENCRYPTED": "请取消密码保护后重新提交",
    "E_MACRO": "请另存为不含宏的 .xlsx 后重新提交",
    "E_BOMB": "请只保留台账数据,另存为新的 .xlsx 后重新提交",
    "E_TOO_MANY_ROWS": "请拆分为多个文件后重新提交",
    "E_TOO_MANY_COLS": "请删除多余的列后重新提交",
    "E_SHEET_DIM": "请删除表格之外的单元格后重新提交",
    "E_CELL_TOO_LONG": "请缩短内容后重新提交",
    "E_XML_DTD": "请用 Excel 或 WPS 另存为新的 .xlsx 后重新提交",
    "E_ZIP_PATH": "请用 Excel 或 WPS 另存为新的 .xlsx 后重新提交",
    "E_ZIP_DUP": "请用 Excel 或 WPS 另存为新的 .xlsx 后重新提交",
    "E_SHEETS": "请使用模板,工作表命名为“台账”或“名册”后重新提交",
    "E_HEADER": "请按模板补上表头行后重新提交",
    "E_DUP_HEADER": "请只保留其中一列后重新提交",
    "E_MISSING_COLUMN": "请按模板补上该列后重新提交",
    "E_UNKNOWN_COLUMN": "请按模板改正列名或删除该列后重新提交",
    "E_PERSONAL": "请删除个人信息后重新提交,台账只填汇总数",
    "E_MERGED": "请取消合并,逐行填写后重新提交",
    "E_FORMULA_NO_VALUE": "请在 Excel 中打开并保存,或改填数值后重新提交",
    "E_CELL_ERROR": "请改正公式或改填数值后重新提交",
    "E_EXTERNAL_LINK": "请改填数值(选择性粘贴为数值)后重新提交",
    "E_ENCODING": "请另存为“CSV UTF-8”后重新提交",
    "E_NUL": "请用 Excel 另存为“CSV UTF-8”后重新提交",
    "E_CSV": "请用 Excel 另存为“CSV UTF-8”后重新提交",
    "E_CONTROL_CHAR": "请删除该字符后重新提交",
    "E_DATE": "请写成 2016-07 这样的年月后重新提交",
    "E_PERIOD": "请核对统计月份后重新提交",
    "E_CODE": "请核对代码或名称后重新提交",
    "E_SCOPE": "请核对督导组与单位,只报本组督导的单位",
    "E_VALUE": "请改为规定的用词后重新提交",
    "E_BLANK": "请补填后重新提交",
    "E_NUMBER": "请填写阿拉伯数字的整数后重新提交",
    "E_RANGE": "请核对后重新提交",
    "E_RULE": "请核对后重新提交",
    "E_DUP_KEY": "请只保留一行后重新提交",
    "E_GRAIN": "同一单位、领域、月份请统一按汇总行或按支部逐行填报",
    "E_ROW": "请删除这一行,或写成数据行、合计行或签字行后重新提交",
    "E_TOTAL_ROW": "请核对合计或明细后重新提交",
}

# One to three separators of any kind may stand between the digits, letters may not.
_SEPARATOR = r"[^\w\n]{0,3}"
_MOBILE = re.compile(
    rf"(?<!\d)(?:(?:\+|00)?86{_SEPARATOR}|0)?(1[3-9]\d){_SEPARATOR}"
    rf"(\d{_SEPARATOR}\d{_SEPARATOR}\d{_SEPARATOR}\d){_SEPARATOR}"
    rf"(\d{_SEPARATOR}\d{_SEPARATOR}\d{_SEPARATOR}\d)(?!\d)"
)
_BIRTHDAY = (
    rf"(?:0[1-9]|1[0-2]){_SEPARATOR}(?:0{_SEPARATOR}[1-9]|[12]{_SEPARATOR}\d|3[01])"
)
_DIGITS_6 = rf"([1-9]{_SEPARATOR}" + _SEPARATOR.join([r"\d"] * 5) + ")"
_IDENTITY = re.compile(
    rf"(?<!\d){_DIGITS_6}{_SEPARATOR}(?:(?:18|19|20){_SEPARATOR}\d{_SEPARATOR}\d"
    rf"{_SEPARATOR}{_BIRTHDAY}{_SEPARATOR}\d{_SEPARATOR}\d{_SEPARATOR}\d"
    rf"{_SEPARATOR}[\dXx](?![\dA-Za-z])"
    rf"|\d{_SEPARATOR}\d{_SEPARATOR}{_BIRTHDAY}{_SEPARATOR}\d{_SEPARATOR}\d"
    rf"{_SEPARATOR}\d(?![\dA-Za-z]))"
)
_ELEVEN_DIGITS = re.compile(r"(?:\d\D*){11}")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
PERSONAL_HEADING = re.compile(
    "姓名|身份证|证件号|手机|电话|联系人|联系方式|出生|住址|家庭地址|微信|邮箱|银行卡"
    "|性别|年龄|职务|职称|民族|籍贯|学历|入党|书记|^qq|qq号"
)


@dataclass(frozen=True)
class Finding:
    """One fault at one place; file-level faults have no sheet and no cell.

    >>> print(Finding("E_RANGE", "7月.xlsx", "台账", "I4", "党员总数", "-3",
    ...               "是负数", "请核对后重新提交").sentence())
    E_RANGE 7月.xlsx 台账!I4 党员总数=-3:是负数。请核对后重新提交。
    """

    code: str
    file: str
    sheet: str
    cell: str
    heading: str
    value: str
    reason: str
    remedy: str

    def sentence(self) -> str:
        """Code, file, place, heading, value, reason and remedy on one line."""
        place = "!".join(part for part in (self.sheet, self.cell) if part)
        subject = "=".join(part for part in (self.heading, self.value) if part)
        front = " ".join(
            part for part in (self.code, self.file, place, subject) if part
        )
        return f"{front}:{self.reason}。" + (f"{self.remedy}。" if self.remedy else "")


class Findings:
    """Collects what is wrong with one file, personal numbers masked.

    Attributes
    ----------
    found, warnings
        Faults, which turn the file away, and what was left out without harm.
    """

    def __init__(self, file: str) -> None:
        self._file = show(file, NAME_CHARS)
        self.found: list[Finding] = []
        self.warnings: list[Finding] = []

    def report(
        self,
        code: str,
        reason: str,
        *,
        sheet: str = "",
        cell: str = "",
        heading: str = "",
        value: object = "",
        remedy: str = "",
    ) -> None:
        """Add a fault; the usual remedy of its code is given unless another fits."""
        if len(self.found) == LISTED_FINDINGS:
            reason = f"问题超过 {LISTED_FINDINGS:,} 处,其余未列出"
            more = Finding(code, self._file, "", "", "", "", reason, REMEDIES[code])
            self.found.append(more)
        if len(self.found) > LISTED_FINDINGS:
            return
        place = (show(sheet), cell, show(heading), show(value))
        remedy = remedy or REMEDIES[code]
        self.found.append(Finding(code, self._file, *place, reason, remedy))

    def warn(self, code: str, reason: str, *, sheet: str, heading: str = "") -> None:
        place = (show(sheet), "", show(heading), "")
        warning = Finding(code, self._file, *place, reason, "")
        if warning not in self.warnings:
            self.warnings.append(warning)


def holds_personal_number(text: str) -> bool:
    """Whether a mobile or identity number stands in a text, however it is spaced.

    >>> holds_personal_number("电话１３８ 0013-8000"), holds_personal_number("2016-07")
    (True, False)
    """
    if len(text) < 11 or not _ELEVEN_DIGITS.search(text[:SCANNED_CHARS]):
        return False
    folded = _fold(text[:SCANNED_CHARS])
    return bool(_MOBILE.search(folded) or _IDENTITY.search(folded))


def show(value: object, max_chars: int = VALUE_CHARS) -> str:
    """A value as findings print it: short, on one line, personal numbers masked.

    >>> show("电话 13800138000")
    '电话 138****8000'
    """
    text = str(value)[:SCANNED_CHARS]
    if holds_personal_number(text):
        text = _IDENTITY.sub(r"\1************", _fold(text))
        text = _MOBILE.sub(r"\1****\3", text)
    text = "".join(c if c.isprintable() else " " for c in text).strip()
    return text if len(text) <= max_chars else text[:max_chars] + "…"


def _fold(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
