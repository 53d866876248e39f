#!/usr/bin/env python3
"""Records real TCP connections between two Linux kernels, with the states they really went through.

    npm run record-kernel -- OUT_FOLDER [SCENARIO ...]      (Linux, root; --list names the scenarios)

Two network namespaces, A and B, are joined by TAP devices whose other ends this program holds: it is the wire. It
delays each frame by half the path, writes it down (middle.pcap), delays it by the other half and hands it over; rules
drop, delay, copy, damage or hide frames, and forged ones can be put in. What each host's kernel sent and received is
at-a.pcap and at-b.pcap. The kernels' own transitions come from the tracepoint sock:inet_sock_set_state; what it leaves
out (request sockets, the mini sockets of TIME_WAIT and FIN_WAIT_2) from dumps over NETLINK_SOCK_DIAG after each frame
with SYN, FIN or RST and every few milliseconds. The result, truth.json, has the form that `npm run kernel-truth` reads.
"""

import argparse
import ctypes
import fcntl
import heapq
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

from kernel_scenarios import DRAWN, SCENARIOS

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
NAMES = {1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RCVD", 4: "FIN_WAIT_1", 5: "FIN_WAIT_2", 6: "TIME_WAIT", 7: "CLOSED",
         8: "CLOSE_WAIT", 9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING", 12: "SYN_RCVD"}
TRACED = {"TCP_ESTABLISHED": 1, "TCP_SYN_SENT": 2, "TCP_SYN_RECV": 3, "TCP_FIN_WAIT1": 4, "TCP_FIN_WAIT2": 5,
          "TCP_TIME_WAIT": 6, "TCP_CLOSE": 7, "TCP_CLOSE_WAIT": 8, "TCP_LAST_ACK": 9, "TCP_LISTEN": 10, "TCP_CLOSING": 11,
          "TCP_NEW_SYN_RECV": 12}
TRACE = "/sys/kernel/tracing"
INSTANCE = TRACE + "/instances/tcpstate"
MAC = {"A": bytes.fromhex("02000000000a"), "B": bytes.fromhex("02000000000b")}
# Kernel and wire keep the same clock; truth and captures are moved to CLOCK_REALTIME by one offset.
OFFSET = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def now():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def sh(command):
    subprocess.run(command, shell=True, check=True)


def checksum(data):
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total >> 16) + (total & 0xFFFF)
    return total ^ 0xFFFF


class Segment:
    """A frame with TCP in it, as far as rules want to know."""

    def __init__(self, frame):
        self.ok = False
        kind = struct.unpack("!H", frame[12:14])[0]
        if kind == 0x0800 and frame[23] == 6:
            self.ip = 20
            self.src, self.dst = frame[26:30], frame[30:34]
            total = struct.unpack("!H", frame[16:18])[0] - 20
        elif kind == 0x86DD and frame[20] == 6:
            self.ip = 40
            self.src, self.dst = frame[22:38], frame[38:54]
            total = struct.unpack("!H", frame[18:20])[0]
        else:
            return
        self.ok = True
        self.at = 14 + self.ip
        (self.sport, self.dport, self.seq, self.ack, self.offset, self.flags, self.window) = struct.unpack(
            "!HHIIBBH", frame[self.at:self.at + 16])
        self.header = (self.offset >> 4) * 4
        self.length = total - self.header
        self.end = (self.seq + self.length + bool(self.flags & SYN) + bool(self.flags & FIN)) & 0xFFFFFFFF

    def matches(self, what):
        f = self.flags
        return {"any": True, "syn": f & (SYN | ACK) == SYN, "synack": f & (SYN | ACK) == SYN | ACK,
                "fin": bool(f & FIN), "rst": bool(f & RST), "data": self.length > 0 and not f & SYN,
                "data-only": self.length > 0 and not f & (SYN | FIN),
                "ack": self.length == 0 and f & (SYN | FIN | RST) == 0}[what]


