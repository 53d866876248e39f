"""The scenarios of record-kernel.py: what the applications do, and what the wire does to them.

A scenario is a dict: `steps` (see Play in record-kernel.py), `wire` (rules: dir, match, nth, action, where), `delay_ms` one
way, `v6`, `sysctls`, `linger` (seconds recorded after the last step). `variants` makes more of one: roles swapped, IPv6,
another delay.
"""

import random

DROP_A = {"dir": "A>B", "action": "drop"}
DROP_B = {"dir": "B>A", "action": "drop"}


def opening(client="A"):
    server = "B" if client == "A" else "A"
    return [("listen", server), ("connect", client), ("accept", server)]


def talk(client="A", up=300, down=1200):
    server = "B" if client == "A" else "A"
    return [("send", client, up), ("receive", server, up), ("send", server, down), ("receive", client, down)]


def closing(first="A", wait=0.06):
    return [("close", first), ("sleep", wait), ("close", "B" if first == "A" else "A")]


def swapped(scenario):
    """The same with A and B exchanged."""
    other = {"A": "B", "B": "A"}

    def step(what, *args):
        if what in ("connect", "listen", "accept", "send", "receive", "receive_end", "shutdown", "close", "abort", "option",
                    "inject", "sysctl", "unlisten"):
            return (what, other[args[0][0]] + args[0][1:], *args[1:])
        return (what, *args)

    result = dict(scenario, steps=[step(*s) if not isinstance(s[-1], dict) else s for s in scenario["steps"]])
    at = {"at-a": "at-b", "at-b": "at-a", "middle": "middle"}
    result["wire"] = [dict(rule, dir={"A>B": "B>A", "B>A": "A>B"}[rule.get("dir", "A>B")],
                           **({"at": [at[a] for a in rule["at"]]} if "at" in rule else {})) for rule in scenario.get("wire", ())]
    result["sysctls"] = [(other[who], key, value) for who, key, value in scenario.get("sysctls", ())]
    return result


