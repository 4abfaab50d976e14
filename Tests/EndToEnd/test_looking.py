"""The verbs that look: at a node, at the mesh, at what happens."""
import fcntl
import json
import os
import pty
import re
import select
import socket
import struct
import termios
import time
import xml.etree.ElementTree

import schema
from thicket import COLUMNS, SimulationTest, alone

SECONDS = (r" *\b\d+(?:\.\d+)? s\b", " # s")


class LookingTest(SimulationTest):
    # Long after it is formed: until then links come and go.
    skip = "40"

    def table(self, *words, node=1):
        """What a verb says of some thing: objects by kind."""
        found = {}
        for item in self.run_thicket(*words, "--json", node=node).objects:
            found.setdefault(item["kind"], []).append(item)
        return found

    # status, links, neighbors

    def test_status(self):
        status = self.run_thicket("status", "--json").objects[0]
        self.assertEqual((status["health"], status["node"], status["cluster_size"]), ("good", 1, 12))
        self.assertEqual(status["expected_size"], None)
        people = self.run_thicket("status")
        self.assert_snapshot("status", people.output, SECONDS)

    def test_links(self):
        links = self.run_thicket("links", "--json").objects
        status = self.run_thicket("status", "--json").objects[0]
        self.assertEqual(len(links), status["links_in"] + status["links_out"])
        self.assertEqual(sum(link["nodes_behind"] for link in links), 11)
        for link in links:
            back = self.run_thicket("links", "--json", node=link["partner"]).objects
            other = next(item for item in back if item["partner"] == 1)
            self.assertNotEqual((other["role"], other["master_bit"]), (link["role"], link["master_bit"]))
        self.assert_snapshot("links", self.run_thicket("links").output, (r" [\d.]+$", " #"))

    def test_neighbors(self):
        heard = self.run_thicket("neighbors", "--json").objects
        linked = {link["partner"] for link in self.run_thicket("links", "--json").objects}
        self.assertFalse(linked & {item["node"] for item in heard})
        self.assertEqual({item["rule"] for item in heard}, {"same_cluster"})
        self.assert_snapshot("neighbors", self.run_thicket("neighbors").output)

    # nodes, topology

    def test_nodes(self):
        found = self.table("nodes")
        self.assertEqual([node["node"] for node in found["node"]], list(range(1, 13)))
        self.assertEqual(found["summary"][0]["complete"], True)
        self.assertEqual([node["node"] for node in self.table("nodes", "7", "3")["node"]], [3, 7])
        heard = (r"^((?:\S+ +){6})\d+ +(\S+ +\S+)$", r"\1# \2")
        self.assert_snapshot("nodes", self.run_thicket("nodes").output, heard)

    def test_nodes_that_are_not_there(self):
        for words in (("nodes", "112"), ("topology", "--root", "112")):
            notes = self.run_thicket(*words, code=64).notes
            self.assertIn("there is no node '112' in the mesh; the closest is '11'", notes)

    def test_topology(self):
        found = self.table("topology")
        self.assertEqual((len(found["node"]), len(found["edge"])), (12, 11))
        # What one end says of a link, the other says too.
        again = self.table("topology", "--format", "json", node=9)
        self.assertEqual(again["edge"], found["edge"])
        self.assert_snapshot("topology", self.run_thicket("topology").output)
        self.assertEqual(self.run_thicket("topology", "--root", "7").lines[1], "7")
        self.assertIn("contradict", self.run_thicket("topology", "--json", "--format", "dot", code=64).notes)

    def test_weak_points(self):
        found = self.table("topology", "--weak")
        self.assertEqual(len(found["weak_link"]), 11)
        self.assertEqual(found["weakness"][0]["listeners"], 12)
        self.assertEqual({item["node"] for item in found["heard"]}, set(range(1, 13)))
        # What is heard is told once and forgotten: the tree alone is the same each time.
        self.assertIn("of 11 links", self.run_thicket("topology", "--weak").output.replace("\n  ", " "))

    def test_pictures(self):
        edges = {(edge["first"], edge["second"]) for edge in self.table("topology")["edge"]}
        pictures = {name: self.run_thicket("topology", "--format", name, wide=True).output
                    for name in ("dot", "graphml", "netjson", "mermaid")}
        for name, picture in pictures.items():
            self.assert_snapshot("topology-" + name, picture)
        dot = {(int(first), int(second)) for first, second in re.findall(r'^ *"?(\d+)"? -- "?(\d+)"?', pictures["dot"], re.M)}
        self.assertEqual(dot, edges)
        tags = [element.tag.split("}")[1] for element in xml.etree.ElementTree.fromstring(pictures["graphml"]).iter()]
        self.assertEqual((tags.count("node"), tags.count("edge")), (12, 11))
        graph = json.loads(pictures["netjson"])
        self.assertEqual((graph["type"], len(graph["nodes"]), len(graph["links"])), ("NetworkGraph", 12, 11))
        self.assertTrue(pictures["mermaid"].startswith(("graph", "flowchart")))

    # why

    def test_why(self):
        link = self.run_thicket("links", "--json").objects[0]
        subjects = {
            "summary": [], "node": ["node", str(link["partner"])], "link": ["link", str(link["link"])],
            "cluster": ["cluster"],
        }
        for topic, words in subjects.items():
            objects = self.run_thicket("why", *words, "--json").objects
            self.assertEqual({item["topic"] for item in objects}, {topic})
            # What is so now comes first, then what was, the oldest first.
            times = [item["at_s"] for item in objects if item["age_s"] > 0]
            self.assertEqual(times, sorted(times))
            self.assertEqual(objects[0]["age_s"], 0)
        for words in (["node", str(link["partner"])], [str(link["partner"])], ["link", str(link["link"])]):
            line = self.run_thicket("why", *words).lines[0]
            self.assertRegex(line, r"^now           Link \d+ to node \d+ is part of the mesh: \d+ nodes? behind it")
        cluster = self.run_thicket("why", "cluster").output
        self.assert_snapshot("why-cluster", "\n".join(cluster.splitlines()[:2]) + "\n")

    def test_why_nobody(self):
        for words, text in ((("99",), "Nothing is known of node 99; the closest that is known is 9."),
                            (("link", "99"), "Nothing is known of link 99")):
            result = self.run_thicket("why", *words, code=1)
            self.assertIn(text, result.output)
            self.assertEqual(self.run_thicket("why", *words, "--json", code=1).objects[0]["rule"], "unknown")
        for words, text in ((("kitchen",), "'kitchen' is no node"), (("link", "0"), "'0' is no link"),
                            (("node", "7", "8"), "ask for NODE, node NODE, link LINK or cluster")):
            self.assertIn(text, self.run_thicket("why", *words, code=64).notes)

    # monitor, top

    def heard(self, *words, enough):
        """Events until there are enough."""
        running = self.start_thicket("monitor", "--json", *words)
        self.assertEqual(running.object()["kind"], "monitoring")
        events = [running.object() for _ in range(enough)]
        running.interrupt()
        return events

    def test_monitor(self):
        self.assertEqual({event["kind"] for event in self.heard("--since", "10m", enough=100)}, {"event"})
        decisions = self.heard("--since", "10m", "--events", "decision,newCluster", enough=5)
        self.assertLessEqual({event["trace"] for event in decisions}, {"decision", "newCluster"})
        about = self.heard("--since", "10m", "--about", "7", enough=5)
        names = ("node", "partner", "by", "sender", "parent", "child", "for", "at", "from", "to", "of", "lost", "virtual")
        self.assertTrue(all(7 in [event.get(name) for name in names] or "bytes" in event or "link" in event for event in about), about)
        # Without --since only what happens from now on.
        begin = self.run_thicket("status", "--json").objects[0]["uptime_s"]
        self.assertGreaterEqual(self.heard("--events", "decision", enough=1)[0]["at_s"], begin)
        running = self.start_thicket("monitor", "--events", "delivered", node=7)
        # It is under way as soon as it is asked; nobody says when.
        deadline = time.monotonic() + 20
        while not select.select([running.process.stdout], [], [], 0.3)[0]:
            self.assertLess(time.monotonic(), deadline)
            self.run_thicket("send", "--to", "7", "--no-confirm", "hello")
        self.assertRegex(running.line(), r"^ +[\d.]+ s  delivered bytes=[0-9a-f]+$")
        for words in (("--since", "soon"), ("--about", "seven")):
            self.run_thicket("monitor", *words, code=64)

    def test_top_in_a_pipe(self):
        people = self.run_thicket("top", "-n", "2", "--interval", "0.2", wide=True)
        events = (r"^ +[\d.]+ s  .*\n", "")
        # What is sent and queued just then is another with every run.
        table = (r"^((?:\S+ +){6})(?:[\d.]+|-) +\d+ +(\d+ *)$", r"\1# # \2")
        self.assert_snapshot("top", people.output, events, table, (r"up [\d.]+ s", "up # s"))
        first, second = self.run_thicket("top", "-n", "2", "--interval", "0.2", "--json").objects
        self.assertEqual([link["sent_per_s"] for link in first["links"]], [None] * len(first["links"]))
        self.assertNotIn(None, [link["sent_per_s"] for link in second["links"]])
        self.assertIn("0.1...60", self.run_thicket("top", "--interval", "0", code=64).notes)

    def test_top_on_a_terminal(self):
        """The screen as it is drawn first, on a terminal of 80 columns and 12 rows."""
        rows = 12
        command = self.command(["top", "-n", "2", "--interval", "0.2"], 1)
        child, terminal = pty.fork()
        if child == 0:
            # Without its size a terminal has none.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, COLUMNS, 0, 0))
            os.execve(command[0], command, {**os.environ, "TERM": "xterm", "LANG": "C.UTF-8"})
        written = b""
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            written += piece
            if not piece:
                break
        os.close(terminal)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        text = written.decode()
        self.assertIn("\x1b[1m", text)
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")
        lines = plain.split("\n")
        self.assertLessEqual(max(map(len, lines)), COLUMNS)
        self.assertRegex(lines[0], r"^node 1  good  in a cluster of 12$")
        self.assertEqual(len(re.findall("^node 1  good", plain, re.M)), 2)
        # The second screen is drawn over the first.
        self.assertRegex(text, r"\x1b\[\d*A|\x1b\[H|\x1b\[\d+;\d+H")

    # ping, trace, bench: what people see

    def test_round_trips_for_people(self):
        digits = (r" *\b\d+(?:\.\d+)?(?= ms\b)", " #")
        self.assert_snapshot("ping", self.run_thicket("ping", "7", "-c", "2", "-i", "0.05", "-R").output, digits,
                             (r"(min|median|p95|max) \S+", r"\1 #"))
        path = self.run_thicket("trace", "7").output
        self.assert_snapshot("trace", path, (r"(-\d+  *-\d+) .*", r"\1 #"))
        bench = self.run_thicket("bench", "7", "--bytes", "2000").output
        self.assert_snapshot("bench", bench, (r"(min|median|p95|max) \S+", r"\1 #"), (r"\d+ bit/s, [\d.]+", "# bit/s, #"))

    # The socket itself

    def test_requests(self):
        """Each request that the schema has is answered as it says, and there are no others."""
        requests = {
            "status": {}, "links": {}, "neighbors": {}, "why": {"cluster": True}, "log": {"level": "debug"},
            "survey": {"hearing": True, "devices": True, "max_age_s": 60, "wait_s": 60}, "record": {"order": "status"},
            "capture": {"order": "status"}, "set_time": {"seconds": 1_800_000_000, "offset_min": 60},
            "discovery": {"running": True}, "disconnect": {"link": 4_000_000_000}, "reset": {"after_s": 86_400},
            # Pings of all, the second as if it came from node 2.
            "send": {"bytes": "3301000000000100"}, "send_raw": {"bytes": "3302000000000100"},
            "monitor": {"events": ["linkDown"], "node": 7, "since_s": 1},
        }
        defined = {name.split(" ", 1)[1] for name in schema.DEFINITIONS if name.startswith("request ")}
        self.assertEqual(set(requests), defined)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(90)
            client.connect(f"{self.folder}/12.sock")
            stream = client.makefile("rw", encoding="utf-8")

            def ask(request):
                stream.write(json.dumps(request) + "\n")
                stream.flush()
                while True:
                    yield json.loads(stream.readline())

            for number, (name, keys) in enumerate(requests.items()):
                request = {"request": name, "id": number, **keys}
                self.assertTrue(schema.is_request(request, name), request)
                for answer in ask(request):
                    self.assertIsNone(schema.problem(answer, "answer " + name))
                    self.assertEqual(answer["id"], number)
                    if answer["kind"] in ("done", "error", "monitoring"):
                        break
            for request, text in (({"request": "nonsense"}, "request"), ({"request": "status", "nonsense": 1}, "nonsense")):
                answer = next(ask(request))
                self.assertIsNone(schema.problem(answer, "answer status"))
                allowed = set(answer["text"].split("allowed: ")[1].split(", "))
                keys = {key for name in defined for key in schema.DEFINITIONS["request " + name]["properties"]}
                self.assertEqual(allowed, defined if text == "request" else keys)


