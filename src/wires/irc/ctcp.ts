/** https://modern.ircdocs.horse/ctcp: a message that is put between two U+0001, of which the last may be missing. */
export function ctcpOf(text: string): { readonly command: string; readonly rest: string } | undefined {
  if (!text.startsWith("\u0001")) return undefined;
  const [command = "", ...rest] = (text.slice(1).split("\u0001", 1)[0] ?? "").split(" ");
  return { command: command.toUpperCase(), rest: rest.join(" ") };
}

/** What we answer to a program's question; nothing to others. */
export function answerCtcp(text: string): string | undefined {
  const { command = "", rest = "" } = ctcpOf(text) ?? {};
  const answers: Readonly<Record<string, string>> = {
    ...{ VERSION: "Polylogue", CLIENTINFO: "ACTION CLIENTINFO PING VERSION", PING: rest.slice(0, 100) },
  };
  const answer = Object.hasOwn(answers, command) ? answers[command] : undefined;
  return answer === undefined ? undefined : `\u0001${`${command} ${answer}`.trim()}\u0001`;
}
