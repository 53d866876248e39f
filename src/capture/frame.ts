// In: nothing. Out: the record in which a reader hands over one captured frame.

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);

/**
 * One frame of a capture. A reader owns one Frame and refills it for every frame it reads, so all of it, `bytes` above all,
 * is *borrowed*: valid until the reader is asked for the next frame. Copy what must live longer.
 */
export class Frame {
  /** Position in the capture, from 1, as in Wireshark. Counted over all files of a merged trace. */
  number = 0;
  /** Index of the input file this frame came from, from 0. */
  file = 0;
  /** Whole seconds since 1970-01-01 UTC, rounded down. */
  seconds = 0;
  /** Nanoseconds within that second, 0 to 999,999,999. */
  nanoseconds = 0;
  /** Bytes of the frame that are in the file. */
  capturedLength = 0;
  /** Bytes the frame had on the wire. */
  originalLength = 0;
  /** LINKTYPE_ value (tcpdump.org/linktypes.html). */
  linkType = 0;
  /** Bytes of frame check sequence at the end of the frame, where the file says so; else 0. */
  fcsLength = 0;
  /** The chunk the frame lies in, and the same memory as a view for multi-byte reads. */
  bytes: Uint8Array = EMPTY;
  view: DataView = EMPTY_VIEW;
  /** Offset of the frame's first byte in `bytes` and `view`. */
  start = 0;
}
