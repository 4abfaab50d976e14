"""Daemons in graft clustering, and changes between the modes, on virtual controllers."""
import collections
import json
import time

import lab
import test_tier1
from test_tier1 import LabTest, report


def cluster_ids(node):
    """Ids that a node has given to its clusters, from the log of all its runs, in order."""
    return [int(line.split("cluster=")[1].split()[0]) for line in lab.read(node.log).splitlines() if " newCluster " in line]


class GraftTest(test_tier1.LabTest):
    @classmethod
    def form(cls, nodes, **options):
        return super().form(nodes, settings=lab.GRAFT, **options)

    def assert_one_tree(self, nodes):
        """One root; every other node has one parent, and both ends of each link agree who is who."""
        links = {node.id: {link["partner"]: link["relation"] for link in node.ask("links")
                           if link["state"] == "handshakeDone" and link["relation"] != "engaged"} for node in nodes}
        roots = [node.id for node in nodes if node.status()["root"]]
        self.assertEqual(len(roots), 1, links)
        for number, partners in links.items():
            counts = collections.Counter(partners.values())
            self.assertEqual(counts["parent"], 0 if number in roots else 1, links)
            for partner, relation in partners.items():
                self.assertEqual({relation, links[partner].get(number)}, {"parent", "child"}, links)
        self.assertEqual(len({node.status()["rank"] for node in nodes}), 1)

    def wait_for_one_tree(self, mesh, nodes=None, timeout=90):
        nodes = nodes or mesh.nodes
        cluster = mesh.wait_for_one_cluster(nodes, timeout)
        # The role may be on its way along a link.
        lab.wait_for("a root", lambda: any(node.status()["root"] for node in nodes), 5)
        self.assert_one_tree(nodes)
        return cluster


class GraftEightNodes(GraftTest):
    def test_eight_form_heal_and_repeat_no_cluster_id(self):
        mesh = self.form(8)
        self.wait_for_one_tree(mesh)
        self.assertEqual({node.status()["clustering"] for node in mesh.nodes}, {"graft"})
        self.assert_delivers(mesh, mesh.node(1), None, b"everybody")
        source, receiver, _ = mesh.most_distant()
        self.assert_delivers(mesh, source, receiver, b"only you")

        # kill -9 of the node with the most links: the parts keep their links and find together.
        victim = max(mesh.nodes, key=lambda node: len(node.partners()))
        others = [node for node in mesh.nodes if node is not victim]
        lost = {node.id for node in others if victim.id in node.partners()}
        kept = {frozenset((node.id, partner)) for node in others for partner in node.partners() if partner != victim.id}
        monitors = [node.monitor() for node in others]
        victim.kill()
        began = time.monotonic()
        self.wait_for_one_tree(mesh, others)
        report(f"without node {victim.id}, which had {len(lost)} links: one cluster after {time.monotonic() - began:.1f} s")
        ended = {frozenset((node.id, event["partner"])) for node, monitor in zip(others, monitors)
                 for event in monitor.find("connectionRemoved", was_handshaked=True) if event["partner"] != victim.id
                 and event["why"] != "madeRoom"}
        for monitor in monitors:
            monitor.close()
        # A link that was let go to make room is cut at one end, and lost at the other.
        made_room = {frozenset((node.id, int(line.split("child=")[1].split()[0]))) for node in others
                     for line in lab.read(node.log).splitlines() if " room " in line}
        self.assertEqual((ended & kept) - made_room, set())

        # Back again. Its cluster ids go on where they were.
        before = cluster_ids(victim)
        reserved = victim.stored()["graft_generation"]
        self.assertIsNotNone(reserved)
        victim.start()
        began = time.monotonic()
        self.wait_for_one_tree(mesh)
        report(f"started again: one cluster after {time.monotonic() - began:.1f} s")
        for _ in range(3):
            victim.terminate()
            victim.start()
        self.wait_for_one_tree(mesh)
        ids = cluster_ids(victim)
        self.assertGreaterEqual(len(ids), len(before) + 4)
        self.assertEqual(len(set(ids)), len(ids), ids)
        self.assertEqual({number & 0xFFFF for number in ids}, {victim.id})
        # The first id behind the restart is the first that was not reserved before it.
        self.assertEqual(ids[len(before)] >> 16, reserved)
        self.assertEqual(victim.stored()["format_version"], 3)


class GraftFormation(GraftTest):
    def test_five_nodes_form_a_tree(self):
        mesh = self.form(5)
        self.wait_for_one_tree(mesh)
        self.assert_delivers(mesh, mesh.node(5), None, b"to all")


class RootCanalGraft(GraftFormation):
    air = lab.RootCanalAir


class Modes(LabTest):
    def check(self, majority, stranger):
        mesh = self.start(3, settings=f"clustering: {majority}\n", controllers=4)
        mesh.wait_for_one_cluster()
        outsider = mesh.add(settings=f"clustering: {stranger}\n")
        insiders = mesh.nodes[:3]
        lab.wait_for("each to report the other",
                     lambda: all(node.status()["other_mode_nodes"] == [outsider.id] for node in insiders)
                     and outsider.status()["other_mode_nodes"] == [1, 2, 3], 30)
        # Time for many attempts, if there were any.
        time.sleep(10)
        self.assert_one_cluster(mesh, insiders)
        self.assertEqual((outsider.status()["cluster_size"], outsider.ask("links")), (1, []))
        self.assertEqual([node for node in insiders if outsider.id in node.partners()], [])
        code, output, _ = insiders[0].command("status", "--json")
        status = json.loads(output)
        self.assertEqual((code, status["clustering"], status["other_mode_nodes"]), (0, majority, [outsider.id]))
        self.assertEqual(status["reason"], f"in a cluster of 3; {stranger} node {outsider.id} is near")
        _, output, _ = outsider.command("status")
        self.assertIn(f"warning   {majority} nodes 1, 2, 3 in a {stranger} network\n", output)
        self.assertLessEqual(max(map(len, output.splitlines())), 80, output)

    def test_a_classic_node_in_a_graft_network_stays_apart_and_is_reported(self):
        self.check("graft", "classic")

    def test_a_graft_node_in_a_classic_network_stays_apart_and_is_reported(self):
        self.check("classic", "graft")


