// In: one reading. Out: the words for it: a headline, what supports it, and what helps, each with its authority.

import type {
  AcceptQueueReading,
  CloseWaitReading,
  FinUnacknowledgedReading,
  FinWait2Reading,
  PortUse,
  Reading,
  TimeWaitReading,
  UnacknowledgedReading,
  UnansweredReading,
} from '../occupancy/readings.ts';
import type { OldestStay } from '../occupancy/series.ts';
import { count, counted, duration, percent } from '../units.ts';

export interface Words {
  headline: string;
  /** Sentences, in groups that each begin a line. */
  details: string[];
  advice: string;
}

/** `end`: seconds from the capture's first frame to its last. */
export function wordsOf(reading: Reading, end: number): Words {
  const words = wordsByCode(reading, end);
  if (reading.beganBefore > 0) {
    words.details.push(
      `At least: ${counted(reading.beganBefore, 'connection')} in it began before the capture, and others of which no frame was captured may exist.`,
    );
  }
  return words;
}

function wordsByCode(reading: Reading, end: number): Words {
  switch (reading.code) {
    case 'time-wait-buildup':
      return timeWait(reading);
    case 'close-wait-leak':
    case 'close-wait-stuck':
    case 'close-wait-slow':
      return closeWait(reading, end);
    case 'fin-wait-2-buildup':
      return finWait2(reading, end);
    case 'accept-queue-overflow':
      return acceptQueue(reading);
    case 'syn-rcvd-unacknowledged':
      return unacknowledged(reading);
    case 'syn-sent-unanswered':
      return unanswered(reading);
    case 'fin-unacknowledged':
      return finUnacknowledged(reading, end);
  }
}

/** "10.0.0.7 toward 10.0.0.9:80", "10.0.0.9:80", or the host alone. */
function place({ host, service, role }: Reading): string {
  if (service === null) return host;
  return role === 'server' ? service : `${host} toward ${service}`;
}

/** A rate with the digits that matter: "402 a second", "2.5 a second", "6 a minute". */
function rateText(perSecond: number): string {
  if (perSecond >= 10) return `${count(perSecond)} a second`;
  if (perSecond >= 1) return `${perSecond.toFixed(1)} a second`;
  return `${count(perSecond * 60)} a minute`;
}

function witness(oldest: OldestStay): string {
  return oldest.frame === null ? `stream ${oldest.stream}` : `stream ${oldest.stream}, frame ${oldest.frame}`;
}

// -- TIME_WAIT ----------------------------------------------------------------------------------------------------------

function timeWait(reading: TimeWaitReading): Words {
  const { role, atEnd, trend, rate, ports, hasSettled, steady, settlesIn, peak, services, stoppedFor } = reading;
  const length = duration(reading.timeWait);
  const details = [closingText(reading)];
  if (stoppedFor !== null) {
    details.push(
      `No new one has come in the last ${duration(stoppedFor)}, so the count will fall: ${count(peak.count)} was the most.`,
    );
  } else if (hasSettled) {
    details.push(
      `The capture is longer than that, so the count has settled: ${count(peak.count)} at most (${rateText(rate)} x ${length} = ${count(rate * reading.timeWait)}).`,
    );
  } else {
    details.push(
      `At this rate it settles at ${count(steady)} (${rateText(rate)} x ${length}), ${duration(settlesIn)} after the end of the capture.`,
    );
  }
  if (ports !== null) details.push(portText(ports, hasSettled));
  else if (role === 'server') {
    details.push('A TIME_WAIT at the server takes some memory, but no port: clients can still connect.');
  } else details.push(`They are spread over ${count(services)} services, so no single destination's ports run out.`);
  details.push(reuseText(reading));
  const advice =
    role === 'server'
      ? 'Nothing, as long as the number stays far below net.ipv4.tcp_max_tw_buckets. To have fewer, keep connections open (keep-alive), or let the client close first: TIME_WAIT stays with the side that does (RFC 9293 3.6.1).'
      : 'Keep connections open (a pool, HTTP keep-alive), or let the server close first, so that its side has the TIME_WAIT. net.ipv4.tcp_tw_reuse=1 is safe for outgoing connections with timestamps (RFC 6191); more destination or source addresses, or a wider net.ipv4.ip_local_port_range, give more ports.';
  return {
    headline: `TIME_WAIT builds up at ${role === 'server' ? reading.service! : place(reading)}: ${count(atEnd)} at the end, ${trend}.`,
    details,
    advice,
  };
}

