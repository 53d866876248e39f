// In: the first bytes of something that is no capture we read. Out: what it is, as the end of a sentence.

export type Packing = '' | 'gzip' | 'zstd';

/** How what begins with `bytes` is packed, if it is, and we unpack it. */
export function packingOf(bytes: Uint8Array): Packing {
  if (bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (bytes.length < 4) return '';
  const magic = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  // RFC 8878: a frame, or a skippable frame before it.
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50 ? 'zstd' : '';
}

/** Bytes that begin a file, as Latin-1 text, where they stand, and what they tell. */
interface Signature {
  readonly text: string;
  readonly at?: number;
  readonly is: string;
}

const COMPRESSED: readonly (Signature & { readonly unpack: string | null })[] = [
  { text: '\xfd7zXZ\0', is: 'xz compressed', unpack: 'xz -dc' },
  { text: 'BZh', is: 'bzip2 compressed', unpack: 'bzip2 -dc' },
  { text: '\x04\x22\x4d\x18', is: 'lz4 compressed', unpack: 'lz4 -dc' },
  { text: '\x02\x21\x4c\x18', is: 'lz4 compressed', unpack: 'lz4 -dc' },
  { text: 'LZIP', is: 'lzip compressed', unpack: 'lzip -dc' },
  { text: '\x5d\0\0', is: 'lzma compressed', unpack: 'xz -dc' },
  { text: '\x1f\x9d', is: 'compressed by compress(1)', unpack: 'gzip -dc' },
  { text: '\xff\x06\0\0sNaPpY', is: 'snappy compressed', unpack: null },
  { text: 'PK\x03\x04', is: 'a zip archive', unpack: null },
  { text: '7z\xbc\xaf\x27\x1c', is: 'a 7z archive', unpack: null },
  { text: 'Rar!\x1a\x07', is: 'a rar archive', unpack: null },
  { text: 'ustar', at: 257, is: 'a tar archive', unpack: null },
];

// Capture formats that Wireshark reads (its wiretap/ folder names the signatures) and editcap therefore converts.
const OTHER_CAPTURES: readonly Signature[] = [
  { text: 'GMBU', is: 'a Microsoft Network Monitor 2 capture' },
  { text: 'RTSS', is: 'a Microsoft Network Monitor 1 capture' },
  { text: 'snoop\0\0\0', is: 'a snoop capture' },
  { text: 'TRSNIFF data    \x1a', is: 'a Sniffer capture' },
  { text: 'XCP\0', is: 'a NetXRay or Sniffer for Windows capture' },
  { text: '\x7fver', is: 'an OmniPeek capture' },
  { text: 'ObserverPktBuffe', is: 'an Observer capture' },
  { text: 'iptrace 1.0', is: 'an AIX iptrace capture' },
  { text: 'iptrace 2.0', is: 'an AIX iptrace capture' },
  { text: 'btsnoop\0', is: 'a Bluetooth HCI capture' },
  { text: '\x05VNF', is: 'a Visual Networks capture' },
  { text: '\xaa\xaa\xaa\xaa', is: 'an InfoVista 5View capture' },
  { text: '\0\0\x02\0\x12\x05\0\x10', is: 'a Tektronix K12 capture' },
  { text: '\x54\x52\0\x64\0', is: 'an HP-UX nettl capture' },
  { text: '\0\0\0\x01\0\0\0\0\0\x07\xd0\0', is: 'an HP-UX nettl capture' },
];

export interface Recognized {
  /** Predicate of the sentence: "a snoop capture". */
  readonly is: string;
  /** What to do about it, as a clause; "" where nothing simple helps. */
  readonly advice: string;
}

/** Names what `bytes` begin, or null. `label` is the file in the advice. */
export function recognize(bytes: Uint8Array, label: string): Recognized | null {
  for (const signature of COMPRESSED) {
    if (!begins(bytes, signature)) continue;
    const { unpack } = signature;
    return {
      is: signature.is,
      advice: unpack === null ? 'unpack it first' : `unpack it first: ${unpack} ${label} | tcpstate ... -`,
    };
  }
  for (const signature of OTHER_CAPTURES) {
    if (begins(bytes, signature))
      return { is: signature.is, advice: `convert it first: editcap -F pcapng ${label} OUT.pcapng` };
  }
  return null;
}

function begins(bytes: Uint8Array, { text, at = 0 }: Signature): boolean {
  if (bytes.length < at + text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Text as it can be shown in a terminal: control characters and what is not ASCII as escapes, in double quotes. */
export function quoteBytes(bytes: Uint8Array, limit = 16): string {
  let text = '';
  for (const byte of bytes.subarray(0, limit)) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte === 0x0a) text += '\\n';
    else if (byte === 0x0d) text += '\\r';
    else if (byte === 0x09) text += '\\t';
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `"${text}"`;
}

/** A file name as it can be shown in a terminal: as given, but for control characters. */
export function printableName(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
