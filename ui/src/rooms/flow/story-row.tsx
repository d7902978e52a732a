import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Schemas } from "../../api/client.ts";
import { classes } from "../../parts/classes.ts";
import { StateBadge, Tag } from "../../parts/state-badge.tsx";
import { Time } from "../../parts/time.tsx";
import { previewWords, senderName } from "../../words/names.ts";
import { duration, timeOfDay } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { storyBadge } from "./story-words.ts";

/** One line of the flow (two on a phone): who wrote what where, and what became of it. */
export const StoryRow = memo(function StoryRow({ story, fresh }: { readonly story: Schemas["Story"]; readonly fresh: boolean }) {
  const took = story.endedAt === undefined ? "" : duration(story.endedAt - story.receivedAt);
  const why = story.reason ? wordFor(words.reasons, story.reason) : took;
  return (
    <Link
      to="/trace/$id"
      params={{ id: story.trace }}
      preload={false}
      className={classes(
        "grid h-full grid-cols-[minmax(0,1fr)_auto] content-center items-center gap-x-3 gap-y-1 border-line border-b px-4 -outline-offset-2 hover:bg-hover md:grid-cols-[4rem_7.5rem_minmax(5rem,9rem)_minmax(0,1fr)_minmax(8rem,17rem)] md:gap-x-4 md:px-6",
        fresh && "fresh",
      )}
    >
      <Time
        at={story.receivedAt}
        format={timeOfDay}
        className="tabular order-2 justify-self-end text-faint text-row md:order-none md:justify-self-start"
      />
      <span className="order-3 flex min-w-0 items-center gap-2 md:order-none">
        <Tag>{story.account}</Tag>
        <span className="truncate text-faint text-row md:hidden">{senderName(story.senderName)}</span>
      </span>
      <span dir="auto" className="hidden truncate text-row text-soft md:block">
        {senderName(story.senderName)}
      </span>
      <span dir="auto" className="order-1 truncate md:order-none">
        {previewWords(story.preview) || <span className="text-faint italic">{words.messages.empty}</span>}
      </span>
      <span className="order-4 flex min-w-0 items-center gap-2.5 justify-self-end md:order-none md:justify-self-stretch">
        <StateBadge {...storyBadge(story)} />
        <span className="tabular truncate text-faint text-row max-md:hidden" title={why}>
          {why}
        </span>
      </span>
    </Link>
  );
});
