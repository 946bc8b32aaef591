"""The parts of the page 领域差距: how far places lie apart, what is still missing."""

from __future__ import annotations

from data_pipeline.registry import load_registry
from reports.gallery import missing_pareto, month_lines, sector_bars, sector_dots
from reports.words.standing import target_in_force
from ui import selection
from ui.belief import say_caveat
from ui.metric_view import ask, follow_click, show_figure
from ui.parts import methods
from ui.parts import reported_vs_verified as checks_view
from ui.parts.county_heatmap import tell_classes
from ui.parts.unevenness import with_classes
from ui.selection import Selection

PAGE = "sector_gaps"


def choose_place(choice: Selection) -> Selection:
    """Unit, sector and, inside a unit, its townships."""
    # A metric that reaches no township drops one that the address asks for.
    levels, known = ["unit", "sector"], {"township": []}
    if choice.unit and "township" in choice.chosen_metric.dimensions:
        places = ask(choice.change(township=None), by=("township",)).frame["township"]
        levels.insert(1, "township")
        known["township"] = [name for name in places if name]
    return selection.choose(choice, *levels, options=known)


def levels_below(choice: Selection) -> tuple[str, ...]:
    """Unit (inside one: township) and sector, as far as they are not chosen."""
    levels = ("township" if choice.unit else "unit", "sector")
    reached = choice.chosen_metric.dimensions
    return tuple(n for n in levels if n in reached and not getattr(choice, n))


def draw_months(choice: Selection) -> None:
    """A sector of a unit over the months, beside the city and its target."""
    months = tuple(month for month in selection.months() if month <= choice.month)
    line = "township" if choice.township else "unit"
    view = ask(choice, by=("month", line), months=months)
    whole = ask(choice, by=("month",), where={}, months=months).frame
    target = target_in_force(choice.chosen_metric, choice.month)
    about = (choice.chosen_metric, load_registry(), choice.lang)
    picture = month_lines(view.frame, *about, city=whole, target=target)
    show_figure(picture, view, choice, "months")


def draw_sectors(choice: Selection) -> None:
    """Units as dots along each sector, or the sectors of one unit as bars."""
    draw, by, name = sector_dots, ("unit", "sector"), "dots"
    if choice.unit:
        draw, by, name = sector_bars, ("sector",), "bars"
    view = with_classes(ask(choice, by=by), choice)
    metric, month = choice.chosen_metric, choice.month
    picture = draw(
        view.frame,
        metric,
        load_registry(),
        choice.lang,
        month=month,
        city=float(ask(choice, where={}).frame["rate"].iloc[0]),
        target=target_in_force(metric, month),
    )
    caption = tell_classes(view, choice)
    event = show_figure(picture, view, choice, name, caption=caption, on_select="rerun")
    follow_click(event, choice, PAGE, by)


def draw_missing(choice: Selection, by: tuple[str, ...]) -> None:
    """Where most is still missing, largest first."""
    view = with_classes(ask(choice, by=by), choice)
    about = (choice.chosen_metric, load_registry(), choice.lang)
    shown = {"month": choice.month, "by": by}
    shown["caveat"] = say_caveat(choice, choice.chosen_metric)({})
    picture = missing_pareto(view.frame, *about, **shown)
    caption = methods.sentence(choice, "still_missing")
    name = f"missing-{'-'.join(by)}"
    event = show_figure(picture, view, choice, name, caption=caption, on_select="rerun")
    follow_click(event, choice, PAGE, by)


def draw_checked(choice: Selection, level: str) -> None:
    """Reported beside verified by unit or sector.

    Checks are a sample: most cells have too few for a rate of their own, and what a
    sample lacks is not what is still missing.
    """
    checks_view.draw_dumbbell(choice, level, PAGE)