BASE = {
    "plain": {"steps": opening() + talk() + closing()},
    "plain-by-server": {"steps": opening() + talk() + closing("B")},
    "three-segment": {"steps": opening() + talk() + [("close", "A"), ("receive_end", "B"), ("close", "B")]},
    "nothing-said": {"steps": opening() + closing()},
    "nothing-said-by-server": {"steps": opening() + closing("B")},
    "half-close": {"steps": opening() + talk() + [("shutdown", "A"), ("receive_end", "B"), ("send", "B", 9000),
                                                  ("receive", "A", 9000), ("close", "B"), ("sleep", 0.05), ("close", "A")]},
    "both-close": {"delay_ms": 20, "steps": opening() + talk() + [("sleep", 0.1), ("close", "A"), ("close", "B")]},
    "both-open": {"delay_ms": 20, "steps": [("connect", "A", 40001, False, "", 40002), ("connect", "B", 40002, False, "", 40001),
                                            ("sleep", 0.2), ("send", "A", 300), ("receive", "B", 300)] + closing()},
    "both-open-syn-lost": {"delay_ms": 20, "wire": [dict(DROP_A, match="syn", nth=[1])],
                           "steps": [("connect", "A", 40001, False, "", 40002), ("connect", "B", 40002, False, "", 40001),
                                     ("sleep", 1.5), ("send", "A", 300), ("receive", "B", 300)] + closing()},
    "both-open-synack-lost": {"delay_ms": 20, "wire": [dict(DROP_A, match="synack", nth=[1])],
                              "steps": [("connect", "A", 40001, False, "", 40002), ("connect", "B", 40002, False, "", 40001),
                                        ("sleep", 2.5), ("send", "A", 300), ("receive", "B", 300)] + closing()},
    "both-open-synacks-cross-lost": {"delay_ms": 20, "wire": [dict(DROP_A, match="synack", nth=[1]), dict(DROP_B, match="synack", nth=[1])],
                                     "steps": [("connect", "A", 40001, False, "", 40002), ("connect", "B", 40002, False, "", 40001),
                                               ("sleep", 2.5), ("send", "A", 300), ("receive", "B", 300)] + closing()},
    # -- loss ---------------------------------------------------------------------------------------------------------------
    "syn-lost": {"wire": [dict(DROP_A, match="syn", nth=[1])], "steps": opening() + talk() + closing()},
    "syn-lost-near": {"wire": [dict(DROP_A, match="syn", nth=[1], where="near")], "steps": opening() + talk() + closing()},
    "synack-lost": {"wire": [dict(DROP_B, match="synack", nth=[1])], "steps": opening() + talk() + closing()},
    "synack-lost-near": {"wire": [dict(DROP_B, match="synack", nth=[1], where="near")], "steps": opening() + talk() + closing()},
    "synack-lost-twice": {"wire": [dict(DROP_B, match="synack", nth=[1, 2, 3])], "steps": opening() + talk() + closing("B")},
    "third-ack-lost-data": {"wire": [dict(DROP_A, match="ack", nth=[1])], "steps": [("listen", "B"), ("connect", "A"), ("sleep", 0.2), ("send", "A", 300), ("accept", "B"), ("receive", "B", 300)] + closing()},
    "third-ack-lost-synack-again": {"wire": [dict(DROP_A, match="ack", nth=[1])], "steps": opening() + talk() + closing()},
    "third-ack-lost-fin": {"wire": [dict(DROP_A, match="ack", nth=[1])], "steps": [("listen", "B"), ("connect", "A"), ("sleep", 0.2), ("close", "A"), ("accept", "B"), ("sleep", 0.1), ("close", "B")]},
    "third-ack-lost-rst": {"wire": [dict(DROP_A, match="ack", nth=[1])], "steps": [("listen", "B"), ("connect", "A"), ("sleep", 0.2), ("abort", "A"), ("sleep", 0.2)]},
    "third-acks-lost": {"wire": [dict(DROP_A, match="ack", nth=[1, 2])], "steps": opening() + talk() + closing()},
    "fin-lost": {"wire": [dict(DROP_A, match="fin", nth=[1])], "steps": opening() + talk() + closing("A", 0.4)},
    "fin-lost-near": {"wire": [dict(DROP_A, match="fin", nth=[1], where="near")], "steps": opening() + talk() + closing("A", 0.4)},
    "fin-lost-thrice": {"linger": 1, "wire": [dict(DROP_A, match="fin", nth=[1, 2, 3])], "steps": opening() + talk() + closing("A", 2.5)},
    "second-fin-lost": {"linger": 1, "wire": [dict(DROP_B, match="fin", nth=[1])], "steps": opening() + talk() + closing()},
    "second-fin-lost-twice": {"linger": 1.5, "wire": [dict(DROP_B, match="fin", nth=[1, 2])], "steps": opening() + talk() + closing()},
    "fins-lost": {"linger": 1, "wire": [dict(DROP_A, match="fin", nth=[1]), dict(DROP_B, match="fin", nth=[1])], "steps": opening() + talk() + closing("A", 0.4)},
    "fin-ack-lost": {"linger": 1, "wire": [dict(DROP_B, match="ack", nth=[3])], "steps": opening() + talk() + closing("A", 0.5)},
    "fin-ack-lost-near": {"linger": 1, "wire": [dict(DROP_B, match="ack", nth=[3], where="near")], "steps": opening() + talk() + closing("A", 0.5)},
    "last-ack-lost": {"linger": 1, "wire": [dict(DROP_A, match="ack", nth=[3])], "steps": opening() + talk() + closing("A", 0.1)},
    "last-ack-lost-near": {"linger": 1, "wire": [dict(DROP_A, match="ack", nth=[3], where="near")], "steps": opening() + talk() + closing("A", 0.1)},
    "both-close-fin-lost": {"delay_ms": 20, "linger": 1, "wire": [dict(DROP_A, match="fin", nth=[1])], "steps": opening() + talk() + [("sleep", 0.1), ("close", "A"), ("close", "B")]},
    "both-close-fins-lost": {"delay_ms": 20, "linger": 1, "wire": [dict(DROP_A, match="fin", nth=[1]), dict(DROP_B, match="fin", nth=[1])], "steps": opening() + talk() + [("sleep", 0.1), ("close", "A"), ("close", "B")]},
    "both-close-ack-lost": {"delay_ms": 20, "linger": 1, "wire": [dict(DROP_A, match="ack", nth=[3])], "steps": opening() + talk() + [("sleep", 0.1), ("close", "A"), ("close", "B")]},
    "both-close-acks-lost": {"delay_ms": 20, "linger": 1, "wire": [dict(DROP_A, match="ack", nth=[3]), dict(DROP_B, match="ack", nth=[2])], "steps": opening() + talk() + [("sleep", 0.1), ("close", "A"), ("close", "B")]},
    "fin-before-data": {"linger": 0.6, "wire": [{"dir": "A>B", "match": "data", "nth": [2], "action": "delay", "ms": 30}], "steps": opening() + talk() + [("send", "A", 600), ("close", "A"), ("sleep", 0.3), ("close", "B")]},
    "data-before-fin-lost": {"linger": 0.6, "wire": [dict(DROP_A, match="data", nth=[2])], "steps": opening() + talk() + [("send", "A", 600), ("close", "A"), ("sleep", 0.5), ("close", "B")]},
    "data-and-fin-lost": {"linger": 0.6, "wire": [dict(DROP_A, match="data", nth=[2]), dict(DROP_A, match="fin", nth=[1])], "steps": opening() + talk() + [("send", "A", 600), ("close", "A"), ("sleep", 1), ("close", "B")]},
    "every-7th-lost": {"linger": 1, "wire": [dict(DROP_A, match="any", nth=list(range(7, 900, 7)))], "steps": opening() + [("send", "A", 90000), ("receive", "B", 90000)] + closing("A", 0.5)},
    "every-5th-back-lost": {"linger": 1, "wire": [dict(DROP_B, match="any", nth=list(range(5, 900, 5)))], "steps": opening() + [("send", "A", 90000), ("receive", "B", 90000)] + closing("A", 0.8)},
    "every-4th-both-lost": {"linger": 2, "wire": [dict(DROP_A, match="any", nth=list(range(4, 900, 4))), dict(DROP_B, match="any", nth=list(range(4, 900, 4)))], "steps": opening() + talk() + [("send", "A", 20000), ("receive", "B", 20000)] + closing("A", 0.8)},
    # -- copies, delays, damage -------------------------------------------------------------------------------------------------
    "copies": {"wire": [{"dir": "A>B", "match": "any", "action": "duplicate", "ms": 1}, {"dir": "B>A", "match": "any", "action": "duplicate", "ms": 1}], "steps": opening() + talk() + closing()},
    "late-fin-copy": {"linger": 1, "wire": [{"dir": "A>B", "match": "fin", "nth": [1], "action": "duplicate", "ms": 300}], "steps": opening() + talk() + closing()},
    "late-second-fin-copy": {"linger": 1, "wire": [{"dir": "B>A", "match": "fin", "nth": [1], "action": "duplicate", "ms": 300}], "steps": opening() + talk() + closing()},
    "late-syn-copy": {"linger": 0.5, "wire": [{"dir": "A>B", "match": "syn", "nth": [1], "action": "duplicate", "ms": 120}], "steps": opening() + talk() + [("sleep", 0.3)] + closing()},
    "late-synack-copy": {"linger": 0.5, "wire": [{"dir": "B>A", "match": "synack", "nth": [1], "action": "duplicate", "ms": 120}], "steps": opening() + talk() + [("sleep", 0.3)] + closing()},
    "old-syn-at-listener": {"linger": 1.6, "wire": [{"dir": "A>B", "match": "syn", "nth": [1], "action": "delay", "ms": 1400}], "steps": opening() + talk() + closing("A", 0.02)},
    "old-syn-at-time-wait": {"linger": 0.8, "wire": [{"dir": "A>B", "match": "syn", "nth": [1], "action": "delay", "ms": 1400}], "steps": opening() + talk() + closing("B", 0.02)},
    "old-syn-at-established": {"linger": 0.8, "wire": [{"dir": "A>B", "match": "syn", "nth": [1], "action": "delay", "ms": 1400}], "steps": opening() + talk() + [("sleep", 0.7)] + closing("B", 0.02)},
    "syn-damaged": {"wire": [{"dir": "A>B", "match": "syn", "nth": [1], "action": "corrupt"}], "steps": opening() + talk() + closing()},
    "synack-damaged": {"wire": [{"dir": "B>A", "match": "synack", "nth": [1], "action": "corrupt"}], "steps": opening() + talk() + closing()},
    "third-ack-damaged": {"wire": [{"dir": "A>B", "match": "ack", "nth": [1], "action": "corrupt"}], "steps": opening() + talk() + closing()},
    "fin-damaged": {"linger": 0.8, "wire": [{"dir": "A>B", "match": "fin", "nth": [1], "action": "corrupt"}], "steps": opening() + talk() + closing("A", 0.4)},
    "second-fin-damaged": {"linger": 0.8, "wire": [{"dir": "B>A", "match": "fin", "nth": [1], "action": "corrupt"}], "steps": opening() + talk() + closing()},
    "last-ack-damaged": {"linger": 0.8, "wire": [{"dir": "A>B", "match": "ack", "nth": [3], "action": "corrupt"}], "steps": opening() + talk() + closing("A", 0.1)},
    "rst-damaged": {"linger": 0.8, "wire": [{"dir": "A>B", "match": "rst", "nth": [1], "action": "corrupt"}], "steps": opening() + talk() + [("abort", "A"), ("sleep", 0.3), ("send", "B", 100), ("sleep", 0.2)]},
    # -- resets -----------------------------------------------------------------------------------------------------------------
    "abort": {"steps": opening() + talk() + [("abort", "A"), ("sleep", 0.1)]},
    "abort-by-server": {"steps": opening() + talk() + [("abort", "B"), ("sleep", 0.1)]},
    "abort-at-once": {"steps": opening() + [("abort", "A"), ("sleep", 0.1)]},
    "abort-after-own-shutdown": {"steps": opening() + talk() + [("shutdown", "A"), ("sleep", 0.1), ("abort", "A"), ("sleep", 0.1)]},
    "abort-after-peer-shutdown": {"steps": opening() + talk() + [("shutdown", "A"), ("sleep", 0.1), ("abort", "B"), ("sleep", 0.1)]},
    "abort-both": {"delay_ms": 20, "steps": opening() + talk() + [("abort", "A"), ("abort", "B"), ("sleep", 0.1)]},
    "rst-lost-then-data": {"linger": 0.5, "wire": [dict(DROP_A, match="rst", nth=[1])], "steps": opening() + talk() + [("abort", "A"), ("sleep", 0.3), ("send", "B", 100), ("sleep", 0.2)]},
    "unread": {"steps": opening() + [("send", "A", 300), ("sleep", 0.05), ("close", "B"), ("sleep", 0.1)]},
    "unread-client": {"steps": opening() + talk("A", 300, 1200) + [("send", "B", 300), ("sleep", 0.05), ("close", "A"), ("sleep", 0.1)]},
    "data-after-close": {"steps": opening() + talk() + [("close", "A"), ("sleep", 0.1), ("send", "B", 500), ("sleep", 0.2)]},
    "data-crosses-close": {"delay_ms": 20, "steps": opening() + talk() + [("sleep", 0.1), ("close", "A"), ("sleep", 0.02), ("send", "B", 500), ("sleep", 0.2)]},
    "data-crosses-abort": {"delay_ms": 20, "steps": opening() + talk() + [("sleep", 0.1), ("abort", "A"), ("sleep", 0.01), ("send", "B", 500), ("sleep", 0.2)]},
    "refused": {"steps": [("connect", "A")]},
    "refused-rst-lost": {"wire": [dict(DROP_B, match="rst", nth=[1])], "steps": [("connect", "A")]},
    "listener-gone": {"steps": opening() + talk() + [("unlisten", "B")] + closing() + [("connect", "A", 40002, True, "2")]},
    "given-up-at-once": {"delay_ms": 20, "steps": [("listen", "B"), ("connect", "A", 40001, False), ("sleep", 0.01), ("close", "A"), ("sleep", 0.1)]},
    "given-up-rst-lost": {"delay_ms": 20, "linger": 1.5, "wire": [dict(DROP_A, match="rst", nth=[1])], "steps": [("listen", "B"), ("connect", "A", 40001, False), ("sleep", 0.01), ("close", "A"), ("sleep", 0.1)]},
    "forged-rst-exact": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "R"), ("sleep", 0.2), ("send", "A", 200), ("sleep", 0.2)]},
    "forged-rst-exact-unnoticed": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "R"), ("sleep", 0.2)]},
    "forged-rst-exact-then-close": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "R"), ("sleep", 0.2), ("close", "A"), ("sleep", 0.2)]},
    "forged-rst-both": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "R"), ("inject", "B", "R"), ("sleep", 0.2)]},
    "forged-server-rst": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "B", "R"), ("sleep", 0.2), ("send", "B", 200), ("sleep", 0.2)]},
    "forged-rst-before": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "R", {"seq": -10}), ("sleep", 0.2)] + talk() + closing()},
    "forged-synack": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "B", "SA", {"seq": 100}), ("sleep", 0.2)] + talk() + closing()},
    "forged-syn-in-window": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "S", {"seq": 100}), ("sleep", 0.2)] + talk() + closing()},
    "forged-syn-far": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "S", {"seq": 500000000}), ("sleep", 0.2)] + talk() + closing("B")},
    "forged-syn-low": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "S", {"seq": -5000}), ("sleep", 0.2)] + talk() + closing("B")},
    "forged-syn-from-server": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "B", "S", {"seq": 5000}), ("sleep", 0.2)] + talk() + closing()},
    "forged-syns": {"steps": opening() + talk() + [("inject", "A", "S", {"seq": 100}), ("sleep", 0.1), ("inject", "A", "S", {"seq": 9000}), ("sleep", 0.1), ("inject", "A", "S", {"seq": 70000000}), ("sleep", 0.2)] + talk() + closing()},
    "forged-fin": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "FA"), ("sleep", 0.3), ("close", "B"), ("sleep", 0.3)]},
    "forged-fin-ahead": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "FA", {"seq": 700}), ("sleep", 0.2)] + talk() + closing()},
    "forged-fin-far": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "FA", {"seq": 700000}), ("sleep", 0.2)] + talk() + closing()},
    "forged-fin-old-ts": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "FA", {"ts": -90000}), ("sleep", 0.2)] + talk() + closing()},
    "forged-data-ahead": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "PA", {"seq": 700, "length": 50}), ("sleep", 0.2)] + talk() + closing()},
    "forged-data-far": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "PA", {"seq": 700000, "length": 50}), ("sleep", 0.2)] + talk() + closing()},
    "forged-ack-ahead": {"steps": opening() + talk() + [("sleep", 0.1), ("inject", "A", "A", {"ack": 700}), ("sleep", 0.2)] + talk() + closing()},
    "forged-rst-time-wait": {"steps": opening() + talk() + closing() + [("sleep", 0.1), ("inject", "B", "R"), ("sleep", 0.2)]},
    "forged-rst-fin-wait-2": {"steps": opening() + talk() + [("close", "A"), ("sleep", 0.1), ("inject", "B", "R"), ("sleep", 0.1), ("close", "B"), ("sleep", 0.2)]},
    "forged-rst-fin-wait-2-ahead": {"steps": opening() + talk() + [("close", "A"), ("sleep", 0.1), ("inject", "B", "R", {"seq": 50}), ("sleep", 0.1), ("close", "B"), ("sleep", 0.2)]},
    # -- TIME_WAIT and the next connection ---------------------------------------------------------------------------------------------
    "again-after-server-closed": {"steps": opening() + talk() + closing("B", 0.02) + [("sleep", 0.2), ("connect", "A"), ("accept", "B")] + talk() + closing("B", 0.02)},
    "again-after-server-closed-no-ts": {"sysctls": [("A", "net.ipv4.tcp_timestamps", 0), ("B", "net.ipv4.tcp_timestamps", 0)], "steps": opening() + talk() + closing("B", 0.02) + [("sleep", 0.2), ("connect", "A"), ("accept", "B")] + talk() + closing()},
    "again-after-client-closed": {"sysctls": [("A", "net.ipv4.tcp_tw_reuse", 1)], "steps": opening() + talk() + closing("A", 0.02) + [("sleep", 1.2), ("connect", "A"), ("accept", "B")] + talk() + closing()},
    "again-after-abort": {"steps": opening() + talk() + [("abort", "A"), ("sleep", 0.1), ("connect", "A"), ("accept", "B")] + talk() + closing()},
    "again-many": {"steps": opening() + talk() + closing("B", 0.02) + [("sleep", 0.1)] + ([("connect", "A"), ("accept", "B")] + talk() + closing("B", 0.02) + [("sleep", 0.1)]) * 4},
    "again-rst-lost": {"linger": 0.6, "wire": [dict(DROP_A, match="rst", nth=[1])], "steps": opening() + talk() + [("abort", "A"), ("sleep", 0.2), ("connect", "A", 40001, True), ("sleep", 0.3)]},
    "again-refused": {"steps": opening() + talk() + [("unlisten", "B")] + closing("B", 0.02) + [("sleep", 0.1), ("connect", "A"), ("sleep", 0.1)]},
    "time-wait-assassinated": {"linger": 0.8, "wire": [{"dir": "B>A", "match": "fin", "nth": [1], "action": "duplicate", "ms": 300}], "steps": opening() + talk() + closing("A", 0.01)},
    # -- timers -----------------------------------------------------------------------------------------------------------------------
    "syn-unanswered": {"wire": [dict(DROP_A, match="syn")], "linger": 0.2, "sysctls": [("A", "net.ipv4.tcp_syn_retries", 1)], "steps": [("listen", "B"), ("connect", "A", 40001, False), ("sleep", 3.4)]},
    "synacks-lost": {"wire": [dict(DROP_B, match="synack")], "linger": 3, "sysctls": [("A", "net.ipv4.tcp_syn_retries", 1), ("B", "net.ipv4.tcp_synack_retries", 1)], "steps": [("listen", "B"), ("connect", "A", 40001, False), ("sleep", 3.4)]},
    "fin-unanswered": {"wire": [], "linger": 4, "sysctls": [("A", "net.ipv4.tcp_orphan_retries", 3)], "steps": opening() + talk() + [("sleep", 0.1), ("rule", {"dir": "A>B", "match": "any", "action": "drop"}), ("close", "A")]},
    "fin-wait-2-orphan": {"sysctls": [("A", "net.ipv4.tcp_fin_timeout", 1)], "linger": 0.5, "steps": opening() + talk() + [("close", "A"), ("sleep", 2.6), ("close", "B")]},
    "fin-wait-2-orphan-data": {"sysctls": [("A", "net.ipv4.tcp_fin_timeout", 1)], "linger": 0.5, "steps": opening() + talk() + [("close", "A"), ("sleep", 2.6), ("send", "B", 100), ("sleep", 0.1)]},
    "path-dead-data": {"linger": 0.5, "steps": opening() + talk() + [("option", "A", "TCP_USER_TIMEOUT", 900), ("rule", {"dir": "A>B", "match": "any", "action": "drop"}), ("send", "A", 100), ("sleep", 2.5)]},
    "path-dead-abort": {"linger": 0.5, "steps": opening() + talk() + [("rule", {"dir": "A>B", "match": "any", "action": "drop"}), ("send", "A", 100), ("sleep", 0.8), ("abort", "A"), ("sleep", 0.2)]},
    "path-dead-close": {"linger": 1.5, "steps": opening() + talk() + [("rule", {"dir": "A>B", "match": "any", "action": "drop"}), ("send", "A", 100), ("sleep", 0.6), ("close", "A"), ("sleep", 0.2)]},
    "keepalive-failure": {"linger": 3.5, "steps": opening() + talk() + [("option", "A", "SO_KEEPALIVE", 1), ("option", "A", "TCP_KEEPIDLE", 1), ("option", "A", "TCP_KEEPINTVL", 1), ("option", "A", "TCP_KEEPCNT", 2), ("sleep", 0.05), ("rule", {"dir": "A>B", "match": "any", "action": "drop"})]},
    "keepalive-failure-back": {"linger": 3.5, "steps": opening() + talk() + [("option", "A", "SO_KEEPALIVE", 1), ("option", "A", "TCP_KEEPIDLE", 1), ("option", "A", "TCP_KEEPINTVL", 1), ("option", "A", "TCP_KEEPCNT", 2), ("sleep", 0.05), ("rule", {"dir": "B>A", "match": "any", "action": "drop"})]},
    "keepalive": {"linger": 0.5, "steps": opening() + talk() + [("option", "A", "SO_KEEPALIVE", 1), ("option", "A", "TCP_KEEPIDLE", 1), ("option", "A", "TCP_KEEPINTVL", 1), ("sleep", 2.3)] + closing()},
    # -- queues and cookies --------------------------------------------------------------------------------------------------------------
    "queue-full": {"linger": 1.5, "sysctls": [("B", "net.ipv4.tcp_syncookies", 0)], "steps": [("listen", "B", 1), ("connect", "A", 40001), ("connect", "A", 40002, True, "2"), ("connect", "A", 40003, False, "3"), ("connect", "A", 40004, False, "4"), ("sleep", 0.3), ("accept", "B"), ("accept", "B", "2"), ("sleep", 1.6), ("accept", "B", "3"), ("sleep", 0.1), ("close", "B"), ("close", "B2"), ("close", "B3"), ("sleep", 0.3), ("close", "A"), ("close", "A2"), ("close", "A3")]},
    "queue-full-abort": {"linger": 0.5, "sysctls": [("B", "net.ipv4.tcp_abort_on_overflow", 1)], "steps": [("listen", "B", 1), ("connect", "A", 40001), ("connect", "A", 40002, False, "2"), ("connect", "A", 40003, False, "3"), ("sleep", 0.5)]},
    "cookies": {"sysctls": [("B", "net.ipv4.tcp_syncookies", 2)], "steps": opening() + talk() + closing()},
    "cookies-third-ack-lost": {"sysctls": [("B", "net.ipv4.tcp_syncookies", 2)], "wire": [dict(DROP_A, match="ack", nth=[1])], "steps": [("listen", "B"), ("connect", "A"), ("sleep", 0.2), ("send", "A", 300), ("accept", "B"), ("receive", "B", 300)] + closing()},
    "fast-open": {"sysctls": [("A", "net.ipv4.tcp_fastopen", 0x605), ("B", "net.ipv4.tcp_fastopen", 0x602)], "steps": [("listen", "B", 10, {"fastopen": True}), ("connect", "A", 40001, False, "", None, 400), ("accept", "B"), ("receive", "B", 400), ("send", "B", 1200), ("receive", "A", 1200)] + closing()},
    "fast-open-closed-at-once": {"sysctls": [("A", "net.ipv4.tcp_fastopen", 0x605), ("B", "net.ipv4.tcp_fastopen", 0x602)], "delay_ms": 20, "steps": [("listen", "B", 10, {"fastopen": True}), ("connect", "A", 40001, False, "", None, 400), ("accept", "B"), ("receive", "B", 400), ("send", "B", 100), ("close", "B"), ("sleep", 0.2), ("close", "A")]},
    "fast-open-third-ack-lost": {"sysctls": [("A", "net.ipv4.tcp_fastopen", 0x605), ("B", "net.ipv4.tcp_fastopen", 0x602)], "wire": [dict(DROP_A, match="ack", nth=[1, 2])], "steps": [("listen", "B", 10, {"fastopen": True}), ("connect", "A", 40001, False, "", None, 400), ("accept", "B"), ("receive", "B", 400), ("send", "B", 1200), ("receive", "A", 1200), ("sleep", 0.3)] + closing()},
    # -- ICMP --------------------------------------------------------------------------------------------------------------------------
    "icmp-refused": {"wire": [{"dir": "A>B", "match": "syn", "action": "icmp", "code": 3}], "steps": [("connect", "A"), ("sleep", 0.1)]},
    "icmp-admin": {"wire": [{"dir": "A>B", "match": "syn", "action": "icmp", "code": 10}], "steps": [("connect", "A"), ("sleep", 0.1)]},
    "icmp-established": {"wire": [{"dir": "A>B", "match": "data", "nth": [2], "action": "icmp", "code": 1}], "steps": opening() + talk() + [("send", "A", 100), ("receive", "B", 100)] + closing()},
    # -- what the capture lacks --------------------------------------------------------------------------------------------------------------
    **{f"capture-misses-{what}": {"linger": 0.4, "wire": [{"dir": d, "match": match, "nth": nth, "action": "hide", "at": ["at-a", "middle", "at-b"]}],
                                  "steps": opening() + talk() + closing()}
       for what, d, match, nth in [("syn", "A>B", "syn", [1]), ("synack", "B>A", "synack", [1]), ("third-ack", "A>B", "ack", [1]),
                                   ("data", "A>B", "data", [1]), ("fin", "A>B", "fin", [1]), ("fin-ack", "B>A", "ack", [2]),
                                   ("second-fin", "B>A", "fin", [1]), ("last-ack", "A>B", "ack", [3])]},
    "capture-misses-rst": {"wire": [{"dir": "A>B", "match": "rst", "action": "hide", "at": ["middle"]}], "steps": opening() + talk() + [("abort", "A"), ("sleep", 0.1)]},
    "one-sided-a": {"wire": [{"dir": "B>A", "match": "any", "action": "hide", "at": ["middle"]}], "steps": opening() + talk() + closing()},
    "one-sided-b": {"wire": [{"dir": "A>B", "match": "any", "action": "hide", "at": ["middle"]}], "steps": opening() + talk() + closing()},
    "midstream": {"capture_from_start": False, "steps": opening() + talk() + [("sleep", 0.1), ("capture",)] + talk() + closing()},
    "midstream-by-server": {"capture_from_start": False, "steps": opening() + talk() + [("sleep", 0.1), ("capture",)] + talk() + closing("B")},
    "midstream-idle-close": {"capture_from_start": False, "steps": opening() + talk() + [("sleep", 0.1), ("capture",)] + closing()},
    "midstream-abort": {"capture_from_start": False, "steps": opening() + talk() + [("sleep", 0.1), ("capture",)] + talk() + [("abort", "B"), ("sleep", 0.1)]},
    "midstream-abort-idle": {"capture_from_start": False, "steps": opening() + talk() + [("sleep", 0.1), ("capture",), ("abort", "B"), ("sleep", 0.1)]},
    "midstream-half-closed": {"capture_from_start": False, "steps": opening() + talk() + [("shutdown", "A"), ("sleep", 0.1), ("capture",), ("send", "B", 500), ("receive", "A", 500), ("close", "B"), ("sleep", 0.1), ("close", "A")]},
    # -- left open ------------------------------------------------------------------------------------------------------------------------
    "left-open": {"steps": opening() + talk()},
    "close-wait-leak": {"steps": opening() + talk() + [("close", "A"), ("sleep", 0.3)]},
    "close-wait-leak-server": {"steps": opening() + talk() + [("close", "B"), ("sleep", 0.3)]},
    "shutdown-both-open": {"steps": opening() + talk() + [("shutdown", "A"), ("sleep", 0.1), ("shutdown", "B"), ("sleep", 0.2)]},
    "long-path": {"delay_ms": 150, "linger": 1.5, "steps": opening() + talk() + [("close", "A"), ("sleep", 0.5), ("close", "B")]},
    "long-path-fin-lost": {"delay_ms": 150, "linger": 2.5, "wire": [dict(DROP_A, match="fin", nth=[1])], "steps": opening() + talk() + [("close", "A"), ("sleep", 1.5), ("close", "B")]},
    "long-path-both-close": {"delay_ms": 150, "linger": 2, "steps": opening() + talk() + [("sleep", 0.3), ("close", "A"), ("close", "B")]},
    "short-path": {"delay_ms": 0.2, "steps": opening() + talk() + closing("A", 0.001)},
    "short-path-last-ack-lost": {"delay_ms": 0.2, "linger": 0.8, "wire": [dict(DROP_A, match="ack", nth=[3])], "steps": opening() + talk() + closing("A", 0.06)},
}

