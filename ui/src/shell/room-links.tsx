import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { classes } from "../parts/classes.ts";
import type { Section } from "./rooms.ts";
import { useWaiting } from "./waiting.ts";
import { WaitingBadge } from "./waiting-badge.tsx";

interface RoomLinksProps {
  readonly sections: readonly Section[];
  /** For fingers. */
  readonly large?: boolean;
  readonly onChoose?: () => void;
}

/** The ways to the rooms, section by section. */
export function RoomLinks({ sections, large = false, onChoose }: RoomLinksProps) {
  const id = useId();
  const waitingIn = useWaiting();
  return (
    <div className="grid gap-4">
      {sections.map(({ title, rooms }) => (
        <div key={title}>
          <p id={`${id}${title}`} className="px-2.5 pb-1 font-medium text-faint text-meta">
            {title}
          </p>
          <ul aria-labelledby={`${id}${title}`} className="grid gap-0.5">
            {rooms.map((room) => (
              <li key={room.to}>
                <Link
                  to={room.to}
                  activeOptions={{ exact: room.to === "/" }}
                  {...(onChoose && { onClick: onChoose })}
                  className={classes(
                    "flex items-center gap-2.5 rounded-control px-2.5 font-medium text-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-wash aria-[current=page]:text-accent-ink",
                    large ? "h-11" : "h-8.5",
                  )}
                >
                  <room.Icon aria-hidden className="size-4.5" />
                  <span className="flex-1">{room.label}</span>
                  <WaitingBadge waiting={waitingIn(room)} />
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
