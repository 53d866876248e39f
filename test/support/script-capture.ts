// In: segments written one a line (fixtures/README.md). Out: the bytes of a capture with them.

import { framesOfScript } from '../../scripts/segment-script.ts';
import { writePcap } from './pcap-writer.ts';

/** A capture of the blocks; each is the text between the fences of a `segments` block. */
export function scriptCapture(...blocks: string[]): Uint8Array {
  return writePcap(framesOfScript(blocks.map((block) => `\`\`\`segments\n${block.trim()}\n\`\`\`\n`).join('\n')), {
    nanoseconds: true,
  });
}
