import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Schemas } from "../../api/client.ts";
import { classes } from "../../parts/classes.ts";
import { StateBadge, Tag } from "../../parts/state-badge.tsx";
import { Time } from "../../parts/time.tsx";
import { duration, timeOfDay } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { storyTone } from "./story-words.ts";

/** One line of the flow (two on a phone): who wrote what where, and what became of it. */
export const StoryRow = memo(function StoryRow({ story, fresh }: { readonly story: Schemas["Story"]; readonly fresh: boolean }) {
  const outcome = story.reason ? wordFor(words.reasons, story.reason) : story.endedAt ? duration(story.endedAt - story.receivedAt) : "";
  return (
    <Link
      to="/trace/$id"
      params={{ id: story.trace }}
      preload={false}
      className={classes(
        "grid h-full grid-cols-[auto_minmax(0,1fr)_auto] content-center items-center gap-x-3 gap-y-0.5 border-line border-b px-4 -outline-offset-2 hover:bg-hover md:grid-cols-[5rem_8.5rem_minmax(6rem,12rem)_minmax(0,1fr)_8rem_9.5rem]",
        fresh && "fresh",
      )}
    >
      <Time at={story.receivedAt} format={timeOfDay} className="tabular order-3 text-faint text-row md:order-none" />
      <span className="order-4 col-span-2 flex min-w-0 items-center md:order-none md:col-span-1">
        <Tag>{story.account}</Tag>
        <span className="ml-2 truncate text-faint text-row md:hidden">{story.senderName}</span>
      </span>
      <span className="hidden truncate text-row text-soft md:block">{story.senderName ?? words.flow.nobody}</span>
      <span className="order-2 truncate md:order-none">
        {story.preview || <span className="text-faint italic">{words.messages.empty}</span>}
      </span>
      <StateBadge tone={storyTone[story.state]} className="order-1 max-md:[&]:text-[0] md:order-none">
        {words.storyStates[story.state]}
      </StateBadge>
      <span className="order-5 truncate text-right text-faint text-row max-md:text-meta md:order-none" title={outcome}>
        {outcome}
      </span>
    </Link>
  );
});
