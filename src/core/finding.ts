/** Something an operator can act on; what needs no action is no finding. */
export interface Finding {
  /** Stable, e.g. `account-refused`. */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** What it is about: `accounts.support-bot`, a delivery's id. With `code` it names the finding. */
  readonly subject: string;
  /** What is wrong. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}
