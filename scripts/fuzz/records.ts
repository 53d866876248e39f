// In: the bytes of a plain pcap or pcapng file. Out: where its records are. Apart from our readers, so that they can be checked by it.

/** A record of a pcap file, or a block of a pcapng file. */
export interface RecordPlace {
  readonly start: number;
  readonly end: number;
  /** Where its frame begins, or what it holds instead. */
  readonly frame: number;
  readonly isFrame: boolean;
}

const PCAP_MAGICS: ReadonlySet<number> = new Set([0xa1b2c3d4, 0xa1b23c4d]);
const SECTION = 0x0a0d0d0a;

/** The records that are whole, up to the first that is not; none where the file is of another kind. */
export function recordsOf(bytes: Uint8Array): RecordPlace[] {
  if (bytes.length < 24) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const little of [true, false]) if (PCAP_MAGICS.has(view.getUint32(0, little))) return pcapRecords(view, little);
  return view.getUint32(0) === SECTION ? pcapngBlocks(view) : [];
}

function pcapRecords(view: DataView, little: boolean): RecordPlace[] {
  const records: RecordPlace[] = [];
  for (let at = 24; at + 16 <= view.byteLength; ) {
    const end = at + 16 + view.getUint32(at + 8, little);
    if (end > view.byteLength) break;
    records.push({ start: at, end, frame: at + 16, isFrame: true });
    at = end;
  }
  return records;
}

function pcapngBlocks(view: DataView): RecordPlace[] {
  const records: RecordPlace[] = [];
  let little = true;
  for (let at = 0; at + 12 <= view.byteLength; ) {
    if (view.getUint32(at) === SECTION) little = view.getUint8(at + 8) === 0x4d;
    const type = view.getUint32(at, little);
    const total = (view.getUint32(at + 4, little) + 3) & ~3;
    if (total < 12 || at + total > view.byteLength) break;
    const isFrame = type === 2 || type === 3 || type === 6;
    const header = !isFrame ? 8 : type === 3 ? 12 : 28;
    records.push({ start: at, end: at + total, frame: at + header, isFrame });
    at += total;
  }
  return records;
}
