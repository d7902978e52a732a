import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { findingsQuery } from "../../api/queries.ts";
import { Notice } from "../../parts/notice.tsx";
import { withCode } from "../../parts/with-code.tsx";
import { words } from "../../words/words.ts";
import { findingTitle } from "../findings/finding-words.ts";
import { Fix } from "../findings/fix.tsx";

/** The gravest finding with what mends it, and the way to the others. */
export function FirstFinding() {
  const { data = [] } = useQuery(findingsQuery);
  const first = data.find((finding) => finding.severity === "error") ?? data[0];
  if (!first) return null;
  return (
    <Notice
      tone={first.severity === "error" ? "bad" : "warn"}
      title={findingTitle(first)}
      actions={
        <>
          <Fix finding={first} />
          {data.length > 1 && (
            <Link to="/findings" className="inline-flex min-h-8 items-center font-medium text-row underline underline-offset-2">
              {words.findings.all(data.length)}
            </Link>
          )}
        </>
      }
    >
      {/* On a phone what was said stands before what is to be done about it. */}
      <p className="max-sm:hidden">{withCode(first.hint)}</p>
    </Notice>
  );
}
