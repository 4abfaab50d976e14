"""A formed network of twelve simulated nodes, for tests of the verbs that talk to a node.

THICKET names the program; without it the debug build of this checkout is taken.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
THICKET = os.environ.get("THICKET", str(ROOT / ".build" / "debug" / "thicket"))

SCENARIO = """\
question: Do twelve nodes in a room answer?
duration: 60s
seed: 1
nodes: { count: 12, placement: dense }
"""


def run(*arguments, text=None, timeout=60):
    """Runs a verb to its end; gives its exit code, standard output and standard error."""
    outcome = subprocess.run(
        [THICKET, *arguments], input=text, capture_output=True, text=True, timeout=timeout, check=False
    )
    return outcome.returncode, outcome.stdout, outcome.stderr


def objects(output):
    """The JSON objects of an output, one per line."""
    return [json.loads(line) for line in output.splitlines()]


class ServedNetwork(unittest.TestCase):
    """Tests that share one network; each class has its own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="thicket-end-to-end-")
        scenario = pathlib.Path(cls.folder.name) / "twelve.yaml"
        scenario.write_text(SCENARIO, encoding="utf-8")
        sockets = pathlib.Path(cls.folder.name) / "sockets"
        cls.server = subprocess.Popen(
            [THICKET, "sim", "serve", str(scenario), "--skip", "formed", "--sockets", str(sockets), "--json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        serving = json.loads(cls.server.stdout.readline())
        assert serving["kind"] == "serving" and serving["nodes"] == 12, serving
        cls.sockets = sockets

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.communicate(timeout=20)
        cls.folder.cleanup()

    def node(self, number):
        """What --node takes for a node."""
        return str(self.sockets / f"{number}.sock")

    def verb(self, *arguments, node=1, text=None, status=0):
        """Runs a verb at a node with --json; gives the objects that it prints."""
        code, output, errors = run(*arguments, "--node", self.node(node), "--json", text=text)
        self.assertEqual(code, status, f"{arguments}: {output}{errors}")
        return objects(output)
