"""Daemons on adapters of a real kernel, in a virtual machine. `tier2` runs it.

Each test has a machine and an air of its own. A method with @machine(...) is called twice: on the host, where it makes the
air and starts the machine, and in the machine, where its body runs and fails or not.
"""
import ctypes
import functools
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import access
import lab
import le_host

HERE = os.path.dirname(os.path.abspath(__file__))
IN_MACHINE = "LAB_GUEST" in os.environ
SKIPPED = 77
FOLDER = "/lab/work"


def report(text):
    print(f"    {text}", flush=True)


def machine(adapters, *options, seconds=120, controllers=None):
    """Runs the method in a machine with so many adapters. `controllers` are those of the air, if it has more."""
    def decorate(body):
        @functools.wraps(body)
        def test(self):
            if IN_MACHINE:
                os.makedirs(FOLDER, exist_ok=True)
                body(self)
                return
            with Host(controllers or adapters) as host:
                host.run(self, adapters, options, seconds)
        return test
    return decorate


class Host:
    """An air, and the machine that uses it."""

    def __init__(self, controllers):
        self.folder = tempfile.mkdtemp(prefix="thicket-lab-")
        self.air = lab.BumbleAir(self.folder, controllers) if controllers else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.air:
            self.air.stop()
        if keep := os.environ.get("LAB_KEEP"):
            shutil.copytree(self.folder, os.path.join(keep, os.path.basename(self.folder)), ignore=lab._is_socket)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, test, adapters, options, seconds, first=0):
        command = [os.path.join(HERE, "vm/run"), "-v", "-t", str(seconds), *options]
        if adapters:
            command += ["-a", self.air.folder, "-n", str(adapters), "-f", str(first)]
        command += ["python3", os.path.join(HERE, "test_tier2.py"), test.id().split(".", 1)[1]]
        output = os.path.join(self.folder, f"machine{first}.log")
        process = lab.start(command, output, {"LAB_JOB": os.path.join(self.folder, f"job{first}"),
                                              "LAB_FIRST": str(first), "PYTHONUNBUFFERED": "1"})
        process.output = output
        return process

    def await_told(self, name, timeout=90):
        """Waits for `tell` in the machine."""
        path = os.path.join(self.folder, "job0", name)
        lab.wait_for(lambda: f"the machine to tell '{name}': {lab.read(os.path.join(self.folder, 'machine0.log'))}",
                     lambda: os.path.exists(path), timeout)

    def tell(self, name):
        with open(os.path.join(self.folder, "job0", name), "w"):
            pass

    def finish(self, test, process, seconds):
        status = process.wait(seconds + 60)
        output = lab.read(process.output).strip()
        print(f"\n{output}", flush=True)
        if status == SKIPPED:
            test.skipTest(output.rsplit("skipped: ", 1)[1].splitlines()[0])
        # The end of it once more, where a failed test is looked at first.
        test.assertEqual(status, 0, f"in the machine; {self.folder}\n{output[-4000:]}")

    def run(self, test, adapters, options, seconds):
        self.finish(test, self.start(test, adapters, options, seconds), seconds)


# In the machine.

def tell(name):
    """Tells the host, which waits with `await_told`."""
    with open(f"/lab/job/{name}", "w"):
        pass


def await_told(name, timeout=90):
    lab.wait_for(f"the host to tell '{name}'", lambda: os.path.exists(f"/lab/job/{name}"), timeout)


class Adapters:
    """What lab.Node wants of an air: where controller I is. Two lines of a configuration, for the radio has two keys."""
    name = "kernel"

    def __init__(self, radio="hci"):
        self.kind = radio

    def radio(self, index):
        return f"{self.kind}\nadapter: hci{index}"


class KernelNode(lab.Node):
    """A daemon on hciN, node N + 1."""

    def __init__(self, index, air=None, **options):
        super().__init__(FOLDER, air or Adapters(), index, **options)

    def wait_for_size(self, size, timeout=60):
        lab.wait_for(lambda: f"a cluster of {size}, but {self.status()}\n{lab.read(self.log)[-2000:]}",
                     lambda: self.status()["cluster_size"] == size, timeout)

    def says(self, text, times=1, timeout=30):
        lab.wait_for(lambda: f"'{text}' in the log:\n{lab.read(self.log)[-3000:]}",
                     lambda: lab.read(self.log).count(text) >= times, timeout)


def wait_for_one_cluster(nodes, size=None, timeout=90):
    size, seen = size or len(nodes), {}

    def one():
        seen.update({node.id: (node.status()["cluster"], node.status()["cluster_size"]) for node in nodes})
        return len(set(seen.values())) == 1 and seen[nodes[0].id][1] == size
    lab.wait_for(lambda: f"one cluster of {size}, but {seen}", one, timeout)


def round_trips(source, receiver, times):
    """Milliseconds of pings."""
    return lab.ping(source, {receiver: 1}, times)[1]


def managed():
    """Adapters that the management interface shows, each with whether it is switched on."""
    found = {}
    with socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI) as control:
        bind_control(control)
        count = struct.unpack_from("<H", ask(control, 0x0003, 0xFFFF))[0]
        for index in struct.unpack_from(f"<{count}H", ask(control, 0x0003, 0xFFFF), 2):
            found[index] = bool(struct.unpack_from("<6sBHII", ask(control, 0x0004, index))[4] & 1)
    return found


def bind_control(control):
    # Python knows no HCI channels.
    address = struct.pack("<HHH", socket.AF_BLUETOOTH, 0xFFFF, 3)
    if ctypes.CDLL(None, use_errno=True).bind(control.fileno(), address, len(address)):
        raise OSError(ctypes.get_errno(), "bind")
    control.settimeout(5)


def ask(control, code, index, parameters=b""):
    """The answer to a management command."""
    control.send(struct.pack("<HHH", code, index, len(parameters)) + parameters)
    while True:
        packet = control.recv(2048)
        event, where = struct.unpack_from("<HH", packet)
        if event in (1, 2) and where == index and struct.unpack_from("<H", packet, 6)[0] == code:
            if packet[8]:
                raise lab.LabError(f"management command {code:#x}: status {packet[8]:#x}")
            return packet[9:]


