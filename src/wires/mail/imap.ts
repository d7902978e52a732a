import { ImapFlow, type ImapFlowError } from "imapflow";
import { type Clock, sleep } from "../../core/clock.ts";
import { type Fault, fault } from "../../core/errors.ts";
import { withoutSecrets } from "../../core/secret-forms.ts";
import { type MailLogin, serverOf, tlsOf } from "./login.ts";

/** Bytes of one mail that are read; beyond it only its beginning is. Most providers refuse mail of more than 25 MB. */
export const maxMailBytes = 36_000_000;

/** Milliseconds after which the folder is looked at though the server told nothing; shorter where it can't tell (no IDLE). */
const lookMs = { idle: 240_000, poll: 30_000 };
/** A connection that isn't open yet. It logs nothing: what goes over it is people's mail and a password. */
function imapClient(login: MailLogin): ImapFlow {
  const { host, port, secure, mustEncrypt } = serverOf(login.server);
  const client = new ImapFlow({
    ...{ host, port, secure, auth: { user: login.user, pass: login.password }, logger: false, clientInfo: { name: "polylogue" } },
    ...(secure || !mustEncrypt ? {} : { doSTARTTLS: true }),
    tls: tlsOf(login),
    ...{ connectionTimeout: 20_000, greetingTimeout: 20_000, socketTimeout: 300_000 },
    ...{ maxLiteralSize: maxMailBytes + 65_536, maxResponseSize: maxMailBytes + 1_000_000, maxLineLength: 4_000_000 },
    // Soon after the last command, so that new mail is told at once.
    ...{ autoIdleDelay: 100, maxIdleTime: 240_000 },
  });
  // Without a listener it would end the process; the command under way fails with the same error.
  client.on("error", () => {});
  return client;
}

/**
 * Opens a connection, runs, and closes it whatever becomes of it: also when the signal aborts. Throws what the library throws, and
 * where the library would wait for a connection that is gone, that it is closed.
 */
export async function withImap<Value>(login: MailLogin, signal: AbortSignal, run: (client: ImapFlow) => Promise<Value>): Promise<Value> {
  const client = imapClient(login);
  const stop = () => client.close();
  signal.addEventListener("abort", stop, { once: true });
  const closed = new Promise<never>((_, reject) => client.once("close", () => reject(new Error("the connection was closed"))));
  closed.catch(() => {});
  try {
    if (signal.aborted) throw new Error("aborted");
    await Promise.race([client.connect(), closed]);
    return await Promise.race([run(client), closed]);
  } finally {
    signal.removeEventListener("abort", stop);
    client.close();
  }
}

/** What went wrong, in our words; the password is never in them. `doing`: "reading mail". */
export function imapFault(thrown: unknown, login: MailLogin, doing: string): Fault {
  const error = (thrown instanceof Error ? thrown : new Error(String(thrown))) as ImapFlowError;
  const said = withoutSecrets(error.responseText ?? error.message, [login.password], "<password>").slice(0, 300);
  const { host } = serverOf(login.server);
  // https://www.rfc-editor.org/rfc/rfc5530: UNAVAILABLE and the like pass by themselves.
  const passing = /^(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)$/.test(error.serverResponseCode ?? "");
  if (error.authenticationFailed && !passing) return fault("channel-auth", `${host} refused the login: ${said}`);
  if (error.tlsFailed) return fault("channel-unreachable", `no TLS with ${host}: ${said}`);
  if (error.responseStatus) return fault("channel-retry", `${host} refused while ${doing}: ${said}`);
  return fault("channel-unreachable", `no connection to ${host} while ${doing}: ${said}`);
}

/** Resolves when there may be new mail, because the server said so or because it is time to look. */
export function newsOf(client: ImapFlow, clock: Clock): () => Promise<void> {
  let told = false;
  let wake = () => {};
  client.on("exists", () => {
    told = true;
    wake();
  });
  return async () => {
    const ms = client.capabilities.has("IDLE") ? lookMs.idle : lookMs.poll;
    const waited = new AbortController();
    wake = () => waited.abort();
    if (!told) await sleep(clock, ms, waited.signal);
    told = false;
  };
}
