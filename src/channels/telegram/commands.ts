import { commandNames } from "../../core/command.ts";
import type { MenuCommand } from "../../core/command-menu.ts";
import type { Fault } from "../../core/errors.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import { call } from "./api.ts";
import type { TelegramAccount } from "./settings.ts";

/**
 * https://core.telegram.org/bots/api#setmycommands: the list for everybody in every language, because ours speaks one. Asked for
 * first, and written only where it is another: Telegram limits how often, and apps load the menu again each time. A list with
 * commands that aren't the gateway's is the operator's own, from @BotFather.
 */
export async function showCommands(
  account: TelegramAccount,
  commands: readonly MenuCommand[],
  signal: AbortSignal,
): Promise<Fault | undefined> {
  if (!account.settings.commandMenu) return undefined;
  const got = await call(account, "getMyCommands", {}, { signal });
  if (!got.ok) return got.fault.fault;
  const standing = (Array.isArray(got.value) ? got.value : []).map((one) => {
    const { command, description } = fieldsOf(one);
    return { command: String(command), description: String(description) };
  });
  if (standing.some(({ command }) => !commandNames.some((name) => name === command))) {
    account.log.info("telegram-menu-kept", { commands: standing.map(({ command }) => command) });
    return undefined;
  }
  const wanted = commands.map(({ name, description }) => ({ command: name, description }));
  if (JSON.stringify(standing) === JSON.stringify(wanted)) return undefined;
  const done =
    wanted.length > 0
      ? await call(account, "setMyCommands", { commands: wanted }, { signal })
      : await call(account, "deleteMyCommands", {}, { signal });
  return done.ok ? undefined : done.fault.fault;
}
