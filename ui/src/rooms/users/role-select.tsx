import type { ComponentProps } from "react";
import type { Schemas } from "../../api/client.ts";
import { Select } from "../../parts/field.tsx";
import { atLeast } from "../../shell/roles.ts";
import { words } from "../../words/words.ts";

const roles = ["viewer", "operator", "admin", "owner"] as const satisfies readonly Schemas["Role"][];

interface RoleSelectProps extends Omit<ComponentProps<"select">, "value" | "onChange"> {
  readonly value: Schemas["Role"];
  /** The highest role that may be chosen. */
  readonly highest: Schemas["Role"];
  readonly onChoose: (role: Schemas["Role"]) => void;
}

export function RoleSelect({ value, highest, onChoose, ...rest }: RoleSelectProps) {
  return (
    <Select {...rest} value={value} onChange={({ target }) => onChoose(target.value as Schemas["Role"])}>
      {roles
        .filter((role) => atLeast(highest, role))
        .map((role) => (
          <option key={role} value={role}>
            {`${words.roles[role]}: ${words.users.roles[role]}`}
          </option>
        ))}
    </Select>
  );
}
