let token: string | undefined;

/**
 * Takes the one-time token out of `#setup=<token>` and out of the address bar, so that it stays in no history. True when
 * there was one.
 */
export function takeSetupToken(): boolean {
  const match = /^#setup=(.+)$/.exec(location.hash);
  if (!match) return false;
  token = readSetupToken(match[1] as string);
  history.replaceState(history.state, "", location.pathname + location.search);
  return true;
}

export function setupToken(): string | undefined {
  return token;
}

export function forgetSetupToken(): void {
  token = undefined;
}

/** What people paste: the token, or the whole link that the gateway printed. */
export function readSetupToken(pasted: string): string {
  const raw = pasted.trim().replace(/^.*#setup=/, "");
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
