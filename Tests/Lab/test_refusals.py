"""What the daemon and the command line do with bad input: one clear line that names the way out, the right exit status, and
nothing lost.
"""
import json
import os
import signal
import socket
import subprocess
import tempfile
import unittest

import lab

KEY = f'key: "{lab.KEY}"\n'


class RefusalTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="thicket-lab-")
        self.file = os.path.join(self.folder, "node.yaml")

    def run_daemon(self, yaml, *options, settings=True):
        """Exit status and the lines on standard error, without the log."""
        if settings:
            yaml += f"state: {self.folder}\ncontrol: {self.folder}/control\n"
        with open(self.file, "w") as file:
            file.write(yaml)
        program = os.path.join(os.environ["THICKET_BIN"], "thicketd")
        done = subprocess.run([program, "--config", self.file, *options], capture_output=True, text=True, timeout=20,
                              check=False)
        return done.returncode, [line for line in done.stderr.splitlines() if line.startswith("error: ")], done

    def assert_refused(self, status, *words, yaml="node: 1\n" + KEY, options=(), settings=True):
        code, errors, done = self.run_daemon(yaml, *options, settings=settings)
        self.assertEqual(code, status, done)
        self.assertEqual(len(errors), 1, done.stderr)
        for word in words:
            self.assertIn(word, errors[0])
        return errors[0]


