"""Who may do what at the monitor, and what abuse comes to."""
import pytest

pytestmark = pytest.mark.chard


def test_whatever_it_answers_forbids_browsers_to_do_more_with_it(monitor):
    for path in ("/", "/nothing", "/favicon.ico"):
        answer = monitor.get(path, None)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-content-type-options"] == "nosniff", path


def test_a_method_that_a_path_does_not_know_is_refused_by_name(monitor):
    answer = monitor.post("/", {}, 405)
    assert answer.headers["allow"] == "GET, HEAD"
    assert "GET, HEAD" in answer.text