def seal(frame, segment):
    """The frame with its TCP and IP checksums set anew."""
    frame = bytearray(frame)
    at = segment.at
    if segment.ip == 20:
        frame[24:26] = b"\0\0"
        frame[24:26] = struct.pack("!H", checksum(bytes(frame[14:34])))
    frame[at + 16:at + 18] = b"\0\0"
    body = bytes(frame[at:])
    pseudo = segment.src + segment.dst + (
        struct.pack("!BBH", 0, 6, len(body)) if segment.ip == 20 else struct.pack("!II", len(body), 6))
    frame[at + 16:at + 18] = struct.pack("!H", checksum(pseudo + body))
    return bytes(frame)


class Pcap:
    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        self.pending = []

    def write(self, t, frame):
        self.pending.append((t, len(self.pending), frame))

    def close(self):
        for t, _, frame in sorted(self.pending):
            t += OFFSET
            self.file.write(struct.pack("<IIII", t // 10**9, t % 10**9, len(frame), len(frame)) + frame)
        self.file.close()


class Host:
    """A network namespace with one TAP device."""

    def __init__(self, name, v6, number):
        self.name = name
        self.ns = f"tcpstate-{name.lower()}"
        last = 1 if name == "A" else 2
        self.family = socket.AF_INET6 if v6 else socket.AF_INET
        self.addr = f"fd00:{number:x}::{last}" if v6 else f"10.78.{number}.{last}"
        peer, peer_mac = (f"fd00:{number:x}::{3 - last}" if v6 else f"10.78.{number}.{3 - last}"), MAC["B" if name == "A" else "A"]
        subprocess.run(f"ip netns del {self.ns}", shell=True, stderr=subprocess.DEVNULL)
        sh(f"ip netns add {self.ns}")
        self.handle = os.open(f"/run/netns/{self.ns}", os.O_RDONLY)
        self.enter()
        self.tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.tap, TUNSETIFF, struct.pack("16sH22x", b"wire0", IFF_TAP | IFF_NO_PI))
        mask = 64 if v6 else 24
        for command in (
            "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.wire0.router_solicitations=0",
            f"ip link set wire0 address {MAC[name].hex(':')}", "ip link set lo up", "ip link set wire0 up",
            f"ip addr add {self.addr}/{mask} dev wire0" + (" nodad" if v6 else ""),
            f"ip neigh replace {peer} lladdr {peer_mac.hex(':')} dev wire0 nud permanent",
        ):
            sh(command)
        self.diag = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)
        leave()

    def enter(self):
        if LIBC.setns(self.handle, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def sysctl(self, key, value):
        self.enter()
        sh(f"sysctl -qw {key}={value}")
        leave()

    def socket(self):
        self.enter()
        s = socket.socket(self.family, socket.SOCK_STREAM)
        leave()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.setblocking(False)
        return s

    def dump(self):
        """{(port, peer port): state} of all sockets with a peer, minis and requests included."""
        request = struct.pack("=BBBBI", self.family, 6, 0, 0, 0xFFF & ~(1 << 10) | 1 << 12) + b"\0" * 48
        self.diag.send(struct.pack("=IHHII", 16 + len(request), 20, 0x301, 1, 0) + request)
        found = {}
        while True:
            data = self.diag.recv(1 << 16)
            while data:
                size, kind = struct.unpack("=IH", data[:6])
                if kind == 3 or kind == 2:
                    return found
                state, = struct.unpack("=B", data[17:18])
                sport, dport = struct.unpack("!HH", data[20:24])
                if dport:
                    found[(sport, dport)] = state
                data = data[(size + 3) & ~3:]


ROOT_NS = os.open("/proc/self/ns/net", os.O_RDONLY)


def leave():
    LIBC.setns(ROOT_NS, CLONE_NEWNET)


class Wire(threading.Thread):
    """Carries frames between the hosts, half the path at a time, and writes them down at three places."""

    def __init__(self, hosts, folder, scenario):
        super().__init__(daemon=True)
        self.hosts = hosts
        self.half = int(scenario.get("delay_ms", 5) * 1e6 / 2)
        self.rules = [dict(rule, seen=0) for rule in scenario.get("wire", ())]
        self.pcaps = {"A": Pcap(folder + "/at-a.pcap"), "M": Pcap(folder + "/middle.pcap"), "B": Pcap(folder + "/at-b.pcap")}
        self.queue = []
        self.count = 0
        self.lock = threading.Lock()
        self.latest = {}
        self.frames = {}
        self.polls = {"A": [], "B": []}
        self.fins = []
        self.over = False
        self.capturing = scenario.get("capture_from_start", True)

    def later(self, t, action, *args):
        with self.lock:
            self.count += 1
            heapq.heappush(self.queue, (t, self.count, action, args))

    def capture(self, where, t, frame, hidden=()):
        name = {"A": "at-a", "B": "at-b", "M": "middle"}[where]
        if not self.capturing or name in hidden:
            return
        self.pcaps[where].write(t, frame)
        segment = Segment(frame)
        if segment.ok:
            key = tuple(sorted((segment.sport, segment.dport)))
            counts = self.frames.setdefault(key, {"at-a": 0, "middle": 0, "at-b": 0})
            counts[name] += 1

    def poll(self, host):
        before = now()
        self.polls[host].append((before, self.hosts[host].dump()))

    def leaves(self, source, frame):
        """A frame comes out of a host."""
        t = now()
        segment = Segment(frame)
        if not segment.ok:
            return
        self.latest[source] = (segment, frame)
        if segment.flags & FIN:
            self.fins.append((t + OFFSET, source, (segment.sport, segment.dport)))
        if segment.flags & (SYN | FIN | RST):
            self.poll(source)
        hidden, extra, drop, damage, copy, icmp = (), 0, None, False, None, None
        for rule in self.rules:
            if rule.get("dir", "A>B")[0] != source or not segment.matches(rule["match"]) or t < rule.get("after", 0):
                continue
            rule["seen"] += 1
            nth = rule.get("nth")
            if nth is not None and rule["seen"] not in nth:
                continue
            action = rule["action"]
            if action == "drop":
                drop = rule.get("where", "far")
            elif action == "hide":
                hidden = rule["at"]
            elif action == "delay":
                extra = int(rule["ms"] * 1e6)
            elif action == "duplicate":
                copy = int(rule.get("ms", 0) * 1e6)
            elif action == "corrupt":
                damage = True
            elif action == "icmp":
                drop, icmp = "far", rule["code"]
        self.capture(source, t, frame, hidden)
        if drop != "near":
            self.later(t + self.half, self.passes, source, frame, hidden, extra, drop, damage, copy, icmp)

    def passes(self, source, frame, hidden, extra, drop, damage, copy, icmp):
        t = now()
        self.capture("M", t, frame, hidden)
        if icmp is not None:
            self.unreachable(source, frame, icmp)
        if drop:
            return
        if damage:
            at = Segment(frame).at + 14
            frame = frame[:at] + bytes([frame[at] ^ 0x41]) + frame[at + 1:]
        self.later(t + self.half + extra, self.arrives, source, frame, hidden)
        if copy is not None:
            self.later(t + self.half + copy, self.arrives, source, frame, hidden)

    def arrives(self, source, frame, hidden):
        target = "B" if source == "A" else "A"
        segment = Segment(frame)
        control = segment.ok and segment.flags & (SYN | FIN | RST)
        if control:
            self.poll(target)
        self.capture(target, now(), frame, hidden)
        os.write(self.hosts[target].tap, frame)
        if segment.ok:
            self.poll(target)

    def inject(self, source, flags, seq=0, ack=0, length=0, ts=0):
        """A segment forged on the path, as from `source`, with numbers relative to what it would send next."""
        last, frame = self.latest[source]
        peer = self.latest["B" if source == "A" else "A"][0]
        bits = sum({"S": SYN, "A": ACK, "R": RST, "F": FIN, "P": PSH}[c] for c in flags)
        frame = bytearray(frame[:last.at + last.header] + bytes(length))
        at = last.at
        struct.pack_into("!II", frame, at + 4, (last.end + seq) & 0xFFFFFFFF,
                         (peer.end + ack) & 0xFFFFFFFF if bits & ACK else 0)
        frame[at + 13] = bits
        if ts:
            i = at + 20
            while i < at + last.header and frame[i] not in (0, 8):
                i += 1 if frame[i] == 1 else frame[i + 1]
            value, = struct.unpack_from("!I", frame, i + 2)
            struct.pack_into("!I", frame, i + 2, (value + ts) & 0xFFFFFFFF)
        size = len(frame) - 14
        struct.pack_into("!H", frame, 16 if last.ip == 20 else 18, size if last.ip == 20 else size - 40)
        self.later(now(), self.passes, source, seal(frame, last), (), 0, None, False, None, None)

    def unreachable(self, source, frame, code):
        """The path answers with ICMP destination unreachable."""
        segment = Segment(frame)
        other = "B" if source == "A" else "A"
        quote = frame[14:14 + segment.ip + 40]
        if segment.ip == 20:
            message = struct.pack("!BBHI", 3, code, 0, 0) + quote
            message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
            ip = bytearray(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 7, 0, 64, 1, 0) + segment.dst + segment.src)
            ip[10:12] = struct.pack("!H", checksum(bytes(ip)))
            packet = bytes(ip) + message
        else:
            message = struct.pack("!BBHI", 1, code, 0, 0) + quote
            pseudo = segment.dst + segment.src + struct.pack("!II", len(message), 58)
            message = message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]
            packet = struct.pack("!IHBB", 0x60000000, len(message), 58, 64) + segment.dst + segment.src + message
        reply = MAC[source] + MAC[other] + frame[12:14] + packet
        t = now()
        self.capture("M", t, reply)
        self.later(t + self.half, self.arrives, other, reply, ())

    def run(self):
        taps = {self.hosts["A"].tap: "A", self.hosts["B"].tap: "B"}
        next_poll = now()
        while not self.over:
            with self.lock:
                wait = min(self.queue[0][0] if self.queue else next_poll, next_poll) - now()
            for tap in select.select(list(taps), [], [], max(0, wait / 1e9))[0]:
                try:
                    self.leaves(taps[tap], os.read(tap, 65536))
                except BlockingIOError:
                    pass
            while True:
                with self.lock:
                    if not self.queue or self.queue[0][0] > now():
                        break
                    _, _, action, args = heapq.heappop(self.queue)
                action(*args)
            if now() >= next_poll:
                self.poll("A")
                self.poll("B")
                next_poll = now() + 8_000_000


