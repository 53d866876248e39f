// In: nothing. Out: what every state, event, evidence and verdict means, in words for whoever meets it in an output.
//
// Where textbooks are often misread the text says what is true instead. Findings are explained by anomaly/catalog.ts.

import type { EventName } from './event.ts';
import type { Evidence } from './flow-result.ts';
import type { StateName } from './state.ts';
import type { Verdict } from './verdict.ts';

export interface Term {
  /** One sentence. */
  summary: string;
  /** Further sentences: causes, what is often got wrong, what to do. */
  text: string;
  /** Sections of RFC 9293 unless another document is named. */
  rfc: string;
}

export const STATE_TERMS: Readonly<Record<StateName, Term>> = {
  UNKNOWN: {
    summary: "Not a TCP state: the capture has shown nothing from which this endpoint's state could be told.",
    text: 'Its connection began before the capture, or it was spoken to and never answered. tcpstate says UNKNOWN rather than guess.',
    rfc: '3.3.2',
  },
  CLOSED: {
    summary: 'No connection exists at this endpoint.',
    text: 'It is where a client begins and where every connection ends. A segment that arrives here is answered with a RST. CLOSED can be entered from any state by a reset, and from most without any segment, when a timer gives up.',
    rfc: '3.3.2, 3.10.7.1',
  },
  LISTEN: {
    summary: 'A server waits for a SYN from anybody.',
    text: "A listener cannot be seen in a capture; it is assumed where a SYN is answered with SYN,ACK. The listening socket stays in LISTEN: each connection is an endpoint of its own, which is back 'in LISTEN' if its handshake is reset.",
    rfc: '3.10.7.2',
  },
  SYN_SENT: {
    summary: 'The active opener has sent its SYN and waits for the SYN,ACK.',
    text: "Long stays mean that SYNs, or their answers, are lost or filtered: the SYN is sent again after 1, 3, 7 ... seconds (Linux: six times, 127 s). In a simultaneous open the peer's bare SYN leads on to SYN_RCVD.",
    rfc: '3.10.7.3',
  },
  SYN_RCVD: {
    summary: 'A SYN was received and answered with SYN,ACK; its acknowledgment is awaited.',
    text: "The handshake's third segment ends it, or any later segment that carries the acknowledgment. That third segment carries no SYN: it is a plain ACK. Linux keeps only a small request here, and with SYN cookies nothing. Many endpoints in SYN_RCVD: a SYN flood, clients that vanish, or an accept queue that is full (Linux then ignores the third segment and sends its SYN,ACK again).",
    rfc: '3.10.7.2, 3.10.7.4',
  },
  ESTABLISHED: {
    summary: 'The connection is open; both sides may send.',
    text: 'The two ends enter it at different times: the client when the SYN,ACK arrives, the server half a round trip later when it has the acknowledgment. An idle connection, and one whose peer has vanished, look the same from here unless keep-alives ask.',
    rfc: '3.10.7.4',
  },
  FIN_WAIT_1: {
    summary: 'This endpoint has closed first: its FIN is sent and not yet acknowledged.',
    text: 'Short on a working path. Long stays mean that the FIN, its acknowledgment, or the data before it does not get through; Linux gives such an orphan up after tcp_orphan_retries. A process that has exited leaves its connections to the kernel in this state.',
    rfc: '3.10.4, 3.6',
  },
  FIN_WAIT_2: {
    summary: 'Its FIN is acknowledged; it waits for the peer to close, too.',
    text: 'The peer is in CLOSE_WAIT meanwhile: it may go on sending for as long as it likes (half-close), or has forgotten to close. After close() Linux waits tcp_fin_timeout (60 s) and then forgets the connection without a word; after shutdown() it waits for ever.',
    rfc: '3.10.7.4, 3.6',
  },
  CLOSE_WAIT: {
    summary: "The peer has closed; this endpoint's application has not.",
    text: 'There is no timer: it lasts until the application calls close(). CLOSE_WAIT that piles up is a fault of the local program, which does not notice end-of-file or leaks descriptors, not of the network, the peer or the kernel.',
    rfc: '3.10.7.4, 3.6',
  },
  CLOSING: {
    summary: "Both FINs have crossed: the peer's came before the acknowledgment of ours.",
    text: 'It takes two FINs sent at about the same time (simultaneous close). A lost acknowledgment alone does not lead here: then the FIN is simply sent again. From CLOSING the endpoint goes to TIME_WAIT, and so does its peer.',
    rfc: '3.10.7.4, 3.6',
  },
  LAST_ACK: {
    summary: 'The passive closer has sent its FIN and waits for the last acknowledgment.',
    text: 'It is entered by sending the FIN, not by receiving an acknowledgment. When the acknowledgment arrives the endpoint is CLOSED at once: the side that closed second does not wait.',
    rfc: '3.10.4, 3.10.7.4',
  },
  TIME_WAIT: {
    summary: 'Both FINs are exchanged; the active closer waits 2MSL before it forgets the connection.',
    text: 'It belongs to the side that closed first, be that client or server, never to a fixed role; after a simultaneous close to both. It keeps late segments of this connection out of the next one on the same ports, and acknowledges a FIN that is sent again. Linux waits 60 s whatever its settings say (tcp_fin_timeout is about FIN_WAIT_2); the RFC says four minutes. It costs little memory; what can run out is ephemeral ports towards one destination. What helps: keep connections open, let the other side close first, tcp_tw_reuse=1 for outgoing connections with time stamps. A new SYN may end it early (RFC 6191), and so may a RST (RFC 1337).',
    rfc: '3.4.2, 3.6.1, 3.10.7.4; RFC 6191, RFC 1337',
  },
};

