"""The app of the control run: Celery's own worker with the suite's tasks, in a process of its own.

Its settings are those of the fixture `celery_config` of t/integration/conftest.py.
"""
import os

from celery.contrib.testing import tasks as _ping                # registers celery.ping
from celery.contrib.testing.app import TestApp

app = TestApp(set_as_current=True, config={
    "broker_url": os.environ["TEST_BROKER"],
    "result_backend": os.environ["TEST_BACKEND"],
    "result_extended": True,
    "task_create_missing_queues": False,
})
app.set_default()

from t.integration.tasks import ClassBasedAutoRetryTask          # noqa: E402

app.register_task(ClassBasedAutoRetryTask())
app.finalize()