def switch(index, on):
    with socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI) as control:
        bind_control(control)
        ask(control, 0x000D, index, b"\1")
        ask(control, 0x0005, index, bytes([on]))


def wait_until_on(index, timeout=10):
    lab.wait_for(lambda: f"hci{index} to be on, but {managed()}", lambda: managed().get(index) is True, timeout)


def plug(order, port):
    with open("/run/vhci", "w") as orders:
        orders.write(f"{order} {port}\n")


# As systemd does with Restart=on-failure: 5.66 crashes now and then when many adapters of one machine connect to each other.
SUPERVISOR = 'while :; do /usr/sbin/bluetoothd -n; echo "bluetoothd ended with $?"; sleep 1; done'


def bluetoothd_crashes():
    return lab.read(f"{FOLDER}/bluetoothd.log").count("bluetoothd ended with")


def start_bluetoothd(command=("bash", "-c", SUPERVISOR)):
    os.makedirs("/run/dbus", exist_ok=True)
    os.makedirs("/var/lib/bluetooth", exist_ok=True)
    subprocess.run(["dbus-uuidgen", "--ensure=/etc/machine-id"], check=True)
    bus = lab.start(["dbus-daemon", "--system", "--nofork", "--nopidfile"], f"{FOLDER}/bus.log")
    lab.wait_for("the bus", lambda: os.path.exists("/run/dbus/system_bus_socket"), 20)
    return bus, lab.start(list(command), f"{FOLDER}/bluetoothd.log")


