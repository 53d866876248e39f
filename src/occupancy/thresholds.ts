// In: nothing. Out: from when on a count is called a build-up, each with its reason.

/**
 * TIME_WAIT is part of every orderly close (RFC 9293 3.6.1), so a few hundred mean nothing. It is worth a word where it is on its
 * way to 1,000 at one host toward one destination: 3.5 % of Linux's ephemeral ports, some 17 connections a second with 60 s each.
 */
export const TIME_WAIT_STEADY = 1000;
/** Arrivals below this tell no rate: with n of them it is known to 1 / sqrt(n), here 22 %. */
export const LEAST_ARRIVALS = 20;
/**
 * They have stopped coming where the silence at the end is this share of the time (the share over which the trend is taken: it
 * is level then), and this many mean distances between two.
 */
export const STOPPED_SHARE = 0.25;
export const STOPPED_ARRIVALS = 10;
/** Shares of the ephemeral ports. Half: twice the load, as in any busy hour, would take all. All: connect() fails. */
export const PORTS_WARN = 0.5;
export const PORTS_ERROR = 1;

/**
 * CLOSE_WAIT has no timer (RFC 9293 3.3.2): only the application ends it, and one that means to does so within milliseconds
 * or keeps sending. An endpoint that has neither closed nor sent for this long after its peer's FIN is called stuck: the time
 * after which TCP itself takes an unanswered segment for lost where it knows nothing better (RFC 6298 2.1).
 */
export const STUCK_SECONDS = 1;
/**
 * Where enough others of the same service did close, ten times what 95 of 100 of them took is stuck as well; but not less than
 * Linux's shortest retransmission timeout (TCP_RTO_MIN), below which a single lost segment explains it.
 */
export const STUCK_FACTOR = 10;
export const STUCK_COMPARED = 20;
export const STUCK_LEAST_SECONDS = 0.2;
/** Where none has closed: from this age on it is a leak; idle timeouts of common servers have passed by then. Before, it is open. */
export const CLOSE_WAIT_LEAK_SECONDS = 60;
/** So many stuck ones at once: one may be a program at a breakpoint, two a coincidence. */
export const CLOSE_WAIT_STUCK = 3;
/** CLOSE_WAIT that all end, but whose middle one takes this long: the application is slow to notice the FIN. */
export const CLOSE_WAIT_SLOW_SECONDS = 1;

/** For the other states: below ten at once even small services go about their business. */
export const LEAST_AT_ONCE = 10;

/**
 * A handshake or a FIN that waits this long has had its first retransmission: 1 s where nothing is known of the path
 * (RFC 6298 2.1), less 10 % for clocks and timers.
 */
export const RETRANSMITTED_SECONDS = 0.9;
/**
 * A full accept queue shows in two ways: completed handshakes that the server ignores, and SYNs it lets wait. One ignored
 * handshake alone may be a lost third segment; two signs at the same service, and one connection in a hundred, are more than
 * the losses of a usable network explain.
 */
export const OVERFLOW_SIGNS = 2;
export const OVERFLOW_SHARE = 0.01;
/** Attempts to connect that nobody answered, to one service: three in a row are not three losses, each sent more than once. */
export const UNANSWERED = 3;
