// @ts-check
// The scrolling log: which messages are on the page, separators between them, staying at the bottom
// while the reader is there and counting what arrives while they are not.

import { byId, el, reconcile } from "./dom.js";
import { draftNode, messageNode, separatorNode } from "./message.js";
import { concerns, isVisibleTo } from "./room.js";
import { readInstant, wordInstant } from "./time.js";

/** @import { Draft, Message } from "./types.js" */
/** @import { Room } from "./room.js" */
/** @import { Actions, View } from "./message.js" */

const SCREENFUL = 200;
const MOST_SHOWN = 600;
const NEAR_BOTTOM_PX = 60;
const GAP_MS = 5 * 60_000;

export class Timeline {
  /** @param {() => View} view @param {Actions} actions */
  constructor(view, actions) {
    this.view = view;
    this.actions = actions;
    this.scroller = byId("scroller");
    this.log = byId("log");
    this.pending = byId("pending");
    this.earlier = byId("earlier");
    this.jump = byId("jump");
    /** @type {Room | null} */
    this.room = null;
    this.shown = SCREENFUL;
    this.lastAt = "";
    this.isPinned = true;
    this.unseen = 0;
    this.isMentioned = false;
    this.listen();
  }

  listen() {
    this.scroller.addEventListener("scroll", () => this.noteScroll(), { passive: true });
    this.earlier.addEventListener("click", () => this.showEarlier());
    this.jump.addEventListener("click", () => this.toBottom(true));
    // Pictures, the keyboard and a turned phone change heights without a scroll of the reader's.
    const stay = new ResizeObserver(() => this.isPinned && this.toBottom(false));
    for (const node of [this.scroller, this.log, this.pending]) stay.observe(node);
  }

  /** @param {Room} room shows another room, from its end */
  open(room) {
    this.room = room;
    this.shown = SCREENFUL;
    this.rebuild();
    this.toBottom(false);
  }

  /** Draws everything anew, as when another member looks. */
  rebuild() {
    const isPinned = this.isPinned;
    const scroll = this.scroller.scrollTop;
    this.log.setAttribute("aria-live", "off");
    const all = this.visible();
    this.earlier.hidden = all.length <= this.shown;
    this.lastAt = "";
    this.log.replaceChildren(...all.slice(-this.shown).flatMap((message) => this.nodesFor(message)));
    if (all.length === 0) this.log.append(el("p", { class: "system empty" }, this.view().strings.emptyChat));
    this.scroller.scrollTop = isPinned ? this.scroller.scrollHeight : scroll;
    requestAnimationFrame(() => this.log.setAttribute("aria-live", "polite"));
  }

  visible() {
    const { speaker } = this.view();
    return (this.room?.messages ?? []).filter((message) => isVisibleTo(message, speaker));
  }

  /** @param {Message} message */
  nodesFor(message) {
    const view = this.view();
    const node = messageNode(message, view, this.actions);
    const isLater = this.lastAt === "" || readInstant(message.at).ms - readInstant(this.lastAt).ms >= GAP_MS;
    if (!isLater) return [node];
    this.lastAt = message.at;
    return [separatorNode(message.at, view), node];
  }

  /** @param {Message[]} fresh live messages, newer than all that is shown */
  append(fresh) {
    const { speaker } = this.view();
    const seen = fresh.filter((message) => isVisibleTo(message, speaker));
    if (seen.length === 0) return;
    this.log.querySelector(".empty")?.remove();
    for (const message of seen) {
      const nodes = this.nodesFor(message);
      for (const node of nodes) node.classList.add("arriving");
      this.log.append(...nodes);
    }
    this.shown += seen.length;
    if (this.isPinned) this.toBottom(false);
    else this.countUnseen(seen, speaker);
  }

  /** @param {Message[]} seen @param {string} speaker */
  countUnseen(seen, speaker) {
    this.unseen += seen.filter((message) => message.bot || message.from !== speaker).length;
    this.isMentioned ||= seen.some((message) => concerns(message, speaker));
    this.showJump();
  }

  /** @param {Draft[]} drafts */
  showDrafts(drafts) {
    const view = this.view();
    reconcile(this.pending, drafts, ({ key, state }) => [key, state, view.speaker], (draft) => draftNode(draft, view, this.actions));
    if (this.isPinned) this.toBottom(false);
  }

  /** Words the separators again after the clock moved. */
  rewordTimes() {
    const { now, strings } = this.view();
    for (const time of this.log.querySelectorAll("time")) {
      time.textContent = wordInstant(readInstant(time.dateTime, now.offsetMin), now, strings);
    }
  }

  showEarlier() {
    const height = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.shown += SCREENFUL;
    this.isPinned = false;
    this.rebuild();
    this.scroller.scrollTop = this.scroller.scrollHeight - height;
  }

  noteScroll() {
    const below = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
    this.isPinned = below < NEAR_BOTTOM_PX;
    if (this.isPinned) this.forgetUnseen();
    else this.showJump();
  }

  /** @param {boolean} isSmooth */
  toBottom(isSmooth) {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const isNear = scrollHeight - scrollTop < 3 * clientHeight;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: scrollHeight, behavior: isSmooth && isNear && !isCalm ? "smooth" : "instant" });
    this.isPinned = true;
    this.forgetUnseen();
    if (this.log.childElementCount > 2 * MOST_SHOWN) {
      this.shown = SCREENFUL;
      this.rebuild();
    }
  }

  forgetUnseen() {
    this.unseen = 0;
    this.isMentioned = false;
    this.showJump();
  }

  showJump() {
    const { strings } = this.view();
    this.jump.hidden = this.isPinned;
    this.jump.classList.toggle("called", this.isMentioned);
    const count = this.unseen > 0 ? strings.newMessages(this.unseen) : "";
    this.jump.textContent = this.isMentioned ? strings.mentioned : count;
    this.jump.setAttribute("aria-label", [this.isMentioned ? strings.mentioned : "", count, strings.toBottom].filter(Boolean).join(" "));
  }
}
