// In: frames. Out: the bytes of a pcap or pcapng file that holds them, in every variant the readers know.
// Written from the specifications (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng), not from our readers.

export interface FrameToWrite {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly bytes: Uint8Array;
  /** Bytes on the wire; default: as many as there are. */
  readonly originalLength?: number;
}

export interface PcapOptions {
  /** LINKTYPE_ value; default 1, Ethernet. */
  readonly linkType?: number;
  /** Nanoseconds instead of microseconds. */
  readonly nanoseconds?: boolean;
  readonly bigEndian?: boolean;
  readonly snapLength?: number;
  /** Default 2.4. */
  readonly version?: readonly [number, number];
  /** Another magic number than the resolution asks for. */
  readonly magic?: number;
  /** Bytes of file header after the 24 standard ones. */
  readonly headerExtra?: Uint8Array;
  /** Bytes between the 16 standard ones of each record header and the frame. */
  readonly recordExtra?: Uint8Array;
  /** Original length before captured length, as before version 2.3. */
  readonly originalFirst?: boolean;
  /** The upper 16 bits of the link type field. */
  readonly linkTypeUpper?: number;
}

/** A pcap file. */
export function writePcap(frames: readonly FrameToWrite[], options: PcapOptions = {}): Uint8Array {
  const little = options.bigEndian !== true;
  const nanoseconds = options.nanoseconds === true;
  const [major, minor] = options.version ?? [2, 4];
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, options.magic ?? (nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4), little);
  view.setUint16(4, major, little);
  view.setUint16(6, minor, little);
  view.setUint32(16, options.snapLength ?? 262144, little);
  view.setUint32(20, (((options.linkTypeUpper ?? 0) << 16) | (options.linkType ?? 1)) >>> 0, little);
  const parts = [header, options.headerExtra ?? new Uint8Array(0)];
  for (const frame of frames) {
    const record = new Uint8Array(16);
    const recordView = new DataView(record.buffer);
    const original = frame.originalLength ?? frame.bytes.length;
    recordView.setUint32(0, frame.seconds, little);
    recordView.setUint32(4, nanoseconds ? frame.nanoseconds : Math.floor(frame.nanoseconds / 1000), little);
    recordView.setUint32(8, options.originalFirst ? original : frame.bytes.length, little);
    recordView.setUint32(12, options.originalFirst ? frame.bytes.length : original, little);
    parts.push(record, options.recordExtra ?? new Uint8Array(0), frame.bytes);
  }
  return concat(parts);
}

/** Writes the blocks of one pcapng byte order. */
export class PcapngWriter {
  private readonly little: boolean;

  constructor(options: { bigEndian?: boolean } = {}) {
    this.little = options.bigEndian !== true;
  }

  /** Any block. `lengths`: what to write as total length before and after instead of the true one. */
  block(type: number, body: Uint8Array, lengths: { before?: number; after?: number } = {}): Uint8Array {
    const padded = pad4(body);
    const total = padded.length + 12;
    const bytes = new Uint8Array(total);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, type, this.little);
    view.setUint32(4, lengths.before ?? total, this.little);
    bytes.set(padded, 8);
    view.setUint32(total - 4, lengths.after ?? lengths.before ?? total, this.little);
    return bytes;
  }

  section(version: readonly [number, number] = [1, 0]): Uint8Array {
    const body = this.numbers([4, 0x1a2b3c4d], [2, version[0]], [2, version[1]], [4, 0xffffffff], [4, 0xffffffff]);
    return this.block(0x0a0d0d0a, body);
  }

  interface(
    options: {
      linkType?: number;
      snapLength?: number;
      name?: string;
      /** if_tsresol as it stands in the file. */
      tsresol?: number;
      /** if_tsoffset, seconds. */
      tsoffset?: bigint;
      /** if_fcslen as it stands in the file. */
      fcslen?: number;
    } = {},
  ): Uint8Array {
    const parts = [this.numbers([2, options.linkType ?? 1], [2, 0], [4, options.snapLength ?? 0])];
    const { name, tsresol, tsoffset, fcslen } = options;
    if (name !== undefined) parts.push(this.option(2, new TextEncoder().encode(name)));
    if (tsresol !== undefined) parts.push(this.option(9, Uint8Array.of(tsresol)));
    if (fcslen !== undefined) parts.push(this.option(13, Uint8Array.of(fcslen)));
    if (tsoffset !== undefined) {
      const value = new Uint8Array(8);
      new DataView(value.buffer).setBigInt64(0, tsoffset, this.little);
      parts.push(this.option(14, value));
    }
    if (parts.length > 1) parts.push(this.option(0, new Uint8Array(0)));
    return this.block(1, concat(parts));
  }

  /** Enhanced Packet Block. `time`: in the units of the interface. */
  enhancedPacket(
    time: bigint,
    bytes: Uint8Array,
    options: { interface?: number; originalLength?: number; options?: Uint8Array } = {},
  ): Uint8Array {
    const header = this.numbers(
      [4, options.interface ?? 0],
      [4, Number(time >> 32n)],
      [4, Number(time & 0xffffffffn)],
      [4, bytes.length],
      [4, options.originalLength ?? bytes.length],
    );
    return this.block(6, concat([header, pad4(bytes), options.options ?? new Uint8Array(0)]));
  }

  /** The obsolete Packet Block. */
  packet(time: bigint, bytes: Uint8Array, options: { interface?: number; originalLength?: number } = {}): Uint8Array {
    const header = this.numbers(
      [2, options.interface ?? 0],
      [2, 0xffff],
      [4, Number(time >> 32n)],
      [4, Number(time & 0xffffffffn)],
      [4, bytes.length],
      [4, options.originalLength ?? bytes.length],
    );
    return this.block(2, concat([header, pad4(bytes)]));
  }

  simplePacket(bytes: Uint8Array, originalLength = bytes.length): Uint8Array {
    return this.block(3, concat([this.numbers([4, originalLength]), bytes]));
  }

  option(code: number, value: Uint8Array): Uint8Array {
    return concat([this.numbers([2, code], [2, value.length]), pad4(value)]);
  }

  /** Numbers of 2 or 4 bytes each, as [size, value]. */
  numbers(...fields: readonly (readonly [size: 2 | 4, value: number])[]): Uint8Array {
    const bytes = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0));
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const [size, value] of fields) {
      if (size === 2) view.setUint16(at, value, this.little);
      else view.setUint32(at, value, this.little);
      at += size;
    }
    return bytes;
  }
}

/** A pcapng file of one section and one interface, nanosecond resolution. */
export function writePcapng(
  frames: readonly FrameToWrite[],
  options: { linkType?: number; bigEndian?: boolean } = {},
): Uint8Array {
  const writer = new PcapngWriter(options);
  const parts = [writer.section(), writer.interface({ linkType: options.linkType ?? 1, tsresol: 9 })];
  for (const { seconds, nanoseconds, bytes, originalLength } of frames) {
    const time = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    parts.push(writer.enhancedPacket(time, bytes, { originalLength: originalLength ?? bytes.length }));
  }
  return concat(parts);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function pad4(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  return padded;
}
