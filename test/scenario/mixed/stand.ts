/** One platform in the crowd: its stand-in, the account that is connected to it, and the people who write there. */
export interface Stand {
  /** The account's configuration. */
  readonly account: object;
  readonly chats: readonly string[];
  /** True when a repeated send is never seen twice. */
  readonly exact?: true;
  /** Somebody writes; what is said in one chat arrives in this order. */
  say(chat: string, text: string): void | Promise<void>;
  /** Resolves once the gateway has taken all that was said; for platforms that post, and may post a chat's next before it. */
  taken?(): Promise<void>;
  /** True when what was said first may arrive last even so. */
  readonly reorders?: true;
  /** What the readers of a chat saw from us, in order. */
  seen(chat: string): readonly string[];
  /** The next sends go wrong; one of `whole` after it took effect, so that a repeat is seen. */
  disturb(): { readonly whole: number };
  /** No send gets through until it is called with false. */
  outage?(on: boolean): void;
  /** What our calls broke of the platform's rules. */
  readonly violations: readonly string[];
  close(): Promise<void>;
}

/** `hooks`: where the gateway takes webhooks, each account under its kind. */
export type OpenStand = (chats: number, hooks: string) => Promise<Stand>;

/** A channel's place in the crowd. */
export interface Place {
  /** How many conversations it has there: what its published pace allows in some minutes. */
  readonly conversations: number;
  readonly open: OpenStand;
}

export const standOf = (conversations: number, open: OpenStand): Place => ({ conversations, open });

export const many = (count: number, name: (index: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, index) => name(index));

/** Repeats are risked, so that nothing is lost while nobody looks. */
export const common = { onUnknown: "resend", streaming: "off", access: { direct: "open" } } as const;
