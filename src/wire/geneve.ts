// In: Geneve (RFC 8926). Out: what its EtherType names.

import { byEtherType } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

export function geneve(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('geneve');
  const length = 8 + (walk.u8(0) & 0x3f) * 4;
  if (!walk.has(length)) return walk.stopShort('geneve');
  const type = walk.u16(2);
  walk.pos += length;
  return byEtherType(walk, type);
}
