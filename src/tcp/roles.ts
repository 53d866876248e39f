// In: the two ports of a connection whose opening is not in the capture. Out: which end was likely the client, and why.

/** RFC 6335 6: system ports are assigned to services. */
const FIRST_USER_PORT = 1024;
/** Linux draws client ports from 32768 on (ip_local_port_range), RFC 6335 6 from 49152; few services listen there. */
const FIRST_EPHEMERAL_PORT = 32768;

export interface LikelyRole {
  /** What this end likely was when the connection opened. */
  role: 'client' | 'server';
  /** By what sign, in words. */
  because: string;
}

/**
 * The likely role of the end at `port`, facing `peerPort`; null where the ports do not tell. An inference from port numbers
 * alone, as nothing else of the opening is known: services listen on low, fixed ports, clients get high ones.
 */
export function likelyRole(port: number, peerPort: number): LikelyRole | null {
  if (port < FIRST_USER_PORT !== peerPort < FIRST_USER_PORT) {
    return {
      role: port < FIRST_USER_PORT ? 'server' : 'client',
      because: `port ${Math.min(port, peerPort)} is a system port`,
    };
  }
  if (port < FIRST_EPHEMERAL_PORT !== peerPort < FIRST_EPHEMERAL_PORT) {
    const client = Math.max(port, peerPort);
    return { role: port === client ? 'client' : 'server', because: `port ${client} is an ephemeral port` };
  }
  return null;
}
