// In: nothing. Out: the catalog's entries about opening a connection.

import { bytes, counted, duration } from '../../units.ts';
import { Doubt, entry } from '../entry.ts';

const { COPIES, MIDSTREAM, ONE_SIDED, FOREIGN } = Doubt;

export const HANDSHAKE = {
  syn_retried: entry({
    severity: 'note',
    group: 'handshake',
    title: 'SYN sent again',
    meaning:
      'The SYN was sent more than once before an answer came. Whoever waits for the connection waited for the timer, one second at first and twice as long each time.',
    causes: [
      'The SYN or its answer was lost on the way.',
      'The server dropped it because its queue of half-open or of unaccepted connections was full.',
      'A firewall or load balancer dropped the first one.',
    ],
    advice:
      'Look whether several connections to the same server show it at the same time: then it is the server or a device in front of it, not the network.',
    rfc: 'RFC 6298 2.1, 5.7; RFC 9293 3.8.1',
    doubts: ONE_SIDED,
    say: (v: { sent: number; seconds: number }) =>
      `sent its SYN ${v.sent} times before it was answered; opening was ${duration(v.seconds)} late`,
  }),
  syn_unanswered: entry({
    severity: 'warn',
    group: 'handshake',
    title: 'SYN never answered',
    meaning: 'Nothing came back to the SYN: no SYN-ACK, no reset. The caller gets a timeout after a minute or two.',
    causes: [
      'A packet filter drops it without a word.',
      'The address is not in use, or not routed.',
      'The server is so overloaded that it drops SYNs.',
      'The answer takes another way that was not captured.',
    ],
    advice:
      'Capture on the server. If the SYN does not arrive there, look for a filter on the way; if it arrives, look at the local filter and the listen queue (nstat TcpExtListenDrops).',
    rfc: 'RFC 9293 3.10.7.3, 3.8.3',
    doubts: 0,
    say: (v: { sent: number; seconds: number; icmp: number }) =>
      `${v.sent === 1 ? `got no answer to its SYN in ${duration(v.seconds)}` : `sent its SYN ${v.sent} times in ${duration(v.seconds)} and got no answer`}${v.icmp > 0 ? '; an ICMP error came back instead' : ''}`,
  }),
  connection_refused: entry({
    severity: 'warn',
    group: 'handshake',
    title: 'Connection refused',
    meaning:
      'The SYN was answered by a reset: nothing listens on that port, or something rejects the connection on its behalf.',
    causes: [
      'The server process is not running, or listens on another address or port.',
      'A firewall that rejects instead of dropping.',
      'Backlog overflow on a system set to answer with resets (tcp_abort_on_overflow, Windows).',
    ],
    advice:
      'Check on the server what listens there (ss -ltn). Compare the TTL of the reset with that of other segments from the server: a device in between has another one.',
    rfc: 'RFC 9293 3.5.2, 3.10.7.1',
    doubts: 0,
    say: (v: { times: number }, names) =>
      `refused the connection from ${names.peer}${v.times > 1 ? `, ${v.times} times` : ''}`,
  }),
  slow_handshake: entry({
    severity: 'note',
    group: 'handshake',
    title: 'Slow handshake',
    meaning:
      'SYN and SYN-ACK were not lost, yet the handshake took half a second or more: longer than any distance on Earth explains. From a second on stacks send the SYN again for no reason.',
    causes: [
      'A very long or congested path.',
      'A server or proxy that answers late.',
      'A link that has to wake up first.',
    ],
    advice:
      'Compare the time between SYN and SYN-ACK with that between SYN-ACK and ACK: the larger part lies on that side of the capture point.',
    rfc: 'RFC 6298 2.1',
    doubts: MIDSTREAM,
    say: (v: { seconds: number }) => `the handshake took ${duration(v.seconds)}`,
  }),
  syn_other_isn: entry({
    severity: 'note',
    group: 'handshake',
    title: 'Another attempt from the same port',
    meaning:
      'An earlier SYN with the same addresses and ports and another sequence number was never answered. This is no retransmission but a new attempt; Wireshark counts it as a new stream.',
    causes: [
      'A program that binds its source port and tries again.',
      'A NAT that gives the same port to the next connection.',
      'A scanner, or a device that rewrites sequence numbers on one of two captured paths.',
    ],
    advice: 'Look at the stream before it: it has the same question.',
    rfc: 'RFC 9293 3.4.1',
    doubts: 0,
    say: (v: { seconds: number }) =>
      `sent a SYN with another sequence number, ${duration(v.seconds)} after one that was never answered`,
  }),
  half_open: entry({
    severity: 'warn',
    group: 'handshake',
    title: 'Handshake never completed',
    meaning:
      'The SYN was answered by SYN-ACK, but the third segment never came. The server holds the half-open connection for about a minute.',
    causes: [
      'The SYN-ACK was lost behind the capture point, or a filter there drops it.',
      'A forged source address (SYN flood), or a scanner that sends no reset.',
      'Asymmetric routing: the SYN-ACK goes where nobody waits for it.',
    ],
    advice:
      'Capture at the client. If many sources do this to one server, it is a flood; SYN cookies let the server live through it.',
    rfc: 'RFC 9293 3.5; RFC 4987',
    doubts: ONE_SIDED,
    say: (v: { sent: number; seconds: number }, names) =>
      `answered with SYN-ACK${v.sent > 1 ? ` (${v.sent} times)` : ''}, but ${names.peer} never completed the handshake in ${duration(v.seconds)}`,
  }),
  handshake_reset: entry({
    severity: 'note',
    group: 'handshake',
    title: 'Reset during the handshake',
    meaning: 'The connection was reset after the SYN and before the handshake was over.',
    causes: [
      'A port scanner: it learns from the SYN-ACK that the port is open and needs no connection.',
      'The caller gave up, or tried two addresses at once and the other one won (happy eyeballs).',
      'The SYN-ACK answered an old SYN of an earlier connection (RFC 9293 figure 8).',
      'A server that does not want this client.',
    ],
    advice: 'One of them is harmless. Many from one source to many ports are a scan.',
    rfc: 'RFC 9293 3.5.1, 3.10.7.3',
    doubts: ONE_SIDED | FOREIGN,
    say: (v: { answered: boolean; byOpener: boolean }) =>
      v.byOpener
        ? v.answered
          ? 'reset its own attempt after the SYN-ACK had come'
          : 'reset its own attempt before any answer'
        : 'reset the connection before the handshake was over',
  }),
  synack_retried: entry({
    severity: 'note',
    group: 'handshake',
    title: 'SYN-ACK sent again',
    meaning: 'The SYN-ACK was sent more than once: for the server the third segment had not come.',
    causes: [
      'The SYN-ACK or the third segment was lost.',
      'The accept queue was full, so the server ignored the third segment.',
      'TCP_DEFER_ACCEPT: the server waits for data before it accepts.',
    ],
    advice:
      'If the third segment is in the capture before the repeated SYN-ACK, it was lost behind the capture point or ignored by the server.',
    rfc: 'RFC 9293 3.8.1; Linux tcp_synack_retries',
    doubts: ONE_SIDED,
    say: (v: { sent: number; seconds: number; afterAck: boolean }) =>
      `sent its SYN-ACK ${v.sent} times over ${duration(v.seconds)}${v.afterAck ? ', although the third segment had passed: lost after the capture point, or ignored' : ''}`,
  }),
  backlog_overflow: entry({
    severity: 'warn',
    group: 'handshake',
    title: 'Handshake ignored by the server',
    meaning:
      'The client completed the handshake and believes to be connected, yet the server goes on sending SYN-ACK: it has thrown the third segment away. That is what Linux does when the accept queue is full.',
    causes: [
      'The server process accepts too slowly, or not at all.',
      'A backlog that is too small for the rate of connections.',
    ],
    advice:
      'On the server: ss -ltn (Recv-Q at Send-Q), nstat TcpExtListenOverflows. Raise the backlog given to listen() and net.core.somaxconn, and find out why the process does not accept.',
    rfc: 'Linux listen(2), tcp_abort_on_overflow; RFC 9293 3.10.7.4',
    doubts: 0,
    say: (v: { ignored: number; data: boolean }) =>
      `sent its SYN-ACK ${counted(v.ignored, 'time')} more after the handshake had been completed${v.data ? ' and data sent' : ''}: the accept queue is full`,
  }),
  split_handshake: entry({
    severity: 'warn',
    group: 'handshake',
    title: 'Split handshake',
    meaning:
      'The SYN was answered by a SYN of its own instead of SYN-ACK, and the opener then sent the SYN-ACK. RFC 9293 permits it as a form of simultaneous open, no ordinary server does it, and some filters are fooled about who opened the connection.',
    causes: [
      'A program that plays with the handshake to pass a firewall or an intrusion detection system.',
      'A test tool.',
    ],
    advice: 'Find out what listens there.',
    rfc: 'RFC 9293 3.5; draft-beard-tcp-split-handshake',
    doubts: ONE_SIDED | COPIES,
    say: (_v: object, names) => `answered the SYN of ${names.peer} with a SYN of its own, and left the SYN-ACK to it`,
  }),
  simultaneous_open: entry({
    severity: 'chat',
    group: 'handshake',
    title: 'Simultaneous open',
    meaning: 'Both ends sent a SYN and both answered with SYN-ACK. Rare, and as RFC 9293 wants it.',
    causes: ['Programs that connect to each other from fixed ports, such as NAT hole punching and BGP.'],
    advice: 'Nothing to do.',
    rfc: 'RFC 9293 3.5, figure 7',
    doubts: 0,
    say: (_v: object) => 'both ends opened the connection at the same time',
  }),
  synack_wrong_ack: entry({
    severity: 'warn',
    group: 'handshake',
    title: 'SYN-ACK acknowledges something else',
    meaning:
      'The SYN-ACK does not acknowledge the SYN that was seen. The opener must answer with a reset and cannot connect.',
    causes: [
      'The server still holds an older connection of the same ports in SYN_RCVD.',
      'A device rewrites sequence numbers in one direction only.',
      'A forged answer.',
    ],
    advice:
      'Compare the acknowledgment number with the sequence number of the SYN and with those of earlier connections on the same ports.',
    rfc: 'RFC 9293 3.10.7.3',
    doubts: FOREIGN | COPIES,
    say: (v: { off: number }) => `acknowledged ${Math.abs(v.off)} ${v.off < 0 ? 'less' : 'more'} than the SYN asks for`,
  }),
  synack_other_isn: entry({
    severity: 'warn',
    group: 'handshake',
    title: 'Two different SYN-ACKs',
    meaning:
      'The SYN was answered twice with different sequence numbers, so two parties answered, or one forgot its first answer.',
    causes: [
      'Two servers answer for one address: an address conflict, or a load balancer that sends one SYN to two servers.',
      'SYN cookies, if more than a minute lies between.',
      'A forged answer.',
    ],
    advice: 'Compare TTL, MAC address and options of the two answers.',
    rfc: 'RFC 9293 3.4.1; RFC 4987 3.6',
    doubts: 0,
    say: (_v: object) => 'sent SYN-ACKs with different sequence numbers',
  }),
  syn_data: entry({
    severity: 'note',
    group: 'handshake',
    title: 'Data on a SYN',
    meaning:
      'A SYN carries data without asking for Fast Open. It is permitted, but the data may not be delivered before the handshake is over, and most servers throw it away.',
    causes: [
      'A scanner or a test tool.',
      'A middlebox that removed the Fast Open option.',
      'A SYN flood with payload.',
    ],
    advice: 'Look at what it says.',
    rfc: 'RFC 9293 3.4; RFC 7413',
    doubts: 0,
    say: (_v: object) => 'sent data with its SYN, without Fast Open',
  }),
  fast_open: entry({
    severity: 'chat',
    group: 'handshake',
    title: 'Fast Open',
    meaning: 'Data came with the SYN under TCP Fast Open, and the SYN-ACK acknowledged it: one round trip saved.',
    causes: ['The program uses TCP Fast Open.'],
    advice: 'Nothing to do.',
    rfc: 'RFC 7413',
    doubts: 0,
    say: (_v: object) => 'sent data with its SYN (Fast Open), and it was accepted',
  }),
  syn_data_ignored: entry({
    severity: 'note',
    group: 'handshake',
    title: 'Data of the SYN not taken',
    meaning:
      'Data came with the SYN, and the SYN-ACK acknowledged the SYN alone. The data has to be sent again: nothing is lost but the saved round trip.',
    causes: [
      'A cookie that has expired or belongs to another server.',
      'Fast Open switched off at the server.',
      'A middlebox that removes the data.',
    ],
    advice: 'Harmless once. If it is the rule, Fast Open costs more than it brings.',
    rfc: 'RFC 7413 4.2.2',
    doubts: 0,
    say: (_v: object, names) => `sent data with its SYN, but ${names.peer} acknowledged the SYN alone`,
  }),
  window_scaling_off: entry({
    severity: 'note',
    group: 'handshake',
    title: 'No window scaling on a large transfer',
    meaning:
      'One side offered window scaling, the other did not take it up, so no window can exceed 65,535 bytes. That much per round trip is the most this connection can carry.',
    causes: [
      'An old or small TCP stack, or one with scaling switched off.',
      'A firewall or load balancer that answers the handshake itself or removes the option.',
    ],
    advice:
      'If throughput matters and the round trip is long, find out which device answered without the option: its TTL tells how far away it is.',
    rfc: 'RFC 7323 2.2',
    doubts: 0,
    say: (v: { bytes: number }, names) =>
      `did not take up the window scaling that ${names.peer} offered; ${bytes(v.bytes)} went through windows of at most 65,535 bytes`,
  }),
  sack_off: entry({
    severity: 'note',
    group: 'handshake',
    title: 'No selective acknowledgments on a lossy transfer',
    meaning:
      'One side offered selective acknowledgments (SACK), the other did not take them up, and segments were lost. Without SACK each round trip repairs one loss only, and more is sent again than needed.',
    causes: ['A stack with SACK switched off (tcp_sack=0).', 'A device on the way that removes the option.'],
    advice: 'Switch SACK on at the side that did not answer with it.',
    rfc: 'RFC 2018 2, 3; RFC 6675',
    doubts: 0,
    say: (v: { resent: number }, names) =>
      `did not take up the selective acknowledgments that ${names.peer} offered; ${counted(v.resent, 'segment')} had to be sent again`,
  }),
  timestamps_off: entry({
    severity: 'chat',
    group: 'handshake',
    title: 'Timestamps not agreed',
    meaning:
      'One side offered the Timestamps option, the other did not answer with it. Common with Windows. Round trips are then measured less often, and old duplicates are not recognised by age.',
    causes: ['Windows by default; systems with timestamps switched off.', 'A device that removes the option.'],
    advice: 'Nothing to do in most cases.',
    rfc: 'RFC 7323 3.2',
    doubts: 0,
    say: (_v: object, names) => `did not take up the timestamps that ${names.peer} offered`,
  }),
  options_stripped: entry({
    severity: 'warn',
    group: 'handshake',
    title: 'Option used that the handshake lacks',
    meaning:
      'Segments carry timestamps, although one of the SYNs seen here has no such option. Whoever sends them saw another handshake than the one captured: something on the way removes or adds options.',
    causes: ['A firewall, load balancer or WAN optimiser that rewrites options in the SYN.', 'A broken TCP stack.'],
    advice: 'Capture on both sides of the device and compare the SYNs.',
    rfc: 'RFC 7323 3.2',
    doubts: FOREIGN,
    say: (v: { missing: string }, names) =>
      `uses timestamps, though ${v.missing === 'mine' ? 'its own SYN' : `the SYN of ${names.peer}`} as captured did not offer them`,
  }),
  options_changed: entry({
    severity: 'note',
    group: 'handshake',
    title: 'Same SYN with other options',
    meaning:
      'The same SYN is in the capture twice with different options: either seen before and after a device that rewrites it, or sent again with fewer options after no answer came.',
    causes: [
      'A router or VPN that lowers the MSS (MSS clamping), captured on both of its interfaces.',
      'A firewall that removes options.',
      'A stack that falls back to a plain SYN when the first is not answered.',
    ],
    advice:
      'If something on the way changes the MSS this is usually on purpose. Removed window scaling or SACK costs throughput.',
    rfc: 'RFC 9293 3.7.1; RFC 7323 2.2',
    doubts: 0,
    say: (v: { before: string; after: string; onTheWay: boolean }) =>
      `${v.onTheWay ? 'sent a SYN that was seen on its way' : 'sent its SYN again'} with other options: ${v.before}, then ${v.after}`,
  }),
} as const;
