// In: nothing. Out: the other ways in which people and programs write the states.

/** By the spelling in capitals with "_" for "-"; RFC 9293, ss, netstat (Linux, BSD, Windows) and lsof. */
export const STATE_ALIASES: Readonly<Record<string, string>> = {
  CLOSE: 'CLOSED',
  ESTAB: 'ESTABLISHED',
  SYN_RECEIVED: 'SYN_RCVD',
  SYN_RECV: 'SYN_RCVD',
  SYNRECV: 'SYN_RCVD',
  SYNSENT: 'SYN_SENT',
  FINWAIT1: 'FIN_WAIT_1',
  FIN_WAIT1: 'FIN_WAIT_1',
  FINWAIT2: 'FIN_WAIT_2',
  FIN_WAIT2: 'FIN_WAIT_2',
  CLOSEWAIT: 'CLOSE_WAIT',
  LASTACK: 'LAST_ACK',
  TIMEWAIT: 'TIME_WAIT',
};
