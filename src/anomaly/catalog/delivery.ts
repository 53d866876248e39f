// In: nothing. Out: the catalog's entries about the delivery of data. Wireshark's flags keep Wireshark's names.

import { bytes, count, counted, duration, percent } from '../../units.ts';
import { Doubt, entry } from '../entry.ts';

const { MISSING, ONE_SIDED, MIDSTREAM, COPIES, ORDER, JOINED, FOREIGN } = Doubt;
const NUMBERS = MISSING | COPIES | ORDER | FOREIGN;

export const DELIVERY = {
  retransmission: entry({
    severity: 'note',
    group: 'delivery',
    title: 'Segments sent again',
    meaning:
      'Wireshark\'s "Retransmission", fast and spurious ones included: bytes that had been sent before. Single ones are the daily life of a network; the share and the time waited tell whether they matter.',
    causes: [
      'Segments or their acknowledgments were lost.',
      'The receiver or the path is slower than the timer expects (spurious).',
      'Frames captured twice, which only look as if sent again.',
    ],
    advice: 'Look at the share, at the longest wait, and whether other connections over the same path have it too.',
    rfc: 'RFC 6298; RFC 5681 3.2; Wireshark tcp.analysis.retransmission',
    doubts: NUMBERS,
    say: (v: {
      all: number;
      withData: number;
      dataSegments: number;
      waited: number;
      longest: number;
      copies: number;
    }) => {
      const part = v.withData > 0 ? ` (${percent(v.withData, v.dataSegments)} of those with data)` : ', none with data';
      const wait =
        v.waited >= 0.05 ? `; ${duration(v.waited)} of silence before them, ${duration(v.longest)} at most` : '';
      const copied = v.copies > 0 ? `; ${count(v.copies)} of them are copies of the same frame` : '';
      return `sent ${counted(v.all, 'segment')} again${part}${wait}${copied}`;
    },
  }),
  fast_retransmission: entry({
    severity: 'note',
    group: 'delivery',
    title: 'Fast retransmissions',
    meaning:
      'Wireshark\'s "Fast Retransmission": sent again right after two or more duplicate acknowledgments. A loss was repaired as quickly as TCP can.',
    causes: ['A segment was lost and those behind it arrived.', 'Strong reordering on the way.'],
    advice: 'Each stands for one loss and one reduction of the sending rate.',
    rfc: 'RFC 5681 3.2; Wireshark tcp.analysis.fast_retransmission',
    doubts: NUMBERS,
    say: (v: { segments: number }) =>
      `sent ${counted(v.segments, 'segment')} again at once, prompted by duplicate acknowledgments`,
  }),
  spurious_retransmission: entry({
    severity: 'note',
    group: 'delivery',
    title: 'Sent again for nothing',
    meaning:
      'Wireshark\'s "Spurious Retransmission": the bytes had already been acknowledged when they were sent again.',
    causes: [
      'The acknowledgment was lost behind the capture point, on its way to the sender.',
      'A timer that is too short for a path whose delay jumps.',
      'Frames captured twice.',
    ],
    advice: 'If they are many, the acknowledgments get lost: look at the other direction of the path.',
    rfc: 'RFC 5682; RFC 2883; Wireshark tcp.analysis.spurious_retransmission',
    doubts: NUMBERS,
    say: (v: { segments: number }) => `sent ${counted(v.segments, 'segment')} again that had been acknowledged`,
  }),
  heavy_retransmission: entry({
    severity: 'warn',
    group: 'delivery',
    title: 'Heavy loss',
    meaning:
      "So many segments were sent again that throughput must suffer: TCP's rate falls with the square root of the loss rate, and at one per cent even a short path no longer fills.",
    causes: [
      'A congested link or an overrun queue.',
      'A bad cable, radio link or transceiver; a duplex mismatch.',
      'A policer that drops above its rate.',
    ],
    advice:
      'Find the direction and the hop: capture on both ends, compare interface error and drop counters on the way.',
    rfc: 'RFC 5681; RFC 5348 3.1 (throughput equation)',
    doubts: NUMBERS | JOINED | ONE_SIDED,
    say: (v: { resent: number; of: number; waited: number; timeouts: number }) =>
      `sent ${count(v.resent)} of ${count(v.of)} data segments again (${percent(v.resent, v.of)})${v.timeouts > 0 ? `, ${counted(v.timeouts, 'time')} only after a timeout; that cost ${duration(v.waited)}` : ''}`,
  }),
  timeout_stall: entry({
    severity: 'warn',
    group: 'delivery',
    title: 'Stalled by a retransmission timer',
    meaning:
      'The sender was silent until its timer ran out and then sent again what was lost. Users feel it: such a stall lasts longer than all the rest of the exchange.',
    causes: [
      'The last segments of a burst were lost, so no duplicate acknowledgments could prompt the repair (tail loss).',
      'The retransmission was lost too.',
      'The path was broken for a while.',
    ],
    advice: 'Look at the frame: what was lost, and in which direction.',
    rfc: 'RFC 6298 5; RFC 8985 (tail loss probe)',
    doubts: NUMBERS | ONE_SIDED,
    say: (v: { longest: number; waited: number; timeouts: number }) =>
      `was silent for ${duration(v.longest)} before it sent lost data again${v.timeouts > 1 ? `; ${v.timeouts} such waits, ${duration(v.waited)} in all` : ''}`,
  }),
  peer_vanished: entry({
    severity: 'warn',
    group: 'delivery',
    title: 'The other end fell silent',
    meaning:
      'Data was sent again several times and no answer of any kind came any more. The connection is dead, though neither end has closed it.',
    causes: [
      'The other host crashed, was unplugged, or lost its address.',
      'A NAT or firewall forgot the connection.',
      'The path broke in one direction.',
    ],
    advice: 'Look at the last frame of the silent end and what happened then on its host and on the way.',
    rfc: 'RFC 9293 3.8.3; RFC 1122 4.2.3.5',
    doubts: ONE_SIDED | FOREIGN,
    say: (v: { bytes: number; seconds: number; tries: number }, names) =>
      `sent ${bytes(v.bytes)} again ${v.tries} times over ${duration(v.seconds)} without an acknowledgment: ${names.peer} has fallen silent`,
  }),
  out_of_order: entry({
    severity: 'note',
    group: 'delivery',
    title: 'Segments out of order',
    meaning:
      'Wireshark\'s "Out-Of-Order": a segment came after one that follows it, so soon that it cannot have been sent again.',
    causes: [
      'Packets take different paths (link bundles, per-packet load balancing).',
      'Several receive queues, or a capture that merges two interfaces.',
    ],
    advice: 'A few do no harm. Many cause duplicate acknowledgments and needless repairs.',
    rfc: 'RFC 4653; Wireshark tcp.analysis.out_of_order',
    doubts: COPIES | FOREIGN,
    say: (v: { segments: number; of: number }) =>
      `had ${counted(v.segments, 'segment')} out of order (${percent(v.segments, v.of)})`,
  }),
  lost_segment: entry({
    severity: 'note',
    group: 'delivery',
    title: 'Gaps in the sequence',
    meaning:
      'Wireshark\'s "Previous segment not captured": a segment begins beyond what had been seen. It was lost before the capture point, comes later, or the capture missed it; findings capture_gap and retransmission tell which.',
    causes: ['Loss before the capture point.', 'Reordering.', 'The capture missed frames.'],
    advice: 'See whether the gap is filled later.',
    rfc: 'Wireshark tcp.analysis.lost_segment',
    doubts: ORDER | FOREIGN | ONE_SIDED,
    say: (v: { segments: number; most: number }) =>
      `left ${counted(v.segments, 'gap')} before ${v.segments === 1 ? 'a segment' : 'segments'}${v.most > 0 ? `, ${bytes(v.most)} at most` : ''}`,
  }),
  ack_lost_segment: entry({
    severity: 'note',
    group: 'delivery',
    title: 'Acknowledged, but never captured',
    meaning:
      'Wireshark\'s "ACKed unseen segment": the acknowledgment covers bytes that are not in the capture. So they arrived: the capture missed them, the network did not.',
    causes: [
      'The capturing machine or the mirror port dropped frames.',
      'Part of the traffic took another path.',
      'The capture shows the acknowledgment before the data.',
    ],
    advice: 'See capture_gap for how much is missing, and how to capture without loss.',
    rfc: 'Wireshark tcp.analysis.ack_lost_segment',
    doubts: FOREIGN,
    say: (v: { segments: number }) => `acknowledged bytes never captured (${counted(v.segments, 'acknowledgment')})`,
  }),
  duplicate_ack: entry({
    severity: 'chat',
    group: 'delivery',
    title: 'Duplicate acknowledgments',
    meaning:
      'Wireshark\'s "Dup ACK": the same acknowledgment again, without data and without a change of window. The receiver says that something is missing, or that something came twice.',
    causes: ['A segment was lost or came out of order.', 'Frames captured twice.', 'Keep-alives and window probes.'],
    advice: 'They are the symptom. Look at what the other direction sent.',
    rfc: 'RFC 5681 2; Wireshark tcp.analysis.duplicate_ack',
    doubts: COPIES | FOREIGN,
    say: (v: { segments: number; run: number }) =>
      `sent ${counted(v.segments, 'duplicate acknowledgment')}${v.run > 2 ? `, ${v.run} in a row at most` : ''}`,
  }),
  mss_exceeded: entry({
    severity: 'note',
    group: 'delivery',
    title: 'Larger than the MSS',
    meaning:
      'Segments carry more than the other end said it takes (MSS option), and not because an offload engine joined them. They may have to be fragmented, or are dropped where that is forbidden.',
    causes: [
      'A device lowered the MSS in the SYN on one side of the capture point only.',
      'A TCP stack that ignores the option.',
      'A tunnel whose overhead nobody reckoned with.',
    ],
    advice: 'Look for ICMP "fragmentation needed" and for stalls of large segments while small ones pass.',
    rfc: 'RFC 9293 3.7.1; RFC 6691',
    doubts: FOREIGN,
    say: (v: { segments: number; largest: number; limit: number }, names) =>
      `sent ${counted(v.segments, 'segment')} of up to ${count(v.largest)} bytes, though ${names.peer} takes ${count(v.limit)} at most`,
  }),
  timestamp_backwards: entry({
    severity: 'note',
    group: 'delivery',
    title: 'Timestamps go backwards',
    meaning:
      'New data carries an older timestamp than what the same sender sent before. The receiver must take it for an old duplicate and drop it (PAWS).',
    causes: [
      'Forged segments.',
      'Several hosts behind one address (NAT, load balancer) whose clocks differ.',
      'A stack whose timestamp clock is broken.',
    ],
    advice: 'Look at TTL and IP identification of the odd segment: another sender has others.',
    rfc: 'RFC 7323 5.3',
    doubts: ORDER | FOREIGN,
    say: (v: { segments: number; step: number }) =>
      `sent ${counted(v.segments, 'segment')} of new data with an older timestamp, back by up to ${count(v.step)}: the receiver drops them`,
  }),
  urgent_data: entry({
    severity: 'note',
    group: 'delivery',
    title: 'Urgent data',
    meaning:
      'Segments use the urgent pointer. Systems do not agree on what it points at, middleboxes clear it, and new programs must not use it.',
    causes: ['Telnet, rlogin and FTP (interrupt, abort).', 'Attempts to confuse an intrusion detection system.'],
    advice: 'Expected with the old protocols, else find out who sends it.',
    rfc: 'RFC 6093; RFC 9293 3.8.5',
    doubts: 0,
    say: (v: { segments: number }) => `sent ${counted(v.segments, 'segment')} with urgent data`,
  }),
  odd_flags: entry({
    severity: 'warn',
    group: 'delivery',
    title: 'Impossible TCP flags',
    meaning: 'A set of flags that no TCP stack sends: SYN with FIN, SYN or FIN with RST, or none of SYN, RST and ACK.',
    causes: [
      'A port scan or fingerprinting tool (null, FIN and Christmas-tree scans).',
      'A damaged or invented header.',
    ],
    advice: 'Look at who sends it and to how many ports.',
    rfc: 'RFC 9293 3.1, 3.10.7',
    doubts: 0,
    say: (v: { segments: number; flags: string }) =>
      `sent ${counted(v.segments, 'segment')} with an impossible set of flags (${v.flags})`,
  }),
  overlap_changed: entry({
    severity: 'warn',
    group: 'delivery',
    title: 'Same bytes, other content',
    meaning:
      'Data was sent again under the same sequence numbers with other content. What the receiver keeps depends on its system, and a monitor may see something else than the receiver.',
    causes: [
      'Data injected by somebody on the path, racing the true sender.',
      'An evasion tool.',
      'A broken stack or proxy; faulty memory with checksum offload.',
    ],
    advice: 'Compare the two segments: TTL, IP identification, timing. If they differ there, two hosts sent them.',
    rfc: 'RFC 9293 3.4; RFC 5961 1.1',
    doubts: FOREIGN,
    say: (v: { segments: number }) => `sent ${counted(v.segments, 'segment')} again with other content`,
  }),
  reused_ports: entry({
    severity: 'chat',
    group: 'delivery',
    title: 'Port pair used again',
    meaning:
      'Wireshark\'s "TCP Port numbers reused": a connection with the same addresses and ports came before. Findings time_wait_reuse, time_wait_reuse_unsafe and syn_in_connection say whether that was in order.',
    causes: ['Many connections to one server in a short time.', 'A program that binds its source port.'],
    advice: 'Nothing to do as such.',
    rfc: 'RFC 9293 3.4.1; Wireshark tcp.analysis.reused_ports',
    doubts: MIDSTREAM,
    say: (_v: object) => 'uses addresses and ports that were in use before',
  }),
} as const;
