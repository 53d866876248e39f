// In: nothing. Out: the catalog's entries about windows, keep-alives and waiting.

import { bytes, count, counted, duration, percent } from '../../units.ts';
import { Doubt, entry } from '../entry.ts';

const { MISSING, ONE_SIDED, MIDSTREAM, COPIES, ORDER, FOREIGN } = Doubt;

export const WINDOW = {
  zero_window: entry({
    severity: 'note',
    group: 'window',
    title: 'Zero window',
    meaning:
      'Wireshark\'s "ZeroWindow": the receiver says that its buffer is full; the sender has to wait. Short ones happen whenever the reader is slower than the network.',
    causes: ['The receiving program does not read, or reads slowly.', 'A small receive buffer.'],
    advice: 'Look at the program on the side that announces it, not at the network.',
    rfc: 'RFC 9293 3.8.6; Wireshark tcp.analysis.zero_window',
    doubts: FOREIGN,
    say: (v: { segments: number; total: number; longest: number }) =>
      `closed its window (${counted(v.segments, 'segment')})${v.total > 0 ? ` for ${duration(v.total)} in all, ${duration(v.longest)} at most` : ''}`,
  }),
  zero_window_stall: entry({
    severity: 'warn',
    group: 'window',
    title: 'Stalled by a closed window',
    meaning: 'The receiver kept its window closed for a second or more while the sender had data waiting.',
    causes: [
      'The receiving program hangs, waits for something else, or reads too slowly.',
      'A consumer behind it is the real bottleneck.',
    ],
    advice: 'Look at what the program on the receiving side did at that time.',
    rfc: 'RFC 9293 3.8.6.1',
    doubts: MISSING | ONE_SIDED,
    say: (v: { longest: number; open: boolean }, names) =>
      `kept its window closed for ${duration(v.longest)}${v.open ? ' and has not opened it' : ''} while ${names.peer} had data to send`,
  }),
  zero_window_probe: entry({
    severity: 'chat',
    group: 'window',
    title: 'Probes of a closed window',
    meaning: 'Wireshark\'s "ZeroWindowProbe": the sender asks with one byte whether the window has opened.',
    causes: ['The other end closed its window.'],
    advice: 'See zero_window of the other direction.',
    rfc: 'RFC 9293 3.8.6.1; Wireshark tcp.analysis.zero_window_probe',
    doubts: FOREIGN,
    say: (v: { segments: number }, names) => `probed the closed window of ${names.peer} ${counted(v.segments, 'time')}`,
  }),
  zero_window_probe_ack: entry({
    severity: 'chat',
    group: 'window',
    title: 'Answers to window probes',
    meaning: 'Wireshark\'s "ZeroWindowProbeAck": the answer to a probe, the window still being closed.',
    causes: ['The receiver is alive, its program does not read.'],
    advice: 'See zero_window.',
    rfc: 'RFC 9293 3.8.6.1; Wireshark tcp.analysis.zero_window_probe_ack',
    doubts: FOREIGN,
    say: (v: { segments: number }) => `answered ${counted(v.segments, 'probe')}, the window still closed`,
  }),
  window_full: entry({
    severity: 'chat',
    group: 'window',
    title: 'Window filled',
    meaning:
      'Wireshark\'s "Window Full": the segment fills the window the other end offers, so the sender has to stop there.',
    causes: ["The receiver's buffer is smaller than bandwidth times round trip.", 'The receiving program is slow.'],
    advice: 'See receiver_limited for whether it matters.',
    rfc: 'RFC 9293 3.8.6; Wireshark tcp.analysis.window_full',
    doubts: MISSING | FOREIGN,
    say: (v: { segments: number; waited: number }, names) =>
      `filled the window of ${names.peer} ${counted(v.segments, 'time')}${v.waited >= 0.001 ? ` and waited ${duration(v.waited)} for more` : ''}`,
  }),
  window_shrunk: entry({
    severity: 'note',
    group: 'window',
    title: 'Window taken back',
    meaning:
      'The right edge of the offered window moved to the left: the receiver took back room it had promised. Data already under way may have to be dropped.',
    causes: [
      'Memory pressure at the receiver.',
      'A receiver that lowers its buffer on a live connection.',
      'A middlebox that edits the window.',
    ],
    advice: 'RFC 9293 tells receivers not to do this. If data is sent again right after it, this is why.',
    rfc: 'RFC 9293 3.8.6; RFC 7323 2.4',
    doubts: ORDER | MISSING | FOREIGN,
    say: (v: { times: number; most: number }) =>
      `took back offered window ${counted(v.times, 'time')}, ${bytes(v.most)} at most`,
  }),
  receiver_limited: entry({
    severity: 'note',
    group: 'window',
    title: 'Limited by the receiver',
    meaning: 'For most of a large transfer the sender had filled the window and waited for the receiver to make room.',
    causes: [
      'A receive buffer smaller than bandwidth times round trip (no window scaling, fixed SO_RCVBUF).',
      'A receiving program that reads slowly.',
    ],
    advice:
      'Let the system size the buffer (do not set SO_RCVBUF), raise its maximum (tcp_rmem), or look at the reading program.',
    rfc: 'RFC 9293 3.8.6; RFC 7323 2',
    doubts: MISSING | ONE_SIDED | COPIES | FOREIGN,
    say: (v: { full: number; of: number; bytes: number }, names) =>
      `sent ${bytes(v.bytes)} in ${duration(v.of)} and waited ${percent(v.full, v.of)} of that time for room in the window of ${names.peer}`,
  }),
  sender_limited: entry({
    severity: 'chat',
    group: 'window',
    title: 'Limited by the network or the sender',
    meaning:
      'For most of a large transfer data was on its way, the receiver had room, and the sender had more: its congestion window, its send buffer or the speed of the link set the pace. That is how a transfer should be.',
    causes: ['The bandwidth of the path.', 'Loss, which keeps the congestion window small.', 'A small send buffer.'],
    advice: 'If it is slower than the link, look for retransmissions.',
    rfc: 'RFC 5681',
    doubts: MISSING | ONE_SIDED | COPIES | FOREIGN,
    say: (v: { part: number; of: number; bytes: number }) =>
      `sent ${bytes(v.bytes)} in ${duration(v.of)}, ${percent(v.part, v.of)} of the time limited by the network or its own congestion window`,
  }),
  application_limited: entry({
    severity: 'chat',
    group: 'window',
    title: 'Limited by the application',
    meaning:
      'For most of a large transfer everything sent had been acknowledged and the sender had nothing more to send.',
    causes: [
      'The program produces or reads its data slowly (disk, database, computation).',
      'A protocol that waits for an answer after each piece.',
      'A stream that is meant to be slow, such as video.',
    ],
    advice: 'The network is not the reason. Look at the sending program.',
    rfc: 'RFC 7661',
    doubts: MISSING | ONE_SIDED | COPIES | FOREIGN,
    say: (v: { empty: number; of: number; bytes: number }) =>
      `sent ${bytes(v.bytes)} in ${duration(v.of)} and had nothing to send for ${percent(v.empty, v.of)} of that time`,
  }),
  slow_answer: entry({
    severity: 'chat',
    group: 'window',
    title: 'Slow to answer',
    meaning:
      "After the client's data the connection was silent until the server's answer began. The network had nothing to do in that time.",
    causes: [
      'The server needed the time: computation, a database, a lock, a call to another service.',
      'Long polling and push protocols, where waiting is the purpose.',
    ],
    advice: "Look at the server's log for that moment.",
    rfc: 'none; a property of the application',
    doubts: MISSING | MIDSTREAM,
    say: (v: { seconds: number }, names) => `answered ${duration(v.seconds)} after the data of ${names.peer}`,
  }),
  long_idle: entry({
    severity: 'chat',
    group: 'window',
    title: 'Long silence',
    meaning:
      'Nothing was sent in either direction for a minute or more, and nobody was waiting for an answer. Firewalls, NATs and load balancers forget connections that are silent for long.',
    causes: ['A connection kept open for later use.'],
    advice:
      'If the connection is reset afterwards, shorten the keep-alive interval below the limit of the device in between.',
    rfc: 'RFC 5382 5; RFC 1122 4.2.3.6',
    doubts: MISSING,
    say: (v: { seconds: number }) => `silent for ${duration(v.seconds)}`,
  }),
  keep_alive: entry({
    severity: 'chat',
    group: 'window',
    title: 'Keep-alives',
    meaning:
      'Wireshark\'s "Keep-Alive": a segment with the number before the next, to see whether the other end still lives.',
    causes: ['SO_KEEPALIVE, or a keep-alive sent by a program or a proxy.'],
    advice: 'Nothing to do.',
    rfc: 'RFC 9293 3.8.4; Wireshark tcp.analysis.keep_alive',
    doubts: COPIES | FOREIGN,
    say: (v: { segments: number }) => `sent ${counted(v.segments, 'keep-alive')}`,
  }),
  keep_alive_ack: entry({
    severity: 'chat',
    group: 'window',
    title: 'Answers to keep-alives',
    meaning: 'Wireshark\'s "Keep-Alive ACK": the other end still lives.',
    causes: ['The other end sends keep-alives.'],
    advice: 'Nothing to do.',
    rfc: 'RFC 9293 3.8.4; Wireshark tcp.analysis.keep_alive_ack',
    doubts: COPIES | FOREIGN,
    say: (v: { segments: number }) => `answered ${counted(v.segments, 'keep-alive')}`,
  }),
  keep_alive_unanswered: entry({
    severity: 'warn',
    group: 'window',
    title: 'Keep-alives unanswered',
    meaning:
      'Several keep-alives in a row got no answer. The other end is gone, though the connection is still open on this side.',
    causes: ['The other host crashed or was unplugged.', 'A NAT or firewall forgot the connection.', 'The path broke.'],
    advice: 'Look at when the other end was heard last, and what happened then.',
    rfc: 'RFC 9293 3.8.4; RFC 1122 4.2.3.6',
    doubts: ONE_SIDED | FOREIGN,
    say: (v: { probes: number }, names) =>
      `${count(v.probes)} keep-alives in a row without an answer from ${names.peer}`,
  }),
} as const;
