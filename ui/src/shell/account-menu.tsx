import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import CircleUser from "lucide-react/icons/circle-user";
import LogOut from "lucide-react/icons/log-out";
import Monitor from "lucide-react/icons/monitor";
import Moon from "lucide-react/icons/moon";
import Sun from "lucide-react/icons/sun";
import { meQuery } from "../api/queries.ts";
import { buttonLook } from "../parts/button.tsx";
import { classes } from "../parts/classes.ts";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from "../parts/menu.tsx";
import { sayFault } from "../parts/toast.ts";
import { choices, language, languages, setLanguage } from "../words/language.ts";
import { words } from "../words/words.ts";
import { signOut } from "./signed-in.ts";
import { setTheme, useTheme } from "./theme.ts";

const themes = [
  { value: "system", label: words.themes.system, icon: <Monitor aria-hidden /> },
  { value: "light", label: words.themes.light, icon: <Sun aria-hidden /> },
  { value: "dark", label: words.themes.dark, icon: <Moon aria-hidden /> },
] as const;

const spoken = choices.map((code) => ({ value: code, label: languages[code], lang: code }));

/** `wide` shows the name beside the icon. */
export function AccountMenu({ wide = false }: { readonly wide?: boolean }) {
  const { data: me } = useSuspenseQuery(meQuery);
  const navigate = useNavigate();
  const theme = useTheme();

  const leave = async () => {
    try {
      await signOut();
      await navigate({ to: "/login", ignoreBlocker: true });
    } catch (error) {
      sayFault(error);
    }
  };

  return (
    <Menu
      align={wide ? "start" : "end"}
      trigger={
        <button
          type="button"
          aria-label={words.shell.accountMenu(me.operator.name)}
          className={classes(buttonLook({ look: "quiet", size: wide ? "normal" : "square" }), wide && "w-full justify-start px-2.5")}
        >
          <CircleUser aria-hidden />
          {wide && <span className="truncate">{me.operator.name}</span>}
        </button>
      }
    >
      <MenuLabel>
        <div className="truncate font-medium">{me.operator.name}</div>
        <div className="text-faint text-meta">{words.roles[me.role]}</div>
      </MenuLabel>
      <MenuLine />
      <MenuChoice label={words.themes.title} value={theme} choices={themes} onChange={setTheme} />
      {choices.length > 1 && (
        <>
          <MenuLine />
          <MenuChoice label={words.languages.title} value={language} choices={spoken} onChange={setLanguage} />
        </>
      )}
      <MenuLine />
      <MenuItem onClick={() => void leave()}>
        <LogOut aria-hidden />
        {words.shell.signOut}
      </MenuItem>
    </Menu>
  );
}
