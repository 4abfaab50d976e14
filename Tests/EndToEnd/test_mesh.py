"""The verbs that use the mesh: ping, trace, bench, send, listen."""
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import zlib

from thicket import FOLDER, ROOT, SimulationTest


class MeshTest(SimulationTest):
    def path(self, source, target):
        """The path as `ping -R` tells it."""
        return self.run_thicket("ping", str(target), "-c", "1", "-R", "--json", node=source).objects[-1]["path"]

    def far(self):
        """The node that is furthest from node 1."""
        table = self.run_thicket("ping", "all", "-c", "1", "-R", "--json").objects
        return max((item for item in table if item["kind"] == "summary"), key=lambda item: item["hops"])["node"]

    def listen(self, *words, node):
        listener = self.start_thicket("listen", "--json", *words, node=node)
        self.assertEqual(listener.object(), {"schema": 1, "kind": "listening", "node": node})
        return listener

    # ping

    def test_ping(self):
        *pings, summary = self.run_thicket("ping", "7", "-c", "3", "-i", "0.05", "--json").objects
        self.assertEqual([ping["sequence"] for ping in pings], [1, 2, 3])
        self.assertEqual((summary["sent"], summary["received"], summary["lost"]), (3, 3, 0))
        self.assertEqual(summary["hops"], pings[0]["hops"])
        self.assertGreater(pings[0]["rtt_s"], 0)
        times = summary["rtt_s"]
        self.assertTrue(times["min"] <= times["median"] <= times["p95"] <= times["max"])
        people = self.run_thicket("ping", "7", "-c", "2", "-i", "0.05")
        self.assertRegex(people.lines[0], r"^node 7, \d+ hops?$")
        self.assertRegex(people.lines[1], r"^   1 +\d+\.\d ms$")
        self.assertEqual(people.lines[3], "2 sent, 2 answered, 0 % lost")

    def test_ping_path(self):
        there = self.path(1, 7)
        self.assertEqual((there[0], there[-1]), (1, 7))
        self.assertEqual(self.path(7, 1), there[::-1])
        self.assertEqual(self.path(3, 3), [3])

    def test_ping_all(self):
        result = self.run_thicket("ping", "all", "-c", "1", "-R", "--json").objects
        summaries = [item for item in result if item["kind"] == "summary"]
        self.assertEqual([item["node"] for item in summaries], list(range(2, 13)))
        for item in summaries[::4]:
            self.assertEqual(item["path"], self.path(1, item["node"]))
        people = self.run_thicket("ping", "all", "-c", "1", "-R").lines
        self.assertEqual(people[-1], "1 sent, 11 nodes answer")

    def test_ping_nobody(self):
        result = self.run_thicket("ping", "71", "-c", "1", "--wait", "0.5", code=1)
        self.assertIn("1 sent, 0 answered, 100 % lost", result.lines)
        self.assertRegex(result.notes, r"node 71 is not in the cluster of 12; did you mean 11\?")
        self.run_thicket("ping", "sink", "-c", "1", code=1)

    def test_ping_ends_with_a_summary(self):
        running = self.start_thicket("ping", "7", "--watch", "-i", "0.05", "--json")
        self.assertEqual(running.object()["kind"], "ping")
        output, code = running.interrupt()
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(output.splitlines()[-1])["kind"], "summary")

    def test_mistakes(self):
        for words, text in [
            (("ping", "attic"), "'attic' is no receiver; write a node 1...1999"),
            (("ping", "7", "-c", "0"), "'0' is no number of pings, 1...100000"),
            (("trace", "all"), "'all' is no node"),
            (("bench", "7", "--seconds", "9999"), "is no time in seconds, 0.1...600"),
            (("send", "--to", "7"), "give one of: a text, --hex, --file, --stream"),
            (("send", "text"), "say who it is for"),
            (("send", "--to", "7", "--hex", "0g"), "'0g' is no hexadecimal"),
            (("send", "--to", "all", "x" * 193), "at most 192 bytes, not 193"),
            (("send", "--to", "all", "--file", __file__), "a file goes to a single node, not to all nodes"),
        ]:
            self.assertIn(text, self.run_thicket(*words, code=64).notes.replace("\n", " "))
        self.assertIn("cannot be read", self.run_thicket("send", "--to", "7", "--file", "/nowhere", code=65).notes)
        self.assertIn("cannot save to", self.run_thicket("listen", "--save", "/nowhere", code=1).notes)

    # trace, bench

    def test_trace(self):
        far = self.far()
        *hops, path = self.run_thicket("trace", str(far), "--json").objects
        self.assertEqual(path["path"], self.path(1, far))
        self.assertEqual([hop["node"] for hop in hops], path["path"][1:])
        self.assertTrue(path["answered"])
        for hop in hops:
            self.assertGreater(hop["rtt_s"], 0)
            self.assertLess(hop["rssi_dbm"], 0)
            self.assertLess(hop["rssi_back_dbm"], 0)
            self.assertGreaterEqual(hop["queue"], 0)
        people = self.run_thicket("trace", str(far))
        self.assertEqual(len(people.lines), 2 + len(hops))

    def test_bench(self):
        result = self.run_thicket("bench", "7", "--bytes", "4000", "--json").objects
        self.assertEqual(len(result), 1)
        figures = result[0]
        self.assertEqual((figures["messages"], figures["bytes"], figures["lost"]), (20, 4000, 0))
        self.assertAlmostEqual(figures["bit_per_s"], 4000 * 8 / figures["duration_s"], delta=1)
        people = self.run_thicket("bench", "7", "--seconds", "0.5").lines
        self.assertRegex(people[1], r"^every message goes over \d+ links? of the mesh$")
        self.assertRegex(people[3], r"^\d+ bit/s, [\d.]+ messages/s$")

    # send, listen

    def test_messages(self):
        listener = self.listen(node=7)
        sent = self.run_thicket("send", "--to", "7", "grüße", "--json").objects
        self.assertEqual(sent, [
            {"schema": 1, "kind": "sent", "to": 7, "node": 7, "bytes": 7, "confirmed": True, "error": None}])
        self.assertEqual(listener.object()["state"], "began")
        message = listener.object()
        at = message.pop("at_s")
        self.assertGreater(at, 0)
        self.assertEqual(
            message, {"schema": 1, "kind": "message", "from": 1, "to": 7, "text": "grüße", "confirmed": True})
        # The same again is another message.
        self.run_thicket("send", "--to", "7", "grüße")
        listener.object()
        self.assertEqual(listener.object()["text"], "grüße")
        self.run_thicket("send", "--to", "7", "--no-confirm", "--hex", "00ff")
        message = listener.object()
        self.assertEqual((message["hex"], message["confirmed"]), ("00ff", False))
        people = self.run_thicket("send", "--to", "all", "to everybody").lines
        self.assertEqual(people, ["12 bytes sent to all nodes, not confirmed"])
        message = listener.object()
        self.assertEqual((message["to"], message["text"]), (0, "to everybody"))
        long = "long " * 1000
        self.assertEqual(self.run_thicket("send", "--to", "7", long).lines, ["node 7 confirms 5000 bytes"])
        listener.object()
        self.assertEqual(listener.object()["text"], long)
        self.assertEqual(listener.interrupt()[1], 0)

    def test_nobody_listens(self):
        result = self.run_thicket("send", "--to", "5", "hello")
        self.assertEqual(result.lines, ["5 bytes sent to node 5, not confirmed: no listener answers there"])
        result = self.run_thicket("send", "--to", "5", "--confirm", "hello", code=1)
        self.assertIn("not delivered to node 5: no listener answers there", result.notes)

    def test_listening_for_people(self):
        listener = self.start_thicket("listen", "-c", "1", "--from", "2", node=4)
        while not listener.notes:
            pass
        self.run_thicket("send", "--to", "4", "--no-confirm", "from 1", node=1)
        self.run_thicket("send", "--to", "4", "two\nlines", node=2)
        output, code = listener.rest()
        self.assertEqual((output, code), ("2 -> 4  two\\nlines\n", 0))

    def test_files(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        content = os.urandom(20_000)
        path = os.path.join(folder.name, "a picture.bin")
        with open(path, "wb") as file:
            file.write(content)
        saved = os.path.join(folder.name, "saved")
        os.mkdir(saved)
        listener = self.listen("--save", saved, node=9)
        for name in ["a picture.bin", "a picture-1.bin"]:
            result = self.run_thicket("send", "--to", "9", "--file", path, "--json").objects[0]
            self.assertTrue(result["confirmed"])
            self.assertEqual(result["crc32"], f"{zlib.crc32(content):08x}")
            began, stored = listener.object(), listener.object()
            self.assertEqual((began["state"], stored["kind"]), ("began", "file"))
            self.assertEqual(stored["path"], os.path.join(saved, name))
            with open(stored["path"], "rb") as file:
                self.assertEqual(file.read(), content)
        empty = os.path.join(folder.name, "empty")
        open(empty, "w").close()
        self.run_thicket("send", "--to", "9", "--file", empty)
        listener.object()
        self.assertEqual(listener.object()["bytes"], 0)
        # Who does not save refuses.
        self.listen(node=10)
        result = self.run_thicket("send", "--to", "10", "--file", path, code=1)
        self.assertIn("it takes no files; run 'thicket listen --save FOLDER' there", result.notes)

    def test_an_interrupted_file_goes_on(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "long.bin")
        content = os.urandom(150_000)
        with open(path, "wb") as file:
            file.write(content)
        saved = os.path.join(folder.name, "saved")
        os.mkdir(saved)
        listener = self.listen("--save", saved, node=9)
        sender = self.start_thicket("send", "--to", "9", "--file", path, node=1)
        self.assertEqual(listener.object()["details"], "798 chunks")
        # Some of it has to be on its way.
        self.run_thicket("ping", "9", "-c", "10", "-i", "0.2")
        self.assertEqual(sender.interrupt()[1], 1)
        self.run_thicket("send", "--to", "9", "--file", path, node=1)
        self.assertRegex(listener.object()["details"], r"^798 chunks, \d+ of them known$")
        stored = listener.object()
        with open(stored["path"], "rb") as file:
            self.assertEqual(file.read(), content)

    def test_stream(self):
        listener = self.listen(node=7)
        lines = [
            '{"to":7,"text":"one","id":10}', '', 'nonsense', '{"to":"all","hex":"0102"}', '{"to":7}',
            '{"to":99999,"text":"x"}', '{"to":7,"text":"three","confirm":false}',
        ]
        result = self.run_thicket("send", "--stream", stdin="\n".join(lines) + "\n", code=65).objects
        self.assertEqual([item["kind"] for item in result], ["sent", "error", "sent", "error", "error", "sent"])
        self.assertEqual([item["line"] for item in result], [1, 3, 4, 5, 6, 7])
        self.assertEqual(result[0]["id"], 10)
        self.assertEqual([item["confirmed"] for item in result if item["kind"] == "sent"], [True, False, False])
        listener.object()
        heard = [listener.object() for _ in range(3)]
        self.assertEqual([item.get("text") or item["hex"] for item in heard], ["one", "0102", "three"])

    def test_the_example_in_the_readme(self):
        with open(os.path.join(ROOT, "README.md")) as file:
            example = next(text for text in re.findall(r"```python\n(.*?)```", file.read(), re.S) if "listen" in text)
        self.assertLessEqual(len(example.splitlines()), 30)
        script = tempfile.NamedTemporaryFile("w", suffix=".py")
        self.addCleanup(script.close)
        script.write(textwrap.dedent(example))
        script.flush()
        environment = {**os.environ, "PATH": FOLDER + os.pathsep + os.environ["PATH"]}
        service = subprocess.Popen(
            [sys.executable, "-u", script.name, f"{self.folder}/8.sock"], stdout=subprocess.PIPE, text=True,
            env=environment)
        self.addCleanup(service.stdout.close)
        self.addCleanup(service.wait)
        self.addCleanup(service.terminate)
        self.assertEqual(service.stdout.readline(), "listening at node 8\n")
        listener = self.listen(node=3)
        self.run_thicket("send", "--to", "8", "load?", node=3)
        self.assertEqual(listener.object()["kind"], "transfer")
        answer = listener.object()
        self.assertEqual(answer["from"], 8)
        self.assertRegex(answer["text"], r"^load \d")
        self.assertEqual(service.stdout.readline(), "told node 3, confirmed\n")


if __name__ == "__main__":
    import unittest
    unittest.main()
