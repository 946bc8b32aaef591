"""The parts of the page 上报: choose files, look at them, file them, withdraw.

Nothing is stored before the button is pressed, and what was stored is said only once it
is on the disk. A preview is of one state of the lake: its button has that state in its
key, so that a click on an older preview, or a second one, files nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline import submissions, upload
from data_pipeline.disk import disk_sentence
from data_pipeline.registry import load_registry, whole_registry
from reports.files.export import file_name
from reports.submissions import rows as words
from reports.tables import DisplayTable
from reports.words import catalogue, wording
from ui import marts, roles, selection
from ui.lake import lake_folder
from ui.markup import draw_heading
from ui.menu import PAGES, pages
from ui.metric_view import MEDIA_TYPES, digest, draw_files, draw_rows
from ui.records_view import list_records, show_records
from ui.selection import Selection

PAGE = "submissions"
# What a preview lists, the answer first.
LISTS = ("moved", "changes", "warned", "settled", "left_out", "brought", "totals")
# Pages that show all metrics at once say least of one.
FIRST_PAGES = ("county_heatmap", "sector_gaps")
DONE, PENDING, TURN, SEEN = (f"{PAGE}:{n}" for n in ("done", "pending", "turn", "seen"))
NONE = "-"


# Every submission that can be believed, and what is wrong with the manifest.
Manifest = tuple[tuple[submissions.Submission, ...], tuple[submissions.Fault, ...]]


def act_for(choice: Selection) -> Selection:
    """A reader of a supervision group files and withdraws for it, and sees its own."""
    group = roles.reader().group
    return choice.change(group=group) if group else choice


def read_manifest() -> Manifest:
    """The manifest as it stands, read once a run."""
    found, faults = submissions.read_manifest(lake_folder())
    return found, submissions.grave_faults(faults)


def ask_submissions(manifest: Manifest, choice: Selection) -> tuple[pd.DataFrame, bool]:
    """All submissions, those of the chosen group; and whether the manifest is whole.

    A fault of the manifest is said above all else: nobody knows what was submitted.
    """
    found, faults = manifest
    for fault in faults:
        sentence = catalogue.plain(fault.sentence(choice.lang))
        st.error(
            choice.text(f"{PAGE}.fault.banner", fault=sentence),
            icon=":material/heart_broken:",
        )
    listed = submissions.list_submissions(found, load_registry())
    if choice.group:
        listed = listed[listed["supervision_group"] == choice.group]
    return listed.reset_index(drop=True), not faults


def say_done(choice: Selection) -> None:
    """What was filed or withdrawn last in this session."""
    done = selection.noted(DONE)
    if not done:
        return
    for key, values in done:
        plain = {name: catalogue.plain(str(value)) for name, value in values.items()}
        is_good = key in ("filed", "again", "withdrawn")
        (st.success if is_good else st.error)(
            choice.text(f"{PAGE}.done.{key}", **plain)
        )
    if not selection.noted(PENDING):
        with st.container(horizontal=True, gap="small", key=f"links-{PAGE}"):
            for name in ("overview", "heatmap"):
                page = {"heatmap": "county_heatmap"}.get(name, name)
                selection.page_link(choice, page, choice.text(f"{PAGE}.done.{name}"))


def catch_up(manifest: Manifest, choice: Selection) -> None:
    """Build what was filed or withdrawn here; offer it for what others have filed."""
    snapshot = marts.source()
    found, faults = manifest
    n_new = len(found) - (snapshot.n_submissions if snapshot else 0)
    is_requested = selection.noted(PENDING)
    is_of_past = bool(snapshot and snapshot.as_of)
    if faults or not n_new or (is_of_past and not is_requested):
        selection.note(PENDING, False)
        return
    if not is_requested:
        st.info(choice.text(f"{PAGE}.behind.note", n=wording.number(n_new)))
        if not st.button(choice.text(f"{PAGE}.behind.build"), key="build"):
            return
        selection.note(PENDING, True)
    bar = st.progress(0.0)

    def show(_step: str, done: int, total: int) -> None:
        sentence = choice.text(f"{PAGE}.done.building", done=done, total=total)
        bar.progress(done / total, text=sentence)

    try:
        roles.demand("file")
        upload.rebuild(lake_folder(), whole_registry(), show)
    except upload.LakeBusyError:
        bar.empty()
        st.warning(choice.text(f"{PAGE}.busy.building"))
        selection.note(PENDING, False)
        st.button(choice.text(f"{PAGE}.behind.build"), key="build")
        return
    except upload.FAULTS as error:
        bar.empty()
        selection.note(PENDING, False)
        _say_fault(error, choice.lang)
        return
    selection.note(PENDING, False)
    st.rerun()


def choose_files(choice: Selection) -> tuple[upload.Upload, ...]:
    """The chosen files, each content once."""
    who = "as_group" if choice.group else "as_office"
    group = catalogue.plain(choice.name("supervision_group", choice.group))
    st.caption(choice.text(f"{PAGE}.{who}", group=group))
    st.html(_uploader_style(choice))
    chosen = st.file_uploader(
        choice.text(f"{PAGE}.choose"),
        accept_multiple_files=True,
        # Emptied once its files are taken.
        key=f"uploader-{selection.noted(TURN, 0)}",
    )
    found: dict[str, upload.Upload] = {}
    for one in chosen:
        named = upload.Upload.named(one.name, one.getvalue())
        if named.sha256 in found:
            sentence = choice.text(f"{PAGE}.twice", file=catalogue.plain(named.name))
            st.info(sentence)
        found.setdefault(named.sha256, named)
    return tuple(found.values())


def _uploader_style(choice: Selection) -> str:
    """The uploader's own words in the reader's language; Streamlit's are English."""

    def says(place: str, key: str) -> str:
        # Every text is ours; a quotation mark would end it.
        sentence = choice.text(f"{PAGE}.uploader.{key}").replace('"', "")
        shown = f'{place}::after {{ content: "{sentence}"; font-size: 0.875rem; }}'
        return f"{place} {{ font-size: 0; }} {shown}"

    here = "[data-testid=stFileUploader]"
    return "<style>{}</style>".format(
        " ".join(
            (
                says(
                    f"{here} [data-testid=stFileUploaderDropzoneInstructions]", "drop"
                ),
                f"{here} [data-testid=stFileUploaderDropzoneInstructions] > * "
                "{ display: none; }",
                says(f"{here} [data-testid=stFileUploaderDropzone] button p", "browse"),
                says(f"{here} [data-testid=stFileUploaderFileErrorMessage]", "fault"),
            )
        )
    )


