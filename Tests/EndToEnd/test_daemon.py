"""The verbs for what only a daemon has: recordings, captures, a history; and a node that is isolated.

The daemon runs on a controller behind a socket that never answers: nothing is needed for it.
"""
import os
import shutil
import socket
import tempfile
import threading
import time

from thicket import FOLDER, Running, SnapshotTest, alone

NUMBERS = [(r"\d+ (inputs|bytes|packets)", r"# \1"), (r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME"),
           (r"^(up +)[^,]*", r"\1#")]


class DaemonTest(SnapshotTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="thicket-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        path = os.path.join(cls.folder, "controller")
        controller = socket.socket(socket.AF_UNIX)
        cls.addClassCleanup(controller.close)
        controller.bind(path)
        controller.listen()
        cls.connections = []
        threading.Thread(target=cls.accept, args=(controller,), daemon=True).start()
        cls.configuration = os.path.join(cls.folder, "node.yaml")
        cls.control = os.path.join(cls.folder, "control.sock")
        with open(cls.configuration, "w", encoding="utf-8") as file:
            file.write(f"node: 5\nname: attic\nnetwork: 11\nkey: '{'22' * 16}'\nradio: h4:unix:{path}\n"
                       f"control: {cls.control}\nstate: {cls.folder}/state\n")
        os.mkdir(f"{cls.folder}/state")
        cls.daemon = Running([os.path.join(FOLDER, "thicketd"), "--config", cls.configuration])
        cls.addClassCleanup(cls.daemon.stop)
        deadline = time.monotonic() + 20
        while not os.path.exists(cls.control):
            if time.monotonic() > deadline or cls.daemon.process.poll() is not None:
                raise AssertionError("".join(cls.daemon.notes))
            time.sleep(0.05)

    @classmethod
    def accept(cls, controller):
        while True:
            try:
                cls.connections.append(controller.accept()[0])
            except OSError:
                return

    @classmethod
    def tearDownClass(cls):
        for connection in cls.connections:
            connection.close()

    def verb(self, *words, code=0):
        """What a verb says of the daemon."""
        result = alone(*words, "--node", self.control)
        self.assertEqual(result.code, code, result.output + result.notes)
        if result.objects is None:
            self.assert_fits(result)
        return result

    def plain(self, text):
        return text.replace(self.folder, "FOLDER").replace("FOLDER/\n          ", "FOLDER/")

    def test_a_node_without_a_radio_is_isolated(self):
        status = self.verb("status", "--json", code=2).objects[0]
        self.assertEqual((status["health"], status["node"], status["name"]), ("isolated", 5, "attic"))
        self.assertEqual((status["address"], status["controller"]), (None, ""))
        people = self.verb("status", code=2).lines
        self.assertRegex(people[0], "^health    isolated: the radio is not ready: ")
        self.assertEqual(people[1], "node      5 (attic) of network 11")
        self.assertIn("links     0 in, 0 out, 0 master bits", people)
        self.assertEqual(self.verb("links").output, "no links\n")
        self.assertEqual(self.verb("links", "--json").objects, [])
        self.assertEqual(self.verb("neighbors").output, "nobody is heard who is not linked\n")
        self.assertEqual(self.verb("why", "--json").objects[0]["rule"], "radio_not_ready")
        self.assertEqual(self.verb("nodes", "attic", "--json").objects[0]["name"], "attic")
        self.assertIn("the closest is 'attic'", self.verb("nodes", "attik", code=64).notes)
        self.assertEqual(self.verb("topology").lines, ["1 node, 0 links, 0 hops across, seen from node 5", "5, attic"])
        kinds = [item["kind"] for item in self.verb("topology", "--weak", "--json").objects]
        self.assertEqual(kinds, ["node", "heard", "weakness", "summary"])

    def test_recording(self):
        self.assertEqual(self.verb("record", "--json").objects[0]["state"], "off")
        self.assert_snapshot("record-off", self.verb("record").output)
        self.assert_snapshot("record-waiting", self.verb("record", "on").output)
        self.assertIn("--restart goes with 'on'", self.verb("record", "--restart", code=64).notes)
        self.verb("record", "on", "--restart")
        deadline = time.monotonic() + 20
        while self.verb("record", "--json").objects[0]["state"] != "recording":
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        self.assert_snapshot("record-on", self.plain(self.verb("record").output), *NUMBERS)
        recording = self.verb("record", "off", "--json").objects[0]
        self.assertEqual((recording["state"], recording["path"]), ("off", f"{self.folder}/state/node-5.recording"))
        self.assertGreater(recording["inputs"], 0)
        # Without the key, which is not in the file, it cannot be replayed.
        result = alone("replay", recording["path"])
        self.assertEqual(result.code, 64)
        self.assertIn("leaves the keys out; give --config NODE.yaml", result.notes)
        replayed = alone("replay", recording["path"], "--config", self.configuration, "--explain", "--json")
        self.assertEqual(replayed.code, 0, replayed.notes)
        result = next(item for item in replayed.objects if item["kind"] == "result")
        self.assertEqual((result["identical"], result["end"], result["inputs"]), (True, "stopped", recording["inputs"]))
        self.assertIn("why", {item["kind"] for item in replayed.objects})

    def test_capture(self):
        self.assertEqual(self.verb("capture").output, "capture   no\n")
        self.assertEqual(self.verb("capture", "on", "--json").objects[0]["state"], "capturing")
        self.assert_snapshot("capture", self.plain(self.verb("capture").output), *NUMBERS)
        capture = self.verb("capture", "off", "--json").objects[0]
        self.assertEqual((capture["state"], capture["includes_keys"]), ("off", False))
        with open(capture["path"], "rb") as file:
            self.assertEqual(file.read(8), b"btsnoop\0")

    def test_history(self):
        self.assertEqual(self.verb("history", "--json").objects[0]["node"], 5)
        people, boots = self.verb("history").output.split("\n\n")
        self.assert_snapshot("history", self.plain(people) + "\n", *NUMBERS, (r"\d+ boots?", "# boot"))
        self.assertRegex(boots, r"^booted at \(UTC\) +up +ended +booted for +version\n20\d\d-")
        for part in ("losses", "formations", "boots", "clusters", "days"):
            rows = self.verb("history", "--" + part, "--json").objects
            kinds = {"losses": "history_loss", "boots": "history_boot"}
            self.assertLessEqual({row["kind"] for row in rows}, {kinds.get(part, "history_" + part[:-1]), "history_clock_jump"})
            self.verb("history", "--" + part, "--since", "1h")
        # The same without the daemon, from the file and from where the configuration says it is.
        for words in (("--file", f"{self.folder}/state/node-5.sqlite"), ("--config", self.configuration)):
            self.assertEqual(alone("history", "--json", *words).objects[0]["node"], 5)
        self.assertIn("leave --config and --node out", self.verb("history", "--file", "nothing", code=64).notes)
        self.assertEqual(alone("history", "--file", "/nowhere").code, 65)
        self.assertEqual(alone("history", "--file", self.configuration).code, 65)

    def test_doctor(self):
        checks = self.verb("doctor", "--json", code=1).objects
        self.assertEqual(checks[-1]["kind"], "doctor")
        self.assertEqual(sum(checks[-1][result] for result in ("ok", "warn", "fail")), len(checks) - 1)
        daemon = next(item for item in checks if item["check"] == "daemon")
        self.assertIn("node 5", daemon["found"])
        for item in checks[:-1]:
            self.assertEqual(item["fix"] is None, item["result"] == "ok", item)
        people = self.verb("doctor", code=1)
        self.assertRegex(people.lines[-1], r"^(no node|a node) can run here")
        self.assertIn("is no adapter", self.verb("doctor", "--adapter", "../hci0", code=64).notes)


if __name__ == "__main__":
    import unittest
    unittest.main()
