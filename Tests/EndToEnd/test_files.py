"""The verbs that need no node: recordings, keys, configurations, simulations; and what they say of bad files."""
import json
import os
import shutil
import struct
import subprocess
import tempfile

import schema
from thicket import HERE, ROOT, SnapshotTest, alone, command_line

SCENARIO = os.path.join(HERE, "scenario.yaml")
# A mistake of which a swarm finds out with this seed.
PLANTED, PLANTED_SEED = "keepsScanOfLostRadio", 2


class FilesTest(SnapshotTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="thicket-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.recording = os.path.join(cls.folder, "node-7.recording")
        cls.trace = os.path.join(cls.folder, "trace.jsonl")
        cls.run_of_all = alone("sim", "run", SCENARIO, "--json", "--record", f"7={cls.recording}", "--trace", cls.trace)

    def verb(self, *words, code=0, **options):
        """What a verb says."""
        result = alone(*words, **options)
        self.assertEqual(result.code, code, result.output + result.notes)
        if result.objects is None:
            self.assert_fits(result)
        return result

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    # sim

    def test_a_run(self):
        self.assertEqual(self.run_of_all.code, 0)
        result = self.run_of_all.objects[-1]
        self.assertEqual((result["kind"], result["passed"]), ("result", True))
        self.assertEqual(self.verb("sim", "run", SCENARIO, "--json").objects[-1]["digest"], result["digest"])
        other = self.verb("sim", "run", SCENARIO, "--json", "--seed", "4").objects[-1]
        self.assertNotEqual(other["digest"], result["digest"])
        self.assert_snapshot("sim-run", self.verb("sim", "run", SCENARIO).output, (r"^(simulated .* in) .*", r"\1 #"))

    def test_trace_files(self):
        """What is in a trace file is an event of the node that thought it."""
        graft = os.path.join(self.folder, "graft.jsonl")
        steel_door = os.path.join(ROOT, "Simulator/Scenarios/blocked-link.yaml")
        self.verb("sim", "run", steel_door, "--clustering", "graft", "--json", "--trace", graft)
        counts = {}
        for path in (self.trace, graft):
            with open(path, encoding="utf-8") as file:
                for line in map(json.loads, file):
                    key = (path, line["event"])
                    counts[key] = counts.get(key, 0) + 1
                    if counts[key] <= 10:
                        self.assertIsNone(schema.problem(line, "trace"))
                        event = {"schema": 1, "kind": "event", "at_s": line["at_s"], "trace": line["event"], **line["fields"]}
                        self.assertIsNone(schema.problem(event, "thicket monitor"))
        self.assertGreater(len(counts), 20)

    def test_traces_of_some_events(self):
        """Every event can be asked for by name; another name is refused, with the one that may be meant."""
        with open(self.trace, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        path = os.path.join(self.folder, "some.jsonl")
        self.verb("sim", "run", SCENARIO, "--json", "--trace", path, "--trace-nodes", "7,9", "--trace-kinds", "linkUp,linkDown")
        with open(path, encoding="utf-8") as file:
            some = [json.loads(line) for line in file]
        self.assertEqual(some, [line for line in lines if line["node"] in (7, 9) and line["event"] in ("linkUp", "linkDown")])
        self.assertGreater(len(some), 2)
        names = sorted(item["properties"]["trace"]["const"] for item in schema.DEFINITIONS["event"]["oneOf"])
        names.remove("delivered")
        self.verb("sim", "run", SCENARIO, "--json", "--trace", path, "--trace-kinds", ",".join(names))
        with open(path, encoding="utf-8") as file:
            self.assertEqual([json.loads(line) for line in file], lines)
        refused = self.verb("sim", "run", SCENARIO, "--trace", path, "--trace-kinds", "linkup", code=64)
        self.assertIn("'linkup' is no event; did you mean 'linkUp'?", refused.notes)

    def test_the_air_for_wireshark(self):
        """What tshark counts in a capture is what happened."""
        path = os.path.join(self.folder, "air.pcapng")
        for radio in ("reference", "ble"):
            trace = os.path.join(self.folder, "air.jsonl")
            words = ["sim", "run", SCENARIO, "--radio", radio, "--json"]
            captured = self.verb(*words, "--capture", path, "--trace", trace)
            self.assertEqual(captured.objects[-1]["digest"], self.verb(*words).objects[-1]["digest"])

            def count(display_filter):
                lua = os.path.join(ROOT, "Simulator/Wireshark/thicket.lua")
                result = subprocess.run(["tshark", "-n", "-X", f"lua_script:{lua}", "-r", path, "-Y", display_filter],
                                        capture_output=True, text=True, timeout=120, check=True)
                return len(result.stdout.splitlines())

            with open(trace, encoding="utf-8") as file:
                links = sum(json.loads(line)["event"] == "linkUp" and '"central"' in line for line in file)
            frames, malformed = count("frame"), count("_ws.malformed || _ws.expert.severity == error")
            joins, connects = count("thicket.join_me"), count("btle.advertising_header.pdu_type == 0x05")
            data = count("btle.access_address != 0x8e89bed6")
            print(f"capture of {radio}: {frames} frames, {joins} JOIN_ME, {connects} connection requests, "
                  f"{data} on links, {malformed} malformed")
            self.assertEqual((malformed, count("btle"), joins + connects + data <= frames), (0, frames, True))
            self.assertEqual(connects, links)
            self.assertGreater(min(joins, data), 100)
            self.assertEqual(count("thicket.type == 20"), count("thicket.type == 20 && btle.access_address != 0x8e89bed6"))

    def test_scenarios_are_checked_without_running(self):
        bad = self.write("bad.yaml", b"question: Which?\nduration: 20s\nnodes: { count: 3, placement: random }\ntimeline:\n"
                         b"  - { at: 5s, power_of: { random: 1 } }\n")
        good, missing = self.verb("sim", "check", SCENARIO, "--json").objects, os.path.join(self.folder, "missing.yaml")
        self.assertEqual(good, [{"schema": 1, "kind": "scenario_check", "file": SCENARIO, "good": True}])
        objects = self.verb("sim", "check", bad, missing, SCENARIO, "--json", code=65).objects
        self.assertEqual([(item["file"], item["good"]) for item in objects], [(bad, False), (missing, False), (SCENARIO, True)])
        self.assertEqual((objects[0]["line"], objects[0]["key"]), (5, "timeline[0].power_of"))
        self.assertIn("power_off", objects[0]["allowed"])
        people = self.verb("sim", "check", bad, "scenario.yaml", code=65, cwd=HERE)
        self.assertIn(f"{bad}:5: key 'timeline[0].power_of'", people.notes)
        self.assertEqual(len(people.notes.splitlines()), 1)
        self.assertEqual(people.output, "scenario.yaml: good, nodes 12, timeline entries 0, expectations 0\n")

    def test_an_expectation_that_fails(self):
        path = self.write("late.yaml", b"question: Does it form in no time?\nname: late\nseed: 3\nduration: 20s\n"
                          b"radio: reference\nnodes: { count: 3, placement: random }\nexpect:\n  - formed_by: 1ms\n")
        result = self.verb("sim", "run", path, "--json", code=1)
        self.assertEqual((result.objects[-1]["passed"], result.objects[-1]["expectations"][0]["passed"]), (False, False))
        self.assertIn(f"thicket sim run {path} --seed 3\n", result.notes)
        graft = self.verb("sim", "run", path, "--json", "--clustering", "graft", "--radio", "ble", code=1)
        self.assertIn(f"replay: thicket sim run {path} --seed 3 --radio ble --clustering graft\n", graft.notes)

    def test_many_runs(self):
        words = ["--layout", "random", "--nodes", "4", "--seeds", "1...3"]
        for verb in (["sweep"], ["recover", "--event", "reboot"]):
            *runs, summary = self.verb("sim", *verb, *words, "--json").objects
            self.assertEqual([run["seed"] for run in runs], [1, 2, 3])
            self.assertEqual((summary["kind"], summary["runs"]), ("summary", 3))
            again = self.verb("sim", *verb, *words, "--json", "--jobs", "1").objects
            self.assertEqual(again[:3], runs)
            self.assert_snapshot("sim-" + verb[0], alone("sim", *verb, *words).output,
                                 (r"^[\d.]+ s, \d+ simulated", "# s, # simulated"))
        self.assertEqual(self.verb("sim", "sweep", *words, "--limit", "1", "--json", code=1).objects[-1]["formed"], 0)

    def test_parts_of_a_sweep(self):
        words = ["sim", "sweep", "--layout", "random", "--nodes", "4", "--seeds", "1...5", "--json"]
        whole = self.verb(*words)
        parts = [self.write(f"part-{part}", self.verb(*words, "--shard", f"{part}/2").output.encode()) for part in (1, 2)]
        self.assertEqual(self.verb("sim", "merge", "--json", *parts).lines[:-1], whole.lines[:-1])
        people = self.verb("sim", "merge", *parts).lines
        self.assertEqual((len(people), people[5]), (11, "5 of 5 runs formed"))
        recovered = self.verb("sim", "recover", "--event", "reboot", *words[2:]).output
        again = self.verb("sim", "merge", "--json", self.write("recovered", recovered.encode()))
        self.assertEqual(again.lines[:-1], recovered.splitlines()[:-1])
        picture = os.path.join(self.folder, "picture.svg")
        self.verb("sim", "plot", *parts, "--out", picture)
        with open(picture, encoding="utf-8") as file:
            self.assertEqual(file.read(5), "<?xml")

    def test_a_swarm(self):
        """Random scenarios; a mistake that is planted is found, made small, and repeated by what is written."""
        calm = self.verb("sim", "swarm", "--seed", "1", "--cases", "3", "--radio", "reference", "--json", "--out", self.folder)
        self.assertEqual([item["kind"] for item in calm.objects], ["summary"])
        self.assertEqual((calm.objects[0]["first_seed"], calm.objects[0]["scenarios"]), (1, 3))
        self.assertIn("seed 1\n", calm.notes)
        words = ["--seed", str(PLANTED_SEED), "--cases", "1", "--radio", "reference", "--clustering", "graft",
                 "--plant", PLANTED]
        *found, summary = self.verb("sim", "swarm", *words, "--json", "--out", self.folder, code=1, timeout=120).objects
        self.assertEqual((len(found), summary["failures"]), (1, 1))
        self.assertEqual(found[0]["replay"], f"thicket sim run {found[0]['file']} --seed {PLANTED_SEED} --plant {PLANTED}")
        self.assertTrue(self.verb("sim", "check", found[0]["file"], "--json").objects[0]["good"])
        self.assertEqual(alone("sim", "run", found[0]["file"], "--plant", PLANTED).code, 1)
        self.assertEqual(alone("sim", "run", found[0]["file"]).code, 0)
        self.assertIn("is no time to go on for", alone("sim", "swarm", "--budget", "soon").notes)
        self.verb("sim", "swarm", "--cases", "1", "--json", "--out", os.path.join(self.folder, "no", "way"), code=65)

    def test_speed(self):
        bench = self.verb("sim", "bench", "--nodes", "5", "--json").objects[0]
        self.assertEqual((bench["nodes"], bench["seeds"]), (5, 3))

    def test_scenarios(self):
        listed = self.verb("sim", "scenarios", "--json", cwd=ROOT).objects
        files = {os.path.join("Simulator/Scenarios", name)
                 for name in os.listdir(os.path.join(ROOT, "Simulator/Scenarios")) if name.endswith(".yaml")}
        self.assertEqual({item["file"] for item in listed}, files)
        people = alone("sim", "scenarios", cwd=ROOT).lines
        self.assertEqual(people[::2], [item["file"] for item in listed])

    def test_a_node_that_is_driven(self):
        path = self.write("driven.yaml", f"node: 5\nnetwork: 11\nkey: '{'22' * 16}'\n".encode())
        ready = {
            "at_us": 0, "event": "ready", "address": "c0:00:00:00:00:05", "address_type": "random",
        }
        process = subprocess.run(command_line("sim", "node", "--stdio", "--config", path), capture_output=True, text=True,
                                 input="nonsense\n" + json.dumps(ready) + "\n", timeout=60)
        first = json.loads(process.stdout.splitlines()[0])
        self.assertEqual((first["kind"], first["line"]), ("error", 1))
        self.assertEqual(process.returncode, 65)

    # replay

    def test_a_replay(self):
        objects = self.verb("replay", self.recording, "--json").objects
        self.assertEqual([item["kind"] for item in objects[:3]], ["recording", "result", "state"])
        self.assertEqual((objects[1]["identical"], objects[1]["end"], objects[1]["difference"]), (True, "stopped", None))
        version = (r"by version \S+,", "by version #,")
        self.assert_snapshot("replay", self.verb("replay", self.recording).output, version)
        part = self.verb("replay", self.recording, "--until", "9.9", "--explain", "--json").objects
        self.assertEqual(next(item for item in part if item["kind"] == "result")["end"], "asked")
        told = [item for item in part if item["kind"] == "why"]
        self.assertEqual({item["topic"] for item in told}, {"replay"})
        self.assertIn("Cluster", "".join(item["sentence"] for item in told).title())
        self.assert_snapshot("replay-explained", self.verb("replay", self.recording, "--until", "5", "--explain").output, version)

    def test_recordings_that_cannot_be_replayed(self):
        with open(self.recording, "rb") as file:
            whole = file.read()
        cut = self.verb("replay", self.write("cut", whole[:len(whole) // 2]), "--json", code=65).objects
        result = next(item for item in cut if item["kind"] == "result")
        self.assertEqual((result["identical"], result["end"]), (True, "cutShort"))
        self.assertGreater(result["inputs"], 0)
        people = self.verb("replay", os.path.join(self.folder, "cut"), code=65).output
        self.assertRegex(people, r"(?m)^end +none: cut short")
        # The version of the format stands behind the magic.
        other = struct.pack("<H", struct.unpack("<H", whole[8:10])[0] + 1)
        for content, text in ((whole[:8] + other + whole[10:], "format"), (whole[:40], "cut short before the first input"),
                              (b"", "not a recording"), (b"node: 5\n", "not a recording")):
            result = self.verb("replay", self.write("bad", content), code=65)
            self.assertEqual((result.output, len(result.notes.splitlines())), ("", 1))
            self.assertIn(text, result.notes)
        self.assertIn("/nowhere", self.verb("replay", "/nowhere", code=65).notes)
        spoilt = bytearray(whole)
        spoilt[len(whole) // 2] ^= 0x55
        result = self.verb("replay", self.write("spoilt", bytes(spoilt)), "--json", code=65).objects
        self.assertEqual(next(item for item in result if item["kind"] == "result")["end"], "spoilt")

    # config check, key

    def test_keys_and_configurations_as_json(self):
        key = self.verb("key", "generate", "--json").objects[0]
        self.assertEqual(key["file"], None)
        path = os.path.join(self.folder, "network.key")
        self.assertEqual(self.verb("key", "generate", "--output", path, "--json").objects[0], {
            "schema": 1, "kind": "key", "key": None, "file": path})
        file = self.write("good.yaml", f"node: 5\nnetwork: 11\nkey: {key['key']}\n".encode())
        self.assertEqual(self.verb("config", "check", file, "--json").objects, [
            {"schema": 1, "kind": "configuration", "file": file, "node": 5, "network": 11}])
        self.assertEqual(self.verb("config", "check", "/nowhere", "--json", code=65).output, "")


if __name__ == "__main__":
    import unittest
    unittest.main()