function closingText({ host, role, closing, rate, timeWait }: TimeWaitReading): string {
  const { connections, here, there, together, reset, notClosed } = closing;
  const who = role === null ? host : `${host}, the ${role},`;
  const others = [
    there > 0 ? `the other side in ${count(there)}` : '',
    together > 0 ? `both at once in ${count(together)}` : '',
    reset > 0 ? `${count(reset)} reset` : '',
    notClosed > 0 ? `${count(notClosed)} not closed` : '',
  ].filter((part) => part !== '');
  const rest = others.length === 0 ? '' : ` (${others.join(', ')})`;
  return `${who} closes first in ${count(here)} of ${counted(connections, 'connection')}${rest}, ${rateText(rate)}; who closes first keeps a TIME_WAIT for ${duration(timeWait)}.`;
}

function portText(ports: PortUse, hasSettled: boolean): string {
  const { size, low, high, taken, share, exhaustedIn } = ports;
  const range = `the ${count(size)} ephemeral ports (${low} to ${high}) toward this destination`;
  let text = `That is ${percent(share * size, size)} of ${range}.`;
  if (exhaustedIn === 0) {
    text = `That is all of ${range}: connect() fails with EADDRNOTAVAIL, which no capture shows.`;
  } else if (exhaustedIn !== null) {
    text = `That is more than ${range}: at this rate they are used up ${duration(exhaustedIn)} after the end of the capture, and connect() fails with EADDRNOTAVAIL.`;
  } else if (!hasSettled) text += ` ${count(taken)} ${taken === 1 ? 'is' : 'are'} taken at the end.`;
  if (ports.lowestSeen < low || ports.highestSeen > high) {
    text += ` The local ports seen, ${ports.lowestSeen} to ${ports.highestSeen}, do not lie in that range: the client chooses them itself, or has another (--ephemeral-range).`;
  }
  return text;
}

function reuseText({ reuseAllowed, reuseUnsafe, replaced, assassinated }: TimeWaitReading): string {
  const parts: string[] = [];
  if (reuseAllowed + reuseUnsafe + replaced === 0) parts.push('No 4-tuple was used again within its TIME_WAIT.');
  if (reuseAllowed > 0) {
    parts.push(
      `${counted(reuseAllowed, '4-tuple')} ${reuseAllowed === 1 ? 'was' : 'were'} used again within TIME_WAIT, with a later timestamp or a higher sequence number: allowed (RFC 6191, RFC 1122 4.2.2.13).`,
    );
  } else if (replaced > 0 && reuseUnsafe === 0) {
    parts.push(
      `${counted(replaced, '4-tuple')} ${replaced === 1 ? 'was' : 'were'} taken over by a new connection within TIME_WAIT.`,
    );
  }
  if (reuseUnsafe > 0) {
    parts.push(
      `${counted(reuseUnsafe, '4-tuple')} ${reuseUnsafe === 1 ? 'was' : 'were'} used again with neither a later timestamp nor a higher sequence number: against RFC 9293 3.6.1, old segments can get into the new connection.`,
    );
  }
  if (assassinated > 0) parts.push(`${count(assassinated)} ended early by a reset (RFC 1337).`);
  return parts.join(' ');
}

// -- CLOSE_WAIT and FIN_WAIT_2 ------------------------------------------------------------------------------------------

