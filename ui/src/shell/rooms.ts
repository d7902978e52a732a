import type { LinkProps } from "@tanstack/react-router";
import Archive from "lucide-react/icons/archive";
import BotMessageSquare from "lucide-react/icons/bot-message-square";
import ChartColumn from "lucide-react/icons/chart-column";
import Coins from "lucide-react/icons/coins";
import Cpu from "lucide-react/icons/cpu";
import House from "lucide-react/icons/house";
import Inbox from "lucide-react/icons/inbox";
import MessageCircle from "lucide-react/icons/message-circle";
import MessageCircleQuestion from "lucide-react/icons/message-circle-question-mark";
import MessagesSquare from "lucide-react/icons/messages-square";
import Plug from "lucide-react/icons/plug";
import ScrollText from "lucide-react/icons/scroll-text";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import Users from "lucide-react/icons/users";
import Wrench from "lucide-react/icons/wrench";
import type { ComponentType } from "react";
import type { Schemas } from "../api/client.ts";
import { words } from "../words/words.ts";
import { atLeast } from "./roles.ts";

export interface Room {
  readonly to: NonNullable<LinkProps["to"]>;
  readonly label: string;
  readonly Icon: ComponentType<{ readonly className?: string; readonly "aria-hidden"?: boolean }>;
  readonly section: keyof typeof words.sections;
  /** Whoever is less isn't shown the way to it. Everybody is if absent. */
  readonly role?: Schemas["Role"];
  /** A phone has it in its bar, under this name. Four have one; the others are behind "More". */
  readonly tab?: string;
}

/** The rooms that there are, in the order of the navigation. */
const rooms: readonly Room[] = [
  { to: "/", label: words.rooms.home, Icon: House, section: "watch", tab: words.rooms.home },
  { to: "/conversations", label: words.rooms.conversations, Icon: MessagesSquare, section: "watch", tab: words.tabs.conversations },
  { to: "/queue", label: words.rooms.queue, Icon: Inbox, section: "watch", tab: words.tabs.queue },
  { to: "/trace", label: words.rooms.traces, Icon: MessageCircleQuestion, section: "watch" },
  { to: "/findings", label: words.rooms.findings, Icon: Wrench, section: "watch" },
  { to: "/channels", label: words.rooms.channels, Icon: Plug, section: "setUp" },
  { to: "/agents", label: words.rooms.agents, Icon: BotMessageSquare, section: "setUp" },
  { to: "/models", label: words.rooms.models, Icon: Cpu, section: "setUp" },
  { to: "/talk", label: words.rooms.talk, Icon: MessageCircle, section: "setUp", tab: words.rooms.talk },
  { to: "/cost", label: words.rooms.cost, Icon: Coins, section: "understand" },
  { to: "/analytics", label: words.rooms.analytics, Icon: ChartColumn, section: "understand" },
  { to: "/audit", label: words.rooms.audit, Icon: ScrollText, section: "run", role: "admin" },
  { to: "/users", label: words.rooms.users, Icon: Users, section: "run" },
  { to: "/settings", label: words.rooms.settings, Icon: SlidersHorizontal, section: "run", role: "admin" },
  { to: "/backup", label: words.rooms.backup, Icon: Archive, section: "run", role: "admin" },
];

const sections = Object.keys(words.sections) as (keyof typeof words.sections)[];

export interface Section {
  readonly title: string;
  readonly rooms: readonly Room[];
}

/** What the role may see, section by section. */
export function sectionsFor(role: Schemas["Role"], shown: (room: Room) => boolean = () => true): readonly Section[] {
  return sections
    .map((section) => ({
      title: words.sections[section],
      rooms: rooms.filter((room) => room.section === section && atLeast(role, room.role ?? "viewer") && shown(room)),
    }))
    .filter((section) => section.rooms.length > 0);
}

/** The room that a path lies in, if it lies in one. */
export function roomOf(path: string): Room | undefined {
  return rooms.find(({ to }) => path === to || (to !== "/" && path.startsWith(`${to}/`)));
}
