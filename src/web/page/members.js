// @ts-check
// The list of members, which is also the switch for whom to speak as.

import { avatar } from "./avatars.js";
import { byId, el, reconcile } from "./dom.js";

/** @import { Member } from "./types.js" */
/** @import { Strings } from "./strings.js" */

const SEARCH_FROM = 12;
const MOST_SHOWN = 300;

/** @typedef {{ members: Member[], speaker: string, privateUnread: Map<string, number>, strings: Strings }} People */

export class Members {
  /** @param {(name: string) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.list = byId("people");
    this.search = /** @type {HTMLInputElement} */ (byId("people-search"));
    /** @type {People | null} */
    this.people = null;
    this.search.addEventListener("input", () => this.draw());
  }

  /** @param {People} people */
  show(people) {
    this.people = people;
    this.search.hidden = people.members.length <= SEARCH_FROM;
    if (this.search.hidden) this.search.value = "";
    this.draw();
  }

  draw() {
    if (!this.people) return;
    const wanted = this.search.value.trim().toLowerCase();
    const found = this.people.members.filter(({ name }) => name.toLowerCase().includes(wanted));
    const leadersFirst = [...found.filter(({ role }) => role === "leader"), ...found.filter(({ role }) => role !== "leader")];
    const { speaker, privateUnread, strings } = this.people;
    const facts = (/** @type {Member} */ member) => [member, member.name === speaker, privateUnread.get(member.name) ?? 0, strings.leader];
    reconcile(this.list, leadersFirst.slice(0, MOST_SHOWN), facts, (member) => this.entry(member));
  }

  /** @param {Member} member */
  entry(member) {
    const { speaker, privateUnread, strings } = /** @type {People} */ (this.people);
    const isSpeaker = member.name === speaker;
    const name = el("span", { class: "person-name" }, member.name);
    if (member.role === "leader") name.append(" ", el("span", { class: "tag tag-leader" }, strings.leader));
    const inviter = member.invited_by === null ? null : el("span", { class: "person-inviter" }, strings.invitedByShort(member.invited_by));
    const button = el("button", { type: "button", class: "person", "data-member": member.name, "aria-pressed": String(isSpeaker) },
      avatar(member.name), el("span", { class: "person-text" }, name, inviter));
    const waiting = privateUnread.get(member.name) ?? 0;
    if (waiting > 0) button.append(el("span", { class: "badge", "aria-label": strings.privateUnread(waiting), title: strings.privateUnread(waiting) }, String(waiting)));
    if (isSpeaker) button.append(el("span", { class: "tick", "aria-hidden": "true" }, "✓"));
    button.addEventListener("click", () => this.onChoose(member.name));
    return el("li", {}, button);
  }

  /** @param {string} name */
  focus(name) {
    for (const button of this.list.querySelectorAll("button")) if (button.dataset.member === name) button.focus();
  }
}
