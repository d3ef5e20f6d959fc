"""A task that is a Python program: JSON on standard input, lines of JSON on standard output.

In queues.yaml:

    tasks:
      reports.render: {command: [python3, Examples/external_task.py], soft_time_limit: 60, time_limit: 90}
"""
import json
import sys


def say(**line):
    print(json.dumps(line), flush=True)


request = json.load(sys.stdin)                       # {"id", "task", "args", "kwargs", "retries"}
pages = request["args"][0]
if not isinstance(pages, int) or pages < 1:
    say(error={"type": "ValueError", "message": f"pages must be 1 or more, not {pages!r}"})
    sys.exit(1)                                      # the task fails; 75 instead asks for another try
for page in range(pages):
    say(progress={"page": page + 1, "of": pages})    # the state PROGRESS
print("rendered", file=sys.stderr)                   # the worker's log
say(result={"pages": pages, "title": request["kwargs"].get("title")})
