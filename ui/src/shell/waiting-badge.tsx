import { classes } from "../parts/classes.ts";
import { count } from "../words/time.ts";
import { words } from "../words/words.ts";

/** How much waits for a person; nothing while nothing does. */
export function WaitingBadge({ waiting, className }: { readonly waiting: number; readonly className?: string }) {
  if (waiting === 0) return null;
  return (
    <span
      className={classes(
        "min-w-5 rounded-full bg-warn-wash px-1.5 text-center font-semibold text-[0.6875rem] text-warn leading-5",
        className,
      )}
    >
      {waiting > 99 ? `${count(99)}+` : count(waiting)}
      <span className="sr-only"> {words.shell.waiting}</span>
    </span>
  );
}
