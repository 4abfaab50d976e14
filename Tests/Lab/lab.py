"""Starts airs and daemons, looks at them through their control sockets, and leaves nothing behind.

From the environment: THICKET_BIN (folder of thicketd), LAB_PYTHON (a Python that has bumble), LAB_ROOTCANAL (its
binary), LAB_NODELAY (the shim that it needs), LAB_KEEP (a folder for logs and captures, else they are deleted).
"""
import atexit
import collections
import ctypes
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
KEY = "000102030405060708090a0b0c0d0e0f"
OTHER_KEY = "0f0e0d0c0b0a09080706050403020100"

# The rest of each configuration: everything is kept for whoever looks for a fault.
SETTINGS = "log: debug\ncapture: {}\n"

GRAFT = "clustering: graft\n"

PING, PONG, RAW_DATA_LIGHT = 0x33, 0x34, 0x37
BROADCAST = 0


class LabError(Exception):
    """Something in the lab did not happen in time."""


_libc = ctypes.CDLL(None)
_processes = []


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)


def start(command, log, environment=None):
    """A child that cannot outlive this process."""
    with open(log, "ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, preexec_fn=_die_with_parent,
            env={**os.environ, **(environment or {})})
    _processes.append(process)
    return process


def end(process):
    if process and process.poll() is None:
        process.kill()
        process.wait(10)


@atexit.register
def _end_all():
    for process in _processes:
        end(process)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def wait_for(what, condition, timeout, interval=0.1):
    """Polls until the condition gives something true, and returns that."""
    limit = time.monotonic() + timeout
    while True:
        if found := condition():
            return found
        if time.monotonic() > limit:
            raise LabError(f"not within {timeout} s: {what() if callable(what) else what}")
        time.sleep(interval)


