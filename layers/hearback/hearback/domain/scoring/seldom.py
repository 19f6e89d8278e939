"""Is somebody's customers' turn to be asked suspiciously rare?"""

from __future__ import annotations

from hearback.domain.scoring.exact import at_most


def seldom_p(asked: int, eligible: int, others_asked: int, others_eligible: int) -> float:
    """The chance that so few of one group's eligible were asked, if all groups were asked alike. One-sided, exact.

    Fisher's exact test: given how many were asked in all, `asked` is hypergeometric (R. A. Fisher, J. Royal Statistical
    Society 98 (1935) 39-82). Small groups prove little, and get a p that says so; 1 when there is nobody to compare.
    """
    return at_most(asked, eligible, asked + others_asked, eligible + others_eligible)