SCENARIOS = {}
for _name, _scenario in BASE.items():
    SCENARIOS[_name] = _scenario
    if not any(isinstance(a, dict) for s in _scenario["steps"] for a in s):
        SCENARIOS[_name + "-v6-swapped"] = dict(swapped(_scenario), v6=True)


def random_scenario(seed):
    """A scenario drawn at random, the same for the same seed: where understanding ends, these find it."""
    draw = random.Random(seed)
    client = draw.choice("AB")
    server = "B" if client == "A" else "A"
    rules = []
    for _ in range(draw.randint(0, 3)):
        match = draw.choice(["syn", "synack", "ack", "ack", "fin", "fin", "data", "any", "rst"])
        rule = {"dir": draw.choice(["A>B", "B>A"]), "match": match, "nth": sorted(draw.sample(range(1, 6), draw.choice([1, 1, 1, 2])))}
        rule["action"] = draw.choice(["drop", "drop", "drop", "duplicate", "delay", "corrupt"])
        if rule["action"] == "drop":
            rule["where"] = draw.choice(["far", "far", "near"])
        elif rule["action"] != "corrupt":
            rule["ms"] = draw.choice([1, 15, 60, 250])
        rules.append(rule)
    up, down = draw.choice([1, 300, 3000, 20000]), draw.choice([1, 1200, 9000])
    pause = ("sleep", draw.choice([0.001, 0.01, 0.05, 0.25, 0.7]))
    first, second = draw.sample("AB", 2)
    ending = draw.choice([
        [("close", first), pause, ("close", second)], [("close", first), pause, ("close", second)],
        [("close", "A"), ("close", "B")], [("shutdown", first), pause, ("send", second, 500), pause, ("close", second), pause, ("close", first)],
        [("abort", first), pause], [("close", first), pause, ("abort", second)], [("shutdown", first), pause, ("abort", first)],
        [("close", first), pause, ("send", second, 500)], [("send", second, 100), ("sleep", 0.1), ("close", first), pause],
        [("close", first), pause, ("close", second), pause, ("connect", client, 40001, True, "2")],
        [pause],
    ])
    steps = opening(client) + (talk(client, up, down) if draw.random() < 0.8 else []) + ending
    return {"wire": rules, "delay_ms": draw.choice([0.2, 2, 5, 20, 60]), "v6": draw.random() < 0.4, "steps": steps,
            "linger": draw.choice([0.3, 1, 2.2])}


