import type { Role } from "../core/records.ts";
import { say, type Text } from "../core/say.ts";

const rank: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2, owner: 3 };

/** Whether somebody with the role `has` may do what needs at least `needs`. */
export function roleAllows(has: Role, needs: Role): boolean {
  return rank[has] >= rank[needs];
}

const names: Readonly<Record<Role, Text>> = { viewer: say`viewer`, operator: say`operator`, admin: say`admin`, owner: say`owner` };

/** What it is called in a sentence. */
export function roleText(role: Role): Text {
  return names[role];
}

export function lowerRole(one: Role, other: Role): Role {
  return rank[one] <= rank[other] ? one : other;
}
