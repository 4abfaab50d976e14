import MeshConfiguration
import Testing

/// Every mistake is answered with one line: file, line, key, what is wrong, what is allowed.
@Suite struct ScenarioErrorTests {
    private static let actions =
        "power_off, power_on, reboot, block_link, unblock_link, move, jam, partition, rejoin, noise, raise_wall, "
        + "remove_wall, send, enrol, adversary, adapter_reset, packet_loss, slow_host, busy_stack, repeat_data, corrupt_data"
    private static let kinds =
        "formed_by, healed_within, always, delivered_at_least, latency_within, clusters, never_linked, "
        + "links_lost_at_most, current_at_most_ua"
    /// A scenario that is right up to line 3; a case adds what is wrong from line 4 on.
    private static let start = "question: Q?\nduration: 100s\nnodes: { count: 5 }\n"

    @Test(arguments: [
        (
            "walls: []",
            "4: key 'walls': unknown key; allowed: name, question, seed, duration, radio, area, nodes, sinks, "
                + "unenrolled, network, strangers, traffic, messages, timeline, expect"
        ),
        ("seed: -1", "4: key 'seed': out of range: -1; allowed: 0...18446744073709551615"),
        ("seed: 1.5", "4: key 'seed': expected a whole number, found '1.5'; allowed: 0...18446744073709551615"),
        ("seed: \"1\"", "4: key 'seed': expected a whole number, found '1'; allowed: 0...18446744073709551615"),
        ("seed:", "4: key 'seed': expected a whole number, found nothing; allowed: 0...18446744073709551615"),
        ("seed: [1]", "4: key 'seed': expected a whole number, found a list; allowed: 0...18446744073709551615"),
        ("seed: 1\nseed: 2", "4: key 'seed': given more than once; allowed: once"),
        ("name: {a: b}", "4: key 'name': expected text, found a group of keys; allowed: a short name"),
        ("radio: lora", "4: key 'radio': unknown value 'lora'; allowed: reference, ble"),
        ("radio: { profile: lora }", "4: key 'radio.profile': unknown value 'lora'; allowed: reference, ble"),
        (
            "radio: { profile: reference, fading_db: 2 }",
            "4: key 'radio.fading_db': the reference radio has no levels; allowed: only beside profile: ble"
        ),
        ("radio: { profile: ble, fading_db: 7 }", "4: key 'radio.fading_db': out of range: 7; allowed: 0...6 dB"),
        (
            "radio: { profile: ble, clock_ppm: 501 }",
            "4: key 'radio.clock_ppm': out of range: 501; allowed: 0...500 ppm"
        ),
        (
            "radio: { profile: ble, controller: nrf52 }",
            "4: key 'radio.controller': unknown value 'nrf52'; allowed: ideal, bcm43438, bcm43455, csr8510, rtl8761b"
        ),
        (
            "radio: { profile: ble, environment: forest }",
            "4: key 'radio.environment': unknown value 'forest'; allowed: open, living_room, office, dense_office"
        ),
        (
            "radio: { profile: ble, walls: [{ from: [0, 0], to: [1], loss_db: 8 }] }",
            "4: key 'radio.walls[0].to': 1 numbers; allowed: [x, y] in metres"
        ),
        (
            "radio: { profile: ble, wifi: [{ channel: 14, busy: 10 }] }",
            "4: key 'radio.wifi[0].channel': out of range: 14; allowed: 1...13"
        ),
        (
            "radio: { profile: ble, failures: { connect_fails: 101 } }",
            "4: key 'radio.failures.connect_fails': out of range: 101; allowed: 0...100 %"
        ),
        (
            "radio: reference\ntimeline: [{ at: 5s, move: { node: 1, to: [0, 0] } }]",
            "5: key 'timeline[0].move': the reference radio cannot do this; allowed: with radio: ble"
        ),
        ("area: 60", "4: key 'area': expected a group of keys, found '60'; allowed: width_m, height_m"),
        ("area:\n  width_m: 60", "5: key 'area.height_m': missing; allowed: metres"),
        ("area: {width_m: 0, height_m: 1}", "4: key 'area.width_m': out of range: 0; allowed: 1...100000 m"),
        (
            "area: {width_m: nan, height_m: 1}",
            "4: key 'area.width_m': expected a number, found 'nan'; allowed: 1...100000 m"
        ),
        ("sinks: [6]", "4: key 'sinks[0]': no node 6; allowed: node ids 1...5"),
        ("unenrolled: 1", "4: key 'unenrolled': expected a list, found '1'; allowed: node ids 1...5"),
        ("unenrolled: [2, 9]", "4: key 'unenrolled[1]': no node 9; allowed: node ids 1...5"),
        ("unenrolled: [2, 2]", "4: key 'unenrolled[1]': '2' is there already; allowed: each node once"),
        ("sinks: 1", "4: key 'sinks': expected a list, found '1'; allowed: node ids 1...5"),
        ("network: {id: 1}", "4: key 'network.id': out of range: 1; allowed: 2...65280"),
        (
            "network: {key: 2222}",
            "4: key 'network.key': not so many bytes in hexadecimal; allowed: 32 hexadecimal digits"
        ),
        (
            "network: {clustering: grafted}",
            "4: key 'network.clustering': unknown value 'grafted'; allowed: classic, graft"
        ),
        (
            "network:\n  clustering: [classic, graft]",
            "5: key 'network.clustering': several modes; allowed: one: nodes of different modes never link"
        ),
        (
            "network: {clustering: graft, decision: eager}",
            "4: key 'network.decision': not with graft; allowed: only beside classic"
        ),
        (
            "network:\n  noise: 3",
            "5: key 'network.noise': unknown key; allowed: id, key, clustering, decision, timing, link_encryption"
        ),
        (
            "expect: [{delivered_at_least: 90}]",
            "4: key 'expect[0].delivered_at_least': no messages to deliver; allowed: beside 'traffic' or 'messages'"
        ),
        (
            "traffic: {every: 1ms}",
            "4: key 'traffic.every': out of range: 1ms; allowed: 0.05s...3600s, as 60s, 1.5s, 250ms, 2min, 1h"
        ),
        (
            "expect: [{always: [one_root]}]",
            "4: key 'expect[0].always[0]': 'one_root' says nothing of classic; allowed: graft"
        ),
        ("timeline: 5", "4: key 'timeline': expected a list, found '5'; allowed: entries with at and an action"),
        (
            "timeline:\n  - {at: 5s, drown: [1]}",
            "5: key 'timeline[0].drown': unknown key; allowed: at, \(actions), for, every, times"
        ),
        ("timeline:\n  - {reboot: [1]}", "5: key 'timeline[0].at': missing; allowed: a time such as 60s"),
        (
            "timeline:\n  - {at: 5s, reboot: [1]}\n  - {at: soon, reboot: [1]}",
            "6: key 'timeline[1].at': expected a time, found 'soon'; "
                + "allowed: 0s...100s, as 60s, 1.5s, 250ms, 2min, 1h"
        ),
        (
            "timeline:\n  - {at: 101s, reboot: [1]}",
            "5: key 'timeline[0].at': out of range: 101s; allowed: 0s...100s, as 60s, 1.5s, 250ms, 2min, 1h"
        ),
        (
            "timeline:\n  - {at: 5s}",
            "5: key 'timeline[0]': no action; "
                + "allowed: one of \(actions)"
        ),
        (
            "timeline:\n  - {at: 5s, reboot: [1], power_off: [2]}",
            "5: key 'timeline[0].reboot': a second action beside 'power_off'; "
                + "allowed: one of \(actions)"
        ),
        (
            "timeline:\n  - {at: 5s, reboot: [9]}",
            "5: key 'timeline[0].reboot[0]': no node 9; allowed: node ids 1...5, best_connected, all, sinks"
        ),
        (
            "timeline:\n  - {at: 5s, reboot: []}",
            "5: key 'timeline[0].reboot': an empty list; allowed: node ids 1...5, best_connected, all, sinks"
        ),
        (
            "timeline:\n  - {at: 5s, reboot: [2, 2]}",
            "5: key 'timeline[0].reboot[1]': '2' is there already; allowed: each node once"
        ),
        (
            "timeline:\n  - {at: 5s, power_on: best_connected}",
            "5: key 'timeline[0].power_on': expected a node, found 'best_connected'; allowed: node ids 1...5, all, sinks"
        ),
        (
            "timeline:\n  - {at: 5s, block_link: [1]}",
            "5: key 'timeline[0].block_link': 1 nodes; allowed: two different nodes, as [1, 2]"
        ),
        (
            "timeline:\n  - {at: 5s, block_link: [1, 1]}",
            "5: key 'timeline[0].block_link': the same node twice; allowed: two different nodes, as [1, 2]"
        ),
        (
            "expect:\n  - {formed: 5s}",
            "5: key 'expect[0].formed': unknown key; allowed: \(kinds), after, at, of, percent"
        ),
        (
            "expect:\n  - {after: 5s}",
            "5: key 'expect[0]': no expectation; allowed: one of \(kinds)"
        ),
        ("expect:\n  - {healed_within: 5s}", "5: key 'expect[0].after': missing; allowed: a time such as 60s"),
        (
            "expect:\n  - {healed_within: 5s, after: 98s}",
            "5: key 'expect[0].healed_within': out of range: 5s; "
                + "allowed: 0s...2s, as 60s, 1.5s, 250ms, 2min, 1h"
        ),
        ("expect:\n  - {formed_by: 5s, after: 3s}", "5: key 'expect[0].after': only beside healed_within"),
        (
            "timeline:\n  - {at: 5s, power_off: {random: 110%}}",
            "5: key 'timeline[0].power_off.random': unknown share '110%'; allowed: 0%...100%, or a number of nodes"
        ),
        (
            "timeline:\n  - {at: 5s, power_off: {}}",
            "5: key 'timeline[0].power_off': no choice; allowed: random, within"
        ),
        (
            "timeline:\n  - {at: 5s, reboot: [1], for: 5s}",
            "5: key 'timeline[0].for': not with reboot; "
                + "allowed: beside power_off, block_link, partition, noise, raise_wall, adversary, adapter_reset, packet_loss, "
                + "slow_host, busy_stack, repeat_data, corrupt_data"
        ),
        (
            "timeline:\n  - {at: 5s, reboot: [1], times: 3}",
            "5: key 'timeline[0].times': how far apart?; allowed: only beside every"
        ),
        (
            "timeline:\n  - {at: 50s, reboot: [1], every: 20s, times: 4}",
            "5: key 'timeline[0].times': out of range: 4; allowed: 1...3 times before the end"
        ),
        (
            "timeline:\n  - {at: 5s, partition: []}",
            "5: key 'timeline[0].partition': an empty list; "
                + "allowed: groups of nodes, as [[1, 2], [3, 4]]; one group is cut off from all others"
        ),
        (
            "radio: ble\ntimeline:\n  - {at: 5s, move: {node: 1, path: [[0, 1]]}}",
            "6: key 'timeline[0].move': how fast?; allowed: speed_m_s, or one node and to, which jumps"
        ),
        (
            "radio: reference\ntimeline:\n  - {at: 5s, noise: {db: 10}}",
            "6: key 'timeline[0].noise': the reference radio cannot do this; allowed: with radio: ble"
        ),
        (
            "timeline:\n  - {at: 5s, noise: {}}",
            "5: key 'timeline[0].noise.db': missing; allowed: 0...60 dB"
        ),
        (
            "timeline:\n  - {at: 5s, noise: {db: 61}}",
            "5: key 'timeline[0].noise.db': out of range: 61; allowed: 0...60 dB"
        ),
        (
            "timeline:\n  - {at: 5s, noise: {level: 6}}",
            "5: key 'timeline[0].noise.level': unknown key; allowed: db, channels, nodes"
        ),
        (
            "timeline:\n  - {at: 5s, noise: {db: 6, channels: 37}}",
            "5: key 'timeline[0].noise.channels': unknown value '37'; allowed: advertising, data, all"
        ),
        (
            "timeline:\n  - {at: 5s, noise: {db: 6, nodes: [9]}}",
            "5: key 'timeline[0].noise.nodes[0]': no node 9; allowed: node ids 1...5, best_connected, all, sinks"
        ),
        (
            "radio: reference\ntimeline:\n  - {at: 5s, raise_wall: {from: [0, 0], to: [1, 1], loss_db: 6}}",
            "6: key 'timeline[0].raise_wall.loss_db': the reference radio cannot do this; allowed: with radio: ble"
        ),
        (
            "timeline:\n  - {at: 5s, raise_wall: {from: [0, 0], to: [1, 1], loss_db: 61}}",
            "5: key 'timeline[0].raise_wall.loss_db': out of range: 61; allowed: 0...60 dB"
        ),
        (
            "timeline:\n  - {at: 5s, raise_wall: {from: [0, 0], to: [1, 1], loss: 6}}",
            "5: key 'timeline[0].raise_wall.loss': unknown key; allowed: from, to, loss_db"
        ),
        (
            "timeline:\n  - {at: 5s, raise_wall: {from: [0, 0], to: [1, 1]}}\n"
                + "  - {at: 6s, remove_wall: {from: [0, 0], to: [1, 2]}}",
            "6: key 'timeline[1].remove_wall': no such wall; "
                + "allowed: from and to of a raise_wall or of radio.walls"
        ),
        (
            "timeline:\n  - {at: 5s, packet_loss: {nodes: all, percent: 95}}",
            "5: key 'timeline[0].packet_loss.percent': out of range: 95; allowed: 0...90 %"
        ),
        (
            "timeline:\n  - {at: 5s, busy_stack: {nodes: all}}",
            "5: key 'timeline[0].busy_stack.percent': missing; allowed: 0...100 %"
        ),
        (
            "timeline:\n  - {at: 5s, repeat_data: {percent: 5}}",
            "5: key 'timeline[0].repeat_data.nodes': missing; allowed: node ids 1...5"
        ),
        (
            "timeline:\n  - {at: 5s, corrupt_data: {nodes: [9], percent: 5}}",
            "5: key 'timeline[0].corrupt_data.nodes[0]': no node 9; allowed: node ids 1...5, best_connected, all, sinks"
        ),
        (
            "timeline:\n  - {at: 5s, slow_host: {nodes: [1], percent: 5}}",
            "5: key 'timeline[0].slow_host.percent': unknown key; allowed: nodes, every"
        ),
        (
            "timeline:\n  - {at: 5s, slow_host: {nodes: [1], every: 2min}}",
            "5: key 'timeline[0].slow_host.every': out of range: 2min; "
                + "allowed: 0.001s...60s, as 60s, 1.5s, 250ms, 2min, 1h"
        ),
        (
            "timeline:\n  - {at: 5s, adapter_reset: []}",
            "5: key 'timeline[0].adapter_reset': an empty list; allowed: node ids 1...5, best_connected, all, sinks"
        ),
        (
            "network: {link_encryption: never}",
            "4: key 'network.link_encryption': expected true or false, found 'never'; allowed: true, false"
        ),
        (
            "strangers: [{nodes: [1, 2]}]",
            "4: key 'strangers[0]': nothing strange about them; allowed: network or key"
        ),
        (
            "strangers: [{nodes: [1], network: 12}, {nodes: [1], network: 13}]",
            "4: key 'strangers[1].nodes': node 1 is a stranger already; allowed: each node once"
        ),
        (
            "messages: [{every: 5s}]",
            "4: key 'messages[0].kind': missing; allowed: ping, report, broadcast, unicast"
        ),
        (
            "messages: [{kind: report, every: 5s, to: 3}]",
            "4: key 'messages[0].to': not with report; allowed: only beside kind: ping or unicast"
        ),
        (
            "expect: [{latency_within: 2s}]",
            "4: key 'expect[0].latency_within': no messages to deliver; allowed: beside 'messages'"
        ),
        ("expect: [{clusters: 2}]", "4: key 'expect[0].at': missing; allowed: a time such as 60s"),
        (
            "expect: [{clusters: 2, at: 5s, of: ping}]",
            "4: key 'expect[0].of': only beside delivered_at_least, latency_within"
        ),
        (
            "expect:\n  - {always: [no_sleep]}",
            "5: key 'expect[0].always[0]': unknown value 'no_sleep'; "
                + "allowed: no_loops, one_master_bit, degree_limits, sizes_consistent, no_duplicates, one_root, "
                + "keys_ordered, keys_unique"
        ),
        ("timeline: [1", "4: not YAML: did not find expected ',' or ']'; allowed: YAML indented with spaces"),
        ("\tseed: 1", "4: not YAML: found character that cannot start any token; allowed: YAML indented with spaces"),
    ])
    func mistakesAreNamed(addition: String, line: String) {
        expect(Self.start + addition, line)
    }