class HealthTest(SimulationTest):
    """A mesh that is not as it should be, or changes as a whole."""

    def until(self, node, holds):
        """The status of a node once something holds of it."""
        deadline = time.monotonic() + 60
        while True:
            status = alone("status", "--json", "--node", f"{self.folder}/{node}.sock").objects[0]
            if holds(status):
                return status
            self.assertLess(time.monotonic(), deadline, status)
            time.sleep(0.2)

    def test_a_node_that_is_missing_is_told_by_the_exit_code(self):
        self.run_thicket("config", "set", "1", "enrolled_nodes", "13")
        result = self.run_thicket("status", code=1)
        self.assertEqual(result.lines[0], "health    degraded: 12 of 13 nodes are in the cluster")
        status = self.run_thicket("status", "--json", code=1).objects[0]
        self.assertEqual((status["health"], status["expected_size"]), ("degraded", 13))
        result = self.run_thicket("why")
        self.assertIn("12 of 13 enrolled nodes are in the cluster", " ".join(result.output.split()))
        self.run_thicket("config", "set", "1", "enrolled_nodes", "12")
        self.assertEqual(self.until(1, lambda status: status["expected_size"] == 12)["reason"], "all 12 nodes are in the cluster")
        self.until(9, lambda status: status["expected_size"] == 12)

    def test_clustering_is_changed_and_withdrawn(self):
        self.assertEqual(self.run_thicket("config", "clustering", "--check", "--json", node=2).objects[-1]["passed"], True)
        notes = self.run_thicket("config", "clustering", "graft", "--in", "3600", node=2, code=1).notes
        self.assertIn("'thicket time set' tells it", notes)
        self.run_thicket("time", "set", node=2)
        for node in range(1, 13):
            self.until(node, lambda status: status["network_time"] is not None)
        change = self.run_thicket("config", "clustering", "graft", "--in", "36000", "--json", node=2).objects[-1]
        self.assertEqual((change["kind"], change["clustering"], change["passed"]), ("change", "graft", True))
        status = self.run_thicket("status", "--json", node=9).objects[0]
        self.assertEqual((status["planned_clustering"], status["planned_at"]), ("graft", change["at"]))
        self.assertIn("planned   clustering graft from", self.run_thicket("status", node=9).output)
        withdrawn = self.run_thicket("config", "clustering", "--cancel", "--json", node=2).objects[-1]
        self.assertEqual((withdrawn["kind"], withdrawn["accepted"]), ("withdrawn", 12))


