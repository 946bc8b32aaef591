"""Where the chosen place stands: the first sentence of the pages about one metric."""

from __future__ import annotations

from reports.words import catalogue, wording
from reports.words.standing import describe_place
from ui.belief import say_caveat
from ui.metric_view import ask
from ui.selection import Selection


def say_standing(choice: Selection) -> str:
    """The rate of the chosen place with what is done and missing, as markdown.

    Past a due day it also says how far things were then, for good; where a target is
    reached, what stands against the figure.
    """
    here = ask(choice)
    metric = here.context.metric
    memory = here.context.registry.memory_of(metric.id)
    in_time = ask(choice, metric=memory.id, basis="reported").frame if memory else None
    standing = describe_place(
        here.frame,
        metric,
        choice.lang,
        month=choice.month,
        in_time=in_time,
        due_caveat=say_caveat(choice, memory)({}) if memory else "",
        caveat=say_caveat(choice, metric)({}),
    )
    place = catalogue.plain(choice.change(branch=None).place)
    rate = wording.rate_text(here.frame["rate"].iloc[0], metric.unit)
    return f"**{place} {rate}** · {standing}"