class Play:
    """Runs a scenario's steps; each is (what, who, ...). Calls do not block; `until` waits where a step needs it."""

    def __init__(self, hosts, wire, scenario):
        self.hosts, self.wire = hosts, wire
        self.sockets, self.listener, self.calls = {}, {}, []
        self.port = scenario.get("port", 80)
        for what, *args in scenario["steps"]:
            options = args.pop() if args and isinstance(args[-1], dict) else {}
            getattr(self, what)(*args, **options)

    def until(self, ready, seconds=15):
        limit = time.time() + seconds
        while not ready():
            if time.time() > limit:
                raise TimeoutError("a step waits too long")
            time.sleep(0.0005)

    def listen(self, who, backlog=10, **options):
        s = self.hosts[who].socket()
        s.bind((self.hosts[who].addr, self.port))
        if options.get("fastopen"):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
        s.listen(backlog)
        self.listener[who] = s

    def unlisten(self, who):
        self.listener.pop(who).close()

    def connect(self, who, port=40001, wait=True, name="", to=None, data=0):
        s = self.hosts[who].socket()
        s.bind((self.hosts[who].addr, port))
        other = self.hosts["B" if who == "A" else "A"]
        address = (other.addr, to or self.port)
        self.sockets[who + name] = s
        if data:
            s.sendto(b"x" * data, 0x20000000, address)
        else:
            s.connect_ex(address)
        if wait:
            self.until(lambda: self.state(s) != 2)

    def state(self, s):
        return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]

    def accept(self, who, name=""):
        def ready():
            try:
                self.sockets[who + name] = self.listener[who].accept()[0]
                return True
            except BlockingIOError:
                return False
        self.until(ready)
        self.sockets[who + name].setblocking(False)

    def send(self, who, size):
        s = self.sockets[who]
        left = size
        while left:
            try:
                left -= s.send(b"d" * min(left, 65536))
            except BlockingIOError:
                time.sleep(0.001)
            except OSError:
                return

    def receive(self, who, size):
        got = 0

        def ready():
            nonlocal got
            try:
                got += len(self.sockets[who].recv(65536))
            except BlockingIOError:
                pass
            return got >= size
        self.until(ready)

    def receive_end(self, who):
        def ready():
            try:
                return self.sockets[who].recv(65536) == b""
            except BlockingIOError:
                return False
            except OSError:
                return True
        self.until(ready)

    def shutdown(self, who):
        self.sockets[who].shutdown(socket.SHUT_WR)

    def close(self, who):
        self.sockets.pop(who).close()

    def abort(self, who):
        s = self.sockets.pop(who)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()

    def option(self, who, name, value):
        level = socket.SOL_SOCKET if name.startswith("SO_") else socket.IPPROTO_TCP
        self.sockets[who].setsockopt(level, getattr(socket, name), value)

    def sleep(self, seconds):
        time.sleep(seconds)

    def inject(self, who, flags, **options):
        self.wire.inject(who, flags, **options)

    def capture(self):
        self.wire.capturing = True

    def rule(self, **rule):
        self.wire.rules.append(dict(rule, seen=0))

    def sysctl(self, who, key, value):
        self.hosts[who].sysctl(key, value)


