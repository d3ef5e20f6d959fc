"""Agents whose steps the workers note in a file (`agents.visit` of example-worker), and what the file must say."""
import collections
import json
import sys
import uuid

from .services import ROOT
from .waiting import eventually

sys.path.insert(0, str(ROOT / "Examples" / "celery_client"))

from partitions import PARTITIONS, partition, route_by_agent  # noqa: E402

Run = collections.namedtuple("Run", "agent number partition worker ended")


class Visits:
    """`runs()` are all runs of all steps, in the order in which they began."""

    def __init__(self, path):
        self.path = path

    def send(self, app, agent, number, seconds=None, **options):
        kwargs = {"agent_id": agent, "number": number, "path": str(self.path)}
        if seconds is not None:
            kwargs["seconds"] = seconds
        return app.send_task("agents.visit", kwargs=kwargs, **options)

    def runs(self):
        runs, latest = [], {}
        for line in self.lines():
            kind, agent, number, *rest = line.split()
            if kind == "begin":
                latest[agent, number] = len(runs)
                runs.append(Run(agent, int(number), int(rest[0]) if rest[0] != "-" else None, rest[1], False))
            else:
                runs[latest[agent, number]] = runs[latest[agent, number]]._replace(ended=True)
        return runs

    def lines(self):
        text = self.path.read_text() if self.path.exists() else ""
        return text[:text.rfind("\n") + 1].splitlines()

    def wait_for_ends(self, count, timeout=60):
        """Waits until that many different steps have ended."""
        def ended():
            return len({line for line in self.lines() if line.startswith("end")}) >= count
        eventually(ended, timeout, every=0.05, what=f"{count} steps that ended")

    def check(self, steps, killed=()):
        """Every agent did steps 0 to `steps` - 1 in order, none beside another. Only what a killed worker had begun was
        begun again. Returns the runs that were."""
        seen, repeats, open_run = collections.defaultdict(list), [], {}
        for line in self.lines():
            kind, agent, number, *rest = line.split()
            number = int(number)
            if kind == "end":
                assert open_run.pop(agent)[0] == number
                continue
            place, worker = int(rest[0]), rest[1]
            assert place == partition(agent), f"{agent} came through partition {place}"
            if agent in open_run:
                assert open_run[agent][1] in killed, f"{agent}: step {number} began before {open_run[agent]} had ended"
            open_run[agent] = (number, worker)
            if number in [one for one, _ in seen[agent]]:
                first = dict(seen[agent])[number]
                assert first in killed, f"{agent}: step {number} of {first} was repeated"
                repeats.append((agent, number))
            else:
                assert number == len(seen[agent]), f"{agent}: step {number} after {[one for one, _ in seen[agent]]}"
                seen[agent].append((number, worker))
        assert not open_run
        assert all(len(one) == steps for one in seen.values()), "steps are missing"
        return repeats


class Partitions:
    """Workers that share the partitions of one vhost, and who owns what."""

    def __init__(self, worker, vhost, chard, make_app, folder, **settings):
        self.vhost, self.chard = vhost, chard
        self.settings = {"key_prefix": f"test-{uuid.uuid4().hex[:10]}:", "heartbeat": 0.3, "expires": 2,
                         "routes": ["agents.*"], **settings}
        self._worker, self.folder = worker, folder
        self.app = make_app(broker=vhost, task_routes=(route_by_agent,))
        self.visits = Visits(folder / "visits")

    def start(self, **more):
        top = {"partitions": self.settings, **more.pop("top", {})}
        broker = more.pop("broker", self.vhost)
        return self._worker({"work": {"routes": ["examples.*"]}}, broker=broker, top=top, **more)

    def table(self):
        """What `chard partitions --json` says."""
        config = self.folder / "queues-1.yaml"
        return json.loads(self.chard("partitions", "--config", config, "--json", broker=self.vhost, status=None)[0])

    def owners(self, *workers):
        """Owner by partition, once it is settled: just these workers own and serve, each its share."""
        names = {one.name for one in workers}

        def settled():
            table = self.table()
            owners = {row["partition"]: row["owner"] for row in table}
            return owners if set(owners.values()) == names and all(
                row["served_by"] == [row["owner"]] and row["consumers"] == 1 for row in table) else None
        owners = eventually(settled, 30, every=0.1, what=f"partitions settled on {sorted(names)}")
        loads = collections.Counter(owners.values())
        assert len(owners) == PARTITIONS and max(loads.values()) - min(loads.values()) <= 1, loads
        return owners


def moved(before, after):
    return {number for number in before if before[number] != after[number]}