SETTINGS = [("tcp_syncookies", 2, 0.08), ("tcp_tw_reuse", 1, 0.3), ("tcp_timestamps", 0, 0.25), ("tcp_sack", 0, 0.1),
            ("tcp_fin_timeout", 1, 0.2), ("tcp_orphan_retries", 2, 0.1), ("tcp_rfc1337", 1, 0.1), ("tcp_window_scaling", 0, 0.1),
            ("tcp_ecn", 1, 0.1)]


def hostile_scenario(seed):
    """As random_scenario, with what an attacker, an old host or a careless administrator would do."""
    draw = random.Random(seed)
    client = draw.choice("AB")
    server = "B" if client == "A" else "A"

    def rule():
        match = draw.choice(["syn", "synack", "ack", "ack", "fin", "fin", "data", "any", "rst"])
        one = {"dir": draw.choice(["A>B", "B>A"]), "match": match, "nth": sorted(draw.sample(range(1, 8), draw.choice([1, 1, 2])))}
        one["action"] = draw.choice(["drop", "drop", "duplicate", "delay", "corrupt", "hide"])
        if one["action"] == "drop":
            one["where"] = draw.choice(["far", "near"])
        elif one["action"] == "hide":
            one["at"] = ["at-a", "middle", "at-b"]
        elif one["action"] != "corrupt":
            one["ms"] = draw.choice([1, 15, 60, 250, 700])
        return one

    def pause():
        return ("sleep", draw.choice([0.001, 0.01, 0.05, 0.15, 0.4, 0.9]))

    def forged():
        flags = draw.choice(["R", "R", "RA", "S", "SA", "FA", "A", "PA"])
        options = {"seq": draw.choice([-1, 1, -10, 50, 100, 2000, 100000])} if draw.random() < 0.6 else {}
        return ("inject", draw.choice("AB"), flags, options)

    rules = [rule() for _ in range(draw.randint(0, 2))]
    sysctls = [(who, "net.ipv4." + key, value) for who in "AB" for key, value, share in SETTINGS if draw.random() < share]
    begins_late = draw.random() < 0.15
    steps = opening(client)
    if draw.random() < 0.8:
        steps += talk(client, draw.choice([1, 300, 5000]), draw.choice([1, 1200, 20000]))
    if begins_late:
        steps += [("sleep", 0.1), ("capture",)] + (talk(client) if draw.random() < 0.6 else [])
    still, shut = {"A", "B"}, set()
    for _ in range(draw.randint(1, 6)):
        if not still:
            break
        who, what = draw.choice(sorted(still)), draw.random()
        if what < 0.25 and who not in shut:
            steps.append(("send", who, draw.choice([1, 100, 3000])))
        elif what < 0.4 and who not in shut:
            steps.append(("shutdown", who))
            shut.add(who)
        elif what < 0.75:
            steps.append(("close" if what < 0.65 else "abort", who))
            still.discard(who)
        elif what < 0.9:
            steps.append(forged())
        else:
            steps += [("option", who, name, value) for name, value in
                      [("SO_KEEPALIVE", 1), ("TCP_KEEPIDLE", 1), ("TCP_KEEPINTVL", 1), ("TCP_KEEPCNT", 2)]]
        steps.append(pause())
    if draw.random() < 0.3:
        for who in sorted(still):
            steps += [("close", who), pause()]
        steps += [("connect", client, 40001, False), ("sleep", 0.5)]
        steps += ([("inject", server, "R")] if draw.random() < 0.5 else []) + [("close", client), pause()]
    return {"wire": rules, "delay_ms": draw.choice([0.2, 2, 5, 20, 60]), "v6": draw.random() < 0.3, "steps": steps, "sysctls": sysctls,
            "linger": draw.choice([0.5, 1.5, 2.5]), "capture_from_start": not begins_late}


DRAWN = {"random": random_scenario, "hostile": hostile_scenario}