def traced(hosts):
    """[(t, host, (port, peer port), old, new)] from the tracepoint."""
    found = []
    names = {host.addr: name for name, host in hosts.items()}
    for line in open(INSTANCE + "/trace"):
        if "inet_sock_set_state:" not in line:
            continue
        head, tail = line.split("inet_sock_set_state:")
        fields = dict(item.split("=", 1) for item in tail.split() if "=" in item)
        if fields["protocol"] != "IPPROTO_TCP":
            continue
        v6 = fields["family"] == "AF_INET6"
        addr = socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, fields["saddrv6"])) if v6 else fields["saddr"]
        if addr not in names:
            continue
        t = int(round(float(head.split()[-1].rstrip(":")) * 1e9))
        found.append((t, names[addr], (int(fields["sport"]), int(fields["dport"])),
                      TRACED[fields["oldstate"]], TRACED[fields["newstate"]]))
    return found


def histories(hosts, wire, ports, end):
    """Each host's endpoints from trace and dumps: [(host, key, connection, open, [state, ...])]."""
    result = []
    trace = traced(hosts)
    for host in "AB":
        keys = sorted({key for _, h, key, _, _ in trace if h == host and key[1]} |
                      {key for _, dump in wire.polls[host] for key in dump})
        for key in keys:
            events = [(t, 0, old, new) for t, h, k, old, new in trace if h == host and k == key]
            events += [(t, 1, None, dump.get(key)) for t, dump in wire.polls[host]]
            events.sort(key=lambda e: e[:2])
            # A connect() that failed at once, because the ports are still in use, sends nothing and is no life of its own.
            opens = [e for e in events if e[1] == 0]
            for first, second in zip(opens, opens[1:]):
                if first[3] == 2 and second[2:] == (2, 7) and second[0] - first[0] < 1_000_000:
                    events = [e for e in events if e is not first and e is not second]
            lives, states, full = [], [], None

            def enter(t, state, **more):
                states.append({"state": NAMES[state], "t_ns": str(t + OFFSET), **more})

            def finish():
                nonlocal states
                if states:
                    lives.append(states)
                states = []

            for t, polled, old, new in events:
                last = states[-1]["state"] if states else None
                if not polled:
                    if new == 3 and old in (10, 7, 12) and last == "SYN_RCVD":
                        full = 3
                        continue
                    if new == 2 and states:
                        if last == "TIME_WAIT" or last == "FIN_WAIT_2":
                            enter(t, 7, evidence="trace", note="replaced by a new connection")
                        finish()
                    if new == 7:
                        if full == 7 or not states:
                            continue
                        full = 7
                        enter(t, 7, evidence="trace")
                        continue
                    if new == 3 and states and last in ("TIME_WAIT", "CLOSED", "LISTEN"):
                        if last == "TIME_WAIT":
                            enter(t, 7, evidence="trace", note="replaced by a new connection")
                        finish()
                    full = new
                    # close() after shutdown() reports FIN_WAIT_2 once more.
                    if NAMES[new] != last:
                        enter(t, new, evidence="trace")
                    continue
                # A dump: requests (SYN_RECV without a full socket) and minis (after the full socket's CLOSED).
                if new == 3 and (full is None or full == 7):
                    if last != "SYN_RCVD":
                        if last == "TIME_WAIT":
                            enter(t, 7, evidence="poll", note="replaced by a new connection")
                        finish()
                        enter(t, 3, evidence="poll", note="request socket")
                        full = None
                elif new is None and last == "SYN_RCVD" and full is None:
                    enter(t, 10, evidence="poll", note="request socket dropped")
                elif full == 7 and new in (5, 6) and states:
                    if last == "CLOSED":
                        moment = states.pop()
                        before = states[-1]["state"] if states else None
                        if NAMES[new] != before:
                            if new == 6 and before == "FIN_WAIT_1":
                                states.append({**moment, "state": "FIN_WAIT_2", "transient": True})
                            states.append({**moment, "state": NAMES[new], "note": "mini socket"})
                    elif last == "FIN_WAIT_2" and new == 6:
                        enter(t, 6, evidence="poll", note="mini socket")
                elif full == 7 and new is None and last in ("FIN_WAIT_2", "TIME_WAIT"):
                    enter(t, 7, evidence="poll", note="mini socket gone")
            finish()
            for number, life in enumerate(lives, 1):
                result.append((host, key, number, life))
    return result


