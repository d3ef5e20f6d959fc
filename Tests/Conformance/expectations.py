"""What cannot pass, and why. Everything else that passes with Celery's own external worker must pass with Chard.

`FILES` are the files of the suite that run. `SLOW` gives seconds to tests that need more than the usual limit.
`EXTERNAL` names what cannot pass against any worker in another process, with the line of the suite that makes it so;
the control run shows it (`scripts/conformance --control` runs these tests too).
`CHARD` names what passes with Celery's worker and is different in Chard on purpose.
A key is a test's id without parameters, or a class's, or a file's.
"""

# The first one counts all subscriptions on the Redis: none may be left of earlier tests whose results are not collected.
FILES = (
    "test_redis_backend.py", "test_canvas.py", "test_tasks.py", "test_inspect.py", "test_group_chains.py",
    "test_loader.py", "test_worker.py",
)

# The files of t/integration that do not run, because no task of theirs is for the worker under test.
OTHER_FILES = {
    "test_backend.py": "Azure's result backend",
    "test_backend_leak_in_fixture_teardown.py": "starts pytest with fixtures of Celery's own worker",
    "test_beat.py": "Python's beat in the test's own process",
    "test_cache_backend.py": "memcached",
    "test_connection_recovery.py": "a Python worker's and client's sockets",
    "test_database_backend.py": "the SQLAlchemy result backend",
    "test_events_state_memory_leak.py": "Python's event state in the test's own process",
    "test_logfile_format.py": "starts `celery worker` and reads its log file's name",
    "test_mem_leak_in_exception_handling.py": "memory of the test's own process",
    "test_request_backend_down.py": "Python's Request object in the test's own process",
    "test_security.py": "signed messages; the suite expects it to fail",
    "test_serialization.py": "starts `celery worker` with pickle",
    "test_upgrade.py": "`celery upgrade settings`",
}

# Seconds: what takes longer with Celery is not among the tests of --fixed.
FIXED_SECONDS = 4
# Seconds a test may take; with Celery's worker five times as long.
LIMIT = 20
SLOW = {
    # Seconds of waiting for what must not happen, for several headers each:
    "test_canvas.py::test_chord::test_disabling_flag_allow_error_cb_on_chord_header": 200,
    "test_canvas.py::test_chord::test_enabling_flag_allow_error_cb_on_chord_header": 120,
    "test_canvas.py::test_chord::test_flag_allow_error_cb_on_chord_header_on_upgraded_chord": 120,
    "test_canvas.py::test_chord::test_nested_chord_header_link_error": 40,
    "test_canvas.py::test_chord::test_error_propagates_from_chord": 80,   # the suite expects a timeout of 60 s
    "test_tasks.py::test_tasks::test_expired": 40,                # twice four tasks of 2 s
    "test_tasks.py::test_tasks::test_retry": 60,                  # twice three delays of 5 s
    "test_tasks.py::test_tasks::test_revoked_by_headers_complex_canvas": 120,  # tasks of 2 and 4 s
    "test_group_chains.py::test_group_chains::test_large_group_pipeline": 60,
}
DJANGO = "test_worker.py:32 and below make Python workers in the test's own process, with Django"
EXTERNAL = {
    "test_inspect.py::test_Inspect::test_stats":
        "test_inspect.py:203 asks for the pid of the test's own process, where the suite has its worker as a thread",
    "test_inspect.py::test_Inspect::test_hello_stamps_received_revoked_ids_locally":
        "test_inspect.py:272 looks into the worker's memory (celery.worker.state.revoked)",
    "test_tasks.py::test_trace_log_arguments":
        "test_tasks.py:778 reads the worker's log records in the test's own process (caplog)",
    "test_worker.py::test_run_worker":
        "test_worker.py:19 starts `celery worker`",
    "test_worker.py::test_django_fixup_direct_worker": DJANGO,
    "test_worker.py::test_django_fixup_installs_django_task_for_celery_subclass": DJANGO,
    "test_worker.py::test_django_fixup_signals_only_handled_by_own_app": DJANGO,
    "test_worker.py::test_concurrency_auto_sizes_prefork_pool":
        "test_worker.py:220 starts `celery worker`",
}
CHARD = {}


def reason(test_id, table):
    """What the table says about the test, its class or its file."""
    return next((text for key, text in table.items() if f"{test_id}[".startswith((f"{key}[", f"{key}::"))), None)


def limit(test_id):
    return reason(test_id, SLOW) or LIMIT