class ModeChange(LabTest):
    def set_enrolled(self, mesh, count):
        # SET_ENROLLED_NODES to all (protocol 10.2): node module, action 7.
        mesh.node(1).send(lab.PING, lab.BROADCAST, bytes([0, 0, 7]) + count.to_bytes(2, "little"))
        lab.wait_for("the number of enrolled nodes",
                     lambda: {node.status()["expected_size"] for node in mesh.nodes} == {count}, 10)

    def config(self, node, *arguments):
        code, output, errors = node.command("config", "clustering", *arguments, "--json")
        return code, [json.loads(line) for line in output.splitlines()], errors

    def set_time(self, mesh):
        self.assertEqual(mesh.node(1).command("time", "set")[0], 0)
        lab.wait_for("the time everywhere",
                     lambda: all(node.status()["network_time"] for node in mesh.nodes), 60)

    def test_the_network_is_asked(self):
        mesh = self.form(4)
        code, answers, _ = self.config(mesh.node(2), "--check")
        self.assertEqual(code, 0, answers)
        self.assertEqual([(a["node"], a["graft"]) for a in answers[:-1]], [(1, True), (2, True), (3, True), (4, True)])
        self.assertEqual((answers[-1]["expected"], answers[-1]["counted_by"], answers[-1]["passed"]), (4, "cluster", True))
        # One more is enrolled than there are.
        self.set_enrolled(mesh, 5)
        code, answers, _ = self.config(mesh.node(3), "--check", "--wait", "6")
        self.assertEqual(code, 1, answers)
        self.assertEqual((answers[-1]["expected"], answers[-1]["counted_by"], answers[-1]["able"]), (5, "enrolled", 4))
        # So a change is refused, and nothing is planned.
        self.set_time(mesh)
        code, answers, _ = self.config(mesh.node(3), "graft", "--in", "30", "--wait", "6")
        self.assertEqual((code, answers[-1]["kind"]), (1, "check"), answers)
        self.assertEqual({node.status()["planned_clustering"] for node in mesh.nodes}, {None})

    def test_the_network_changes_there_and_back(self):
        mesh = self.form(4)
        code, _, errors = self.config(mesh.node(1), "graft", "--in", "60")
        self.assertEqual(code, 1)
        self.assertIn("does not know the time", errors)
        self.set_time(mesh)
        for mode, lead in (("graft", 25), ("classic", 25)):
            code, answers, errors = self.config(mesh.node(2), mode, "--in", str(lead), "--wait", "6")
            self.assertEqual(code, 0, (answers, errors))
            at = answers[-1]["at"]
            # A restart does not lose the plan; the time comes from the others.
            restarted = mesh.node(3)
            restarted.kill()
            restarted.start()
            self.assertEqual(restarted.status()["planned_clustering"], mode)
            monitors = {node.id: node.monitor() for node in mesh.nodes}
            changes = {number: monitor.wait("clusteringChanged", lead + 5, mode=mode)["arrived"]
                       for number, monitor in monitors.items()}
            late = mesh.node(1).status()["network_time"] - at
            self.assertLessEqual(abs(late), 2)
            spread = max(changes.values()) - min(changes.values())
            report(f"four nodes changed to {mode} within {spread:.2f} s of each other")
            self.assertLess(spread, 2)
            began = time.monotonic()
            mesh.wait_for_one_cluster()
            report(f"one cluster {time.monotonic() - began:.1f} s later")
            self.assertEqual({node.status()["clustering"] for node in mesh.nodes}, {mode})
            self.assertEqual({node.stored()["clustering"] for node in mesh.nodes}, {mode})
            for monitor in monitors.values():
                self.assertEqual(len(monitor.find("clusteringChanged")), 1)
                monitor.close()

    def test_a_withdrawn_change_does_not_come_and_who_was_away_is_changed_by_hand(self):
        mesh = self.form(3)
        self.set_time(mesh)
        code, answers, _ = self.config(mesh.node(1), "graft", "--in", "25", "--wait", "6")
        self.assertEqual(code, 0, answers)
        code, answers, _ = self.config(mesh.node(2), "--cancel", "--wait", "6")
        self.assertEqual(code, 0, answers)
        self.assertEqual({node.status()["planned_clustering"] for node in mesh.nodes}, {None})
        # Away while the others are told and change.
        away, others = mesh.node(3), mesh.nodes[:2]
        away.terminate()
        mesh.wait_for_one_cluster(others)
        code, answers, _ = self.config(mesh.node(1), "graft", "--in", "25", "--wait", "6")
        self.assertEqual(code, 0, answers)
        lab.wait_for("the change", lambda: {node.status()["clustering"] for node in others} == {"graft"}, 30)
        away.start()
        mesh.wait_for_one_cluster(others)
        lab.wait_for("a report", lambda: all(node.status()["other_mode_nodes"] == [3] for node in others), 30)
        self.assertEqual(away.status()["clustering"], "classic")
        code, answers, _ = self.config(away, "graft", "--local")
        self.assertEqual(code, 0, answers)
        mesh.wait_for_one_cluster()
        # By the state, not by the configuration, which says classic.
        away.terminate()
        away.start()
        self.assertEqual(away.status()["clustering"], "graft")
        mesh.wait_for_one_cluster()