def show_files(uploads: tuple[upload.Upload, ...], choice: Selection) -> None:
    """What is wrong with the files, or what filing them would bring."""
    try:
        with st.spinner(choice.text(f"{PAGE}.looking")):
            preview = marts.look_at(uploads, choice.group, choice.lang)
    except upload.FAULTS as error:
        _say_fault(error, choice.lang)
        return
    for number, looked in enumerate(preview.files):
        if not looked.accepted:
            _show_refused(looked, number, choice)
    if preview.readable:
        _show_preview(preview, uploads, choice)


def _say_fault(error: Exception, language: str) -> None:
    st.error(catalogue.plain(upload.fault_sentence(error, language)))


def _show_refused(looked: upload.Looked, number: int, choice: Selection) -> None:
    """The findings of one file, and its marked copy."""
    findings = looked.reading.findings
    file, n = looked.reading.file, len(findings)
    sentence = choice.text(
        f"{PAGE}.refused.head", file=catalogue.plain(file), n=wording.number(n)
    )
    st.error(sentence, icon=":material/block:")
    rows = words.list_findings(findings)
    registry = load_registry()
    show_records(
        rows,
        choice,
        f"findings-{number + 1}",
        choice.text(f"{PAGE}.refused.findings"),
        display=words.tabulate_rows(rows, registry, choice.lang),
        filters=((choice.text(f"{PAGE}.title"), file),),
        is_uploaded=True,
        caption=choice.text(f"{PAGE}.refused.caption"),
    )
    if not upload.is_markable(looked.opened):
        is_csv = looked.opened.content.get("kind") == "csv"
        st.caption(choice.text(f"{PAGE}.refused.{'csv' if is_csv else 'no'}_copy"))
        return
    parts = (choice.text(f"{PAGE}.refused.marked_file"), file.rpartition(".")[0])
    opened = marts.current()
    # What is found depends on who files it, and on what was filed before.
    identity = digest(rows, looked.opened.sha256)
    st.download_button(
        choice.text(f"{PAGE}.refused.marked"),
        roles.at_click(
            functools.partial(upload.mark_workbook, looked.opened, findings)
        ),
        file_name=file_name(parts, opened and opened.snapshot, identity, "xlsx"),
        mime=MEDIA_TYPES["xlsx"],
        on_click="ignore",
        icon=":material/download:",
        key=f"marked-{number}",
    )


