import { Fragment, type ReactNode } from "react";

/** The gateway's own sentences name commands and settings in `backticks`; anything but a text is left as it is. */
export function withCode(said: ReactNode): ReactNode {
  if (typeof said !== "string" || !said.includes("`")) return said;
  return said.split(/`([^`]+)`/).map((piece, index) =>
    index % 2 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: a sentence's pieces have no other names
      <code key={index} className="rounded bg-panel px-1 py-0.5 font-mono text-[0.92em]">
        {piece}
      </code>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <Fragment key={index}>{piece}</Fragment>
    ),
  );
}
