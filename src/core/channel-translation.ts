import type { SettingWords } from "./translation.ts";

/**
 * What a channel says of itself, in one more language. The web app shows it to whoever chose that language; the command
 * line stays English.
 */
export interface ChannelTranslation {
  /** Absent: it is called the same. */
  readonly name?: string;
  readonly summary: string;
  /**
   * Step by step what the English guide says, with the same code, but for what stands in `<>` in it, and the same links. What a platform
   * shows in English stays English. Settings are called by their labels here, in bold as their keys are there.
   */
  readonly guide: string;
  /** Of every setting, what the form calls it, and what its description says. */
  readonly settings: Readonly<Record<string, SettingWords>>;
  /** By the English one, each value in the pictures that is said in words. Titles and labels are the platform's own. */
  readonly values?: Readonly<Record<string, string>>;
}
