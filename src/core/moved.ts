/** What was copied from one store into another, and is the same in both. */
export interface Moved {
  readonly tables: readonly MovedTable[];
  readonly files: { readonly count: number; readonly bytes: number };
  /** It went on where an earlier call was broken off. */
  readonly resumed: boolean;
}

export interface MovedTable {
  readonly name: string;
  readonly rows: number;
  /** SHA-256 over all rows, in hex. Empty where nothing was copied. */
  readonly sha256: string;
}

export interface MoveProgress {
  readonly doing: "copy" | "verify";
  /** A table's name, or `attachments`. */
  readonly what: string;
  readonly rows: number;
  readonly of: number;
}

export interface MoveWish {
  /** The store in a file, or what is to become one. */
  readonly file: string;
  /** Only says what would be copied. */
  readonly dryRun: boolean;
  readonly tell: (progress: MoveProgress) => void;
}