class GraftTest(SimulationTest):
    """What is different where clusters graft."""

    skip = "40"
    options = ("--clustering", "graft")

    def test_ranks_and_relations(self):
        status = self.run_thicket("status", "--json").objects[0]
        self.assertEqual(status["clustering"], "graft")
        self.assertIsInstance(status["rank"], int)
        roots = [node for node in range(1, 13) if self.run_thicket("status", "--json", node=node).objects[0]["root"]]
        self.assertEqual(len(roots), 1)
        relations = {link["relation"] for link in self.run_thicket("links", "--json", node=roots[0]).objects}
        self.assertEqual(relations, {"child"})
        self.assert_snapshot("links-graft", self.run_thicket("links", node=roots[0]).output, (r" [\d.]+$", " #"))
        self.assertEqual(self.run_thicket("why", "cluster", "--json").objects[0]["rule"], "cluster")

    def test_z_a_node_of_the_other_mode_is_told_by_its_neighbours(self):
        """The last, for the mesh is not whole any more."""
        change = self.run_thicket("config", "clustering", "classic", "--local", "--json", node=12).objects[-1]
        self.assertEqual((change["kind"], change["at"], change["expected"], change["passed"]), ("change", None, 1, True))
        deadline = time.monotonic() + 60
        while True:
            told = [alone("status", "--json", "--node", f"{self.folder}/{node}.sock").objects[0] for node in range(1, 12)]
            if any(12 in status["other_mode_nodes"] for status in told):
                break
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.2)
        near = next(status["node"] for status in told if status["other_mode_nodes"] == [12])
        people = alone("status", "--node", f"{self.folder}/{near}.sock")
        self.assert_fits(people)
        self.assertIn("warning   classic node 12 in a graft network", people.lines)
        self.assertEqual(alone("why", "12", "--json", "--node", f"{self.folder}/{near}.sock").objects[0]["rule"], "other_mode")


if __name__ == "__main__":
    import unittest
    unittest.main()
