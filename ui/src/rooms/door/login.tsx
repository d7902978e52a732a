import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { cache } from "../../api/cache.ts";
import { beginLogin } from "../../api/login-end.ts";
import { meQuery, statusQuery } from "../../api/queries.ts";
import { buttonLook } from "../../parts/button.tsx";
import { words } from "../../words/words.ts";
import { Door } from "./door.tsx";
import { LoginForm } from "./login-form.tsx";

export function Login() {
  const { next } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const { history } = useRouter();
  const status = useQuery(statusQuery);

  if (status.data?.needsSetup) {
    return (
      <Door title={words.setup.title} lead={words.setup.openLink}>
        <Link to="/setup" className={buttonLook({ look: "plain" })}>
          {words.setup.enterToken}
        </Link>
      </Door>
    );
  }
  return (
    <Door title={words.login.title} lead={next ? words.login.leadBack : words.login.lead}>
      <LoginForm
        onDone={async (me) => {
          cache.clear();
          beginLogin();
          cache.setQueryData(meQuery.queryKey, me);
          if (next) history.replace(next);
          else await navigate({ to: "/", replace: true });
        }}
      />
    </Door>
  );
}
