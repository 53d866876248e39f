// In: a capture. Out: tshark's table of it, made with the settings of docs/wireshark-exactness.md, in a file.

import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Pure TCP rows: every port is bound to the raw-data dissector, one pass, default preferences. */
const ARGUMENTS = [
  '-n',
  ['-d', 'tcp.port==1-65535,data'],
  ['-o', 'tcp.relative_sequence_numbers:TRUE'],
  ['-o', 'tcp.analyze_sequence_numbers:TRUE'],
  ['-o', 'tcp.desegment_tcp_streams:FALSE'],
  ['-o', 'tcp.check_checksum:FALSE'],
  ['-o', 'tcp.calculate_timestamps:TRUE'],
  ['-o', 'tcp.track_bytes_in_flight:TRUE'],
  ['-o', 'ip.defragment:TRUE'],
  ['-o', 'ip.tso_support:TRUE'],
  ['-T', 'fields'],
  ['-E', 'header=y'],
  ['-E', 'separator=/t'],
  ['-E', 'occurrence=a'],
  ['-E', 'quote=n'],
].flat();

/** Standard error kept for messages. */
const ERROR_TEXT = 2000;

export interface TsharkResult {
  /** tshark could open the capture: the table has a header. It may still have stopped before the end. */
  readonly opened: boolean;
  /** What it said on standard error, without the remark about running as root. */
  readonly message: string;
}

/** The installed tshark, with an empty configuration so that no personal preference counts. */
export class Tshark {
  readonly program: string;
  readonly #home = mkdtempSync(join(tmpdir(), 'tcpstate-tshark-'));

  constructor(program = 'tshark') {
    this.program = program;
  }

  /** "TShark (Wireshark) 4.0.17 ...", or null where there is none. */
  async version(): Promise<string | null> {
    const chunks: Buffer[] = [];
    const code = await new Promise<number>((resolve) => {
      const child = spawn(this.program, ['--version'], {
        stdio: ['ignore', 'pipe', 'ignore'],
        env: this.#environment(),
      });
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      child.on('error', () => resolve(-1));
      child.on('close', (status) => resolve(status ?? -1));
    });
    return code === 0 ? (Buffer.concat(chunks).toString('utf8').split('\n')[0] ?? '') : null;
  }

  /**
   * Writes the table of `capture` with `fields` to `path`: all rows, or those `filter` selects. Null: it had not finished
   * after `timeoutSeconds`.
   */
  async table(
    capture: string,
    fields: readonly string[],
    path: string,
    timeoutSeconds: number,
    filter?: string,
  ): Promise<TsharkResult | null> {
    const part = `${path}.part`;
    const out = openSync(part, 'w');
    let error = '';
    let timedOut = false;
    const code = await new Promise<number | null>((resolve, reject) => {
      const selection = filter === undefined ? [] : ['-Y', filter];
      const columns = fields.flatMap((name) => ['-e', name]);
      const child = spawn(this.program, ['-r', capture, ...ARGUMENTS, ...selection, ...columns], {
        stdio: ['ignore', out, 'pipe'],
        env: this.#environment(),
      });
      const timer = setTimeout(() => {
        timedOut = true;
        child.kill('SIGKILL');
      }, timeoutSeconds * 1000);
      child.stderr!.on('data', (chunk: Buffer) => {
        if (error.length < ERROR_TEXT) error += chunk.toString('utf8');
      });
      child.on('error', reject);
      child.on('close', (status) => {
        clearTimeout(timer);
        resolve(status);
      });
    }).finally(() => closeSync(out));
    if (timedOut) {
      rmSync(part);
      return null;
    }
    renameSync(part, path);
    const message = error
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('Running as user'))
      .join(' ');
    return { opened: code === 0 || !/isn't a capture file|doesn't exist|could not be opened/.test(message), message };
  }

  close(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    return { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC', WIRESHARK_CONFIG_DIR: this.#home };
  }
}
