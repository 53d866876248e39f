// In: nothing. Out: the catalog's entries about closing: FIN, RST, and what comes after.

import { bytes, counted, duration } from '../../units.ts';
import { Doubt, entry } from '../entry.ts';

const { MISSING, ONE_SIDED, MIDSTREAM, COPIES, ORDER, FOREIGN } = Doubt;

export const CLOSE = {
  close_wait_leak: entry({
    severity: 'warn',
    group: 'close',
    title: 'Sits in CLOSE_WAIT',
    meaning:
      'The other end has closed, this one has not: it neither sends nor closes, and was still in CLOSE_WAIT when the capture ended. No timer ends CLOSE_WAIT; only the program can, by closing the socket.',
    causes: [
      'The program does not notice the end of input, or forgets to close (a leaked connection).',
      'A pool that keeps dead connections.',
      'A thread that hangs in something else.',
    ],
    advice:
      'On that host: ss -tnp state close-wait names the process. Look for a path in it that does not close the socket after reading end of file.',
    rfc: 'RFC 9293 3.6, 3.3.2',
    doubts: MISSING | ONE_SIDED,
    say: (v: { seconds: number }, names) =>
      `has been in CLOSE_WAIT for ${duration(v.seconds)} and still is at the end: ${names.peer} has closed, it has not`,
  }),
  close_wait_held: entry({
    severity: 'note',
    group: 'close',
    title: 'Slow to close',
    meaning:
      'After the other end had closed, this one stayed silent for a second or more before it closed, or had not when the capture ended.',
    causes: [
      'The program finishes other work before it closes.',
      'It only notices the end of input when it next uses the connection (pools).',
    ],
    advice: 'Harmless as long as it closes. If such connections pile up, see close_wait_leak.',
    rfc: 'RFC 9293 3.6',
    doubts: MISSING | ONE_SIDED,
    say: (v: { seconds: number; open: boolean }) =>
      v.open
        ? `has been silent in CLOSE_WAIT for ${duration(v.seconds)}, up to the end of the capture`
        : `was silent in CLOSE_WAIT for ${duration(v.seconds)} before it closed`,
  }),
  fin_wait_2_stuck: entry({
    severity: 'note',
    group: 'close',
    title: 'Waits in FIN_WAIT_2',
    meaning:
      'This end has closed and that was acknowledged; it waits for the other end to close too. Linux gives up after 60 s if the program has let go of the socket.',
    causes: ['The other end leaks the connection (close_wait_leak) or still has something to send.'],
    advice: 'Look at the other end.',
    rfc: 'RFC 9293 3.6; Linux tcp_fin_timeout',
    doubts: MISSING | ONE_SIDED,
    say: (v: { seconds: number }, names) =>
      `has been in FIN_WAIT_2 for ${duration(v.seconds)}, waiting for ${names.peer} to close`,
  }),
  half_closed: entry({
    severity: 'chat',
    group: 'close',
    title: 'Half closed',
    meaning:
      'One end had closed its direction and went on receiving data from the other. That is what half-close is for.',
    causes: ['shutdown(SHUT_WR) after the request: rsh, some proxies, HTTP/1.0 style clients.'],
    advice: 'Nothing to do. Some firewalls give half-closed connections a shorter timeout.',
    rfc: 'RFC 9293 3.6.1',
    doubts: 0,
    say: (_v: object, names) => `closed its direction and still received data from ${names.peer}`,
  }),
  fin_unacknowledged: entry({
    severity: 'warn',
    group: 'close',
    title: 'FIN never acknowledged',
    meaning: 'The end of the connection was announced several times and never acknowledged.',
    causes: [
      'The other host is gone, or has forgotten the connection and filters the answer.',
      'A firewall or NAT closed the connection before its end.',
    ],
    advice: 'Look when the other end was heard last. Linux gives up after tcp_orphan_retries.',
    rfc: 'RFC 9293 3.6, 3.8.3',
    doubts: ONE_SIDED | MISSING | FOREIGN,
    say: (v: { sent: number; seconds: number }, names) =>
      `sent its FIN ${counted(v.sent, 'time')} over ${duration(v.seconds)}; ${names.peer} never acknowledged it`,
  }),
  connection_aborted: entry({
    severity: 'note',
    group: 'close',
    title: 'Ended by reset',
    meaning:
      "The connection was ended by a reset instead of FIN, with nothing of the resetter's own data outstanding. Quick and rude; often on purpose.",
    causes: [
      'Clients that have what they wanted and save the TIME_WAIT (browsers, health checks, load balancers).',
      'SO_LINGER with time 0, or a process that was killed.',
      'A download that was cancelled.',
    ],
    advice: 'Nothing to do unless a program complains about "connection reset by peer".',
    rfc: 'RFC 9293 3.10.5, 3.5.3',
    doubts: MISSING | ORDER | FOREIGN | ONE_SIDED,
    say: (v: { late: number; losesPeer: number }, names) =>
      `reset the connection${v.late > 0 ? ` ${duration(v.late)} after the last data` : ''}${v.losesPeer > 0 ? `, with ${bytes(v.losesPeer)} of ${names.peer} under way` : ''}`,
  }),
  idle_close_by_reset: entry({
    severity: 'note',
    group: 'close',
    title: 'Idle connection ended by reset',
    meaning:
      'After a long silence the connection was ended by a reset instead of FIN, and nobody was using it at that moment.',
    causes: [
      'An idle timeout of that end, or of a device that resets in its name.',
      'A program that ends, and closes its idle connections by reset.',
    ],
    advice: 'Harmless if the other end does not try to use the connection afterwards.',
    rfc: 'RFC 9293 3.10.5',
    doubts: MISSING | ONE_SIDED,
    say: (v: { idle: number }) => `ended the connection by reset after ${duration(v.idle)} of silence`,
  }),
  reset_unread_data: entry({
    severity: 'warn',
    group: 'close',
    title: 'Reset instead of an answer',
    meaning:
      'The server reset the connection though it had received data that it never answered. That is what the system does when a program closes a socket (or dies) with data in it that it has not read.',
    causes: [
      'The process crashed or was killed.',
      'It closed without reading the whole request: body too large, failed login, protocol error.',
      'A proxy that lost its backend.',
      'A keep-alive timeout that ran out just when the request came.',
    ],
    advice:
      "Look at the server's log for that moment. If it closes on purpose, it should read the rest before it does.",
    rfc: 'RFC 9293 3.6.1; RFC 1122 4.2.2.13; RFC 2525 2.17',
    doubts: MISSING | ORDER | FOREIGN | MIDSTREAM,
    say: (v: { bytes: number; seconds: number }, names) =>
      `reset the connection ${duration(v.seconds)} after ${names.peer} sent ${bytes(v.bytes)} that it never answered`,
  }),
  reset_data_lost: entry({
    severity: 'warn',
    group: 'close',
    title: 'Reset with own data outstanding',
    meaning:
      'The sender of the reset had sent data that was not yet acknowledged. The reset destroys it at the receiver if it has not been read there.',
    causes: [
      'close() right after write() with data of the other end unread.',
      'A crash in the middle of an answer.',
      'A timeout while the network was lossy.',
    ],
    advice:
      'A program that must deliver its last words closes its direction first (shutdown), reads to the end, then closes.',
    rfc: 'RFC 9293 3.5.3; RFC 2525 2.17',
    doubts: MISSING | ORDER | FOREIGN | ONE_SIDED,
    say: (v: { bytes: number }, names) =>
      `reset the connection with ${bytes(v.bytes)} of its own not yet acknowledged by ${names.peer}`,
  }),
  reset_after_fin: entry({
    severity: 'chat',
    group: 'close',
    title: 'Reset after the close had begun',
    meaning: 'A reset came after a FIN, so the connection was ending anyway. Common: it saves the rest of the close.',
    causes: [
      'Clients and load balancers that do not wait for the orderly end.',
      'A socket closed on both directions answers late segments with resets.',
    ],
    advice: 'Nothing to do.',
    rfc: 'RFC 9293 3.6, 3.5.2',
    doubts: MISSING | ORDER,
    say: (v: { own: boolean }) => `sent a reset after ${v.own ? 'its own' : "the other end's"} FIN`,
  }),
  data_after_close: entry({
    severity: 'note',
    group: 'close',
    title: 'Data for a closed socket',
    meaning:
      'One end had closed completely when data from the other arrived; it answered with a reset and the data is lost. The other end\'s program sees "connection reset" or "broken pipe".',
    causes: [
      'The client went away before the answer was complete.',
      'Server and client disagree about who closes (keep-alive timeouts that race).',
    ],
    advice:
      'If it happens to idle connections that are used again, the client should give them up earlier than the server does.',
    rfc: 'RFC 9293 3.6.1; RFC 1122 4.2.2.13',
    doubts: MISSING | ORDER | ONE_SIDED,
    say: (v: { bytes: number }, names) =>
      `had closed, and answered data of ${names.peer} with a reset${v.bytes > 0 ? `; ${bytes(v.bytes)} are lost` : ''}`,
  }),
  reset_after_idle: entry({
    severity: 'warn',
    group: 'close',
    title: 'Reset after a silence',
    meaning:
      'The connection had been silent for long; at the next use it was reset. Something between the ends, or one of them, had given it up meanwhile without telling.',
    causes: [
      'The idle timeout of a load balancer, NAT or firewall.',
      'The keep-alive timeout of the server.',
      'The other host restarted.',
    ],
    advice:
      "Find the timeout that fits the silence and keep connections alive more often than that, or give them up earlier in the client's pool. See idle_timeout_resets.",
    rfc: 'RFC 5382 5; RFC 9293 3.8.4',
    doubts: MISSING | ONE_SIDED,
    say: (v: { idle: number }) => `reset the connection after ${duration(v.idle)} of silence`,
  }),
  reset_ignored: entry({
    severity: 'note',
    group: 'close',
    title: 'Reset that does not count',
    meaning:
      'A reset whose sequence number is not the one expected. Inside the window the receiver answers it with a challenge ACK, outside it ignores it; the connection lives on.',
    causes: [
      'A forged reset: someone off the path guesses the number.',
      'A late reset of an earlier connection.',
      'A middlebox that resets with numbers it saw a while ago.',
    ],
    advice: 'Many of them, toward a connection that lives on, are an attack.',
    rfc: 'RFC 5961 3.2; RFC 9293 3.5.3',
    doubts: MISSING | ORDER | FOREIGN | MIDSTREAM,
    say: (v: { times: number; outside: boolean }) =>
      `sent ${counted(v.times, 'reset')} ${v.outside ? 'outside the window' : 'inside the window but not at the expected number'}: the receiver must not obey`,
  }),
  stray_reset: entry({
    severity: 'note',
    group: 'close',
    title: 'Resets without a connection',
    meaning: 'Resets of a connection of which the capture holds nothing else.',
    causes: [
      'The rest of the connection came before the capture, or took another way.',
      'Answers to segments with a forged source address (backscatter of a flood or scan elsewhere).',
      'A capture filter that lets only resets through.',
    ],
    advice:
      'One is nothing. Many to one address mean that somebody uses this address as the source of forged segments.',
    rfc: 'RFC 9293 3.5.2; RFC 4987',
    doubts: 0,
    say: (v: { times: number }, names) =>
      `sent ${counted(v.times, 'reset')} to ${names.peer}, of whose connection nothing else was captured`,
  }),
  reset_injected: entry({
    severity: 'warn',
    group: 'close',
    title: 'Reset probably sent by somebody else',
    meaning:
      "The reset bears this end's address, but signs say that another machine sent it: another TTL than all other segments of this end, or this end goes on as if it knew nothing of a reset.",
    causes: [
      "A firewall, intrusion prevention or content filter that ends connections in both ends' name.",
      'A load balancer that answers for the server.',
      'An attack.',
    ],
    advice:
      'The TTL tells how many hops away the sender of the reset is. Capture on both ends: a reset that one end receives and the other never sent was made in between.',
    rfc: 'RFC 5961 1.1, 3; RFC 3360',
    doubts: COPIES | ORDER | FOREIGN,
    say: (v: { ttl: string; goesOn: number }) => {
      const signs: string[] = [];
      if (v.ttl !== '') signs.push(v.ttl);
      if (v.goesOn > 0) signs.push(`it sent ${counted(v.goesOn, 'segment')} more after it`);
      return `is said to have sent a reset: ${signs.join('; ')}`;
    },
  }),
  data_after_fin: entry({
    severity: 'warn',
    group: 'close',
    title: 'Data after the own FIN',
    meaning: 'An end sent data beyond its own FIN, which by definition was its last word.',
    causes: [
      'The FIN was forged or belonged to another connection.',
      'A middlebox that closes in the name of an end.',
      'A broken stack.',
    ],
    advice: 'Compare TTL and IP identification of the FIN with those of the other segments.',
    rfc: 'RFC 9293 3.6',
    doubts: ORDER | FOREIGN,
    say: (v: { segments: number; bytes: number }) =>
      `sent ${counted(v.segments, 'segment')} beyond its own FIN, by up to ${bytes(v.bytes)}`,
  }),
  data_after_reset: entry({
    severity: 'note',
    group: 'close',
    title: 'Data after a reset',
    meaning:
      'An end went on sending data more than a second after the other end had reset the connection. So the reset did not reach it, or it did not obey.',
    causes: ['The reset was lost or filtered.', 'It was outside the window, or forged.'],
    advice: 'See reset_ignored and reset_injected.',
    rfc: 'RFC 9293 3.5.3; RFC 5961 3',
    doubts: FOREIGN | ORDER,
    say: (v: { segments: number }, names) =>
      `sent ${counted(v.segments, 'data segment')} well after ${names.peer} had reset the connection`,
  }),
  time_wait_reuse: entry({
    severity: 'chat',
    group: 'close',
    title: 'TIME_WAIT used again, legally',
    meaning:
      'The addresses and ports of a connection that had closed less than 2MSL ago were used again, with a higher sequence number or a later timestamp. That is allowed.',
    causes: ['Many connections to one service.', 'tcp_tw_reuse on the client.'],
    advice: 'Nothing to do.',
    rfc: 'RFC 9293 3.6.1 (MAY-2); RFC 6191; RFC 1122 4.2.2.13',
    doubts: 0,
    say: (v: { seconds: number }) =>
      `opened again ${duration(v.seconds)} after the connection before it ended, with a higher sequence number or timestamp`,
  }),
  time_wait_reuse_unsafe: entry({
    severity: 'warn',
    group: 'close',
    title: 'TIME_WAIT used again, against the rules',
    meaning:
      'The addresses and ports of a connection that had closed less than 2MSL ago were used again, with a sequence number that is not above the old one and no later timestamp. The end in TIME_WAIT answers with an ACK of the old connection instead of SYN-ACK; old segments may be taken for new ones.',
    causes: [
      'A client behind NAT, or several clients, sharing one address and port range.',
      'A client that picks sequence numbers at random per connection and binds its port.',
      'SO_REUSEADDR with a fixed source port.',
    ],
    advice:
      'Do not shorten TIME_WAIT. Use more source ports or addresses, keep connections open, or let the client have timestamps.',
    rfc: 'RFC 9293 3.6.1 (MAY-2); RFC 6191; RFC 1337',
    doubts: MISSING | ORDER,
    say: (v: { seconds: number }) =>
      `opened again ${duration(v.seconds)} after the connection before it ended, with a lower sequence number and no later timestamp`,
  }),
  time_wait_assassination: entry({
    severity: 'warn',
    group: 'close',
    title: 'TIME_WAIT cut short by a reset',
    meaning:
      'A reset hit an end in TIME_WAIT and ended it before its time. From then on old segments of this connection can disturb a new one on the same ports.',
    causes: [
      'An old duplicate arrived, was answered with an ACK, and that ACK was answered with a reset by the other, already closed end.',
      'A client that resets after the close.',
    ],
    advice: 'Linux: tcp_rfc1337=1 makes TIME_WAIT ignore resets. Rarely worth more than a note.',
    rfc: 'RFC 1337 2, 3',
    doubts: MISSING | ORDER | FOREIGN,
    say: (v: { seconds: number }, names) =>
      `had its TIME_WAIT ended by a reset from ${names.peer} after ${duration(v.seconds)}`,
  }),
  syn_in_connection: entry({
    severity: 'note',
    group: 'close',
    title: 'SYN on an open connection',
    meaning:
      'A SYN with another sequence number came on addresses and ports whose connection had not been closed. The receiver answers with a challenge ACK and keeps the old connection. Wireshark begins a new stream here, so segments of the old connection after it stand in this stream.',
    causes: [
      'The client restarted and knows nothing of the old connection.',
      'A NAT gave the port to somebody else.',
      'A forged SYN.',
      'The end of the old connection was not captured.',
    ],
    advice:
      'If the old connection goes on, the SYN was forged or stray. If a new one is set up, the old one had died unseen.',
    rfc: 'RFC 5961 4.2; RFC 9293 3.10.7.4',
    doubts: MISSING,
    say: (v: { seconds: number; answered: boolean; goesOn: boolean }) =>
      `sent a SYN ${duration(v.seconds)} after the last segment of a connection that was still open${v.answered ? '; a new connection took its place' : v.goesOn ? '; the old connection went on' : ''}`,
  }),
} as const;
