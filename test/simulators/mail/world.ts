/** One mail in a folder. */
export interface StoredMail {
  readonly uid: number;
  readonly raw: Buffer;
  readonly at: Date;
  readonly flags: Set<string>;
}

export class Folder {
  uidValidity = 1_000;
  uidNext = 1;
  mails: StoredMail[] = [];
  readonly watchers = new Set<() => void>();
  opened = false;
  /** Mail that comes right after the folder is opened next. */
  readonly coming: Buffer[] = [];

  /** Mail that comes now, or if nobody opened the folder yet, right after that. */
  addOnceOpened(raw: Buffer): void {
    if (this.opened) this.add(raw);
    else this.coming.push(raw);
  }

  add(raw: Buffer, at = new Date()): StoredMail {
    const mail = { uid: this.uidNext++, raw, at, flags: new Set<string>() };
    this.mails.push(mail);
    for (const tell of this.watchers) tell();
    return mail;
  }
}

/** What the next mail meets, where in its transfer, and what the server says or does then. */
export interface SmtpFault {
  readonly at: "MAIL" | "RCPT" | "DATA" | "END";
  /** A reply; or the connection is closed, before the mail is taken or after it. */
  readonly what: string | "drop" | "take-and-drop";
}

export class MailWorld {
  readonly user = "bot@example.com";
  password = "a very secret app password";
  readonly folders = new Map<string, Folder>([
    ["INBOX", new Folder()],
    ["Done", new Folder()],
  ]);
  /** What was accepted over SMTP, in order. */
  readonly accepted: { readonly from: string; readonly to: string; readonly raw: Buffer }[] = [];
  /** Addresses that nobody has. */
  readonly unknown = new Set<string>();
  readonly faults: SmtpFault[] = [];

  folder(name: string): Folder {
    const folder = this.folders.get(name);
    if (!folder) throw new Error(`no folder ${name}`);
    return folder;
  }

  admits(user: string, password: string): boolean {
    return user === this.user && password === this.password;
  }
}
