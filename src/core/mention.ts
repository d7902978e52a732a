/** Whether a text names somebody: `name` with its `@`, as a word of its own, in any case of letters. */
export function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}_.-])${RegExp.escape(name)}(?![\\p{L}\\p{N}_-]|\\.[\\p{L}\\p{N}])`, "iu").test(text);
}

/**
 * Chat programs take what begins with a slash for a command of their own: `@bot /reset` is how one says it to us. Gives `/reset` then,
 * else the text as it is.
 */
export function withoutName(text: string, name: string): string {
  const words = text.trim();
  return words.toLowerCase().startsWith(`${name.toLowerCase()} /`) ? words.slice(name.length).trim() : words;
}
