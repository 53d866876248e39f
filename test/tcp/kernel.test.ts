// In: fixtures/kernel: connections between two Linux kernels, captured at both ends and between. Out: proof that the histories
// are the kernels' own, from wherever they were watched, except for what cannot be known from there: each case with its reason.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { agrees, endpointsOf, placeOf, type Truth, VANTAGES } from '../support/kernel-truth.ts';

const FOLDER = 'fixtures/kernel';

/** "recording/vantage host": why no observer there can know what that host's kernel did. */
const UNKNOWABLE: Readonly<Record<string, string>> = {
  'keepalive-failure/middle A':
    'the probes and the RST were lost between A and the middle: nothing of them passed here',
  'keepalive-failure/at-b A': 'as in the middle',
  'fin-unanswered/at-b A': 'every FIN was lost before B: here A fell silent in ESTABLISHED',
  'synacks-lost/at-a B': 'every SYN,ACK was lost before A: here B never answered',
};

describe.each(readdirSync(FOLDER).sort())('%s', (name) => {
  const truth = JSON.parse(readFileSync(`${FOLDER}/${name}/truth.json`, 'utf8')) as Truth;

  test.each(VANTAGES)('%s', async (vantage) => {
    const { found } = await endpointsOf(`${FOLDER}/${name}/${vantage}.pcap`);
    for (const endpoint of truth.endpoints) {
      if ((endpoint.frames[vantage] ?? 0) === 0) continue;
      const { role, addr, port, peer_addr: peer, peer_port: peerPort, connection } = endpoint;
      const states = found.get(`${placeOf(addr, port, peer, peerPort)} ${connection}`)?.states ?? [];
      const names = states.map(({ state }) => state as string);
      const kernel = endpoint.states.map(({ state, silent }) => state + (silent ? '*' : '')).join(' ');
      const isKnown = !(`${name}/${vantage} ${role}` in UNKNOWABLE);
      const where = `${role} ${addr}:${port} #${connection}: the kernel went ${kernel}, we say ${names.join(' ')}`;
      expect(agrees(endpoint, truth.capture.from_the_start, names, true), where).toBe(isKnown);
    }
  });
});

test('every reason given is needed', () => {
  const names = new Set(readdirSync(FOLDER));
  for (const key of Object.keys(UNKNOWABLE)) expect(names).toContain(key.split('/')[0]);
});
