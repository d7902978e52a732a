import { Fragment } from "react";
import { showHidden } from "../words/hidden-text.ts";

interface MarkedProps {
  readonly text: string;
  /** Apart and in order, in UTF-16 units. */
  readonly marks: readonly { readonly from: number; readonly to: number }[];
}

/** Text with what was found in it. */
export function Marked({ text, marks }: MarkedProps) {
  return (
    <>
      {marks.map(({ from, to }, index) => (
        <Fragment key={from}>
          {showHidden(text.slice(marks[index - 1]?.to ?? 0, from))}
          <mark className="rounded-sm bg-warn-wash font-medium text-ink">{showHidden(text.slice(from, to))}</mark>
        </Fragment>
      ))}
      {showHidden(text.slice(marks.at(-1)?.to ?? 0))}
    </>
  );
}
