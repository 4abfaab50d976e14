"""Measures daemons on virtual controllers and prints one line for each figure. Run by `Tests/Lab/run --measure`.

Times of virtual controllers say how fast the code is, not how fast radios are.
"""
import sys
import time

import access
import lab
import le_host

PING_TIMES = 50
MESSAGES = 300
# A raw message that fills a write of 60 bytes: header, and so much text.
TEXT = bytes(range(52))


def formation(air, settings="", mode="classic"):
    for nodes in (2, 5, 8):
        seconds = []
        for _ in range(3):
            mesh = lab.Mesh(air, nodes, settings=settings)
            mesh.wait_for_one_cluster(timeout=180)
            seconds.append(time.monotonic() - mesh.started)
            mesh.stop()
        print(f"{air.name}: {nodes} {mode} daemons form in {lab.median(seconds):.1f} s (3 runs: "
              + ", ".join(f"{s:.1f}" for s in sorted(seconds)) + ")", flush=True)


def trips(mesh):
    source, _, _ = mesh.most_distant()
    values = lab.ping(source, mesh.hops(source), PING_TIMES)
    for hops, times in sorted(values.items()):
        print(f"{mesh.air.name}: ping over {hops} hops: median {lab.median(times):.1f} ms, p95 "
              f"{lab.percentile95(times):.1f} ms ({len(times)} pings)", flush=True)


def throughput(mesh):
    for wanted in (1, 2):
        pairs = [(node, mesh.node(other)) for node in mesh.nodes for other, hops in mesh.hops(node).items() if hops == wanted]
        if not pairs:
            continue
        source, receiver = pairs[0]
        monitor = receiver.monitor()
        began = time.monotonic()
        messages = []
        for number in range(MESSAGES):
            messages.append(source.send(lab.RAW_DATA_LIGHT, receiver.id, b"\0\0\xc8" + number.to_bytes(2, "little") + TEXT[2:]).hex())
            # As fast as the receiver hears them, with a few under way: a full queue drops.
            while number - len(monitor.find("delivered")) > 6 and time.monotonic() - began < 60:
                time.sleep(0.001)
        while len(monitor.find("delivered")) < MESSAGES and time.monotonic() - began < 60:
            time.sleep(0.005)
        arrived = [event for event in monitor.find("delivered") if event["bytes"] in set(messages)]
        seconds = (arrived[-1]["arrived"] if arrived else time.monotonic()) - began
        monitor.close()
        print(f"{mesh.air.name}: raw data over {wanted} hops: {len(arrived)} of {MESSAGES} messages of {len(messages[0]) // 2} "
              f"bytes, {len(arrived) * (len(messages[0]) // 2) / seconds / 1000:.1f} kB/s", flush=True)


def star():
    """Eight daemons on one air. The fifth is the centre: it hears all others, and ends with four links.

    That is all classic clustering gives a node: one in, three out; who is taken in gives up its other links (protocol 7.2).
    """
    centre, later = 4, (5, 6, 7)
    edges = [(centre, index) for index in range(9) if index != centre] + [(index, index - 5) for index in later]
    # It starts last of five, so that one of its points connects to it. Three more find places at the points only.
    mesh = lab.Mesh(lab.BumbleAir, 5, controllers=9, topology=edges)
    mesh.wait_for_one_cluster(timeout=180)
    for _ in later:
        mesh.add()
    mesh.wait_for_one_cluster(timeout=180)
    return mesh, mesh.nodes[centre]


def idle(seconds):
    """As in daily life: no capture, discovery with low duty, which begins a minute after the last change."""
    lab.SETTINGS = "discovery: low\n"
    mesh, centre = star()
    # A foreign MeshAccess link is the fifth.
    host = le_host.Host(mesh.air.radio(8).removeprefix("h4:unix:"), bytes.fromhex(lab.KEY), 0xC0_46_4F_52_45_49)
    lab.connect(host, centre.id)
    guest = access.Central(host, 77, bytes.fromhex(lab.KEY))
    guest.discover()
    guest.subscribe()
    guest.handshake()
    quiet = min(75, seconds / 2)
    time.sleep(quiet)
    before, began = centre.processor_time(), time.monotonic()
    time.sleep(seconds - quiet)
    share = 100 * (centre.processor_time() - before) / (time.monotonic() - began)
    links = sum(link["state"] == "handshakeDone" for link in centre.ask("links"))
    resident, private = centre.memory()
    print(f"{mesh.air.name}: node with {links} links after {seconds} s: resident {resident / 1024:.1f} MB, private "
          f"{private / 1024:.1f} MB; processor {share:.2f} % over the last {seconds - quiet:.0f} s", flush=True)
    mesh.stop()


def main():
    only_idle = sys.argv[1:2] == ["idle"]
    if not only_idle:
        for air in (lab.BumbleAir, lab.RootCanalAir):
            formation(air)
            mesh = lab.Mesh(air, 8)
            mesh.wait_for_one_cluster(timeout=180)
            trips(mesh)
            throughput(mesh)
            mesh.stop()
        formation(lab.BumbleAir, lab.GRAFT, "graft")
    idle(int((sys.argv[1 + only_idle :] or ["600"])[0]))


if __name__ == "__main__":
    main()
