import type { Role } from "../core/records.ts";

const rank: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2, owner: 3 };

/** Whether somebody with the role `has` may do what needs at least `needs`. */
export function roleAllows(has: Role, needs: Role): boolean {
  return rank[has] >= rank[needs];
}

export function lowerRole(one: Role, other: Role): Role {
  return rank[one] <= rank[other] ? one : other;
}