export const EVENT_TERMS: Readonly<Record<EventName, Term>> = {
  'snd SYN': {
    summary: 'The endpoint sent a SYN without ACK: it opens the connection.',
    text: 'The same SYN again moves nothing. A SYN in an open connection was forged or is an old duplicate.',
    rfc: '3.10.1',
  },
  'snd SYN,ACK': {
    summary: 'The endpoint answered a SYN.',
    text: 'It shows that the SYN arrived and that somebody listens. From SYN_SENT it belongs to a simultaneous open.',
    rfc: '3.10.7.2',
  },
  'snd FIN': {
    summary: 'The endpoint closed its sending half.',
    text: "FIN means 'I have no more to send', not 'goodbye': the other direction stays open. A FIN counts one sequence number and is acknowledged like data.",
    rfc: '3.10.4',
  },
  'snd RST': {
    summary: 'The endpoint aborted the connection, or has none.',
    text: 'With ACK it is an abort of its own accord (Linux); without, it answers a segment that found no connection.',
    rfc: '3.5.2, 3.10.5',
  },
  'rcv SYN': {
    summary: 'A SYN was sent to the endpoint.',
    text: 'It moves nothing by itself here: there may be no listener. What the endpoint answers shows the rest.',
    rfc: '3.10.7',
  },
  'rcv SYN,ACK': {
    summary: "The answer to the endpoint's SYN arrived.",
    text: "The endpoint's next ACK proves it.",
    rfc: '3.10.7.3',
  },
  'rcv ACK of SYN': {
    summary: "The acknowledgment of the endpoint's SYN,ACK arrived.",
    text: 'The third segment of the handshake, or any later one. Data or an ACK sent by the endpoint proves it; a SYN,ACK sent again disproves it.',
    rfc: '3.10.7.4',
  },
  'rcv ACK of FIN': {
    summary: "The acknowledgment of the endpoint's FIN arrived.",
    text: 'If the FIN is sent again afterwards, it had not.',
    rfc: '3.10.7.4',
  },
  'rcv FIN': {
    summary: "The peer's FIN arrived, and all data before it.",
    text: "A FIN that overtakes data takes effect when the gap is filled. The endpoint's acknowledgment of it is the proof.",
    rfc: '3.10.7.4',
  },
  'rcv RST': {
    summary: 'A RST arrived and was obeyed.',
    text: 'Only one at exactly the expected number is (RFC 5961); one elsewhere in the window is answered with a challenge ACK, one outside it is ignored.',
    rfc: '3.10.7.4; RFC 5961 3.2',
  },
  'rcv ICMP error': {
    summary: 'An ICMP error ended the attempt to connect.',
    text: 'Destination unreachable, or the like, that quotes the SYN. In an open connection such an error is not obeyed (RFC 5927).',
    rfc: '3.9.2.2; RFC 1122 4.2.3.9',
  },
  '2MSL': {
    summary: 'The time of TIME_WAIT has run out.',
    text: 'No segment shows it: the option --time-wait says how long it is (60 s as in Linux).',
    rfc: '3.10.8',
  },
  'new connection': {
    summary: 'The same addresses and ports were used for a new connection.',
    text: 'A TIME_WAIT let itself be replaced, or the old connection had ended unseen.',
    rfc: '3.6.1; RFC 6191',
  },
  'mid-stream': {
    summary: 'The connection began before the capture.',
    text: 'An endpoint that sends data or acknowledgments without a handshake in the capture is taken to be ESTABLISHED; it might have been in CLOSE_WAIT.',
    rfc: '3.10.7.4',
  },
};

