import Archive from "lucide-react/icons/archive";
import Inbox from "lucide-react/icons/inbox";
import ListTree from "lucide-react/icons/list-tree";
import MessageCircle from "lucide-react/icons/message-circle";
import MessagesSquare from "lucide-react/icons/messages-square";
import Plug from "lucide-react/icons/plug";
import ScrollText from "lucide-react/icons/scroll-text";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import Users from "lucide-react/icons/users";
import Wrench from "lucide-react/icons/wrench";
import { words } from "../words/words.ts";

/** The rooms in the order of the navigation. A phone shows those with `tab`; the others are in its menu. */
export const rooms = [
  { to: "/", label: words.rooms.flow, Icon: ListTree, tab: true },
  { to: "/talk", label: words.rooms.talk, Icon: MessageCircle, tab: true },
  { to: "/conversations", label: words.rooms.conversations, short: words.tabs.conversations, Icon: MessagesSquare, tab: true },
  { to: "/channels", label: words.rooms.channels, Icon: Plug, tab: true },
  { to: "/queue", label: words.rooms.queue, Icon: Inbox, tab: true },
  { to: "/findings", label: words.rooms.findings, Icon: Wrench, tab: false },
  { to: "/audit", label: words.rooms.audit, Icon: ScrollText, tab: false },
  { to: "/users", label: words.rooms.users, Icon: Users, tab: false },
  { to: "/settings", label: words.rooms.settings, Icon: SlidersHorizontal, tab: false },
  { to: "/backup", label: words.rooms.backup, Icon: Archive, tab: false },
] as const;