def _show_preview(
    preview: upload.Preview, uploads: tuple[upload.Upload, ...], choice: Selection
) -> None:
    draw_heading(choice.text(f"{PAGE}.preview.head"))
    _say_renewed(preview, choice)
    counts = {n: len(getattr(preview, n)) for n in ("warned", "settled", "moved")}
    counts["outdated"] = sum(one.accepted.n_outdated for one in preview.readable)
    files = [catalogue.plain(one.reading.file) for one in preview.readable]
    st.markdown(words.describe(preview.brought, counts, files, choice.lang))
    for one in preview.readable:
        if one.same:
            _say(
                choice,
                "preview.same",
                file=one.reading.file,
                submission=one.same.id,
                when=_time(one.same.received),
            )
    opened = marts.current()
    if opened and opened.snapshot.as_of:
        _say(choice, "preview.of_past", when=_time(opened.snapshot.as_of))
    if preview.is_nothing_new:
        _say(choice, "preview.nothing_new")
    else:
        _confirm(preview, uploads, choice)
    _show_list(preview, choice)


def _time(moment: datetime) -> str:
    zone = load_registry().calendar.timezone
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _say(choice: Selection, key: str, **values: Any) -> None:
    plain = {name: catalogue.plain(str(value)) for name, value in values.items()}
    st.info(choice.text(f"{PAGE}.{key}", **plain))


def _say_renewed(preview: upload.Preview, choice: Selection) -> None:
    """That the same files have been looked at before, when the lake held less."""
    files = tuple(one.opened.sha256 for one in preview.files)
    seen = selection.noted(SEEN)
    if seen and seen[0] == files and seen[1] != preview.state:
        st.warning(choice.text(f"{PAGE}.preview.renewed"))
    else:
        selection.note(SEEN, (files, preview.state))


def _confirm(
    preview: upload.Preview, uploads: tuple[upload.Upload, ...], choice: Selection
) -> None:
    """The button that files what is readable: the one act that stores anything."""
    chosen = [
        one
        for one, looked in zip(uploads, preview.files, strict=True)
        if looked.accepted
    ]
    key = digest(pd.DataFrame(), f"{preview.state} {[one.sha256 for one in chosen]}")
    if not st.button(
        choice.text(f"{PAGE}.preview.confirm", n=len(chosen)),
        icon=":material/task_alt:",
        key=f"confirm-{key}",
    ):
        return
    try:
        report = upload.file_uploads(
            lake_folder(),
            chosen,
            whole_registry(),
            state=preview.state,
            group=roles.demand("file").group or choice.group,
        )
    except upload.LakeBusyError:
        st.warning(choice.text(f"{PAGE}.busy.filing"))
    except upload.ChangedError:
        st.warning(choice.text(f"{PAGE}.busy.changed"))
    except upload.FAULTS as error:
        _say_fault(error, choice.lang)
    else:
        _note_filed(report, choice.lang, is_all=len(chosen) == len(uploads))
        st.rerun()