def thicketd(*arguments, prefix=()):
    """A run that should end by itself. Exit status and standard error without the greeting."""
    done = subprocess.run([*prefix, os.path.join(os.environ["THICKET_BIN"], "thicketd"), *arguments], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    return done.returncode, done.stderr


NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
WITH_NET_ADMIN = ("--inh-caps=+net_admin", "--ambient-caps=+net_admin", "--bounding-set=-all,+net_admin", "--no-new-privs")


class Mesh(unittest.TestCase):
    @machine(4)
    def test_four_daemons_on_user_channels_form_one_cluster_and_exchange_data(self):
        nodes = [KernelNode(index) for index in range(4)]
        for node in nodes:
            node.start()
        began = time.monotonic()
        wait_for_one_cluster(nodes)
        report(f"4 daemons formed in {time.monotonic() - began:.1f} s after the last was ready")
        for node in nodes:
            self.assertEqual(node.status()["radio"], "hci")
            self.assertEqual(node.status()["adapter"], f"hci{node.index}")
        for receiver in (2, 3, 4):
            values = round_trips(nodes[0], receiver, 20)
            report(f"node 1 to {receiver} and back: median {lab.median(values):.1f} ms, "
                   f"95 % within {lab.percentile95(values):.1f} ms")
        monitors = [node.monitor() for node in nodes[1:]]
        message = nodes[0].send(lab.RAW_DATA_LIGHT, lab.BROADCAST, b"\0\0\xc8to all")
        for monitor in monitors:
            monitor.wait("delivered", 5, bytes=message.hex())
        for node in nodes:
            self.assertEqual(node.terminate()[0], 0, lab.read(node.log))

    @machine(2, controllers=4)
    def test_daemons_in_the_machine_and_on_the_host_form_one_cluster(self):
        nodes = [KernelNode(index) for index in range(2)]
        for node in nodes:
            node.start()
        wait_for_one_cluster(nodes, 4)
        # Nodes 3 and 4 are processes of the host.
        for receiver in (2, 3, 4):
            values = round_trips(nodes[0], receiver, 20)
            report(f"node 1 to {receiver} and back: median {lab.median(values):.1f} ms")
        report(f"partners of 1: {nodes[0].partners()}, of 2: {nodes[1].partners()}")

    if not IN_MACHINE:
        def test_daemons_in_the_machine_and_on_the_host_form_one_cluster(self):
            with Host(4) as host:
                outside = [lab.Node(host.folder, host.air, index) for index in (2, 3)]
                process = host.start(self, 2, (), 120)
                for node in outside:
                    node.start()
                wait_for_one_cluster(outside, 4, timeout=120)
                report(f"seen from the host: {[(n.id, n.partners()) for n in outside]}")
                host.finish(self, process, 120)
                for node in outside:
                    node.kill()


class Power(unittest.TestCase):
    """An adapter is given back as it was found."""

    @machine(2)
    def test_an_adapter_taken_from_bluetoothd_is_switched_on_again_at_the_end(self):
        start_bluetoothd()
        wait_until_on(0, 20)
        node = KernelNode(0).start()
        self.assertNotIn(0, managed())
        self.assertTrue(os.path.exists(f"{node.folder}/hci0.power"))
        other = KernelNode(1).start()
        wait_for_one_cluster([node, other])
        self.assertEqual(node.terminate()[0], 0)
        wait_until_on(0)
        self.assertFalse(os.path.exists(f"{node.folder}/hci0.power"))
        shown = subprocess.run(["busctl", "--system", "get-property", "org.bluez", "/org/bluez/hci0", "org.bluez.Adapter1",
                                "Powered"], capture_output=True, text=True, timeout=20)
        self.assertEqual(shown.stdout.strip(), "b true", shown.stderr)

    @machine(2)
    def test_an_adapter_is_switched_on_again_without_bluetoothd(self):
        switch(0, True)
        self.assertEqual(managed(), {0: True, 1: False})
        nodes = [KernelNode(0).start(), KernelNode(1).start()]
        self.assertEqual(managed(), {})
        for node in nodes:
            self.assertEqual(node.terminate()[0], 0)
        wait_until_on(0)
        # The other one was off.
        self.assertEqual(managed(), {0: True, 1: False})

    @machine(1)
    def test_that_it_was_on_is_remembered_over_a_kill(self):
        switch(0, True)
        node = KernelNode(0).start()
        node.kill()
        # Nobody was there to switch it on.
        self.assertEqual(managed(), {0: False})
        node.start()
        self.assertEqual(node.terminate()[0], 0)
        wait_until_on(0)
        node.start()
        self.assertEqual(node.terminate()[0], 0)
        wait_until_on(0)

    @machine(1)
    def test_that_it_was_on_is_remembered_when_the_next_start_fails(self):
        """Killed, then found busy, then started well and stopped."""
        switch(0, True)
        node = KernelNode(0).start()
        node.kill()
        blocker = subprocess.Popen([sys.executable, "-c", HOLD_USER_CHANNEL], stdout=subprocess.PIPE, text=True)
        self.assertEqual(blocker.stdout.readline(), "held\n")
        status, error = thicketd("--config", node.configuration)
        self.assertEqual(status, 69, error)
        blocker.kill()
        blocker.wait()
        node.start()
        self.assertEqual(node.terminate()[0], 0)
        wait_until_on(0)


HOLD_USER_CHANNEL = """
import ctypes, socket, struct, time
s = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI)
a = struct.pack("<HHH", socket.AF_BLUETOOTH, 0, 1)
print("busy" if ctypes.CDLL(None).bind(s.fileno(), a, len(a)) else "held", flush=True)
time.sleep(60)
"""


class Refusals(unittest.TestCase):
    """Each reason why there is no radio: one line, exit status 69."""

    def assert_refused(self, text, *, prefix=(), adapter=0, folder_owner=None):
        folder = tempfile.mkdtemp(dir=FOLDER)
        os.chmod(FOLDER, 0o755)
        configuration = f"{folder}/node.yaml"
        with open(configuration, "w") as file:
            file.write(f'node: 9\nnetwork: 11\nkey: "{lab.KEY}"\nradio: hci\nadapter: hci{adapter}\nstate: {folder}\n'
                       f"control: {folder}/control\nlog: warning\n")
        if folder_owner:
            os.chown(folder, folder_owner, folder_owner)
        status, error = thicketd("--config", configuration, prefix=prefix)
        report(error.strip())
        lines = [line for line in error.splitlines() if line]
        self.assertEqual((status, len(lines)), (69, 1), error)
        self.assertTrue(lines[0].startswith("error: "), error)
        self.assertIn(text, lines[0])
        return folder

    @machine(1)
    def test_a_second_daemon_on_the_same_adapter(self):
        node = KernelNode(0).start()
        self.assert_refused("open hci0: another program holds it")
        self.assertEqual(node.status()["radio_state"], "ready")
        self.assertEqual(node.terminate()[0], 0)

    @machine(1)
    def test_no_such_adapter(self):
        self.assert_refused("open hci5: no such adapter", adapter=5)
        self.assert_refused("hci0", adapter=5)

    @machine(1)
    def test_no_permission(self):
        nobody = 65534
        self.assert_refused("permission denied", prefix=NOBODY, folder_owner=nobody)
        switch(0, True)
        folder = self.assert_refused("grant CAP_NET_ADMIN", prefix=NOBODY, folder_owner=nobody)
        self.assertEqual(managed(), {0: True})
        self.assertFalse(os.path.exists(f"{folder}/hci0.power"), "an adapter that was never taken is remembered")

    @machine(1)
    def test_blocked_by_rfkill(self):
        block = struct.pack("<IBBBB", 0, 2, 3, 1, 0)
        with open("/dev/rfkill", "wb", buffering=0) as switches:
            switches.write(block)
        self.assert_refused("open hci0: blocked by rfkill")

    @machine(1)
    def test_blocked_by_rfkill_while_switched_on(self):
        switch(0, True)
        with open("/dev/rfkill", "wb", buffering=0) as switches:
            switches.write(struct.pack("<IBBBB", 0, 2, 3, 1, 0))
        self.assert_refused("open hci0: blocked by rfkill")

    @machine(0, "-b")
    def test_a_kernel_without_bluetooth(self):
        self.assertFalse(os.path.exists("/sys/module/bluetooth"))
        self.assert_refused("this kernel has no Bluetooth")


def doctor(*arguments, prefix=()):
    """Exit status, findings by check and adapter, and the verdict."""
    done = subprocess.run([*prefix, os.path.join(os.environ["THICKET_BIN"], "thicket"), "doctor", "--json", *arguments],
                          text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    *findings, verdict = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {(found["check"], found["adapter"]): found for found in findings}, verdict


class Doctor(unittest.TestCase):
    """What `thicket doctor` finds in a real kernel."""

    @machine(2)
    def test_adapters_are_found_with_what_stands_in_their_way(self):
        switch(0, True)
        status, findings, verdict = doctor()
        report(verdict)
        self.assertEqual(status, 0 if verdict["result"] == "ok" else 1)
        self.assertEqual(findings["kernel", None]["result"], "ok", findings)
        for name, power in (("hci0", "on"), ("hci1", "off")):
            self.assertRegex(findings["adapter", name]["found"], f"^([0-9a-f]{{2}}:){{5}}[0-9a-f]{{2}}, Bluetooth .*, {power}$")
            self.assertEqual(findings["driver", name]["found"], "a virtual adapter, without a device")
            self.assertEqual(findings["rfkill", name]["result"], "ok", findings)
            self.assertEqual(findings["roles", name]["result"], "ok", findings)
        # Looking changes nothing.
        self.assertEqual(managed(), {0: True, 1: False})

        node = KernelNode(1).start()
        _, findings, _ = doctor("--node", node.control)
        self.assertIn("in the hands of thicketd", findings["adapter", "hci1"]["found"])
        self.assertIn("runs on hci1, isolated", findings["daemon", None]["found"])
        self.assertEqual(node.terminate()[0], 0)

        # Nobody may look as well, but not run a node.
        status, findings, _ = doctor("--adapter", "hci0", prefix=NOBODY)
        self.assertEqual(status, 1)
        self.assertEqual(findings["adapter", "hci0"]["result"], "ok", findings)
        self.assertEqual(findings["privilege", None]["result"], "fail", findings)
        self.assertNotIn(("adapter", "hci1"), findings)

        with open("/dev/rfkill", "wb", buffering=0) as switches:
            switches.write(struct.pack("<IBBBB", 0, 2, 3, 1, 0))
        status, findings, verdict = doctor()
        self.assertEqual((status, verdict["result"]), (1, "fail"))
        self.assertEqual(findings["rfkill", "hci0"]["found"], "blocked by a program")
        self.assertEqual(findings["rfkill", "hci0"]["fix"], "sudo rfkill unblock bluetooth")

    @machine(1)
    def test_bluetoothd_is_found_with_its_version_and_its_adapter(self):
        start_bluetoothd()
        wait_until_on(0, 20)
        version = subprocess.run(["/usr/sbin/bluetoothd", "--version"], capture_output=True, text=True).stdout.strip()
        _, findings, _ = doctor()
        self.assertEqual(findings["bluetoothd", None]["found"], f"{version} runs, holds hci0, which thicketd takes and gives back")

    @machine(0, "-b")
    def test_a_kernel_without_bluetooth_is_not_given_any(self):
        status, findings, verdict = doctor()
        self.assertEqual((status, verdict["result"]), (1, "fail"))
        self.assertEqual(findings["kernel", None]["result"], "fail", findings)
        self.assertEqual(findings["adapter", None]["result"], "fail", findings)
        self.assertFalse(os.path.exists("/sys/module/bluetooth"))


class Privileges(unittest.TestCase):
    @machine(2)
    def test_a_user_with_one_capability_is_enough(self):
        nodes = [KernelNode(0), KernelNode(1)]
        switch(0, True)
        for node in nodes:
            os.chown(node.folder, 65534, 65534)
            os.chown(node.configuration, 65534, 65534)
            node.process = lab.start([*NOBODY, *WITH_NET_ADMIN, os.path.join(os.environ["THICKET_BIN"], "thicketd"),
                                      "--config", node.configuration], node.log)
            node.says(" is ready: ")
            with open(f"/proc/{node.process.pid}/status") as file:
                status = dict(line.split(":", 1) for line in file)
            self.assertEqual(status["Uid"].split(), ["65534"] * 4)
            self.assertEqual(int(status["CapEff"], 16), 1 << 12)
        wait_for_one_cluster(nodes)
        for node in nodes:
            self.assertEqual(node.terminate()[0], 0, lab.read(node.log))
        wait_until_on(0)


class BesideBluetoothd(unittest.TestCase):
    """The radio that shares its adapter."""

    def start(self, nodes):
        for node in nodes:
            node.process = lab.start([os.path.join(os.environ["THICKET_BIN"], "thicketd"), "--config", node.configuration],
                                     node.log)
        for node in nodes:
            lab.wait_for(lambda: f"node {node.id} to be ready: {lab.read(node.log)}",
                         lambda: os.path.exists(node.control) and node.status()["radio_state"] == "ready", 20)

    def assert_delivers(self, nodes, text, size=None):
        """A message to all reaches all; it is sent again if bluetoothd crashed meanwhile, for links end with it."""
        while True:
            wait_for_one_cluster(nodes, size, timeout=60)
            crashes = bluetoothd_crashes()
            monitors = [node.monitor() for node in nodes[1:]]
            message = nodes[0].send(lab.RAW_DATA_LIGHT, lab.BROADCAST, b"\0\0\xc8" + text)
            try:
                for monitor in monitors:
                    monitor.wait("delivered", 10, bytes=message.hex())
                return
            except lab.LabError:
                if bluetoothd_crashes() == crashes:
                    raise
                report(f"sent again after {bluetoothd_crashes() - crashes} crashes of bluetoothd")
            finally:
                for monitor in monitors:
                    monitor.close()

    @machine(2)
    def test_a_daemon_on_bluetoothd_and_one_on_a_user_channel_form_one_cluster(self):
        start_bluetoothd()
        wait_until_on(0, 20)
        nodes = [KernelNode(0, Adapters("dbus")), KernelNode(1)]
        self.start(nodes)
        self.assertEqual(nodes[0].status()["radio"], "dbus")
        wait_for_one_cluster(nodes)
        self.assertEqual({link["protection"] for node in nodes for link in node.ask("links")}, {"application"})
        values = round_trips(nodes[0], 2, 20)
        report(f"node 1 to 2 and back: median {lab.median(values):.1f} ms, 95 % within {lab.percentile95(values):.1f} ms")
        self.assertTrue(managed()[0])
        for node in nodes:
            self.assertEqual(node.terminate()[0], 0, lab.read(node.log))
        self.assertTrue(managed()[0])

    @machine(4, seconds=240)
    def test_four_daemons_form_one_cluster_and_exchange_data(self):
        start_bluetoothd()
        for index in range(4):
            wait_until_on(index, 20)
        nodes = [KernelNode(index, Adapters("dbus")) for index in range(4)]
        self.start(nodes)
        began = time.monotonic()
        wait_for_one_cluster(nodes, timeout=150)
        report(f"4 daemons formed in {time.monotonic() - began:.1f} s after the last was ready; "
               f"{bluetoothd_crashes()} crashes of bluetoothd")
        # More than one piece of 16 bytes.
        self.assert_delivers(nodes, b"to all, in several pieces, through one bluetoothd")

    @machine(3, controllers=4, seconds=240)
    def test_a_mesh_of_all_radios_forms_one_cluster(self):
        start_bluetoothd()
        for index in range(2):
            wait_until_on(index, 20)
        nodes = [KernelNode(0, Adapters("dbus")), KernelNode(1, Adapters("dbus")), KernelNode(2)]
        self.start(nodes)
        # Node 4 is a process of the host.
        wait_for_one_cluster(nodes, 4, timeout=150)
        self.assert_delivers(nodes, b"to all, over every kind of radio", size=4)
        report(f"nodes 1 and 2 beside bluetoothd, 3 on a user channel: partners {[node.partners() for node in nodes]}")

    if not IN_MACHINE:
        def test_a_mesh_of_all_radios_forms_one_cluster(self):
            with Host(4) as host:
                outside = lab.Node(host.folder, host.air, 3)
                process = host.start(self, 3, (), 240)
                outside.start()
                host.finish(self, process, 240)
                outside.kill()

    @machine(2, seconds=240)
    def test_bluetoothd_may_be_killed_and_started_again_under_load(self):
        _, bluetoothd = start_bluetoothd(["/usr/sbin/bluetoothd", "-n"])
        for index in range(2):
            wait_until_on(index, 20)
        nodes = [KernelNode(index, Adapters("dbus")) for index in range(2)]
        self.start(nodes)
        wait_for_one_cluster(nodes, timeout=120)
        for number in range(50):
            nodes[0].send(lab.RAW_DATA_LIGHT, 2, b"\0\0\xc8" + bytes([number]) * 40)
        lab.end(bluetoothd)
        for node in nodes:
            node.says("bluetoothd is gone")
            self.assertIsNone(node.process.poll())
        lab.start(["/usr/sbin/bluetoothd", "-n"], f"{FOLDER}/bluetoothd.log")
        began = time.monotonic()
        wait_for_one_cluster(nodes, timeout=120)
        report(f"one cluster {time.monotonic() - began:.1f} s after bluetoothd was started again")
        self.assert_delivers(nodes, b"after the restart of bluetoothd")

    @machine(2, seconds=180)
    def test_it_waits_quietly_for_a_bluetoothd_that_hangs(self):
        _, bluetoothd = start_bluetoothd(["/usr/sbin/bluetoothd", "-n"])
        wait_until_on(0, 20)
        nodes = [KernelNode(0, Adapters("dbus")), KernelNode(1)]
        self.start(nodes)
        wait_for_one_cluster(nodes, timeout=120)
        os.kill(bluetoothd.pid, signal.SIGSTOP)
        # More than fits into the channel that it does not read from any more.
        for number in range(400):
            nodes[0].send(lab.RAW_DATA_LIGHT, 2, b"\0\0\xc8" + number.to_bytes(2, "little") + bytes(50))
        before = nodes[0].processor_time()
        time.sleep(5)
        spent = nodes[0].processor_time() - before
        report(f"{spent:.2f} s of processor time in 5 s")
        self.assertLess(spent, 1)
        os.kill(bluetoothd.pid, signal.SIGCONT)
        began, monitor = time.monotonic(), nodes[1].monitor()

        def arrives():
            # What waits comes first, and what finds the queue full is dropped.
            message = nodes[0].send(lab.RAW_DATA_LIGHT, 2, b"\0\0\xc8after the hang")
            time.sleep(1)
            return monitor.find("delivered", bytes=message.hex())
        lab.wait_for(lambda: f"data to arrive: {lab.read(nodes[0].log)[-2000:]}", arrives, 60)
        report(f"new data arrives {time.monotonic() - began:.1f} s after it goes on; before that {len(monitor.find('delivered'))} more")

    @machine(2, seconds=240)
    def test_without_the_right_to_monitor_it_hears_through_bluetoothd(self):
        start_bluetoothd()
        wait_until_on(0, 20)
        nodes = [KernelNode(0, Adapters("dbus")), KernelNode(1)]
        os.chmod(FOLDER, 0o755)
        os.chown(nodes[0].folder, 65534, 65534)
        os.chown(nodes[0].configuration, 65534, 65534)
        nodes[0].process = lab.start([*NOBODY, os.path.join(os.environ["THICKET_BIN"], "thicketd"), "--config",
                                      nodes[0].configuration], nodes[0].log)
        nodes[0].says("scanning through bluetoothd, which hears little")
        nodes[1].start()
        wait_for_one_cluster(nodes, timeout=120)
        self.assert_delivers(nodes, b"from nobody")

    @machine(2, seconds=240)
    def test_its_adapter_may_be_pulled_out_and_put_back(self):
        start_bluetoothd()
        wait_until_on(0, 20)
        nodes = [KernelNode(0, Adapters("dbus")), KernelNode(1)]
        self.start(nodes)
        wait_for_one_cluster(nodes)
        plug("remove", 0)
        lab.wait_for("the adapter to go", lambda: nodes[0].status()["radio_state"] == "gone", 20)
        lab.wait_for("node 2 to be alone", lambda: nodes[1].status()["cluster_size"] == 1, 30)
        plug("add", 0)
        began = time.monotonic()
        lab.wait_for("the adapter to be back", lambda: nodes[0].status()["radio_state"] == "ready", 30)
        wait_for_one_cluster(nodes, timeout=120)
        report(f"one cluster {time.monotonic() - began:.1f} s after it was put back")


class AccessBesideBluetoothd(unittest.TestCase):
    """MeshAccess links of nodes beside bluetoothd: notifications that it sends and hears."""

    @machine(1, controllers=3)
    def test_foreign_centrals_exchange_keys_and_messages_with_a_node(self):
        start_bluetoothd()
        wait_until_on(0, 20)
        node = KernelNode(0, Adapters("dbus"))
        BesideBluetoothd.start(self, [node])
        tell("ready")
        await_told("done", 60)
        self.assertEqual(lab.read(node.log).count("accessEstablished"), 2, lab.read(node.log))
        self.assertNotIn("accessBroken", lab.read(node.log))
        self.assertEqual(node.status()["counters"]["refused_access_links"], 1)
        self.assertEqual(node.terminate()[0], 0, lab.read(node.log))

    def guest(self, host, controller):
        """A foreign host with a link to node 1 that asked for its notifications."""
        outside = le_host.Host(host.air.radio(controller).removeprefix("h4:unix:"), bytes.fromhex(lab.KEY),
                               0xC0_46_4F_52_45_40 + controller)
        self.addCleanup(outside.close)
        lab.connect(outside, 1)
        guest = access.Central(outside, 76 + controller, bytes.fromhex(lab.KEY))
        guest.discover()
        guest.subscribe()
        return guest

    def assert_answers(self, guest):
        # GET_DEVICE_INFO_V2 (protocol 10.1), whose answer comes in several pieces.
        request = struct.pack("<BHHBBB", 0x33, guest.node, 1, 3, 0, 10)
        answer = guest.ask(request, 0x34)
        self.assertEqual(answer[:8], struct.pack("<BHHBBB", 0x34, 1, guest.node, 3, 0, 10))
        self.assertGreater(len(answer), 40)

    if not IN_MACHINE:
        def test_foreign_centrals_exchange_keys_and_messages_with_a_node(self):
            with Host(3) as host:
                process = host.start(self, 1, (), 120)
                host.await_told("ready")
                first = self.guest(host, 1)
                first.handshake()
                self.assertEqual(first.partner, 1)
                self.assert_answers(first)
                # bluetoothd would notify both of the same, which neither could open.
                second = self.guest(host, 2)
                with self.assertRaises(le_host.Gone):
                    second.handshake()
                self.assert_answers(first)
                first.host.disconnect()
                second = self.guest(host, 2)
                second.handshake()
                self.assert_answers(second)
                host.tell("done")
                host.finish(self, process, 120)

    # An emergency disconnect (protocol 4.8) is what makes a node open a MeshAccess link. It takes a neighbour that has given
    # away its links, here two, and two minutes of patience. Three pairs at a time: the centre on its own stack, the node
    # that asks on its own stack, both beside bluetoothd.
    CENTRES, POINTS = "links: {out: 2}\n", "links: {out: 0}\n"
    EDGES = [(4, 5), (4, 6), (4, 0), (1, 7), (1, 8), (1, 9), (2, 10), (2, 11), (2, 3)]

    @machine(4, controllers=12, seconds=300)
    def test_emergency_disconnect_in_both_roles(self):
        start_bluetoothd()
        for index in range(4):
            wait_until_on(index, 20)
        kind = Adapters("dbus")
        centres = [KernelNode(index, kind, settings=self.CENTRES) for index in (1, 2)]
        asking = [KernelNode(index, kind) for index in (0, 3)]
        BesideBluetoothd.start(self, centres)
        for centre in centres:
            centre.wait_for_size(3)
        tell("formed")
        BesideBluetoothd.start(self, asking)
        self.assert_frees_a_link(asking[0], 5)
        self.assert_frees_a_link(asking[1], 3)
        await_told("freed", 60)
        for centre in centres:
            centre.says("emergencyAnswered code=0")

    def assert_frees_a_link(self, node, centre):
        lab.wait_for(lambda: f"node {centre} to answer node {node.id}:\n{lab.read(node.log)[-3000:]}",
                     lambda: f"emergencyDecided by={centre} code=0" in lab.read(node.log), 180)
        log = lab.read(node.log)
        self.assertIn("accessEstablished", log)
        self.assertNotIn("accessBroken", log)
        steps = ("emergency ", "linkUp", "accessEstablished", "emergencyDecided")
        report(f"node {node.id}: " + "; ".join(line for line in log.splitlines() if any(step in line for step in steps)))

    if not IN_MACHINE:
        def test_emergency_disconnect_in_both_roles(self):
            with Host(12) as host:
                host.air.do("topology", edges=self.EDGES)
                outside = {index: lab.Node(host.folder, host.air, index, settings=settings)
                           for index, settings in [(4, self.CENTRES), (9, ""), *((i, self.POINTS) for i in (5, 6, 7, 8, 10, 11))]}
                for index in (4, 5, 6, 7, 8, 10, 11):
                    outside[index].start()
                wait_for_one_cluster([outside[index] for index in (4, 5, 6)])
                process = host.start(self, 4, (), 300)
                host.await_told("formed")
                outside[9].start()
                self.assert_frees_a_link(outside[9], 2)
                host.tell("freed")
                host.finish(self, process, 300)
                self.assertIn("emergencyAnswered code=0", lab.read(outside[4].log))
                for node in outside.values():
                    node.kill()


@unittest.skipUnless(IN_MACHINE or os.environ.get("LAB_MEASURE"), "only for tier2 --measure")
class Figures(unittest.TestCase):
    """How long it takes: of the code under an emulated processor, not of radios."""

    @machine(4, controllers=8, seconds=400)
    def test_bluetoothd_in_two_machines(self):
        first = int(os.environ["LAB_FIRST"])
        start_bluetoothd()
        for index in range(4):
            wait_until_on(index, 30)
        nodes = [KernelNode(index, Adapters("dbus"), identifier=first + index + 1) for index in range(4)]
        BesideBluetoothd.start(self, nodes)
        began = time.monotonic()
        wait_for_one_cluster(nodes, 8, timeout=240)
        report(f"bluetoothd: 8 daemons in two machines formed in {time.monotonic() - began:.1f} s, seen from here; "
               f"{bluetoothd_crashes()} crashes of bluetoothd")
        # Until the other machine has seen it too.
        time.sleep(20)

    if not IN_MACHINE:
        def test_bluetoothd_in_two_machines(self):
            with Host(8) as host:
                processes = [host.start(self, 4, (), 400, first) for first in (0, 4)]
                for process in processes:
                    host.finish(self, process, 400)

    def measure(self, radio):
        name = "user channel" if radio == "hci" else "bluetoothd"
        for size in (2, 5, 8):
            for folder in glob.glob(f"{FOLDER}/n*"):
                shutil.rmtree(folder)
            nodes = [KernelNode(index, Adapters(radio)) for index in range(size)]
            for node in nodes:
                node.process = lab.start([os.path.join(os.environ["THICKET_BIN"], "thicketd"), "--config",
                                          node.configuration], node.log)
            for node in nodes:
                lab.wait_for(lambda: f"node {node.id}: {lab.read(node.log)}", lambda: os.path.exists(node.control)
                             and node.status()["radio_state"] == "ready", 30)
            began = time.monotonic()
            try:
                wait_for_one_cluster(nodes, timeout=180)
                report(f"{name}: {size} daemons formed in {time.monotonic() - began:.1f} s")
            except lab.LabError as error:
                report(f"{name}: {error}; {bluetoothd_crashes()} crashes of bluetoothd")
                return
            if size == 5:
                self.trips(name, nodes)
                self.throughput(name, nodes)
            for node in nodes:
                node.terminate()

    def trips(self, name, nodes):
        trips = lab.ping(nodes[0], lab.distances(nodes, nodes[0]), 20)
        for hops, values in sorted(trips.items()):
            report(f"{name}: ping over {hops} hops: median {lab.median(values):.1f} ms, "
                   f"p95 {lab.percentile95(values):.1f} ms ({len(values)} pings)")

    def throughput(self, name, nodes):
        for wanted in (1, 2):
            pairs = [(node, other) for node in nodes for other, hops in lab.distances(nodes, node).items() if hops == wanted]
            if not pairs:
                continue
            source, receiver = pairs[0]
            monitor = nodes[receiver - 1].monitor()
            began, count = time.monotonic(), 100
            for number in range(count):
                source.send(lab.RAW_DATA_LIGHT, receiver, b"\0\0\xc8" + bytes([number]) * 52)
                while number - len(monitor.find("delivered")) > 3 and time.monotonic() - began < 60:
                    time.sleep(0.002)
            lab.wait_for("the last message", lambda: len(monitor.find("delivered")) >= count, 30, 0.01)
            seconds = monitor.find("delivered")[-1]["arrived"] - began
            monitor.close()
            report(f"{name}: raw data over {wanted} hops: {count * 60 / seconds / 1000:.1f} kB/s")

    @machine(8, seconds=600)
    def test_user_channels(self):
        self.measure("hci")

    @machine(8, seconds=900)
    def test_bluetoothd(self):
        start_bluetoothd()
        for index in range(8):
            wait_until_on(index, 30)
        self.measure("dbus")


class Unplugging(unittest.TestCase):
    @machine(2)
    def test_an_adapter_that_is_pulled_out_and_put_back_is_used_again(self):
        nodes = [KernelNode(0).start(), KernelNode(1).start()]
        wait_for_one_cluster(nodes)
        self.replug(nodes)
        self.replug(nodes)
        for node in nodes:
            self.assertEqual(node.terminate()[0], 0, lab.read(node.log))

    def replug(self, nodes):
        before = lab.read(nodes[0].log).count(" is ready: ")
        plug("remove", 0)
        lab.wait_for("the adapter to go", lambda: nodes[0].status()["radio_state"] == "gone", 10)
        lab.wait_for("node 2 to be alone", lambda: nodes[1].status()["cluster_size"] == 1, 30)
        time.sleep(3)
        self.assertIsNone(nodes[0].process.poll())
        plug("add", 0)
        began = time.monotonic()
        nodes[0].says(" is ready: ", before + 1, 30)
        report(f"ready {time.monotonic() - began:.2f} s after it was put back")
        wait_for_one_cluster(nodes)
        report(f"one cluster {time.monotonic() - began:.1f} s after it was put back; "
               f"{nodes[0].status()['counters']['replugs']} replugs counted")

    @machine(1)
    def test_an_adapter_that_was_on_is_on_again_after_it_was_replugged(self):
        switch(0, True)
        node = KernelNode(0).start()
        plug("remove", 0)
        lab.wait_for("the adapter to go", lambda: node.status()["radio_state"] == "gone", 10)
        plug("add", 0)
        node.says(" is ready: ", 2)
        self.assertEqual(node.terminate()[0], 0)
        wait_until_on(0)

    @machine(1)
    def test_stopping_while_the_adapter_is_out(self):
        node = KernelNode(0).start()
        plug("remove", 0)
        lab.wait_for("the adapter to go", lambda: node.status()["radio_state"] == "gone", 10)
        status, took = node.terminate()
        self.assertEqual(status, 0)
        self.assertLess(took, 2)


class Service(unittest.TestCase):
    """The package and its unit, under systemd."""

    def systemctl(self, *arguments):
        return subprocess.run(["systemctl", "--no-pager", *arguments], capture_output=True, text=True, timeout=60)

    def property(self, unit, name):
        return self.systemctl("show", "-P", name, unit).stdout.strip()

    def wait_for_state(self, unit, state, timeout=30):
        lab.wait_for(lambda: f"{unit} to be {state}: {self.systemctl('status', '-n', '30', unit).stdout}",
                     lambda: self.property(unit, "ActiveState") == state, timeout, 0.2)

    def install(self):
        done = subprocess.run(["dpkg", "-i", os.environ["LAB_PACKAGE"]], capture_output=True, text=True, timeout=180)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def configure(self, adapter, node, radio="hci"):
        path = f"/etc/thicket/hci{adapter}.yaml"
        with open(path, "w") as file:
            file.write(f'node: {node}\nnetwork: 11\nkey_file: /etc/thicket/network.key\ncontrol: /run/thicket/hci{adapter}.sock\n'
                       f"radio: {radio}\n")
        with open("/etc/thicket/network.key", "w") as file:
            file.write(lab.KEY + "\n")
        os.chmod("/etc/thicket/network.key", 0o600)
        shutil.chown("/etc/thicket/network.key", "thicket", "thicket")

    @machine(2, "-s", seconds=240)
    def test_the_package_runs_daemons_as_a_service(self):
        self.install()
        units = ["thicketd@hci0.service", "thicketd@hci1.service"]
        for adapter in (0, 1):
            self.configure(adapter, adapter + 1)
        began = time.monotonic()
        done = self.systemctl("start", *units)
        self.assertEqual(done.returncode, 0, done.stderr + self.systemctl("status", "-n", "30", *units).stdout)
        report(f"two units were ready after {time.monotonic() - began:.1f} s")
        controls = [lab.Lines(f"/run/thicket/hci{adapter}.sock") for adapter in (0, 1)]

        def status(control):
            control.send({"request": "status"})
            answer = control.receive()
            control.receive()
            return answer
        lab.wait_for("one cluster of two", lambda: all(status(c)["cluster_size"] == 2 for c in controls), 60)
        for unit in units:
            self.assertEqual(self.property(unit, "ActiveState"), "active")
            self.assertEqual(self.property(unit, "NRestarts"), "0")
            self.assertIn("cluster of 2", self.property(unit, "StatusText"))
            pid = self.property(unit, "MainPID")
            with open(f"/proc/{pid}/status") as file:
                fields = dict(line.split(":", 1) for line in file)
            self.assertNotEqual(fields["Uid"].split()[1], "0")
            self.assertEqual(int(fields["CapBnd"], 16), 1 << 12)
            self.assertEqual((fields["NoNewPrivs"].strip(), fields["Seccomp"].strip()), ("1", "2"))
        # A daemon that hangs is restarted; longer than WatchdogSec=30 without a sign of life.
        os.kill(int(self.property(units[0], "MainPID")), signal.SIGSTOP)
        lab.wait_for("the watchdog", lambda: self.property(units[0], "NRestarts") == "1", 60, 0.5)
        self.wait_for_state(units[0], "active")
        # One instance that ends leaves the folder of sockets to the other.
        self.assertEqual(self.systemctl("stop", units[0]).returncode, 0)
        self.assertEqual(self.property(units[0], "Result"), "success")
        self.assertTrue(os.path.exists("/run/thicket/hci1.sock"))
        self.assertEqual(status(controls[1])["node"], 2)
        removed = subprocess.run(["dpkg", "-P", "thicket"], capture_output=True, text=True, timeout=120)
        self.assertEqual(removed.returncode, 0, removed.stdout + removed.stderr)
        self.assertNotEqual(self.property(units[1], "ActiveState"), "active")
        for left in ("/usr/bin/thicketd", "/usr/lib/systemd/system/thicketd@.service", "/var/lib/thicket", "/run/thicket"):
            self.assertFalse(os.path.exists(left), left)

    @machine(2, "-s", seconds=240)
    def test_the_service_runs_beside_bluetoothd(self):
        # BlueZ's own policy, which opens it to everybody on Debian, permits nothing here: ours has to.
        for path in glob.glob("/usr/share/dbus-1/system.d/bluetooth.conf") + glob.glob("/etc/dbus-1/system.d/bluetooth.conf"):
            with open(path, "w") as file:
                file.write('<busconfig><policy user="root"><allow own="org.bluez"/></policy></busconfig>\n')
        self.assertEqual(self.systemctl("reload", "dbus.service").returncode, 0)
        self.install()
        done = self.systemctl("start", "bluetooth.service")
        self.assertEqual(done.returncode, 0, done.stderr)
        wait_until_on(0, 30)
        refused = subprocess.run([*NOBODY, "busctl", "--system", "call", "org.bluez", "/", "org.freedesktop.DBus.ObjectManager",
                                  "GetManagedObjects"], capture_output=True, text=True, timeout=60)
        self.assertIn("denied", refused.stderr)
        units = ["thicketd@hci0.service", "thicketd@hci1.service"]
        self.configure(0, 1, "dbus")
        self.configure(1, 2)
        done = self.systemctl("start", *units)
        self.assertEqual(done.returncode, 0, done.stderr + self.systemctl("status", "-n", "30", *units).stdout)
        with open(f"/proc/{self.property(units[0], 'MainPID')}/status") as file:
            fields = dict(line.split(":", 1) for line in file)
        self.assertEqual(int(fields["Uid"].split()[1]), pwd.getpwnam("thicket").pw_uid)
        control = lab.Lines("/run/thicket/hci0.sock")

        def size():
            control.send({"request": "status"})
            answer = control.receive()
            control.receive()
            self.assertEqual(answer["radio"], "dbus")
            return answer["cluster_size"]

        def wait_for_two():
            began = time.monotonic()
            lab.wait_for(lambda: self.systemctl("status", "-n", "40", *units).stdout, lambda: size() == 2, 90)
            return time.monotonic() - began
        report(f"one cluster of two after {wait_for_two():.1f} s")
        journal = subprocess.run(["journalctl", "-u", units[0], "-o", "cat", "--no-pager"], capture_output=True, text=True,
                                 timeout=60).stdout
        self.assertIn("hci0 is ready beside bluetoothd", journal)
        self.assertNotIn("which hears little", journal)
        # The daemon goes on when bluetoothd is started anew.
        done = self.systemctl("restart", "bluetooth.service")
        self.assertEqual(done.returncode, 0, done.stderr)
        lab.wait_for("the radio to be lost", lambda: size() == 1, 30)
        report(f"one cluster of two {wait_for_two():.1f} s after a restart of bluetoothd")
        self.assertEqual(self.property(units[0], "NRestarts"), "0")
        self.assertEqual(self.systemctl("stop", *units).returncode, 0)
        self.assertEqual(self.property(units[0], "Result"), "success")

    @machine(1, "-s", seconds=240)
    def test_an_enabled_service_starts_when_its_adapter_appears(self):
        plug("remove", 0)
        self.install()
        self.configure(0, 1)
        done = self.systemctl("enable", "thicketd@hci0.service")
        self.assertEqual(done.returncode, 0, done.stderr)
        # Without its adapter it says why, and tries again.
        self.systemctl("start", "thicketd@hci0.service")
        self.assertEqual(self.property("thicketd@hci0.service", "ExecMainStatus"), "69")
        self.systemctl("stop", "thicketd@hci0.service")
        self.systemctl("reset-failed")
        plug("add", 0)
        began = time.monotonic()
        self.wait_for_state("thicketd@hci0.service", "active")
        report(f"active {time.monotonic() - began:.1f} s after the adapter appeared")
        # A wrong configuration is not tried again and again.
        self.systemctl("stop", "thicketd@hci0.service")
        with open("/etc/thicket/hci0.yaml", "a") as file:
            file.write("colour: green\n")
        self.systemctl("start", "thicketd@hci0.service")
        time.sleep(7)
        self.assertEqual(self.property("thicketd@hci0.service", "ActiveState"), "failed")
        self.assertEqual(self.property("thicketd@hci0.service", "ExecMainStatus"), "65")
        self.assertEqual(self.property("thicketd@hci0.service", "NRestarts"), "0")


def run_in_machine(name):
    result = unittest.TextTestRunner(verbosity=0, stream=sys.stdout).run(
        unittest.defaultTestLoader.loadTestsFromName(name, sys.modules[__name__]))
    for _, reason in result.skipped:
        print(f"skipped: {reason}", flush=True)
    if not result.wasSuccessful() or result.testsRun != 1:
        return 1
    return SKIPPED if result.skipped else 0


if __name__ == "__main__":
    # PID 1 does not reap, and nothing after this process needs what it started.
    sys.exit(run_in_machine(sys.argv[1]) if IN_MACHINE else unittest.main(verbosity=2))
