from __future__ import annotations

from arteriole.report.session import session_html, write_session_report


def test_page_is_written_whole(tmp_path, story):
    write_session_report(tmp_path / "page.html", story)
    text = (tmp_path / "page.html").read_text("utf-8")
    assert text == session_html(story)
    assert len(text) < 5e6
