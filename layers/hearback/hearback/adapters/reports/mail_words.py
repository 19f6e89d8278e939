"""What only the digest mail and the index page say; everything else they say in the report's own words."""

# ruff: noqa: RUF001 - full-width punctuation is how Chinese is written

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "subject": "{name}: {metric} {score}, {verdict} ({answers}, {span})",
    "subject_none": "{name}: {metric}, no answers ({span})",
    "met": "target met",
    "missed": "target missed",
    "not_proven": "target not proven",
    "target": "Target: {target}",
    "coverage": "{name}: {n}",
    "rate": "{name}: {rate}",
    "arrow": " → ",
    "colon": ": ",
    "comma": ", ",
    "headline": "{score} ({answers}): {verdict}",
    "attached": "The whole report is attached. It opens in any browser and asks for nothing from outside.",
    "why": "You get this mail because the survey “{survey}” names your address. Whoever runs Hearback for you can change that.",
    "index_title": "{name}: all reports",
    "index_kind": "{metric} · all reports",
    "index_says": "Every period that has a report, the newest first. Days, weeks, months and quarters are the survey's own ({timezone}).",
    "months": "Months",
    "weeks": "Weeks",
    "days": "Days",
    "quarters": "Quarters",
    "period": "Period",
    "files": "Data",
    "running": "running",
    "days_of": "{month}, {days}",
    "day_one": "1 day",
    "day_many": "{n} days",
    "quarter_of": "Quarter {quarter} of {year}",
    "month_of": "{month} {year}",
    "month_names": "January February March April May June July August September October November December",
    "not_scored": "–",
}

CHINESE: Mapping[str, str] = {
    "subject": "{name}：{metric} {score}，{verdict}（{answers}，{span}）",
    "subject_none": "{name}：{metric}，没有回答（{span}）",
    "met": "已达到目标",
    "missed": "未达到目标",
    "not_proven": "是否达到目标尚无定论",
    "target": "目标：{target}",
    "coverage": "{name} {n}",
    "rate": "{name} {rate}",
    "arrow": " → ",
    "colon": "：",
    "comma": "，",
    "headline": "{score}（{answers}）：{verdict}",
    "attached": "完整报告见附件，可用任何浏览器打开，不会向外部请求任何内容。",
    "why": "您收到此邮件，是因为调查“{survey}”登记了您的邮箱地址。Hearback 的管理员可以更改。",
    "index_title": "{name}：全部报告",
    "index_kind": "{metric} · 全部报告",
    "index_says": "所有已有报告的时段，最新的在前。日、周、月、季度均按调查自身的时区（{timezone}）划分。",
    "months": "月",
    "weeks": "周",
    "days": "日",
    "quarters": "季度",
    "period": "时段",
    "files": "数据",
    "running": "进行中",
    "days_of": "{month}，{days}",
    "day_one": "1 天",
    "day_many": "{n} 天",
    "quarter_of": "{year}年第{quarter}季度",
    "month_of": "{year}年{month}",
    "month_names": "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
    "not_scored": "–",
}


def mail_words(language: str) -> Mapping[str, str]:
    """English where the language has no table."""
    return CHINESE if language == "zh" else ENGLISH
