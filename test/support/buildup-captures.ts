// In: nothing. Out: captures in which something builds up, as tests of the reports need them.

import { scriptCapture } from './script-capture.ts';

const HANDSHAKE = `
A> S   0:0(0)     win 64240            <mss 1460,nop,nop,sackOK,nop,wscale 7>
B> S.  0:0(0)     ack 1 win 65160      <mss 1460,nop,nop,sackOK,nop,wscale 7>
A> .   1:1(0)     ack 1 win 502`;
const CLOSE_BY_A = `
A> F.  1:1(0)     ack 1 win 502
B> F.  1:1(0)     ack 2 win 509
A> .   2:2(0)     ack 2 win 502`;

/** 100 connections in 2 s, closed by the client: 50 a second. */
export const TIME_WAIT_BUILDUP = scriptCapture(`
A 10.1.0.7:32800   iss 1000
B 10.2.0.20:5432   iss 2000
step 0.0005
repeat 100 every 0.02
${HANDSHAKE}
${CLOSE_BY_A}`);

/** 40 connections that the server closes as well, after 5 ms; 6 that it does not; and 80 bytes to one of these, not acknowledged. */
export const CLOSE_WAIT_LEAK = scriptCapture(
  `
A 10.0.0.5:40000   iss 1000
B 10.0.0.9:8080    iss 2000
step 0.001
repeat 40 every 0.1
${HANDSHAKE}
A> F.  1:1(0)     ack 1 win 502
B> .   1:1(0)     ack 2 win 509
B> F.  1:1(0)     ack 2 win 509        +0.004
A> .   2:2(0)     ack 2 win 502`,
  `
at 0.05
A 10.0.0.6:50000   iss 1000
B 10.0.0.9:8080    iss 2000
step 0.001
repeat 6 every 0.5
${HANDSHAKE}
A> F.  1:1(0)     ack 1 win 502
B> .   1:1(0)     ack 2 win 509`,
  `
at 0.06
A 10.0.0.7:51000   iss 1000
B 10.0.0.9:8080    iss 2000
step 0.001
${HANDSHAKE}
A> F.  1:1(0)     ack 1 win 502
B> P.  1:81(80)   ack 2 win 509
A> .   2:2(0)     ack 1 win 502        +3.9`,
);

/** SYNs to a filtered port, each sent three times. */
export const UNANSWERED = scriptCapture(`
A 10.0.0.5:40000   iss 1000
B 10.0.0.66:443    iss 2000
repeat 5 every 0.2
A> S   0:0(0)     win 64240            <mss 1460>
A> S   0:0(0)     win 64240            <mss 1460>   +1
A> S   0:0(0)     win 64240            <mss 1460>   +2`);

/** IPv6, and a server that closes first. */
export const SERVER_TIME_WAIT_V6 = scriptCapture(`
A [fd77::1]:32800    iss 1000
B [fd77::2]:80      iss 2000
step 0.0005
repeat 60 every 0.02
${HANDSHAKE}
B> F.  1:1(0)     ack 1 win 502
A> F.  1:1(0)     ack 2 win 509
B> .   2:2(0)     ack 2 win 502`);

/** One connection, opened and closed. */
export const NOTHING = scriptCapture(`
A 10.0.0.1:40000   iss 1000
B 10.0.0.2:80      iss 2000
step 0.01
${HANDSHAKE}
${CLOSE_BY_A}`);