def read(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


class Lines:
    """A client of a control socket."""

    def __init__(self, path, timeout=5):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")

    def send(self, request):
        self.socket.sendall(json.dumps(request).encode() + b"\n")

    def receive(self):
        line = self.file.readline()
        if not line:
            raise LabError("the control socket was closed")
        return json.loads(line)

    def close(self):
        self.file.close()
        self.socket.close()


class BumbleAir:
    name = "Bumble"

    def __init__(self, folder, controllers, topology=None, loss=0, acl=251):
        self.folder = os.path.join(folder, "air")
        os.mkdir(self.folder)
        self.log = os.path.join(folder, "air.log")
        command = [os.environ["LAB_PYTHON"], os.path.join(HERE, "air.py"), self.folder, "--controllers",
                   str(controllers), "--loss", str(loss), "--acl", str(acl)]
        if topology:
            command += ["--topology", ",".join(f"{a}-{b}" for a, b in topology)]
        self.process = start(command, self.log, {"PYTHONUNBUFFERED": "1"})
        wait_for("the air to start", lambda: "ready" in read(self.log) or self.process.poll() is not None, 20)
        if self.process.poll() is not None:
            raise LabError(f"the air ended: {read(self.log)}")
        self.control = Lines(os.path.join(self.folder, "control"))

    def radio(self, index):
        return f"h4:unix:{self.folder}/{index}"

    def do(self, order, **arguments):
        self.control.send({"do": order, **arguments})
        answer = self.control.receive()
        if not answer["ok"]:
            raise LabError(answer["error"])
        return answer

    def stop(self):
        self.control.close()
        end(self.process)


class RootCanalAir:
    name = "RootCanal"

    def __init__(self, folder, controllers):
        self.log = os.path.join(folder, "air.log")
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
        ports = [listener.getsockname()[1] for listener in listeners]
        for listener in listeners:
            listener.close()
        names = ("hci_port", "test_port", "link_port", "link_ble_port")
        self.port = ports[0]
        self.process = start(
            [os.environ["LAB_ROOTCANAL"]] + [f"-{name}={port}" for name, port in zip(names, ports)], self.log,
            {"LD_PRELOAD": os.environ["LAB_NODELAY"]})
        wait_for("RootCanal to listen", lambda: f"Listening on: {self.port}" in read(self.log), 20)

    def radio(self, index):
        return f"h4:tcp:127.0.0.1:{self.port}"

    def stop(self):
        end(self.process)


class Monitor:
    """Collects the events of one daemon, each with the time of its arrival here."""

    def __init__(self, path):
        self.events = []
        self.arrived = threading.Condition()
        self.lines = Lines(path)
        self.lines.send({"request": "monitor"})
        while self.lines.receive()["kind"] != "monitoring":
            pass
        self.lines.socket.settimeout(None)
        self.thread = threading.Thread(target=self._collect, daemon=True)
        self.thread.start()

    def _collect(self):
        try:
            while True:
                event = self.lines.receive()
                event["arrived"] = time.monotonic()
                with self.arrived:
                    self.events.append(event)
                    self.arrived.notify_all()
        except (LabError, OSError, ValueError):
            pass

    def find(self, trace, **fields):
        with self.arrived:
            return [e for e in self.events
                    if e.get("trace") == trace and all(e.get(name) == value for name, value in fields.items())]

    def wait(self, trace, timeout, **fields):
        limit = time.monotonic() + timeout
        while True:
            if found := self.find(trace, **fields):
                return found[0]
            with self.arrived:
                left = limit - time.monotonic()
                if left <= 0:
                    raise LabError(f"no {trace} {fields} within {timeout} s")
                self.arrived.wait(min(left, 0.05))

    def close(self):
        if not self.thread.is_alive() and self.lines.socket.fileno() < 0:
            return
        try:
            self.lines.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.thread.join(5)
        self.lines.close()


class Node:
    """One daemon, numbered by its controller unless told otherwise."""

    def __init__(self, folder, air, index, key=KEY, identifier=None, settings=""):
        self.air, self.index, self.id, self.key = air, index, identifier or index + 1, key
        self.folder = os.path.join(folder, f"n{self.id}")
        os.mkdir(self.folder)
        self.control = os.path.join(self.folder, "control")
        self.log = os.path.join(self.folder, "log")
        self.configuration = os.path.join(self.folder, "node.yaml")
        with open(self.configuration, "w") as file:
            file.write(f'node: {self.id}\nnetwork: 11\nkey: "{key}"\nradio: {air.radio(index)}\nstate: {self.folder}\n'
                       f"control: {self.control}\n{SETTINGS}{settings}")
        self.process = self.lines = None
        self.monitors = []

    def start(self):
        before = read(self.log).count(" is ready: ")
        thicketd = os.path.join(os.environ["THICKET_BIN"], "thicketd")
        self.process = start([thicketd, "--config", self.configuration], self.log)
        wait_for(f"node {self.id} to be ready",
                 lambda: read(self.log).count(" is ready: ") > before or self.process.poll() is not None, 15, 0.02)
        if self.process.poll() is not None:
            raise LabError(f"node {self.id} ended with {self.process.returncode}: {read(self.log)[-1000:]}")
        self.started = time.monotonic()
        return self

    def ask(self, request, **arguments):
        if self.process.poll() is not None:
            raise LabError(f"node {self.id} ended with {self.process.returncode}: {read(self.log)[-1000:]}")
        if not self.lines:
            self.lines = Lines(self.control)
        self.lines.send({"request": request, **arguments})
        answers = []
        while (answer := self.lines.receive())["kind"] != "done":
            if answer["kind"] == "error":
                raise LabError(answer["text"])
            answers.append(answer)
        return answers

    def status(self):
        return self.ask("status")[0]

    def partners(self):
        """Ids of the nodes with which it has a link that works."""
        return sorted(x["partner"] for x in self.ask("links") if x["partner"] and x["state"] == "handshakeDone")

    def monitor(self):
        monitor = Monitor(self.control)
        self.monitors.append(monitor)
        return monitor

    def send(self, kind, receiver, rest):
        message = bytes([kind]) + self.id.to_bytes(2, "little") + receiver.to_bytes(2, "little") + rest
        self.ask("send", bytes=message.hex())
        return message

    def memory(self):
        """Resident and private resident memory in kB."""
        with open(f"/proc/{self.process.pid}/status") as file:
            fields = dict(line.split(":", 1) for line in file)
        return tuple(int(fields[name].split()[0]) for name in ("VmRSS", "RssAnon"))

    def processor_time(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        end(self.process)
        self.forget()

    def terminate(self, timeout=10):
        """SIGTERM. Returns the exit status and the seconds that it took."""
        began = time.monotonic()
        self.process.terminate()
        try:
            return self.process.wait(timeout), time.monotonic() - began
        except subprocess.TimeoutExpired:
            raise LabError(f"node {self.id} did not end within {timeout} s of SIGTERM") from None
        finally:
            self.kill()

    def forget(self):
        for monitor in self.monitors:
            monitor.close()
        self.monitors = []
        if self.lines:
            self.lines.close()
        self.lines = None

    def stored(self):
        """What the daemon keeps over a restart."""
        with open(os.path.join(self.folder, f"node-{self.id}.json")) as file:
            return json.load(file)

    def command(self, *arguments, timeout=60):
        """Runs `thicket` for this daemon. Returns exit status, output and errors."""
        return self.without_daemon(*arguments, "--node", self.control, timeout=timeout)

    def without_daemon(self, *arguments, timeout=60):
        """The same, with no word of the daemon."""
        thicket = os.path.join(os.environ["THICKET_BIN"], "thicket")
        done = subprocess.run([thicket, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout, check=False)
        return done.returncode, done.stdout, done.stderr

    def running(self, *arguments):
        """A verb that goes on; its lines are read as they come."""
        thicket = os.path.join(os.environ["THICKET_BIN"], "thicket")
        return subprocess.Popen([thicket, *arguments, "--node", self.control], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                preexec_fn=_die_with_parent)

    def captures(self):
        return sorted(glob.glob(os.path.join(self.folder, "*.btsnoop")))

    def recordings(self):
        """Newest first."""
        return sorted(glob.glob(os.path.join(self.folder, "*.recording")), key=os.path.getmtime, reverse=True)


def replay(path, *options):
    """Runs `thicket replay`. Returns exit status, its objects and errors."""
    thicket = os.path.join(os.environ["THICKET_BIN"], "thicket")
    done = subprocess.run([thicket, "replay", path, "--json", *options], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def join_me(data):
    """What stands in a JOIN_ME behind the type of its AD structure, None of any other advertisement."""
    while len(data) > 1 and data[0]:
        if data[1] == 0xFF and data[2:5] == b"\x4d\x02\xf0":
            return data[2 : 1 + data[0]]
        data = data[1 + data[0] :]
    return None


def connect(host, number):
    """Connects a foreign host to a daemon as its JOIN_ME says. Returns where to write."""
    def is_wanted(data):
        content = join_me(data)
        return content is not None and int.from_bytes(content[6:8], "little") == number
    kind, address, data = host.hear(is_wanted)
    host.connect(kind, address)
    return int.from_bytes(join_me(data)[20:22], "little")


def distances(nodes, source):
    """Hops from one node to every other, along the links that the nodes report."""
    partners = {node.id: node.partners() for node in nodes}
    distance, queue = {source.id: 0}, collections.deque([source.id])
    while queue:
        here = queue.popleft()
        for partner in partners.get(here, []):
            if partner not in distance:
                distance[partner] = distance[here] + 1
                queue.append(partner)
    return distance


def ping(source, distance, times):
    """Round trips in milliseconds, by hops; `distance` tells the hops to each node."""
    monitor, trips = source.monitor(), {}
    for number, hops in sorted(distance.items()):
        for handle in range(1, times + 1 if hops else 1):
            answer = bytes([PONG, number, 0, source.id, 0, 0, handle, 3]).hex()
            began = time.monotonic()
            source.send(PING, number, bytes([0, handle, 3]))
            event = monitor.wait("delivered", 10, bytes=answer)
            trips.setdefault(hops, []).append((event["arrived"] - began) * 1000)
    monitor.close()
    return trips


class Mesh:
    """An air and its daemons, started one by one so that node N has controller N - 1. The air may have more controllers."""

    def __init__(self, air, nodes, keys=None, controllers=None, settings="", **options):
        self.folder = tempfile.mkdtemp(prefix="thicket-lab-")
        self.nodes, self.air, self.settings = [], None, settings
        try:
            self.air = air(self.folder, controllers or nodes, **options)
            for index in range(nodes):
                self.add((keys or {}).get(index + 1, KEY))
        except BaseException:
            self.stop()
            raise
        self.started = time.monotonic()

    def add(self, key=KEY, settings=None):
        """One more daemon, on the next controller."""
        settings = self.settings if settings is None else settings
        self.nodes.append(Node(self.folder, self.air, len(self.nodes), key, settings=settings))
        return self.nodes[-1].start()

    def node(self, number):
        return self.nodes[number - 1]

    def view(self, nodes=None):
        view = {}
        for node in nodes or self.nodes:
            status = node.status()
            view[node.id] = (status["cluster"], status["cluster_size"])
        return view

    def wait_for_one_cluster(self, nodes=None, timeout=90):
        """Waits until all of them share one cluster that counts exactly them. Returns its id."""
        nodes = nodes or self.nodes
        seen = {}

        def one():
            seen.update(self.view(nodes))
            return len(set(seen.values())) == 1 and next(iter(seen.values()))[1] == len(nodes)

        wait_for(lambda: f"one cluster of {len(nodes)}, but {seen}; {self.folder}", one, timeout)
        return seen[nodes[0].id][0]

    def hops(self, source):
        """Distance of every node from one, along the links that the nodes report."""
        return distances([node for node in self.nodes if node.process.poll() is None], source)

    def most_distant(self):
        """Two nodes as far from each other as the tree allows, and their distance."""
        ways = [(hops, node.id, other) for node in self.nodes for other, hops in self.hops(node).items()]
        hops, a, b = max(ways)
        return self.node(a), self.node(b), hops

    def stop(self):
        for node in self.nodes:
            node.kill()
        if self.air:
            self.air.stop()
        if keep := os.environ.get("LAB_KEEP"):
            os.makedirs(keep, exist_ok=True)
            shutil.copytree(self.folder, os.path.join(keep, os.path.basename(self.folder)), ignore=_is_socket)
        shutil.rmtree(self.folder, ignore_errors=True)


def _is_socket(folder, names):
    return [name for name in names if not (os.path.isfile(p := os.path.join(folder, name)) or os.path.isdir(p))]


def tshark(capture, condition, *fields):
    """One list of values for each packet of the capture that meets the condition."""
    command = ["tshark", "-n", "-r", capture, "-Y", condition, "-T", "fields", "-e", "frame.number"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    # A daemon that was killed may leave half a packet at the end; all before it has been read.
    if done.returncode and "cut short" not in done.stderr:
        raise LabError(f"tshark: {done.stderr}")
    return [line.split("\t")[1:] for line in done.stdout.splitlines()]


def median(values):
    return sorted(values)[len(values) // 2]


def percentile95(values):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
