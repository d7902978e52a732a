import type { GuidePicture } from "../../core/guide-picture.ts";

/** For the setup form. Sources of the steps: https://github.com/AsamK/signal-cli/wiki/Quickstart and https://github.com/bbernhard/signal-cli-rest-api */
export const guide = `
1. Install [signal-cli](https://github.com/AsamK/signal-cli) 0.14 or later on this machine, and register a number of its own
   (\`signal-cli -a +15550001111 register\`, then \`verify\`), or link it to a phone (\`signal-cli link\`; on the phone *Settings*, *Linked devices*, *Link new device*). Give it a name:
   \`signal-cli -a +15550001111 updateProfile --given-name Desk\`.
2. Start its daemon, reachable from this machine alone, because it asks nobody for a password:
   \`signal-cli daemon --http=127.0.0.1:8080 --no-receive-stdout\`; with **receive** poll add \`--receive-mode=manual\`.
   Or start bbernhard/signal-cli-rest-api with \`-p 127.0.0.1:8080:8080\`, and set **api** to rest.
3. **account** is the number. Save.
4. Write to the number with Signal. If Signal asks for a captcha before it takes answers, the account says so and how to solve it.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 1,
    title: "Linked devices",
    rows: [{ kind: "button", label: "Link new device", marked: true }],
  },
];
