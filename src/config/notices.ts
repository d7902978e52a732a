import type { z } from "zod";
import type { AccountConfiguration } from "../core/configuration.ts";
import type { AccountId } from "../core/ids.ts";
import { type NoticePlace, placeName } from "../core/notice.ts";
import { say } from "../core/say.ts";
import type { Check } from "./entries.ts";
import { didYouMean } from "./nearest.ts";
import type { noticesSchema } from "./schema.ts";

/** Who is told of findings, and how. */
export type NoticeSettings = z.infer<typeof noticesSchema>;

/** Each place once. */
export function noticePlaces({ to }: NoticeSettings): readonly NoticePlace[] {
  const places = to.map(({ account, chat, thread }) => ({
    account: account as AccountId,
    chat,
    ...(thread !== undefined && { thread }),
  }));
  return [...new Map(places.map((place) => [placeName(place), place])).values()];
}

/** A place whose account doesn't work stays: it is told again once there is such an account. */
export function tellUnreachable({ to }: NoticeSettings, accounts: ReadonlyMap<string, AccountConfiguration>, { notes }: Check): void {
  for (const { account } of to) {
    if (accounts.has(account)) continue;
    notes.add(
      "notice-account-missing",
      "error",
      ["notices", "to", account],
      say`Nobody is told of findings by the account ${account}: no such account runs.${didYouMean(account, [...accounts.keys()])}`,
      say`Name an account of \`accounts\` in \`notices.to\`, or correct what keeps it from running.`,
    );
  }
}
