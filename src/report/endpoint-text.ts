// In: an endpoint. Out: its name as people write it.

/** "10.0.0.1:80", "[2001:db8::1]:80". */
export function endpointText(endpoint: { addr: string; port: number }): string {
  const { addr, port } = endpoint;
  return addr.includes(':') ? `[${addr}]:${port}` : `${addr}:${port}`;
}
