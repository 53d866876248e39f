// The list of fields: complete, unambiguous, and readable on any segment.

import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { FIELDS, findField } from '../../src/filter/catalog.ts';
import { FIELD_TYPES } from '../../src/filter/field.ts';
import { Filter } from '../../src/filter/filter.ts';
import { Subject } from '../../src/filter/subject.ts';
import { valueTexts } from '../../src/filter/value-text.ts';
import { PACKET_FIELDS } from '../../src/report/packet-fields.ts';
import { flowsOf, stdinOf } from '../support/filter-session.ts';
import { writePcap } from '../support/pcap-writer.ts';
import { randomFrames } from '../support/random-segments.ts';

/** Columns of packets that are texts made for printing. */
const NOT_FIELDS = /^_ws\.col\.(?:Source|Destination|Protocol)$/;

describe('the catalog', () => {
  test('no name twice, each in the spelling of a field', () => {
    const names = FIELDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*$/);
  });

  test('every field that packets prints can be asked for', () => {
    const missing = [...PACKET_FIELDS.keys()].filter(
      (name) => !NOT_FIELDS.test(name) && findField(name, null) === undefined,
    );
    expect(missing).toEqual([]);
  });

  test('every field has a meaning, a known type and, where it is a name, its list', () => {
    for (const { name, meaning, type, words, reader } of FIELDS) {
      expect(meaning, name).toMatch(/^\S.*[^.\s]$/);
      expect(FIELD_TYPES, name).toHaveProperty(type);
      expect(words !== undefined, name).toBe(type === 'word');
      if (type === 'label') expect(reader.form, name).toBe('presence');
    }
  });

  test('the names of the contract are there', () => {
    const contract =
      'flow.stream flow.id flow.verdict flow.start flow.duration flow.segments flow.bytes flow.completeness flow.finding endpoint.addr endpoint.port endpoint.opener endpoint.closer endpoint.state endpoint.visited endpoint.time_in.CLOSE_WAIT';
    for (const name of contract.split(' ')) {
      expect(findField(name, null)?.name).toBe(name);
      if (!name.startsWith('endpoint.')) continue;
      for (const side of ['a', 'b'] as const) {
        expect(findField(name, side)?.name).toBe(name.replace('endpoint', side));
        expect(findField(`${side}.${name}`, null)?.name).toBe(name.replace('endpoint', side));
      }
    }
  });

  test('alone, every field is a filter', () => {
    for (const { name } of FIELDS) expect(() => new Filter(name), name).not.toThrow();
  });
});

describe('readers', () => {
  const bad: string[] = [];
  const look = (subject: Subject, scope: string): void => {
    for (const field of FIELDS) {
      if (field.scope !== scope) continue;
      const { name, reader, max = Number.POSITIVE_INFINITY, words } = field;
      const texts = valueTexts(field, subject);
      if (!field.many && texts.length > 1) bad.push(`${name} has several values`);
      for (const text of texts) if (words !== undefined && !words.includes(text)) bad.push(`${name} is ${text}`);
      if (reader.form !== 'number' && reader.form !== 'numbers') continue;
      const numbers: number[] = [];
      if (reader.form === 'number') numbers.push(reader.get(subject));
      const count = reader.form === 'numbers' ? reader.fill(subject, numbers) : 1;
      for (const value of numbers.slice(0, count)) {
        if (
          value > max ||
          (field.type === 'uint' && (value < 0 || !(Number.isInteger(value) || Number.isNaN(value))))
        ) {
          bad.push(`${name} is ${value}`);
        }
      }
    }
  };

  test('give what the catalog promises, on random segments', async () => {
    for (const seed of [1, 2, 3]) {
      const subject = new Subject();
      await analyze(stdinOf(writePcap(randomFrames(seed))), {
        segment(frame, packet, trace, clock) {
          Object.assign(subject, { frame, packet, trace, clock });
          look(subject, 'segment');
        },
      });
    }
    expect(bad).toEqual([]);
  });

  test('and on connections', async () => {
    const { flows, captureEnd } = await flowsOf();
    for (const flow of flows) {
      const subject = Object.assign(new Subject(), { flow, captureEnd });
      look(subject, 'flow');
      look(subject, 'finding');
    }
    expect(bad).toEqual([]);
  });
});
