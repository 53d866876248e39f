// In: a page of fixtures/findings. Out: its two captures, and what the program finds in a capture.

import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { framesOfScript } from '../../scripts/segment-script.ts';
import { analyze } from '../../src/analyze.ts';
import type { CaptureFindingResult, CaptureResult, FlowResult } from '../../src/tcp/flow-result.ts';
import { endpointText } from '../../src/units.ts';
import { writePcap } from '../support/pcap-writer.ts';

export const PAGES = 'fixtures/findings';

export interface FindingPage {
  code: string;
  /** The captures, one that raises the finding and one that nearly does. */
  raises: Uint8Array;
  nearMiss: Uint8Array;
  /** The finding as the page writes it: "warn half_open 10.0.0.2:80 #3 1.01: message"; ~ stands for anything. */
  finding: string;
  /** False where the capture is too large to keep. */
  isKept: boolean;
}

export function pageNames(): string[] {
  return readdirSync(PAGES)
    .filter((name) => name.endsWith('.md'))
    .sort();
}

export function readPage(name: string): FindingPage {
  const code = name.replace(/\.md$/, '');
  const text = readFileSync(`${PAGES}/${name}`, 'utf8');
  const [head, raises, nearMiss] = text.split(/^## (?:Raises|Near miss)$/m) as [string, string, string];
  const capture = (section: string): Uint8Array => writePcap(framesOfScript(section));
  const finding = /```finding\n(.*)\n```/.exec(raises)![1]!;
  return {
    code,
    raises: cutShort(code, capture(raises)),
    nearMiss: capture(nearMiss),
    finding,
    isKept: !head.includes('Too large to keep'),
  };
}

/** A page of segments cannot end in mid-record. */
function cutShort(code: string, capture: Uint8Array): Uint8Array {
  return code === 'capture_cut_short' ? capture.slice(0, -20) : capture;
}

/** Everything found in a capture. */
export interface Found {
  flows: FlowResult[];
  capture: CaptureResult;
  /** Each finding as the pages write them. */
  lines: string[];
}

export async function findingsIn(bytes: Uint8Array): Promise<Found> {
  const flows: FlowResult[] = [];
  const stdin = Readable.from([Buffer.from(bytes)], { objectMode: false });
  const capture = await analyze({ files: ['-'], stdin }, { flow: (flow) => void flows.push(flow) });
  const lines = flows.flatMap(flowLines);
  lines.push(...capture.captureFindings.map(captureLine));
  return { flows, capture, lines };
}

function flowLines(flow: FlowResult): string[] {
  return flow.findings.map(({ severity, code, endpoint, frame, time, message }) => {
    const who = endpoint === null ? 'both' : endpointText(flow.endpoints[endpoint]);
    return `${severity} ${code} ${who} #${frame ?? '-'} ${timeText(time)}: ${message}`;
  });
}

function captureLine(finding: CaptureFindingResult): string {
  const { severity, code, host, service, frame, time, message } = finding;
  const who = host === null ? 'capture' : `${host} ${service ?? '-'}`;
  return `${severity} ${code} ${who} #${frame ?? '-'} ${timeText(time)}: ${message}`;
}

function timeText(time: number | null): string {
  return time === null ? '-' : String(time);
}

/** True if the line is as the page writes it. */
export function fits(line: string, written: string): boolean {
  const pattern = written
    .split('~')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(line);
}
