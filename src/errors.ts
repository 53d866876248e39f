// In: what a user can get wrong. Out: the two errors the cli turns into one sentence and exit code 2.
// Anything else that is thrown is a bug of ours and keeps its stack.

/** The command line, filter or rule file is wrong. The message is one sentence a user can act on. */
export class UsageError extends Error {
  override name = 'UsageError';
  /** Lines to show under the sentence: the text at fault and a caret under the column. */
  readonly detail: readonly string[];

  constructor(message: string, detail: readonly string[] = []) {
    super(message);
    this.detail = detail;
  }
}

/**
 * The input cannot be read or is no capture at all. The message names the file and, where there is one, the byte offset.
 * Damage *inside* a capture is not an error: the reader stops there and reports a {@link CaptureWarning}.
 */
export class CaptureError extends Error {
  override name = 'CaptureError';
}

/** Part of an input could not be read; what came before it was. */
export interface CaptureWarning {
  /** The file as the user named it ("-" for standard input). */
  readonly file: string;
  /** Byte offset in the (decompressed) stream at which the damage begins. */
  readonly offset: number;
  /** One sentence, without the file name. */
  readonly message: string;
  /** True where the capture ends here although more was announced. */
  readonly truncated: boolean;
}
