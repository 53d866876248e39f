import { describe, expect, it } from 'vitest';
import { likelyRole } from '../../src/tcp/roles.ts';

describe('likely roles by port', () => {
  it.each([
    [40000, 80, 'client'],
    [80, 40000, 'server'],
    [1023, 1024, 'server'],
    [50000, 8080, 'client'],
    [8080, 50000, 'server'],
    [32768, 32767, 'client'],
    // Both system ports, both user ports, both ephemeral, the same: the ports do not tell.
    [80, 443, undefined],
    [8080, 9090, undefined],
    [40000, 50000, undefined],
    [179, 179, undefined],
  ])('port %d facing %d: %s', (port, peer, role) => {
    expect(likelyRole(port, peer)?.role).toBe(role);
  });

  it('gives the two ends opposite roles for one reason', () => {
    expect(likelyRole(80, 40000)?.because).toBe(likelyRole(40000, 80)?.because);
  });
});
