"""The terminal language of existing nodes, over standard input, TCP and a pseudo terminal."""
import contextlib
import json
import os
import select
import socket
import subprocess
import time
import unittest
import zlib

import schema
from thicket import SimulationTest, command_line

PATIENCE = 30
ALL = set(range(1, 13))
OK = {"type": "error", "code": 0, "text": "OK"}


def with_checksum(line):
    return f"{line} CRC: {zlib.crc32(line.encode())}"


class Stream:
    """The other end of a terminal: a socket or a serial line."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.rest = b""

    def type(self, line, end="\r"):
        os.write(self.descriptor, (line + end).encode())

    def line(self, patience=PATIENCE):
        """The next line without its end, which must be CR LF; None if none comes in time.

        Live reports are left out: the nodes of the network send them whenever they like.
        """
        deadline = time.monotonic() + patience
        line = self.any_line(deadline)
        while line is not None and '"type":"live_report"' in line:
            line = self.any_line(deadline)
        return line

    def any_line(self, deadline):
        while b"\n" not in self.rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.descriptor], [], [], left)[0]:
                return None
            piece = os.read(self.descriptor, 4096)
            if not piece:
                return None
            self.rest += piece
        line, self.rest = self.rest.split(b"\n", 1)
        assert line.endswith(b"\r"), line
        return line[:-1].decode()

    def until(self, wanted):
        """Objects up to the first that is wanted, which comes last; others are not of interest to most tests."""
        deadline = time.monotonic() + PATIENCE
        seen = []
        while (line := self.line(max(0, deadline - time.monotonic()))) is not None:
            seen.append(json.loads(line.split(" CRC: ")[0]))
            if wanted(seen[-1]):
                return seen
        raise AssertionError(f"only {seen}")

    def command(self, line):
        """Types a command; gives the objects up to its acknowledgement."""
        self.type(line)
        return self.until(lambda answer: answer["type"] == "error")


class ServedTerminal(SimulationTest):
    # Times are compared with the clock.
    speed = "1"

    def socket(self, node):
        return f"{self.folder}/{node}.sock"

    def terminal(self, lines, *options, node=1):
        """Types lines; gives what is printed, whose lines are longer than those for people."""
        process = subprocess.run(command_line("terminal", "--node", self.socket(node), *options),
                                 input="".join(lines), capture_output=True, text=True, timeout=60)
        self.assertEqual(process.returncode, 0, process.stderr)
        return process.stdout.splitlines()

    @contextlib.contextmanager
    def served(self, *options, node=1):
        """A terminal that serves a port or a serial line; gives what it announces."""
        command = command_line("terminal", "--node", self.socket(node), "--json", *options)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield schema.check(process.stdout.readline(), "thicket terminal")
            finally:
                process.terminate()
                self.assertEqual(process.wait(20), 0)

    @contextlib.contextmanager
    def connection(self, port):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            yield Stream(connection.fileno())


class TerminalTest(ServedTerminal):
    # Standard input

    def test_every_node_answers_a_ping_to_all(self):
        answers = [json.loads(line) for line in self.terminal(["action 0 node ping 7\r"])]
        pings = [answer for answer in answers if answer["type"] == "ping"]
        self.assertEqual({ping["nodeId"] for ping in pings}, ALL)
        self.assertEqual({ping["requestHandle"] for ping in pings}, {7})
        self.assertIn(OK, answers)
        # The node's own answer comes back at once, before the acknowledgement.
        self.assertEqual(answers[0], {"type": "ping", "nodeId": 1, "module": 0, "requestHandle": 7})

    def test_own_commands_are_answered_by_the_node(self):
        lines = ["get_plugged_in\n", "settime 1700000000 60\n", "action this node gettime\n", "gettime\n"]
        answers = self.terminal(lines, "--wait", "0.5")
        plugged_in = json.loads(answers[0])
        self.assertEqual(plugged_in, {
            "type": "plugged_in", "nodeId": 1, "serialNumber": "BBBBB", "fmVersion": plugged_in["fmVersion"],
        })
        times = [json.loads(line) for line in answers if "get_time_result" in line]
        self.assertEqual((times[0]["nodeId"], times[0]["offset"], times[0]["master"]), (1, 60, 1))
        self.assertIn(times[0]["time"] - 1_700_000_000, range(20))
        told = [line for line in answers if line.startswith("Time is currently approx. 2023 years")]
        self.assertEqual(len(told), 1, answers)
        self.assertTrue(told[0].endswith("(offset 60)"))

    def test_mistakes_are_acknowledged_by_number(self):
        cases = {
            "nonsense": (1, "Command not found: nonsense"),
            "action 2 node add_group green": (2, "Wrong Arguments"),
            "a b c d e f g h i j k l m n o p": (3, "Too many arguments"),
            "set_node_key": (1, "Command not found: set_node_key"),
            "x" * 400: (8, "internal error"),
            "get_plugged_in CRC: 1": (6, "crc invalid"),
        }
        for line, (code, text) in cases.items():
            answers = [json.loads(answer.split(" CRC: ")[0]) for answer in self.terminal([line + "\r"], "--wait", "0")]
            errors = [answer for answer in answers if answer["type"] == "error"]
            self.assertEqual(errors, [{"type": "error", "code": code, "text": text}], line)

    def test_what_the_node_does_not_offer_is_said(self):
        answers = [json.loads(line) for line in self.terminal(["scanboost 10\r"], "--wait", "0")]
        self.assertEqual([answer["type"] for answer in answers], ["log", "error"])
        self.assertEqual(answers[1]["code"], 8)

    def test_a_prompt_tells_failures_only(self):
        output = "".join(self.terminal(["get_plugged_in\n", "nonsense\n", "stopterm\n"], "--prompt", "--wait", "0"))
        self.assertEqual(output.count("mhTerm: "), 3)
        self.assertIn("Command not found: nonsense", output)
        self.assertNotIn('"type":"error"', output.split("nonsense")[0])

    def test_anything_may_be_typed(self):
        noise = os.urandom(20_000)
        print(f"TerminalTest noise: {noise[:8].hex()}...")
        command = command_line("terminal", "--node", self.socket(5), "--wait", "0")
        outcome = subprocess.run(
            command, input=noise + b"\rget_plugged_in CRC: skip\r", capture_output=True, timeout=60, check=False
        )
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn(b'"type":"plugged_in"', outcome.stdout.splitlines()[-2])

    def test_a_daemon_that_is_not_there_is_said_in_one_line(self):
        result = self.run_thicket("terminal", node="nowhere", code=3)
        self.assertEqual((result.output, len(result.notes.splitlines())), ("", 1))

    # TCP

    def test_connections_of_a_neighbour_are_told(self):
        with self.served("--tcp", "0") as announced, self.connection(announced["tcp"]) as stream:
            stream.type("action 2 status get_connections")
            told = stream.until(lambda answer: answer["type"] == "connections")[-1]
            self.assertEqual(told["nodeId"], 2)
            self.assertTrue(set(told["partners"]) - {0} <= ALL)
            self.assertTrue(any(told["partners"]))

    def test_raw_data_reaches_the_other_nodes_terminal(self):
        with self.served("--tcp", "0") as first, self.served("--tcp", "0", node=9) as second:
            with self.connection(first["tcp"]) as here, self.connection(second["tcp"]) as there:
                # Both are served once they are answered.
                for stream in (here, there):
                    self.assertEqual(stream.command("get_plugged_in")[-1], OK)
                self.assertEqual(here.command("raw_data_chunk 9 4 1 AA:BB:CC 5")[-1], OK)
                chunk = there.until(lambda answer: answer["type"] == "raw_data_chunk")[-1]
                self.assertEqual(
                    (chunk["nodeId"], chunk["chunkId"], chunk["payload"], chunk["requestHandle"]), (1, 1, "qrvM", 5)
                )
                self.assertEqual(there.command("raw_data_light 1 0 2 q83v")[-1], OK)
                light = here.until(lambda answer: answer["type"] == "raw_data_light")[-1]
                self.assertEqual((light["nodeId"], light["payload"]), (9, "q83v"))

    def test_checksums_are_wanted_and_given_to_each_client_by_itself(self):
        with self.served("--tcp", "0") as announced:
            with self.connection(announced["tcp"]) as checked, self.connection(announced["tcp"]) as plain:
                self.assertEqual(plain.command("get_plugged_in")[-1], OK)
                checked.type("enable_corruption_check")
                self.assertEqual(
                    checked.line(), '{"type":"enable_corruption_check_response","err":0,"check":"crc32"}'
                )
                self.assertEqual(checked.line(), with_checksum('{"type":"error","code":0,"text":"OK"}'))
                checked.type("action this node ping 1")
                self.assertEqual(checked.line(), with_checksum('{"type":"error","code":7,"text":"crc missing"}'))
                checked.type("action this node ping 1 CRC: 12345")
                self.assertEqual(checked.line(), with_checksum('{"type":"error","code":6,"text":"crc invalid"}'))
                checked.type(with_checksum("action this node ping 1"))
                ping = '{"type":"ping","nodeId":1,"module":0,"requestHandle":1}'
                self.assertEqual(checked.line(), with_checksum(ping))
                self.assertEqual(checked.line(), with_checksum('{"type":"error","code":0,"text":"OK"}'))
                # The other client hears of the ping, without a checksum, and is acknowledged nothing.
                self.assertEqual(plain.line(), ping)
                self.assertIsNone(plain.line(0.3))

    def test_more_clients_than_there_is_room_for_are_turned_away(self):
        with self.served("--tcp", "0") as announced, contextlib.ExitStack() as stack:
            streams = [stack.enter_context(self.connection(announced["tcp"])) for _ in range(8)]
            for stream in streams:
                self.assertEqual(stream.command("get_plugged_in")[-1], OK)
            with self.connection(announced["tcp"]) as refused:
                self.assertIn("too many clients", refused.line())
                self.assertIsNone(refused.line(5))

    def test_only_this_machine_is_listened_to(self):
        with self.served("--tcp", "0") as announced:
            with open("/proc/net/tcp", encoding="ascii") as table:
                ports = {row.split()[1] for row in table if row.split()[3] == "0A"}
            self.assertIn(f"0100007F:{announced['tcp']:04X}", ports)

    # Pseudo terminal

    def test_a_serial_line_is_opened_and_left_as_often_as_wanted(self):
        with self.served("--pty") as announced:
            for _ in range(2):
                descriptor = os.open(announced["pty"], os.O_RDWR | os.O_NOCTTY)
                try:
                    stream = Stream(descriptor)
                    self.assertEqual(stream.command("action this node ping 4"), [
                        {"type": "ping", "nodeId": 1, "module": 0, "requestHandle": 4}, OK,
                    ])
                finally:
                    os.close(descriptor)


class TerminalEventsTest(ServedTerminal):
    """What happens at the node; on a network of its own, which it breaks."""

    def test_lost_links_and_new_ones_are_printed_and_a_restart_is_told(self):
        with self.served("--tcp", "0", node=12) as announced, self.connection(announced["tcp"]) as stream:
            lines = stream.command("disconnect all")
            self.assertEqual(lines[-1], OK)
            self.assertIn("mesh_disconnect", [line["type"] for line in lines])
            lines = stream.until(lambda answer: answer["type"] == "mesh_connect")
            lines += stream.until(lambda answer: answer["type"] == "update_joinme")
            types = [line["type"] for line in lines]
            self.assertIn("cluster_handshake", types)
            self.assertEqual(stream.command("reset")[-1], OK)
            lines = stream.until(lambda answer: answer["type"] == "reboot")
            self.assertEqual([line["type"] for line in lines[-2:]], ["init", "reboot"])
            self.assertEqual(lines[-1]["reason"], 7)


if __name__ == "__main__":
    unittest.main()
