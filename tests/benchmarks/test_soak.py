"""A few seconds of the soak: nothing is lost, and what would be lost is counted."""

from __future__ import annotations

from benchmarks.soak import Soak


def test_a_short_soak_loses_nothing_and_would_say_so(tmp_path):
    run = Soak(tmp_path, seed=3)
    run.run(minutes=0.2)
    assert not any(run.counts.wrong.values()), run.counts.wrong
    assert run.acknowledged
    assert len(run.counts.restore_seconds) == len(run.counts.megabytes) == 1
    assert run.counts.done["figures held, restored"]
    assert run.counts.done["page run"]

    # A promise not kept, a file of no submission, a figure that nobody filed.
    (run.lake / "lake" / "ledger" / "stray.parquet").write_bytes(b"")
    run._examine_live({"20160801T000000000000Z-0123456789ab"})
    assert run.counts.lost == ["20160801T000000000000Z-0123456789ab"]
    assert any("stray.parquet" in fault for fault in run.counts.half_written)
    for cells in run.filed.values():
        cells.update({place: (held + 1, n) for place, (held, n) in cells.items()})
    run._hold(run.lake, "live")
    assert any(fault.startswith("live") for fault in run.counts.mismatches)
