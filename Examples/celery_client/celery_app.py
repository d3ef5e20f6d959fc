"""An ordinary Celery application: nothing in it knows that the workers are not Python's.

The task_routes are all the routing that a client of queues.yaml needs.
"""
import os

from celery import Celery

app = Celery(
    "client",
    broker=os.environ.get("CELERY_BROKER_URL", "amqp://guest:guest@localhost:5672//"),
    backend=os.environ.get("CELERY_RESULT_BACKEND", "redis://localhost:6379/0"),
)
app.conf.task_routes = {
    'ai.inference.*':    {'queue': 'inference',  'routing_key': 'ai.inference'},
    'ai.training.*':     {'queue': 'training',   'routing_key': 'ai.training'},
    'data.processing.*': {'queue': 'processing', 'routing_key': 'data.proc'},
    'system.health.*':   {'queue': 'health',     'routing_key': 'system.health'},
}