def mark(states, frames_at, fins_at):
    """Marks what one segment led through (transient) and what no segment goes with (silent)."""
    for i, state in enumerate(states):
        t = int(state["t_ns"])
        nxt = states[i + 1] if i + 1 < len(states) else None
        if nxt and int(nxt["t_ns"]) - t < 60_000 and state["state"] in ("SYN_RCVD", "FIN_WAIT_2", "ESTABLISHED"):
            between = [f for f in frames_at if t - 200_000 < f < int(nxt["t_ns"]) + 200_000]
            if len(between) <= 2 and state["state"] != "ESTABLISHED" or state["state"] == "ESTABLISHED" and \
                    nxt["state"] == "CLOSE_WAIT" and len(between) <= 2:
                state["transient"] = True
        if state["state"] in ("FIN_WAIT_1", "LAST_ACK") and not any(t - 1_000_000 < f < t + 3_000_000 for f in fins_at):
            state["silent"] = True
        if state["state"] in ("CLOSED", "LISTEN") and i and "replaced" not in state.get("note", ""):
            window = 12_000_000 if state["evidence"] == "poll" else 3_000_000
            if not any(t - window < f < t + 3_000_000 for f in frames_at):
                state["silent"] = True


def record(name, out, number):
    kind, _, seed = name.partition("-")
    scenario = DRAWN[kind](int(seed)) if kind in DRAWN and seed.isdigit() else SCENARIOS[name]
    folder = os.path.join(out, name)
    os.makedirs(folder, exist_ok=True)
    v6 = scenario.get("v6", False)
    hosts = {host: Host(host, v6, number) for host in "AB"}
    for who, key, value in scenario.get("sysctls", ()):
        hosts[who].sysctl(key, value)
    if not os.path.isdir(INSTANCE):
        os.mkdir(INSTANCE)
    for path, value in (("trace_clock", "mono"), ("trace", ""), ("events/sock/inet_sock_set_state/enable", "1")):
        with open(f"{INSTANCE}/{path}", "w") as f:
            f.write(value)
    wire = Wire(hosts, folder, scenario)
    start = now()
    wire.start()
    try:
        play = Play(hosts, wire, scenario)
        time.sleep(scenario.get("linger", 0.4))
    finally:
        end = now()
        wire.over = True
        wire.join()
        with open(f"{INSTANCE}/events/sock/inet_sock_set_state/enable", "w") as f:
            f.write("0")
    times = {w: [t + OFFSET for t, _, frame in p.pending] for w, p in wire.pcaps.items()}
    begin = min((t for p in wire.pcaps.values() for t, _, _ in p.pending), default=start)
    for pcap in wire.pcaps.values():
        pcap.close()
    endpoints = []
    from_start = scenario.get("capture_from_start", True)
    zero = (start if from_start else begin) + OFFSET
    for host, key, connection, states in histories(hosts, wire, None, end):
        other = hosts["B" if host == "A" else "A"]
        mark(states, times[host], [t for t, source, pair in wire.fins if source == host and pair == key])
        for state in states:
            state["t"] = round((int(state["t_ns"]) - zero) / 1e9, 6)
        endpoints.append({"role": host, "addr": hosts[host].addr, "port": key[0], "peer_addr": other.addr, "peer_port": key[1],
                          "connection": connection, "states": states,
                          "frames": wire.frames.get(tuple(sorted(key)), {"at-a": 0, "middle": 0, "at-b": 0})})
    truth = {"scenario": name, "description": scenario.get("description", ""), "kernel": "Linux " + os.uname().release,
             "capture": {"start_ns": str(zero), "end_ns": str(end + OFFSET), "one_way_delay_ms": scenario.get("delay_ms", 5),
                         "from_the_start": from_start},
             "wire": scenario.get("wire", []), "endpoints": endpoints}
    with open(folder + "/truth.json", "w") as f:
        json.dump(truth, f, indent=1)
    for host in hosts.values():
        os.close(host.tap)
        os.close(host.handle)
        sh(f"ip netns del {host.ns}")
    print(name)
    for e in endpoints:
        print("   ", e["role"], e["port"], f"#{e['connection']}", " ".join(
            s["state"] + ("*" if s.get("silent") else "") + ("~" if s.get("transient") else "") for s in e["states"]), e["frames"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?")
    parser.add_argument("scenarios", nargs="*")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--random", default="", metavar="FROM-TO", help="scenarios drawn at random, by seed")
    parser.add_argument("--hostile", default="", metavar="FROM-TO",
                        help="the same with forged segments, other settings, ports used again, captures begun late")
    args = parser.parse_args()
    if args.list or not args.out:
        print("\n".join(f"{name:32} {s.get('description', '')}" for name, s in SCENARIOS.items()))
        return 0
    if os.geteuid() != 0 or sys.platform != "linux":
        print("record-kernel: needs Linux and root", file=sys.stderr)
        return 2
    if not os.path.isdir(TRACE + "/events"):
        sh(f"mount -t tracefs nodev {TRACE}")
    drawn = {"random": args.random, "hostile": args.hostile}
    if any(drawn.values()):
        chosen = [f"{kind}-{seed}" for kind, seeds in drawn.items() if seeds
                  for low, high in [map(int, seeds.split("-"))] for seed in range(low, high + 1)]
    else:
        chosen = [n for n in SCENARIOS if not args.scenarios or any(part in n for part in args.scenarios)]
    for number, name in enumerate(chosen):
        try:
            record(name, args.out, number % 250 + 1)
        except (TimeoutError, OSError) as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