export const EVIDENCE_TERMS: Readonly<Record<Evidence, Term>> = {
  observed: {
    summary: 'The endpoint itself sent the segment.',
    text: 'Sure, unless the segment was forged on the way; later segments of the endpoint would show that.',
    rfc: '',
  },
  inferred: {
    summary: 'The peer sent the segment, and it is supposed to have arrived.',
    text: 'Marked ~. `confirmedBy` names the frame in which the endpoint proves it. What later segments disprove is taken back: the history is the best account in hindsight.',
    rfc: '',
  },
  timer: {
    summary: 'Time has passed; no segment shows it.',
    text: 'Only the end of TIME_WAIT is told this way. Other timers (a connection attempt given up, an orphan forgotten) depend on settings that no capture shows: tcpstate stays silent about them until a segment speaks.',
    rfc: '',
  },
  assumed: {
    summary: 'A start state, or a start in mid-connection.',
    text: 'Nothing in the capture shows it.',
    rfc: '',
  },
};

const opened = 'Both ends reached ESTABLISHED. ';

export const VERDICT_TERMS: Readonly<Record<Verdict, Term>> = {
  'syn-unanswered': {
    summary: "The client's SYN was never answered.",
    text: 'Lost, filtered, or the host is away; a full queue drops SYNs, too. Not the same as refused: there somebody answers.',
    rfc: '3.5',
  },
  unreachable: {
    summary: 'An ICMP error ended the attempt to connect.',
    text: 'A router or firewall says that the host, port or network cannot be reached.',
    rfc: '3.9.2.2',
  },
  refused: {
    summary: 'The SYN was answered with a RST.',
    text: "Nobody listens on the port, or a firewall says so in the host's name.",
    rfc: '3.10.7.1',
  },
  'syn-aborted': {
    summary: 'The client sent a SYN and then a RST, with no answer between.',
    text: 'Scanners do this; so do programs that give up at once.',
    rfc: '3.10.5',
  },
  'syn-fin-no-reply': {
    summary: 'The client sent a SYN and a FIN, and never got an answer.',
    text: 'Usually only one direction was captured.',
    rfc: '3.5',
  },
  'half-open': {
    summary: "The SYN was answered, but the handshake's third segment never took effect.",
    text: "The client vanished, its ACK was lost, or the server's accept queue is full.",
    rfc: '3.5',
  },
  'handshake-reset': {
    summary: 'SYN and SYN,ACK were exchanged, then a RST ended it.',
    text: 'A client that had given up, a half-open scan, or tcp_abort_on_overflow at the server.',
    rfc: '3.10.7.1',
  },
  'synack-only': {
    summary: 'A SYN,ACK was captured, and nothing of who it answers.',
    text: "One direction is missing from the capture, or the SYN's source was spoofed (backscatter).",
    rfc: '',
  },
  'synack-reset': {
    summary: 'A SYN,ACK and a RST of its sender were captured, and nothing of who they answer.',
    text: 'As synack-only.',
    rfc: '',
  },
  'synack-fin': {
    summary: 'A SYN,ACK and a FIN of its sender were captured, and nothing of who they answer.',
    text: 'As synack-only.',
    rfc: '',
  },
  'stray-syn': {
    summary: 'A SYN on the ports of a living connection that came to nothing.',
    text: 'Forged, or an old duplicate: the connection answered it with a challenge ACK and went on (RFC 5961 4).',
    rfc: '3.10.7.4; RFC 5961',
  },
  'open-at-end': {
    summary: 'Opened, and still open when the capture ends.',
    text: 'Neither side has closed as far as the capture shows.',
    rfc: '3.3.2',
  },
  'fin-unanswered': {
    summary: 'One side closed, and its FIN was never acknowledged.',
    text: 'The path, or the peer, is dead; or the capture ends right there.',
    rfc: '3.6',
  },
  'half-closed-by-client': {
    summary: 'The client has closed its half; the server has not.',
    text: 'The server is in CLOSE_WAIT: still sending, or forgetting to close.',
    rfc: '3.6',
  },
  'half-closed-by-server': {
    summary: 'The server has closed its half; the client has not.',
    text: 'The client is in CLOSE_WAIT: typical of a pool that keeps a connection the server has timed out.',
    rfc: '3.6',
  },
  'closed-by-client': {
    summary: 'Closed in good order, the client first.',
    text: `${opened}TIME_WAIT is the client's.`,
    rfc: '3.6',
  },
  'closed-by-server': {
    summary: 'Closed in good order, the server first.',
    text: `${opened}TIME_WAIT is the server's.`,
    rfc: '3.6',
  },
  'closed-simultaneous': {
    summary: 'Both sides closed before either FIN had arrived.',
    text: 'Both go through CLOSING, or one straight from FIN_WAIT_1, and both end in TIME_WAIT.',
    rfc: '3.6',
  },
  'closed-missing-last-ack': {
    summary: 'Both FINs were sent, but not both acknowledged.',
    text: "The last acknowledgment was lost, not captured, or came after the capture's end.",
    rfc: '3.6',
  },
  'aborted-by-client': {
    summary: 'The client ended the open connection with a RST.',
    text: 'SO_LINGER 0, a crash, data left unread at close(), or a keep-alive that gave up.',
    rfc: '3.10.5',
  },
  'aborted-by-server': {
    summary: 'The server ended the open connection with a RST.',
    text: 'A crash or restart, data left unread at close(), an idle timeout of a load balancer, or a RST forged on the way.',
    rfc: '3.10.5',
  },
  'reset-after-fin-by-client': {
    summary: 'After a FIN, a RST of the client ended the connection.',
    text: 'Often the client had closed and the server sent data nobody would read; not always a fault.',
    rfc: '3.10.7.1',
  },
  'reset-after-fin-by-server': {
    summary: 'After a FIN, a RST of the server ended the connection.',
    text: 'As for the client, with the roles exchanged.',
    rfc: '3.10.7.1',
  },
  'midstream-open': {
    summary: 'Began before the capture and still open at its end.',
    text: 'Who opened it is not known.',
    rfc: '',
  },
  'midstream-half-closed': {
    summary: 'Began before the capture; one side has closed.',
    text: "Or the other side's FIN was sent before the capture began.",
    rfc: '',
  },
  'midstream-closed': { summary: 'Began before the capture; both sides have closed.', text: '', rfc: '' },
  'midstream-reset': { summary: 'Began before the capture; a RST ended it.', text: '', rfc: '' },
  'control-only': {
    summary: 'Only stray control segments: a RST, or the like, of a connection the capture does not show.',
    text: '',
    rfc: '',
  },
};