function closeWait(reading: CloseWaitReading, end: number): Words {
  const { host, service, role, stuck, atEnd, arrived, left, leftP50, leftP95, sending, oldest, trend, stuckAfter } =
    reading;
  const application = role === 'server' ? `the server behind ${service}` : `the client on ${host}`;
  const peer = role === 'server' ? 'client' : 'server';
  const details: string[] = [];
  if (reading.code === 'close-wait-slow') {
    return {
      headline: `CLOSE_WAIT lasts long at ${place(reading)}: ${duration(leftP50)} in the middle, ${count(reading.peak.count)} at once at most.`,
      details: [
        `Of ${counted(arrived, 'connection')} that the ${peer} has closed, ${application} has closed ${count(left)} in turn, but late: half of them within ${duration(leftP50)}, 95 % within ${duration(leftP95)}. That is slow, not a leak.`,
      ],
      advice:
        'Find what the application does between the end of input and close(): work it goes on with, a blocked thread, a timeout. Nothing in TCP ends CLOSE_WAIT (RFC 9293 3.3.2).',
    };
  }
  const since = oldest === null ? '' : `, the oldest since ${duration(oldest.from / 1e9)} (${witness(oldest)})`;
  const headline =
    reading.code === 'close-wait-leak'
      ? `CLOSE_WAIT leaks at ${place(reading)}: ${count(atEnd)} at the end, ${trend}${since}.`
      : `CLOSE_WAIT builds up at ${place(reading)}: ${count(atEnd)} at the end, ${trend}${since}.`;
  const age = oldest === null ? 0 : end - oldest.from / 1e9;
  if (left > 0) {
    details.push(
      `Of ${counted(arrived, 'connection')} that the ${peer} has closed, ${application} has closed ${count(left)} in turn, 95 % of them within ${duration(leftP95)}; ${count(stuck)} ${stuck === 1 ? 'has' : 'have'} sat there silent for ${duration(stuckAfter)} or more, up to ${duration(age)}. So it is not slow: on some path it never closes the socket.`,
    );
  } else {
    details.push(
      `Of ${counted(arrived, 'connection')} that the ${peer} has closed, ${application} has closed none, for up to ${duration(age)}. ${
        reading.code === 'close-wait-leak'
          ? 'That is longer than any application takes: the socket is never closed.'
          : `The capture is too short to tell a leak from slowness; a longer one will.`
      }`,
    );
  }
  details.push(
    `${reading.pairedFinWait2 === 0 ? 'No' : count(reading.pairedFinWait2)} peer${reading.pairedFinWait2 === 1 ? '' : 's'} wait${reading.pairedFinWait2 === 1 ? 's' : ''} in FIN_WAIT_2 for ${reading.pairedFinWait2 === 1 ? 'its' : 'their'} FIN. ${waitingText(reading)}`,
  );
  if (sending > 0)
    details.push(`${count(sending)} more in CLOSE_WAIT still send: that is a half-close in use, not a leak.`);
  return {
    headline,
    details,
    advice:
      'Fix the application: after read() has returned 0 the socket must be closed, on every path, errors included. Look for sockets dropped without close(), pools that do not check for the end of input, and threads that block. No kernel setting ends CLOSE_WAIT (RFC 9293 3.3.2); keep-alive does not either while the peer answers.',
  };
}

function waitingText({ unacknowledged }: CloseWaitReading): string {
  if (unacknowledged === null) return 'Whether they wait for bytes as well cannot be told from this capture.';
  if (unacknowledged === 0)
    return 'No byte is outstanding: every one sent to them is acknowledged, and only the FIN is missing.';
  return `They wait for bytes as well: ${counted(unacknowledged, 'byte')} sent to them ${unacknowledged === 1 ? 'is' : 'are'} not acknowledged.`;
}

function finWait2(reading: FinWait2Reading, end: number): Words {
  const { atEnd, trend, oldest } = reading;
  const since = oldest === null ? '' : `, the oldest for ${duration(end - oldest.from / 1e9)} (${witness(oldest)})`;
  return {
    headline: `FIN_WAIT_2 builds up at ${place(reading)}: ${count(atEnd)} at the end, ${trend}${since}.`,
    details: ['This side has closed and its FIN is acknowledged; it waits for the FIN of a peer that has not closed.'],
    advice:
      'Look at the peer: it sits in CLOSE_WAIT or still sends. Linux drops those that the application has closed after net.ipv4.tcp_fin_timeout (60 s); after shutdown() alone they stay (RFC 9293 3.6.1).',
  };
}

// -- Handshakes and FINs nobody answers -----------------------------------------------------------------------------------

