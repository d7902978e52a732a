/**
 * What an operator sees on the platform at a step of `Channel.guide`, as data: enough to find the place, no copy of it. Titles and labels
 * are the platform's own, in English; values are nobody's, and said in words they are translated.
 */
export interface GuidePicture {
  /** The step's number in the guide; a step may have several. */
  readonly step: number;
  /** What the platform calls the page, the part of it, or the chat. */
  readonly title: string;
  /** From top to bottom. */
  readonly rows: readonly PictureRow[];
}

export interface PictureRow {
  /** `entry`: a line to choose in a menu or a list. `sent`, `received`: what one says in a chat, and what it answers. */
  readonly kind: "entry" | "field" | "button" | "switch" | "tick" | "sent" | "received";
  readonly label: string;
  /** Of a field, what stands in it; of what is received, what matters of it. */
  readonly value?: string;
  /** Of a switch or a tick. Absent: off. */
  readonly on?: true;
  /** Where the step wants one to look or to press: at most one row of a picture. The step names it. */
  readonly marked?: true;
  /** The setting that takes what stands here. */
  readonly into?: string;
}
