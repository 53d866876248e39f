// In: lives by the book, among attempts in vain. Out: proof that taking a life in is the same as taking its digest in.

import { expect, test } from 'vitest';
import { CaptureView } from '../../src/anomaly/capture-view.ts';
import { Attempt, digestLife, FlowDigest } from '../../src/anomaly/digest.ts';
import { CaptureFacts } from '../../src/tcp/capture-facts.ts';
import { Moment, TextbookLife } from '../../src/tcp/textbook-life.ts';
import { Random } from '../support/random.ts';
import { shownView } from '../support/shown-view.ts';

function randomLife(random: Random, stream: number): TextbookLife {
  const life = new TextbookLife();
  const [a, b] = life.sides;
  life.stream = stream;
  life.closer = random.chance(0.5) ? 1 : 0;
  a.address = random.int(3);
  a.port = 40_000 + stream;
  b.address = 10 + random.int(3);
  b.port = 80 + random.int(3);
  a.segments = random.int(9);
  b.segments = random.int(9);
  a.payloadBytes = random.pick([0, 0, 100, 2 ** 33]);
  b.payloadBytes = random.pick([0, 0, 7]);
  life.timeWaitSeconds = random.pick([60, 1]);
  life.setMoment(Moment.SYN, stream + 1, random.int(50), random.int(1_000_000_000));
  life.setMoment(Moment.ACK, stream + 2, life.seconds[Moment.SYN]! + random.int(4), random.int(1_000_000_000));
  life.setMoment(Moment.LAST_ACK, stream + 3, 60, 0);
  return life;
}

function refusedOf(life: TextbookLife): FlowDigest {
  const digest = new FlowDigest();
  digestLife(life, digest);
  digest.attempt = Attempt.REFUSED;
  return digest;
}

test('a life, and its digest: the same tallies', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    const [lives, digests] = [0, 1].map(() => new CaptureView(new CaptureFacts(), (id) => `host ${id}`)) as [
      CaptureView,
      CaptureView,
    ];
    const starts: number[] = [];
    // Enough for a pair to be spread over time (PEAK_FROM).
    for (let stream = 0; stream < 4000; stream++) {
      const life = randomLife(random, stream);
      starts.push(life.time(Moment.SYN));
      if (random.chance(0.1)) {
        for (const view of [lives, digests]) view.add(refusedOf(life));
        continue;
      }
      const digest = new FlowDigest();
      digestLife(life, digest);
      lives.addLife(life);
      digests.add(digest);
    }
    expect(shownView(lives)).toEqual(shownView(digests));
    const services = [...lives.services.values()];
    expect(Math.min(...services.map(({ first }) => first))).toBe(Math.min(...starts));
    expect(Math.max(...services.map(({ last }) => last))).toBe(Math.max(...starts));
    const scans = [...lives.portScans.values(), ...lives.hostScans.values()];
    expect(scans.some((scan) => scan.weight > scan.failed.count)).toBe(true);
  }
});
