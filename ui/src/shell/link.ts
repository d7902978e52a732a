/** What a link for one use is for, and the page that takes it. */
const pages = { setup: "/setup", invite: "/join", reset: "/reset" } as const;

export type LinkKind = keyof typeof pages;

let taken: { readonly kind: LinkKind; readonly token: string } | undefined;

/**
 * Takes the one-time token out of `#setup=`, `#invite=` or `#reset=` and out of the address bar, so that it stays in no
 * history. Answers the page that it is for.
 */
export function takeLink(): (typeof pages)[LinkKind] | undefined {
  const match = /^#(setup|invite|reset)=(.+)$/.exec(location.hash);
  if (!match) return undefined;
  const kind = match[1] as LinkKind;
  taken = { kind, token: readToken(match[2] as string) };
  history.replaceState(history.state, "", location.pathname + location.search);
  return pages[kind];
}

export function linkToken(kind: LinkKind): string | undefined {
  return taken?.kind === kind ? taken.token : undefined;
}

export function forgetLink(): void {
  taken = undefined;
}

/** What people paste: the token, or the whole link. */
export function readToken(pasted: string): string {
  const raw = pasted.trim().replace(/^.*#(setup|invite|reset)=/, "");
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