    @Test(arguments: [
        ("", "1: the file is empty"),
        (
            "- 1",
            "1: expected a group of keys, found a list; allowed: name, question, seed, duration, radio, area, nodes, "
                + "sinks, unenrolled, network, strangers, traffic, messages, timeline, expect"
        ),
        (
            "question: Q?\nduration: 5s",
            "1: key 'nodes': missing; allowed: count and placement, positions, or layout"
        ),
        (
            "question: Q?\nduration: 5s\nnodes: {count: -3}",
            "3: key 'nodes.count': out of range: -3; allowed: 1...100000 nodes"
        ),
        (
            "question: Q?\nduration: 5s\nnodes: {count: 100001}",
            "3: key 'nodes.count': out of range: 100001; allowed: 1...100000 nodes"
        ),
        (
            "question: Q?\nduration: 5s\nnodes: {count: 3, placement: ring}",
            "3: key 'nodes.placement': unknown value 'ring'; allowed: random, dense, scaled"
        ),
        (
            "question: Q?\nduration: 5s\nnodes: {placement: random}",
            "3: key 'nodes': no description of the nodes; allowed: one of count, positions, layout"
        ),
        (
            "question: Q?\nduration: 5s\nnodes: {positions: [[1, 2]], placement: random}",
            "3: key 'nodes.placement': only beside count"
        ),
        (
            "question: Q?\nduration: 5s\nnodes: {positions: [[1]]}",
            "3: key 'nodes.positions[0]': 1 numbers; allowed: [x, y] or [x, y, z] in metres"
        ),
        (
            "question: Q?\nduration: 5s\nnodes: {positions: [[1, here]]}",
            "3: key 'nodes.positions[0][1]': expected a number, found 'here'; allowed: -100000...100000 m"
        ),
        (
            "question: Q?\nduration: 5s\nnodes: {positions: []}",
            "3: key 'nodes.positions': 0 positions; allowed: 1...1999 positions"
        ),
        (
            "question: Q?\nduration: 5s\nnodes:\n  layout: nowhere.json",
            "4: key 'nodes.layout': no such file: folder/nowhere.json; "
                + "allowed: a layout file, relative to the scenario"
        ),
    ])
    func incompleteFilesAreNamed(text: String, line: String) {
        expect(text, line)
    }

    @Test func theFileItselfMayBeMissing() {
        #expect(
            throws: ConfigurationError(file: "/nowhere/s.yaml", problem: "no such file"),
            performing: { try ScenarioFile(path: "/nowhere/s.yaml") }
        )
    }

    @Test func anErrorStaysOneLine() {
        do {
            _ = try ScenarioFile(yaml: "\"a\\nb\": 1", file: "a.yaml")
            Issue.record("the key is unknown")
        } catch {
            #expect(!error.description.contains("\n"))
        }
    }

    private func expect(_ text: String, _ line: String) {
        do {
            _ = try ScenarioFile(yaml: text, file: "folder/a.yaml")
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.description == "folder/a.yaml:" + line)
        }
    }
}
