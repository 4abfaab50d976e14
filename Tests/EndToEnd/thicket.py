"""Runs `thicket` as people and programs do, against nodes of a simulation that goes on meanwhile.

From the environment: THICKET_BIN, the folder of the program; .build/debug unless it says otherwise.
"""
import ctypes
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FOLDER = os.environ.get("THICKET_BIN") or os.path.join(ROOT, ".build/debug")
PROGRAM = os.path.join(FOLDER, "thicket")
COLUMNS = 80

_libc = ctypes.CDLL(None)


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)


class Running:
    """A command that goes on; its lines are read as they come."""

    def __init__(self, command, stdin=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=_die_with_parent)
        # Nobody reads its notes while it runs, and it must not wait for that.
        self.notes = []
        self.reader = threading.Thread(target=lambda: self.notes.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def object(self):
        return json.loads(self.line())

    def interrupt(self):
        """Ctrl-C; gives what is left of the output, and the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.rest()

    def rest(self, timeout=20):
        killer = threading.Timer(timeout, self.process.kill)
        killer.start()
        output = self.process.stdout.read()
        code = self.process.wait()
        killer.cancel()
        self.reader.join(5)
        return output, code

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        if self.process.stdin:
            self.process.stdin.close()


class Result:
    """What a command left behind."""

    def __init__(self, process):
        self.code = process.returncode
        self.output = process.stdout
        self.notes = process.stderr
        self.lines = process.stdout.splitlines()

    @property
    def objects(self):
        return [json.loads(line) for line in self.lines]


class SimulationTest(unittest.TestCase):
    """Tests on a mesh of simulated nodes, one for each class."""

    scenario = os.path.join(HERE, "scenario.yaml")
    # Simulated seconds per second.
    speed = "10"

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="thicket-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.server = Running([PROGRAM, "sim", "serve", cls.scenario, "--skip", "formed", "--speed", cls.speed,
                              "--sockets", cls.folder, "--json"])
        cls.addClassCleanup(cls.server.stop)
        line = cls.server.line()
        if not line:
            raise AssertionError(f"the simulation did not start: {''.join(cls.server.notes)}")
        cls.serving = json.loads(line)

    def command(self, words, node):
        return [PROGRAM, *words, "--node", f"{self.folder}/{node}.sock"]

    def run_thicket(self, *words, node=1, code=0, stdin=None, environment=None):
        """Runs a verb at a node and checks its exit code; output for people must fit the terminal."""
        process = subprocess.run(
            self.command(words, node), input=stdin, capture_output=True, text=True, timeout=120,
            env={**os.environ, **(environment or {})}, **({} if stdin is not None else {"stdin": subprocess.DEVNULL}))
        result = Result(process)
        self.assertEqual(result.code, code, f"{words}: {result.output}{result.notes}")
        if "--json" in words or "--stream" in words:
            for item in result.objects:
                self.assertEqual(item["schema"], 1)
                self.assertIn("kind", item)
        else:
            for line in result.lines:
                self.assertLessEqual(len(line), COLUMNS, line)
                self.assertNotIn("\x1b", line)
        return result

    def start_thicket(self, *words, node=1, stdin=subprocess.DEVNULL):
        """Starts a verb that goes on; the test ends it."""
        running = Running(self.command(words, node), stdin)
        self.addCleanup(running.stop)
        return running
