"""How each figure of a report is computed: one sentence each, for whoever wants to check it."""

from __future__ import annotations

from hearback.domain.scoring.stats import LEVEL
from hearback.domain.survey import Metric, Survey

_COMPARED = {
    Metric.CSAT: "Newcombe's hybrid score interval; p of Fisher's exact test",
    Metric.NPS: "both adjusted Wald intervals combined (MOVER); p of the permutation test",
    Metric.CES: "Welch's interval; p of the permutation test",
}


def methods(survey: Survey) -> list[dict[str, str]]:
    percent = f"{LEVEL * 100:g}%"
    says = {
        "answers_needed": "The least number of further answers that would prove the target met or missed if they came in spread like "
        "those that came, and that number in periods like this one. With just so many the chance of a proof is about even.",
        "comparison": f"Difference of the period's score and that of the period before, with its {percent} interval: "
        f"{_COMPARED[survey.metric]}. Without a proof at {percent} it is called not proven.",
        "segment_difference": f"Each group against all other answers that have the variable, each with a {percent} interval that is "
        "not corrected for looking at many groups: about one in twenty misses by chance.",
        "segment_change": "Each group against itself one period before; called up or down only at a false discovery rate of 5% over "
        "all groups (Benjamini-Hochberg).",
        "suppression": f"Groups with fewer than {survey.minimum_group} answers are not shown, nor as many others as it takes that "
        "nobody can work them out by subtraction.",
        "coverage": "Eligible: all triggers decided in the period; decided: those to ask; sent: known to have left; delivered: arrival "
        "confirmed; answered: answers given in the period, imported ones left out. The rate on delivered counts only channels that "
        "confirm deliveries. A rate is left out where answers to earlier invitations outnumber the period's.",
        "seldom": "Asked unusually seldom: fewer of the eligible asked than chance explains if all were asked alike (one-sided Fisher's "
        "exact test), at a false discovery rate of 5% over all rows (Benjamini-Hochberg).",
    }
    return [{"name": name, "text": text} for name, text in says.items()]
