import type { ZodType } from "zod";
import type { DefaultAccess } from "../core/channel.ts";
import type { Result } from "../core/errors.ts";
import type { SaidFinding } from "../core/finding.ts";
import type { Json } from "../core/terms.ts";
import type { Path } from "./tree.ts";

/** Where settings come from, weakest first. */
export type Source = "default" | "file" | "app" | "environment";

/** What is known of channels and providers. Only configured kinds are loaded. */
export interface Kinds {
  /** Nothing where there is no such kind. May reject: its entries are then left out with a finding. */
  channel(kind: string): Promise<ChannelKind | undefined>;
  provider(kind: string): Promise<ProviderKind | undefined>;
  /** Names that exist, for suggestions. */
  readonly channels: readonly string[];
  readonly providers: readonly string[];
  readonly tools: readonly string[];
}

export interface ChannelKind {
  readonly kind: string;
  /** For people. */
  readonly name?: string;
  readonly settings: ZodType;
  /** Whom an account admits that says nothing about it; absent: nobody. */
  readonly access?: DefaultAccess;
}

export interface ProviderKind {
  readonly kind: string;
  readonly settings: ZodType;
}

/** Everything that decides the configuration. */
export interface Sources {
  /** The data folder; relative paths of secret files start here. */
  readonly home: string;
  /** The file's text. Absent: there is no file. */
  readonly file?: FileSource;
  /** Why `file` isn't what lies on the disk now. */
  readonly problem?: SaidFinding;
  /** What the app or the CLI set, by dotted path. */
  readonly settings: ReadonlyMap<string, Json>;
  readonly environment: Environment;
  readonly kinds: Kinds;
  /** Opens a secret of the vault. */
  readonly vault?: (name: string) => Promise<Result<string>>;
  /** Hears every secret that was resolved, before anything else sees it: for the masking of logs. */
  readonly learn?: (secret: string) => void;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface FileSource {
  readonly name: string;
  readonly text: string;
}

/** One setting of one source: the value stands at the path, whatever stood there before. */
export interface Write {
  readonly source: Source;
  /** For people: the file's name, the variable's, `web app or CLI`. */
  readonly origin: string;
  readonly path: Path;
  readonly value: Json;
}
