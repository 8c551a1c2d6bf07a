// @ts-check
// The list of communities with the newest line of each, which is also the switch between them.

import { groupAvatar } from "./avatars.js";
import { byId, el, reconcile } from "./dom.js";
import { readInstant, wordInstant } from "./time.js";

/** @import { Community, Message } from "./types.js" */
/** @import { Strings } from "./strings.js" */

/** @typedef {{ community: Community, newest: Message | null, unread: number, isCurrent: boolean }} RoomLine */

/**
 * @param {RoomLine[]} lines
 * @param {Strings} strings
 * @param {(slug: string) => void} onChoose
 */
export function showRooms(lines, strings, onChoose) {
  reconcile(byId("rooms"), lines, (line) => factsOf(line, strings), (line) => roomEntry(line, strings, onChoose));
  const elsewhere = lines.reduce((sum, { unread }) => sum + unread, 0);
  const badge = byId("rooms-unread");
  badge.hidden = elsewhere === 0;
  badge.textContent = capped(elsewhere);
}

/** @param {RoomLine} line @param {Strings} strings */
function timeOf({ community, newest }, strings) {
  const now = readInstant(community.now);
  return newest ? wordInstant(readInstant(newest.at, now.offsetMin), now, strings).split(" ", 1)[0] : "";
}

/** @param {RoomLine} line @param {Strings} strings */
function factsOf(line, strings) {
  const { community, newest, unread, isCurrent } = line;
  return [community.slug, community.name, community.members.slice(0, 9), preview(newest), timeOf(line, strings), unread, isCurrent];
}

/** @param {RoomLine} line @param {Strings} strings @param {(slug: string) => void} onChoose */
function roomEntry(line, strings, onChoose) {
  const { community, newest, unread, isCurrent } = line;
  const button = el("button", { type: "button", class: "room", "data-room": community.slug, "aria-current": isCurrent ? "true" : null },
    groupAvatar(community.members.map(({ name }) => name)),
    el("span", { class: "room-text" },
      el("span", { class: "room-top" }, el("span", { class: "room-title" }, community.name), el("span", { class: "room-time" }, timeOf(line, strings))),
      el("span", { class: "room-last" }, preview(newest))));
  if (unread > 0) button.append(el("span", { class: "badge" }, capped(unread)));
  button.addEventListener("click", () => onChoose(community.slug));
  return el("li", {}, button);
}

/** @param {number} n */
const capped = (n) => (n > 99 ? "99+" : String(n));

/** @param {Message | null} newest one line of it */
function preview(newest) {
  if (!newest) return "";
  const line = newest.text.split("\n").find((part) => part.trim() !== "") ?? "";
  return newest.system ? line : `${newest.from}: ${line}`;
}
