import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/client.ts";
import { meQuery } from "../../api/queries.ts";
import { StateBadge } from "../../parts/state-badge.tsx";
import { ago, useNow } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { AssignMenu } from "./assign-menu.tsx";
import { HandBack } from "./hand-back.tsx";
import { TakeOver } from "./take-over.tsx";
import { useTeam } from "./team.ts";

type Conversation = Schemas["Conversation"];

/** Who speaks now, since when and how long, and the way to change it. */
export function ControlBar({ conversation }: { readonly conversation: Conversation }) {
  const { control, handover } = conversation;
  return (
    <div className="ml-auto flex flex-wrap items-center justify-end gap-x-3 gap-y-2">
      {handover ? (
        <WhoHas handover={handover} />
      ) : (
        <StateBadge tone={control === "agent" ? "good" : "warn"}>{words.control[control]}</StateBadge>
      )}
      <div className="flex items-center gap-2">
        {handover && <AssignMenu conversation={conversation} />}
        {control !== "paused" && <TakeOver conversation={conversation} />}
        {control !== "agent" && <HandBack conversation={conversation} />}
      </div>
    </div>
  );
}

function WhoHas({ handover }: { readonly handover: Schemas["Handover"] }) {
  const { data: me } = useQuery(meQuery);
  const team = useTeam();
  const now = useNow();
  const { assignee, assignedAt, returnAt } = handover;
  const yours = assignee !== undefined && assignee === me?.operator.id;
  const state = yours ? words.takeover.yours : assignee === undefined ? words.takeover.waits : words.takeover.theirs(team.name(assignee));
  return (
    <div className="flex flex-wrap items-baseline gap-x-2">
      <StateBadge tone={assignee === undefined ? "warn" : yours ? "busy" : "calm"}>{state}</StateBadge>
      <span className="tabular text-faint text-row">{words.takeover.since(ago(assignedAt, now))}</span>
      {returnAt !== undefined && (
        <span className="tabular text-faint text-row">
          {returnAt <= now ? words.takeover.returnsNow : words.takeover.returns(left(returnAt - now))}
        </span>
      )}
    </div>
  );
}

function left(ms: number): string {
  return ms < 60_000 ? words.takeover.lessThanAMinute : words.takeover.minutes(Math.round(ms / 60_000));
}