function acceptQueue(reading: AcceptQueueReading): Words {
  const { service, halfOpen, halfOpenLongest, synIgnored, connections, peak } = reading;
  const ignored =
    synIgnored === 0 ? '' : ` ${counted(synIgnored, 'SYN')} had to be sent again before the server answered.`;
  return {
    headline: `The accept queue of ${service} overflows: ${counted(halfOpen, 'completed handshake')} ignored, ${count(peak.count)} in SYN_RCVD at once at most.`,
    details: [
      `Of ${counted(connections, 'connection')}, ${count(halfOpen)} stayed in SYN_RCVD for up to ${duration(halfOpenLongest)} although the client had completed the handshake and was ESTABLISHED: Linux ignores the third segment while the queue is full, and sends its SYN,ACK again.${ignored}`,
    ],
    advice:
      "Let the server accept() faster, or give it a longer queue: listen()'s backlog and net.core.somaxconn, both. nstat TcpExtListenOverflows and ss -ltn (Recv-Q against Send-Q) on the server confirm it. net.ipv4.tcp_abort_on_overflow=1 would only turn waiting into resets.",
  };
}

function unacknowledged(reading: UnacknowledgedReading): Words {
  const { service, neverAcknowledged, connections, peak, atEnd } = reading;
  return {
    headline: `SYN_RCVD builds up at ${service}: ${counted(neverAcknowledged, 'handshake')} never completed, ${count(peak.count)} at once at most, ${count(atEnd)} at the end.`,
    details: [
      `In ${count(neverAcknowledged)} of ${counted(connections, 'connection')} the SYN,ACK was never answered: forged sources (a SYN flood, RFC 4987), clients that have gone, or a path on which the SYN,ACK gets lost.`,
    ],
    advice:
      'See whether the clients are real: capture at one of them. Against a flood net.ipv4.tcp_syncookies=1 (the default) is enough; net.ipv4.tcp_max_syn_backlog gives room, net.ipv4.tcp_synack_retries shortens each wait.',
  };
}

function unanswered(reading: UnansweredReading): Words {
  const { host, service, unanswered, refused, connections, answered, services, peak, atEnd } = reading;
  const where = service === null ? `${host} toward ${counted(services, 'service')}` : `${host} toward ${service}`;
  const headline = `SYN_SENT builds up at ${where}: ${counted(unanswered, 'attempt')} without any answer, ${count(peak.count)} at once at most, ${count(atEnd)} at the end.`;
  const ofWhich = `${count(unanswered)} of ${counted(connections, 'attempt')} to connect drew neither SYN,ACK nor RST${refused > 0 ? `, ${count(refused)} were refused` : ''}`;
  if (answered > 0) {
    return {
      headline,
      details: [
        `${ofWhich}, yet ${counted(answered, 'connection')} to the same ${service === null ? 'services were' : 'service was'} answered: SYNs are dropped, as by a full queue at the server or a rate limit on the path.`,
      ],
      advice:
        "On the server, nstat TcpExtListenDrops and TcpExtListenOverflows: if they grow, raise listen()'s backlog and net.core.somaxconn and let it accept() faster. Else look for a rate limit on the path (firewall, conntrack table).",
    };
  }
  return {
    headline,
    details: [
      `${ofWhich}: a filter drops them, or there is no such host. A closed port would have refused (RFC 9293 3.10.7.1).`,
    ],
    advice:
      'Check firewall and security group rules and the address. Linux repeats the SYN for about two minutes (net.ipv4.tcp_syn_retries=6); set a timeout for connect() in the application.',
  };
}

function finUnacknowledged(reading: FinUnacknowledgedReading, end: number): Words {
  const { state, atEnd, trend, oldest } = reading;
  const since = oldest === null ? '' : `, the oldest for ${duration(end - oldest.from / 1e9)} (${witness(oldest)})`;
  return {
    headline: `${state} builds up at ${place(reading)}: ${count(atEnd)} at the end, ${trend}${since}.`,
    details: [
      'A FIN was sent and is not acknowledged: the peer has gone, its window is closed, or the path loses the segments.',
    ],
    advice:
      'See whether the peer still answers anything. Linux gives up after net.ipv4.tcp_orphan_retries (8 by default, one to two minutes); net.ipv4.tcp_max_orphans bounds their number.',
  };
}
