import { useSuspenseQuery } from "@tanstack/react-query";
import { meQuery } from "../../api/queries.ts";
import { Page } from "../../parts/page.tsx";
import { atLeast } from "../../shell/roles.ts";
import { words } from "../../words/words.ts";
import { Invite } from "./invite.tsx";
import { Logins } from "./logins.tsx";
import { Operators } from "./operators.tsx";
import { Password } from "./password.tsx";
import { Tokens } from "./tokens.tsx";

/** Who may in. Everybody sees their own logins and tokens; admins everybody's, and who may in at all. */
export function Users() {
  const { data: me } = useSuspenseQuery(meQuery);
  const admin = atLeast(me.role, "admin");
  return (
    <Page title={words.rooms.users} lead={words.users.lead} actions={admin && <Invite role={me.role} />}>
      {admin && <Operators me={me} />}
      <Logins me={me} all={admin} />
      <Tokens me={me} />
      <Password />
    </Page>
  );
}
