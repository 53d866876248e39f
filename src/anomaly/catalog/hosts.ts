// In: nothing. Out: the catalog's entries about many connections together.

import { count, counted, duration, percent } from '../../units.ts';
import { entry } from '../entry.ts';

export const HOSTS = {
  syn_flood: entry({
    severity: 'error',
    group: 'hosts',
    title: 'SYN flood',
    meaning:
      'Very many connections to one service were begun in a short time and hardly any was completed. Each costs the server an entry in its queue of half-open connections.',
    causes: [
      'An attack with forged source addresses.',
      'A broken client or load test that does not complete its handshakes.',
    ],
    advice:
      'SYN cookies (Linux: on by default) keep the server reachable. Filter upstream. Many sources with one or two SYNs each are forged.',
    rfc: 'RFC 4987',
    doubts: 0,
    covers: ['half_open', 'syn_unanswered', 'synack_retried', 'retransmission'],
    say: (v: { attempts: number; completed: number; sources: number; seconds: number; rate: number }) =>
      `got ${count(v.attempts)} SYNs in ${duration(v.seconds)} (up to ${count(v.rate)} a second) from ${v.sources > 200 ? 'hundreds of addresses or more' : counted(v.sources, 'address', 'addresses')}, ${v.completed === 0 ? 'none' : count(v.completed)} completed`,
  }),
  accept_queue_full: entry({
    severity: 'warn',
    group: 'hosts',
    title: 'Accept queue full',
    meaning:
      'The server accepts connections, but not fast enough: it ignored the completion of some handshakes or let SYNs wait while others got through. That is how a full accept queue looks.',
    causes: [
      'The server process is too slow to accept, or busy with something else.',
      'A backlog too small for bursts of connections.',
    ],
    advice:
      "On the server: nstat TcpExtListenOverflows TcpExtListenDrops, ss -ltn. Raise listen()'s backlog and net.core.somaxconn; look at what keeps the process from accepting.",
    rfc: 'Linux listen(2); RFC 9293 3.10.7.4',
    doubts: 0,
    covers: ['backlog_overflow', 'synack_retried', 'syn_retried', 'syn_unanswered'],
    say: (v: { ignored: number; retried: number; of: number }) =>
      `ignored the completed handshake of ${count(v.ignored)} of ${counted(v.of, 'connection')}${v.retried > 0 ? `; ${count(v.retried)} had to send the SYN again` : ''}`,
  }),
  port_scan: entry({
    severity: 'warn',
    group: 'hosts',
    title: 'Port scan',
    meaning: 'One source tried many ports of a host, and most attempts came to nothing.',
    causes: ['A scanner (nmap, vulnerability management).', 'An intruder looking around.'],
    advice: 'Find out who runs the source.',
    rfc: "none; threshold as in Zeek's scan detection",
    doubts: 0,
    covers: ['connection_refused', 'syn_unanswered', 'handshake_reset', 'half_open'],
    say: (v: { ports: number; attempts: number; failed: number }, names) =>
      `tried ${v.ports >= 200 ? 'hundreds of' : `about ${count(v.ports)}`} ports of ${names.peer} in ${counted(v.attempts, 'attempt')}, ${percent(v.failed, v.attempts)} of them in vain`,
  }),
  host_scan: entry({
    severity: 'warn',
    group: 'hosts',
    title: 'Host scan',
    meaning: 'One source tried the same port at many hosts, and most attempts came to nothing.',
    causes: ['A scanner, or malware that looks for hosts to infect.', 'Monitoring with an old list of hosts.'],
    advice: 'Find out who runs the source.',
    rfc: "none; threshold as in Zeek's scan detection",
    doubts: 0,
    covers: ['connection_refused', 'syn_unanswered', 'handshake_reset', 'half_open'],
    say: (v: { hosts: number; port: number; attempts: number; failed: number }) =>
      `tried port ${v.port} at ${v.hosts >= 200 ? 'hundreds of' : `about ${count(v.hosts)}`} hosts in ${counted(v.attempts, 'attempt')}, ${percent(v.failed, v.attempts)} of them in vain`,
  }),
  ephemeral_ports: entry({
    severity: 'warn',
    group: 'hosts',
    title: 'Source ports are running out',
    meaning:
      'One host opens so many connections to one service within 2MSL that its ephemeral ports toward that service run out. Further connects then fail ("cannot assign requested address") or reuse a port in TIME_WAIT.',
    causes: ['A client that opens a connection per request.', 'A proxy in front of one backend.'],
    advice:
      'Keep connections open (a pool, keep-alive), or let the server close first so that its side has the TIME_WAIT. tcp_tw_reuse=1 is safe for outgoing connections with timestamps; more source addresses or a wider ip_local_port_range also help.',
    rfc: 'RFC 6056; RFC 9293 3.6; Linux ip_local_port_range',
    doubts: 0,
    say: (v: { opened: number; seconds: number; range: number }, names) =>
      `opened ${count(v.opened)} connections to ${names.peer} within ${duration(v.seconds)}; Linux has ${count(v.range)} ephemeral ports by default`,
  }),
  reset_storm: entry({
    severity: 'warn',
    group: 'hosts',
    title: 'Many resets at once',
    meaning: 'One host reset many established connections within a second.',
    causes: [
      'A process crashed or was restarted.',
      'A load balancer or firewall dropped its table (failover).',
      'A client that closes by reset and does so in bulk.',
    ],
    advice: 'Look at what happened on that host at that moment.',
    rfc: 'RFC 9293 3.5.2',
    doubts: 0,
    covers: ['connection_aborted', 'reset_unread_data', 'reset_data_lost'],
    say: (v: { resets: number; of: number }) =>
      `reset ${counted(v.resets, 'connection')} within a second (${count(v.of)} in all)`,
  }),
  idle_timeout_resets: entry({
    severity: 'warn',
    group: 'hosts',
    title: 'Resets at one idle time',
    meaning:
      'Several connections were reset after the same length of silence. That is a timeout set somewhere: it ends connections that both ends believe to be open.',
    causes: [
      'A load balancer (AWS NLB 350 s, ELB 60 s, Azure 240 s), NAT or firewall.',
      'The keep-alive timeout of a server or proxy.',
    ],
    advice: 'Set keep-alive on the client below that time, or close idle connections in its pool earlier.',
    rfc: 'RFC 5382 5; RFC 1122 4.2.3.6',
    doubts: 0,
    covers: ['reset_after_idle', 'idle_close_by_reset'],
    say: (v: { resets: number; idle: number; of: number }) =>
      `${counted(v.resets, 'connection')} reset after about ${duration(v.idle)} of silence, of ${count(v.of)} reset after a silence`,
  }),
  service_refused: entry({
    severity: 'error',
    group: 'hosts',
    title: 'Service refuses every connection',
    meaning: 'Every attempt to connect to this service was refused: nothing listens there.',
    causes: ['The server process is down.', 'It listens on another address or port.', 'A firewall rejects.'],
    advice: 'On the server: ss -ltn.',
    rfc: 'RFC 9293 3.5.2',
    doubts: 0,
    covers: ['connection_refused'],
    say: (v: { attempts: number }) => `refused all ${count(v.attempts)} connections`,
  }),
  service_unanswered: entry({
    severity: 'error',
    group: 'hosts',
    title: 'Service never answers',
    meaning: 'No attempt to connect to this service was answered.',
    causes: [
      'A filter drops the SYNs.',
      'The host is down or the address wrong.',
      'The answers take a way that was not captured.',
    ],
    advice: 'Capture on the server.',
    rfc: 'RFC 9293 3.8.3',
    doubts: 0,
    covers: ['syn_unanswered'],
    say: (v: { attempts: number }) => `answered none of ${count(v.attempts)} connections`,
  }),
  service_slow: entry({
    severity: 'warn',
    group: 'hosts',
    title: 'Service is slow to open every connection',
    meaning: 'Every connection to this service took a second or more to open, or needed the SYN to be sent again.',
    causes: [
      'A server or load balancer under overload.',
      'Loss on the way to it.',
      'A firewall that drops the first SYN.',
    ],
    advice: 'Compare with other services over the same path.',
    rfc: 'RFC 6298 2.1',
    doubts: 0,
    covers: ['slow_handshake', 'syn_retried'],
    say: (v: { slow: number; median: number }) =>
      `was slow to open all ${count(v.slow)} connections, ${duration(v.median)} in the median`,
  }),
  close_wait_pileup: entry({
    severity: 'warn',
    group: 'hosts',
    title: 'CLOSE_WAIT piles up',
    meaning:
      'Many connections of one service are in CLOSE_WAIT at the end of the capture: their peers have closed, the program has not. They stay until it does.',
    causes: ['A program that leaks connections: it does not close after end of input.', 'A program that hangs.'],
    advice: 'On that host: ss -tnp state close-wait. Find the path that forgets to close.',
    rfc: 'RFC 9293 3.6',
    doubts: 0,
    covers: ['close_wait_leak', 'close_wait_held', 'fin_wait_2_stuck'],
    say: (v: { open: number; oldest: number; to: string }) =>
      `has ${counted(v.open, 'connection')}${v.to} in CLOSE_WAIT at the end, the oldest for ${duration(v.oldest)}: the other side has closed, it has not`,
  }),
} as const;
