import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { Tag } from "../../parts/state-badge.tsx";
import { count } from "../../words/time.ts";
import { words } from "../../words/words.ts";

const megabyte = 2 ** 20;
const megabytes = (bytes: number) => words.channels.megabytes(count(Math.round(bytes / megabyte)));

/** What the platform lets an account do, and how much of it: the channel's own data. */
export function Abilities({ channel: { can, limits } }: { readonly channel: Schemas["ChannelKind"] }) {
  const { text, rate, file } = limits;
  return (
    <div className="grid gap-4">
      <ul className="flex flex-wrap gap-1.5">
        {Object.entries(words.channels.can)
          .filter(([ability]) => can[ability as keyof typeof can])
          .map(([ability, name]) => (
            <li key={ability}>
              <Tag>{name}</Tag>
            </li>
          ))}
      </ul>
      <dl className="grid gap-x-8 gap-y-3 sm:grid-cols-3">
        <Limit name={words.channels.limitText}>{words.channels.textOf(count(text.max), words.channels.units[text.unit])}</Limit>
        <Limit name={words.channels.limitRate}>{words.channels.rateOf(count(rate.account), count(rate.conversation))}</Limit>
        {file && (file.inbound > 0 || file.outbound > 0) && (
          <Limit name={words.channels.limitFiles}>{words.channels.filesOf(megabytes(file.inbound), megabytes(file.outbound))}</Limit>
        )}
      </dl>
      <p className="text-faint text-row">{words.channels.cannot}</p>
    </div>
  );
}

function Limit({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="grid content-start gap-0.5">
      <dt className="text-faint text-meta">{name}</dt>
      <dd className="text-row">{children}</dd>
    </div>
  );
}
