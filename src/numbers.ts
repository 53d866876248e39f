// In: nothing. Out: the numbers that the program in linear memory (*.as.ts) has from the rest of src/, none of which is written down twice.
//
// scripts/assemble.js makes a namespace of each object, and AssemblyScript finds them as numbers.as.ts.

import { FRAMES_PER_RUN, FrameColumn } from './capture/frame-run.ts';
import { POOL_PAGE_BITS, wordsOf } from './flow/rows.ts';
import {
  CELL_BYTES,
  CONTENT_BYTES,
  ENTRY_WORDS,
  FRONT_PLACES,
  FRONT_WORDS,
  KNOWN_ENTRY_WORDS,
  KNOWN_PLACE_BITS,
  KNOWN_WORDS,
  LIFE_CELLS,
  LifeCell,
  LifePage,
  OTHERS,
  PatternWord,
  RecordWord,
  TableWord,
  TraceWord,
} from './linear/layout.ts';
import { Completeness, MAX_WINDOW_SCALE } from './tcp/analysis.ts';
import { CHECKED_AT_FIRST, CHECKED_LATER, ETHERNET_PAYLOAD } from './tcp/capture-facts.ts';
import { APP_LOOKS, ConnectionBit } from './tcp/connection.ts';
import { SCALE_UNUSED } from './tcp/direction.ts';
import { MAX_LOOP } from './tcp/endpoint.ts';
import { FactBit, FlowBit, MAX_TICK, SILENCE_TICKS, TICKS_PER_SECOND } from './tcp/fact-rows.ts';
import {
  LIFE_WORDS,
  LifePart,
  LifeSide,
  MOMENTS,
  MOST_LIFE_SECONDS,
  Moment,
  TextbookLife,
} from './tcp/textbook-life.ts';
import * as Book from './tcp/textbook-record.ts';
import { FROM_B, LETTER_BITS, LETTERS_PER_WORD, Letter } from './tcp/zeek-history.ts';
import { Checksum } from './wire/checksum.ts';
import { EtherType, MOST_TAGS } from './wire/ether-types.ts';
import { HandshakeBit } from './wire/handshake.ts';
import { LinkType } from './wire/link-types.ts';
import { NOP_NOP_TIMESTAMPS, OptionKind } from './wire/options.ts';
import { Flag } from './wire/packet.ts';
import { IN_IPV6, SEGMENT_WORDS, Segment, SegmentWord } from './wire/segment-words.ts';
import { SHARE_BITS, SHARES, UNKNOWN_SHARE } from './wire/share.ts';
import { FAMILY_IPV4, IPV4_WITHOUT_OPTIONS, TCP_HEADER, TCP_HEADER_WITH_TIMESTAMPS } from './wire/usual.ts';

const { Outcome, Phase, ...words } = Book;

export const numbers = {
  CELL_BYTES,
  CONTENT_BYTES,
  ENTRY_WORDS,
  FRAMES_PER_RUN,
  FRONT_PLACES,
  FRONT_WORDS,
  IN_IPV6,
  KNOWN_ENTRY_WORDS,
  KNOWN_PLACE_BITS,
  KNOWN_WORDS,
  MOMENTS,
  MOST_LIFE_SECONDS,
  OTHERS,
  POOL_PAGE_BITS,
  SEGMENT_WORDS,
  UNKNOWN_SHARE,
  Book: { ...words, APP_LOOKS, ETHERNET_PAYLOAD, MAX_LOOP, SCALE_UNUSED },
  Check: { AT_FIRST: CHECKED_AT_FIRST, LATER: CHECKED_LATER },
  Checksum,
  Completeness,
  ConnectionBit,
  Fact: FactBit,
  Flag,
  Flow: FlowBit,
  FrameColumn,
  Handshake: { ...HandshakeBit, MAX_SCALE: MAX_WINDOW_SCALE },
  EtherType,
  Header: { FAMILY_IPV4, IPV4_WITHOUT_OPTIONS, MOST_TAGS, TCP_HEADER, TCP_HEADER_WITH_TIMESTAMPS },
  Letter: { ...Letter, FROM_B, BITS: LETTER_BITS, PER_WORD: LETTERS_PER_WORD },
  LIFE_CELLS,
  LIFE_WORDS,
  LifeCell,
  LifePage,
  LifeSideWord: wordsOf(LifeSide),
  LifeWord: { ...wordsOf(TextbookLife), ...LifePart },
  LinkType,
  Moment,
  OptionKind: { ...OptionKind, NOP_NOP_TIMESTAMPS },
  Outcome,
  PatternWord,
  Phase,
  RecordWord,
  Segment,
  SegmentWord,
  Share: { BITS: SHARE_BITS, COUNT: SHARES },
  TableWord,
  Tick: {
    PER_SECOND: TICKS_PER_SECOND,
    PER_NANOSECOND: TICKS_PER_SECOND / 1e9,
    NANOSECONDS: 1e9 / TICKS_PER_SECOND,
    MOST: MAX_TICK,
    SILENCE: SILENCE_TICKS,
  },
  TraceWord,
};
