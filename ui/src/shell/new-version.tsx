import RefreshCw from "lucide-react/icons/refresh-cw";
import { Button } from "../parts/button.tsx";
import { words } from "../words/words.ts";
import { takeNewVersion, useNewVersion } from "./worker.ts";

/** Offers the version that the gateway has by now. What is being typed is the viewer's: nothing is loaded unasked. */
export function NewVersion() {
  const there = useNewVersion();
  return (
    <div role="status">
      {there && (
        <Button size="small" title={words.shell.newVersionHint} onClick={takeNewVersion}>
          <RefreshCw aria-hidden />
          {words.shell.newVersion}
        </Button>
      )}
    </div>
  );
}
