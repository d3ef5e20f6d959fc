"""The only way to wait in these tests: ask again until it is so, and fail by name when it never is."""
import time


def eventually(condition, timeout=30.0, every=0.02, what="the condition"):
    """Calls `condition` until it answers something true and returns that; AssertionError after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout:g} s in vain for {what}; last answer: {answer!r}")
        time.sleep(every)


def stays(condition, seconds, every=0.05, what="the condition"):
    """Asserts that `condition` holds all through `seconds`: for what must *not* happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = condition()
        assert answer, f"{what} did not hold; answer: {answer!r}"
        time.sleep(every)