def _note_filed(report: upload.Report, language: str, *, is_all: bool) -> None:
    done: list[tuple[str, dict[str, Any]]] = [
        (
            "filed" if one.is_new else "again",
            {
                "file": one.file,
                "rows": wording.number(sum(one.rows.values())),
                "submission": one.submission,
            },
        )
        for one in report.accepted
    ]
    done += [("refused_now", {"file": file}) for file in report.refused]
    if report.fault:
        files = ", ".join(path.name for path in report.left)
        fault = disk_sentence(report.fault, language)
        done.append(("not_filed", {"fault": fault, "files": files}))
    selection.note(DONE, done)
    selection.note(PENDING, bool(report.accepted))
    selection.note(SEEN, None)
    # What was refused stays on the screen with its findings.
    if is_all and not report.refused and not report.fault:
        selection.note(TURN, selection.noted(TURN, 0) + 1)


def _show_list(preview: upload.Preview, choice: Selection) -> None:
    """One of `LISTS`; those without a line are not offered."""
    lists = {name: getattr(preview, name) for name in LISTS}
    lists["notes"] = words.list_findings(
        (warning for one in preview.readable for warning in one.reading.warnings),
        with_file=True,
    )
    offered = [name for name, rows in lists.items() if not rows.empty]
    if not offered:
        return
    names = {name: choice.text(f"{PAGE}.list.{name}") for name in offered}
    with st.container(horizontal=True, gap="small", key=f"choices-{PAGE}-list"):
        name = selection.choose_word(
            choice, "list", names, label=choice.text(f"{PAGE}.preview.lists")
        )
    rows, registry = lists[name], load_registry()
    files = wording.join([one.reading.file for one in preview.readable], choice.lang)
    filters = ((choice.text(f"{PAGE}.title"), files),)
    if name == "moved":
        _show_moved(rows, choice, filters)
        return
    if name in ("warned", "settled"):
        rows = words.checked_rows(rows)
    show_records(
        rows,
        choice,
        f"preview-{name}",
        names[name],
        display=words.tabulate_rows(rows, registry, choice.lang),
        filters=filters,
        is_uploaded=True,
        caption=choice.text(f"{PAGE}.caption.{name}"),
    )


def _show_moved(
    rows: pd.DataFrame, choice: Selection, filters: tuple[tuple[str, str], ...]
) -> None:
    """Figures before and after, each with a link to a page that shows it."""
    registry, title = load_registry(), choice.text(f"{PAGE}.list.moved")
    said = words.say_moved(rows, registry, choice.lang)
    table = words.tabulate_rows(said, registry, choice.lang)
    with st.container(key="records-preview-moved", gap="xsmall"):
        draw_heading(title)
        leads = [_address(row, choice) for row in rows.itertuples()]
        draw_rows(table, "preview-moved", alt=title, to=leads.__getitem__)
        about = {"display": table, "filters": filters, "is_uploaded": True}
        view = list_records(rows, choice, "preview-moved", title, **about)
        caption = choice.text(f"{PAGE}.caption.moved")
        draw_files(view, choice, "preview-moved", caption)


def _address(row: Any, choice: Selection) -> str:
    """Where a figure is shown: the first page of the menu that has its metric."""
    metric = load_registry().metrics[row.metric]
    known = [PAGES[n] for n in FIRST_PAGES] + list(pages().values())
    page = next((e.name for e in known if e.shows(metric)), "definitions")
    place = {"group": None, "unit": row.unit or None, "sector": row.sector or None}
    if row.supervision_group:
        place = {"group": row.supervision_group, "unit": None, "sector": None}
    return choice.link(page, metric=row.metric, month=row.month, **place)


