// In: schema/analysis.schema.json and the real output for every fixture. Out: proof that they agree, both ways.

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { ANALYSIS_SCHEMA } from '../../src/report/analysis-json.ts';
import { STATES } from '../../src/tcp/state.ts';
import { run } from '../support/program.ts';

const schema = JSON.parse(readFileSync('schema/analysis.schema.json', 'utf8'));
const captures = readdirSync('fixtures/captures')
  .filter((name) => name.endsWith('.pcap'))
  .map((name) => `fixtures/captures/${name}`);
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
ajv.addSchema(schema, 'analysis');

/** What the schema has against it. */
function errors(pointer: string, value: unknown): unknown {
  const validate = ajv.getSchema(`analysis${pointer}`)!;
  validate(value);
  return validate.errors;
}

test.each(captures)('%s: json and ndjson are what the schema says, and tell the same', async (path) => {
  const json = await run(['analyze', '--format', 'json', path]);
  expect(json.code).toBe(0);
  const document = JSON.parse(json.stdout);
  expect(errors('', document)).toBeNull();

  const lines = (await run(['analyze', '--format', 'ndjson', path])).stdout.trimEnd().split('\n');
  const objects = lines.map((line) => JSON.parse(line));
  const last = objects.pop();
  expect(errors('#/$defs/captureLine', last)).toBeNull();
  for (const flow of objects) expect(errors('#/$defs/flow', flow)).toBeNull();

  expect(objects.sort((a, b) => a.stream - b.stream)).toEqual(document.flows);
  const { type, schema: name, findings, ...capture } = last;
  expect({ type, name, findings, capture }).toEqual({
    type: 'capture',
    name: ANALYSIS_SCHEMA,
    findings: document.findings,
    capture: document.capture,
  });
});

test('the schema knows every state and no other', () => {
  expect([...schema.$defs.state.enum].sort()).toEqual([...STATES].sort());
});

test('the schema is strict: a field it does not name is an error', () => {
  expect(
    errors('#/$defs/stateEntry', { state: 'CLOSED', time: null, frame: null, cause: null, evidence: 'assumed' }),
  ).toBeNull();
  expect(
    errors('#/$defs/stateEntry', {
      state: 'CLOSED',
      time: null,
      frame: null,
      cause: null,
      evidence: 'assumed',
      why: 1,
    }),
  ).not.toBeNull();
});