class Refusals(RefusalTest):
    def test_key_of_the_wrong_length(self):
        self.assert_refused(65, "node.yaml:2: key 'key'", "32 hexadecimal digits", yaml='node: 1\nkey: "0011"\n')

    def test_unknown_key(self):
        self.assert_refused(65, "node.yaml:3: key 'adaptor': unknown key", "adapter", yaml="node: 1\n" + KEY + "adaptor: hci1\n")

    def test_key_file_that_others_may_read(self):
        path = os.path.join(self.folder, "secret")
        with open(path, "w") as file:
            file.write(lab.KEY + "\n")
        os.chmod(path, 0o644)
        self.assert_refused(65, "secret: others than its owner may read it", "chmod 600",
                            yaml="node: 1\nkey_file: secret\n")
        os.chmod(path, 0o600)
        code, errors, done = self.run_daemon("node: 1\nkey_file: secret\n", "--check")
        self.assertEqual((code, errors), (0, []), done)
        self.assertIn("is good: node 1 of network 11", done.stdout)

    def test_no_such_configuration(self):
        program = os.path.join(os.environ["THICKET_BIN"], "thicketd")
        done = subprocess.run([program, "--config", "/nowhere.yaml"], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual((done.returncode, done.stderr), (65, "error: /nowhere.yaml: no such file\n"))

    def test_no_such_radio(self):
        self.assert_refused(65, "no such radio: 'zigbee'", "h4:unix:PATH", options=["--radio", "zigbee"])
        self.assert_refused(65, "no such adapter: 'eth0'", "hci0", options=["--adapter", "eth0"])

    def test_nobody_at_the_transport(self):
        self.assert_refused(69, "cannot open h4:unix:/nowhere: No such file or directory", "start the controller there",
                            options=["--radio", "h4:unix:/nowhere"])

    @unittest.skipIf(os.path.exists("/sys/class/bluetooth"), "this kernel has Bluetooth")
    def test_kernel_without_bluetooth(self):
        self.assert_refused(69, "cannot use hci0: this kernel has no Bluetooth", "modprobe bluetooth")

    def test_no_bluetoothd(self):
        environment = dict(os.environ)
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nowhere"
        self.addCleanup(lambda: os.environ.update(environment) or os.environ.pop("DBUS_SYSTEM_BUS_ADDRESS", None))
        self.assert_refused(69, "cannot reach the system bus", "--radio hci", options=["--radio", "dbus"])

    def test_folder_of_the_control_socket_is_missing(self):
        self.assert_refused(69, "cannot listen on /nowhere/control", "set 'control' to another path", settings=False,
                            yaml=f"node: 1\n{KEY}state: {self.folder}\ncontrol: /nowhere/control\n")

    def test_state_of_a_newer_version(self):
        path = os.path.join(self.folder, "node-1.json")
        text = '{"format_version":1000,"more":true}\n'
        with open(path, "w") as file:
            file.write(text)
        self.assert_refused(65, "node-1.json", "written by a newer thicketd", options=["--check"])
        self.assertEqual(lab.read(path), text)

    def test_torn_state(self):
        path = os.path.join(self.folder, "node-1.json")
        with open(path, "w") as file:
            file.write('{"format_version":1,"enrolled_no')
        self.assert_refused(65, "node-1.json", "move this one away", options=["--check"])
        self.assertEqual(lab.read(path), '{"format_version":1,"enrolled_no')

    def test_nobody_to_ask(self):
        program = os.path.join(os.environ["THICKET_BIN"], "thicket")
        done = subprocess.run([program, "status", "--node", "/nowhere"], capture_output=True, text=True, timeout=20, check=False)
        # A name without a slash is one of /run/thicket.
        self.assertEqual(done.returncode, 3)
        self.assertIn("cannot reach the daemon at /nowhere: it is not running; start it with", done.stderr)


class LiveRefusals(RefusalTest):
    """With a daemon that runs."""

    def setUp(self):
        super().setUp()
        self.air = lab.BumbleAir(self.folder, 2)
        self.addCleanup(self.air.stop)
        self.node = lab.Node(self.folder, self.air, 0)
        self.addCleanup(self.node.kill)
        self.node.start()

    def test_control_socket_in_use(self):
        self.assert_refused(69, f"cannot listen on {self.node.control}", "another daemon serves it", settings=False,
                            yaml=f"node: 2\n{KEY}radio: {self.air.radio(1)}\nstate: {self.folder}\ncontrol: {self.node.control}\n")
        # The one that was there first goes on.
        self.assertEqual(self.node.status()["node"], 1)

    def test_stale_control_socket_is_replaced(self):
        self.node.kill()
        self.assertTrue(os.path.exists(self.node.control))
        self.node.start()
        self.assertEqual(self.node.status()["node"], 1)

    def test_malformed_requests_are_answered(self):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.node.control)
            client.settimeout(5)
            lines = client.makefile("rb")
            for request in (b"{", b"[]", b'{"request":"dance"}', b'{"request":"send","bytes":"00"}', b"\xff\xfe", b'{"id":-1}'):
                client.sendall(request + b"\n")
                self.assertEqual(json.loads(lines.readline())["kind"], "error", request)
            client.sendall(b'{"id":7,"request":"status"}\n')
            self.assertEqual(json.loads(lines.readline())["kind"], "status")
            self.assertEqual(json.loads(lines.readline()), {"schema": 1, "kind": "done", "id": 7})

    def test_too_long_a_request_ends_the_client_alone(self):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.node.control)
            client.settimeout(5)
            try:
                client.sendall(b"x" * 100_000)
            except BrokenPipeError:
                pass
        self.assertEqual(self.node.status()["node"], 1)

    def test_kill_loses_nothing_that_was_answered(self):
        """The number of enrolled nodes is kept before it is passed on: a kill right after the answer does not lose it."""
        path = os.path.join(self.node.folder, "node-1.json")
        for number in range(2, 12):
            monitor = self.node.monitor()
            # SET_ENROLLED_NODES to itself (protocol 10.2).
            self.node.send(0x33, 1, bytes([0, number, 7]) + number.to_bytes(2, "little"))
            answer = bytes([lab.PONG, 1, 0, 1, 0, 0, number, 6]) + number.to_bytes(2, "little")
            monitor.wait("delivered", 5, bytes=answer.hex())
            os.kill(self.node.process.pid, signal.SIGKILL)
            self.node.kill()
            self.assertEqual(json.loads(lab.read(path))["enrolled_nodes"], number)
            self.node.start()
            self.assertEqual(self.node.status()["expected_size"], number)