def show_own(
    known: pd.DataFrame, manifest: Manifest, choice: Selection, *, may_withdraw: bool
) -> None:
    """All submissions of the chosen group, and the form that withdraws one."""

    def tell() -> tuple[pd.DataFrame, DisplayTable, dict[str, str]]:
        about = (load_registry(), choice.lang)
        listed = words.stand(known, marts.row_fates())
        rows = words.say_submissions(listed, *about)
        display = words.tabulate_rows(words.of_use(rows), *about)
        standing = listed[listed["submission_state"].isin(words.WITHDRAWABLE)]
        return rows, display, _name_withdrawable(standing, choice)

    rows, display, standing = _kept(manifest, choice, tell)
    title = choice.text(f"{PAGE}.own.head")
    show_records(
        rows,
        choice,
        "submissions",
        title,
        display=display,
        filters=((choice.text("selection.group"), choice.place),),
        caption=choice.text(f"{PAGE}.own.caption"),
        none=choice.text(f"{PAGE}.own.none"),
    )
    if selection.tick(choice, "record", label=choice.text(f"{PAGE}.record.open")):
        _show_record(manifest, choice)
    if may_withdraw and standing:
        with st.container(key="controls-withdraw"):
            _withdraw(standing, choice)


def _kept(manifest: Manifest, choice: Selection, tell: Callable[[], Any]) -> Any:
    """What `tell` says of these submissions and of the snapshot, if there is one."""
    if marts.current() is None:
        return tell()
    seals = tuple(one.seal for one in manifest[0])
    return marts.kept_of(choice.alone, (PAGE, "own", seals), tell)


def _show_record(manifest: Manifest, choice: Selection) -> None:
    """Every entry of the chain in order, and who replaced rows of whom."""
    entries = submissions.read_record(manifest[0])
    if entries.empty:
        return
    rows = words.list_record(entries, marts.row_fates())
    if choice.group:
        rows = rows[rows["supervision_group"] == choice.group].reset_index(drop=True)
    show_records(
        rows,
        choice,
        "record",
        choice.text(f"{PAGE}.record.head"),
        display=words.tabulate_rows(rows, load_registry(), choice.lang),
        filters=((choice.text("selection.group"), choice.place),),
        caption=choice.text(f"{PAGE}.record.caption"),
    )


def _name_withdrawable(standing: pd.DataFrame, choice: Selection) -> dict[str, str]:
    """What each submission that may be withdrawn is called, by its code."""
    return {
        row.submission: choice.text(
            f"{PAGE}.withdraw.one",
            file=row.source_file,
            when=_time(row.received.tz_localize("UTC")),
            rows=wording.number(row.n_rows),
        )
        for row in standing.itertuples()
    }


def _withdraw(standing: Mapping[str, str], choice: Selection) -> None:
    def say(key: str, **values: Any) -> str:
        return choice.text(f"{PAGE}.withdraw.{key}", **values)

    draw_heading(say("head"))
    st.caption(say("note"))
    names = {NONE: say("none"), **standing}
    chosen = selection.choose_listed(
        choice, "withdraw", names, label=say("which"), default=NONE
    )
    if chosen == NONE:
        return
    with st.form(f"withdraw-{chosen}", border=True):
        reason = st.text_input(
            say("reason"), max_chars=upload.REASON_CHARS, key=f"reason-{chosen}"
        )
        is_sure = st.checkbox(say("sure"), key=f"sure-{chosen}")
        if not st.form_submit_button(say("do"), icon=":material/undo:"):
            return
    if not is_sure:
        st.error(say("not_sure"))
        return
    _try(lambda: _withdraw_now(chosen, reason, choice), choice)


def _withdraw_now(submission: str, reason: str, choice: Selection) -> None:
    group = roles.demand("file").group or choice.group
    about = (lake_folder(), whole_registry(), submission)
    done = upload.withdraw_submission(*about, reason=reason, group=group)
    values = {"file": done.file, "submission": done.withdraws, "id": done.id}
    selection.note(DONE, [("withdrawn", values)])
    selection.note(PENDING, True)
    st.query_params.from_dict(choice.query(withdraw=None))
    st.rerun()


def _try(act: Callable[[], None], choice: Selection) -> None:
    try:
        act()
    except upload.WithdrawalError as error:
        st.error(catalogue.plain(error.sentence(choice.lang)))
    except upload.LakeBusyError:
        st.warning(choice.text(f"{PAGE}.busy.filing"))
    except upload.FAULTS as error:
        _say_fault(error, choice.lang)
