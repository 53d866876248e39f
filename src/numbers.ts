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
  UnackedWord,
} from './linear/layout.ts';
import { Completeness, MAX_WINDOW_SCALE } from './tcp/analysis.ts';
import { CHECKED_AT_FIRST, CHECKED_LATER, ETHERNET_PAYLOAD } from './tcp/capture-facts.ts';
import { APP_LOOKS, Connection, ConnectionBit } from './tcp/connection.ts';
import { DIRECTION_WORDS, Direction, DirectionBit, SCALE_UNKNOWN, SCALE_UNUSED } from './tcp/direction.ts';
import { ENDPOINT_WORDS, Endpoint, EndpointBit, MAX_LOOP } from './tcp/endpoint.ts';
import {
  CONNECTION_FACT_WORDS,
  ConnectionFacts,
  DIRECTION_FACT_WORDS,
  DirectionFacts,
  FactBit,
  FlowBit,
  MAX_TICK,
  SILENCE_TICKS,
  TICKS_PER_SECOND,
  WATCHED,
} from './tcp/fact-rows.ts';
import { SYNS } from './tcp/facts.ts';
import { State } from './tcp/state.ts';
import { Current } from './tcp/states.ts';
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
import { Entry, ListBit, Reach, UNACKED_LIMIT } from './tcp/unacked.ts';
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
  ConnectionFactWord: wordsOf(ConnectionFacts),
  ConnectionWord: wordsOf(Connection),
  Current,
  DirectionBit,
  DirectionFactWord: wordsOf(DirectionFacts),
  DirectionWord: wordsOf(Direction),
  EndpointBit,
  EndpointWord: wordsOf(Endpoint),
  Entry,
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
  ListBit,
  Moment,
  OptionKind: { ...OptionKind, NOP_NOP_TIMESTAMPS },
  Outcome,
  PatternWord,
  Phase,
  Plain: {
    NEEDED: FactBit.HIGH | FactBit.ACKED,
    WATCHED,
    SYNS,
    MOST_LISTED: UNACKED_LIMIT,
    SCALE_UNKNOWN,
    CONNECTION_FACT_BYTES: CONNECTION_FACT_WORDS * 4,
    DIRECTION_BYTES: DIRECTION_WORDS * 4,
    DIRECTION_FACT_BYTES: DIRECTION_FACT_WORDS * 4,
    ENDPOINT_BYTES: ENDPOINT_WORDS * 4,
    FACT_BYTES: (CONNECTION_FACT_WORDS + 2 * DIRECTION_FACT_WORDS) * 4,
  },
  Reach,
  RecordWord,
  Segment,
  SegmentWord,
  Share: { BITS: SHARE_BITS, COUNT: SHARES },
  State,
  TableWord,
  Tick: {
    PER_SECOND: TICKS_PER_SECOND,
    PER_NANOSECOND: TICKS_PER_SECOND / 1e9,
    NANOSECONDS: 1e9 / TICKS_PER_SECOND,
    MOST: MAX_TICK,
    SILENCE: SILENCE_TICKS,
  },
  TraceWord,
  UnackedWord,
};
