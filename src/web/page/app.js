// @ts-check
// Ties the parts of the page together: what happens when a member is chosen, a message comes, a text is
// sent. The parts do not know each other; every change of state goes through here.

import { fetchCommunities } from "./api.js";
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { byId, openDialog } from "./dom.js";
import { InviteDialog } from "./invite.js";
import { catchUp, Live } from "./live.js";
import { awaitCommunities, endLoading } from "./loading.js";
import { Members } from "./members.js";
import { Outbox } from "./outbox.js";
import { closePanels, isNarrow, openPanel, startPanels } from "./panels.js";
import { isVisibleTo } from "./room.js";
import { showRooms } from "./rooms.js";
import { Shop } from "./shop.js";
import { applyStrings, stringsFor } from "./strings.js";
import { firstCode, mentionsIn } from "./text.js";
import { Timeline } from "./timeline.js";

/** @import { Message } from "./types.js" */
/** @import { Room } from "./room.js" */

const OTHER_ROOMS_EVERY_MS = 12_000;
const REFRESH_AFTER_MS = 400;

class App {
  /** @param {Shop} shop */
  constructor(shop) {
    this.shop = shop;
    const scene = () => ({ slug: shop.slug, community: shop.community, speaker: shop.speaker, strings: this.strings });
    this.clock = new Clock(scene, () => this.refreshSoon());
    this.timeline = new Timeline(() => this.view(), {
      mention: (name) => this.composer.insert(`@${name} `),
      enlarge: showPicture,
      retry: (draft) => this.outbox.retry(draft),
    });
    this.outbox = new Outbox(() => this.showDrafts());
    this.composer = new Composer((text) => this.send(text), () => this.chooseSpeaker());
    this.members = new Members((name) => this.speakAs(name));
    this.invite = new InviteDialog(scene, (name, inviter) => this.welcome(name, inviter));
    /** @type {Live | null} */
    this.live = null;
    this.refreshTimer = 0;
    this.missed = 0;
  }

  get strings() {
    return stringsFor(this.shop.community.locale);
  }

  view() {
    const { community, speaker } = this.shop;
    return { speaker, strings: this.strings, now: this.clock.now(), members: new Map(community.members.map((member) => [member.name, member])) };
  }

  start() {
    startPanels();
    for (const id of ["open-invite", "open-invite-top"]) byId(id).addEventListener("click", () => this.invite.open());
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("hashchange", () => this.followAddress());
    document.addEventListener("visibilitychange", () => this.noteVisibility());
    setInterval(() => this.watchOthers(), OTHER_ROOMS_EVERY_MS);
    this.clock.set(this.shop.community.now);
    this.enter();
    this.watchOthers();
  }

  /** Shows the current community and follows it live. */
  enter() {
    const { community, room } = this.shop;
    this.live?.close();
    applyStrings(this.strings, community.locale);
    this.clock.showZoneOf(community.now);
    room.unread = 0;
    this.showConnection(true);
    this.showShop();
    this.timeline.open(room);
    this.showDrafts();
    this.live = new Live(room, {
      deliver: (messages) => this.receive(room, messages),
      state: (isOnline) => this.noteConnection(room, isOnline),
    });
    this.live.connect();
  }

  /** @param {Room} room @param {Message[]} messages */
  receive(room, messages) {
    const { fresh, inOrder } = room.add(messages);
    if (fresh.length === 0 || room !== this.shop.room) return;
    for (const message of fresh) this.outbox.settle(room.slug, message);
    if (room.isCaughtUp) this.noteNews(room, fresh);
    if (room.isCaughtUp && inOrder) this.timeline.append(fresh);
    else this.timeline.rebuild();
    this.showDrafts();
    if (this.shop.hasStrangers(fresh) || this.clock.isBehind(fresh[fresh.length - 1].at)) this.refreshSoon();
    this.showShop();
  }

  /** @param {Room} room @param {Message[]} fresh */
  noteNews(room, fresh) {
    room.notePrivate(fresh, this.shop.speaker);
    if (!document.hidden) return;
    this.missed += fresh.filter((message) => isVisibleTo(message, this.shop.speaker)).length;
  }

  /** @param {Room} room @param {boolean} isOnline */
  noteConnection(room, isOnline) {
    room.isCaughtUp ||= isOnline;
    this.showConnection(isOnline);
    if (isOnline) this.outbox.hurry();
  }

  /** @param {boolean} isOnline */
  showConnection(isOnline) {
    const line = byId("connection");
    line.hidden = isOnline;
    line.textContent = isOnline ? "" : this.strings.offline;
  }

  /** Everything around the log: titles, lists, phrases. */
  showShop() {
    const { community, speaker, room, speakingMember } = this.shop;
    byId("room-name").textContent = community.name;
    byId("room-count").textContent = `(${community.members.length})`;
    room.privateUnread.delete(speaker);
    this.members.show({ members: community.members, speaker, privateUnread: room.privateUnread, strings: this.strings });
    this.composer.show(speakingMember, this.shop.firstOfferCode(firstCode), this.strings);
    this.showRooms();
    this.showTitle();
    this.shop.writeAddress();
  }

  showRooms() {
    const lines = this.shop.communities.map((community) => {
      const room = this.shop.roomOf(community.slug);
      const newest = room.newest(this.shop.speakerIn(community));
      return { community, newest, unread: room.unread, isCurrent: community.slug === this.shop.slug };
    });
    showRooms(lines, this.strings, (slug) => this.open(slug));
  }

  showTitle() {
    document.title = `${this.missed > 0 ? `(${this.missed}) ` : ""}${this.shop.community.name}`;
  }

  showDrafts() {
    this.timeline.showDrafts(this.outbox.draftsOf(this.shop.slug));
  }

  /** @param {string} text */
  send(text) {
    this.timeline.isPinned = true;
    const names = this.shop.community.members.map(({ name }) => name);
    this.outbox.send(this.shop.slug, this.shop.speaker, text, mentionsIn(text, names));
    this.timeline.toBottom(false);
  }

  /** @param {string} slug */
  open(slug) {
    closePanels();
    if (slug === this.shop.slug) return;
    this.shop.slug = slug;
    this.enter();
    this.refreshSoon();
  }

  /** @param {string} name */
  speakAs(name) {
    this.shop.speakers.set(this.shop.slug, name);
    this.showShop();
    this.timeline.rebuild();
    this.showDrafts();
    closePanels();
    if (!isNarrow()) byId("text").focus();
  }

  chooseSpeaker() {
    if (isNarrow()) openPanel("people-panel");
    this.members.focus(this.shop.speaker);
  }

  /** @param {string} name @param {string | null} inviter */
  welcome(name, inviter) {
    this.shop.addNewcomer(this.shop.slug, { name, role: "member", invited_by: inviter });
    this.speakAs(name);
    this.refreshSoon();
  }

  followAddress() {
    const { slug } = this.shop;
    this.shop.readAddress();
    if (slug !== this.shop.slug) this.enter();
    else this.speakAs(this.shop.speaker);
  }

  noteVisibility() {
    if (document.hidden) {
      this.live?.rest();
      return;
    }
    this.missed = 0;
    this.showTitle();
    this.hurry();
    this.refreshSoon();
  }

  hurry() {
    this.live?.hurry();
    this.outbox.hurry();
  }

  /** Reads the communities again, once for a burst of reasons. */
  refreshSoon() {
    clearTimeout(this.refreshTimer);
    this.refreshTimer = setTimeout(() => this.refresh(), REFRESH_AFTER_MS);
  }

  async refresh() {
    try {
      this.shop.refresh(await fetchCommunities());
    } catch {
      return; // the connection line already tells, and the next message asks again
    }
    this.clock.set(this.shop.community.now);
    this.timeline.rewordTimes();
    this.showShop();
  }

  /** Reads what is new in the other rooms, for their lines in the list. */
  async watchOthers() {
    if (document.hidden) return;
    for (const { slug } of this.shop.communities.filter((community) => community.slug !== this.shop.slug)) {
      const room = this.shop.roomOf(slug);
      try {
        await catchUp(room, (messages) => this.countElsewhere(room, messages));
        room.isCaughtUp = true;
      } catch {
        return; // asked again at the next round
      }
    }
    this.showRooms();
  }

  /** @param {Room} room @param {Message[]} messages */
  countElsewhere(room, messages) {
    if (room === this.shop.room) return this.receive(room, messages); // opened while this was under way
    const community = this.shop.communities.find(({ slug }) => slug === room.slug);
    const { fresh } = room.add(messages);
    if (!community || !room.isCaughtUp) return;
    const speaker = this.shop.speakerIn(community);
    room.notePrivate(fresh, speaker);
    room.unread += fresh.filter((message) => !message.system && isVisibleTo(message, speaker)).length;
  }
}

/** @param {string} source @param {string} caption */
function showPicture(source, caption) {
  const image = /** @type {HTMLImageElement} */ (byId("lightbox-image"));
  image.src = source;
  image.alt = caption;
  openDialog(/** @type {HTMLDialogElement} */ (byId("lightbox")));
}

const shop = new Shop(await awaitCommunities());
shop.readAddress();
endLoading();
new App(shop).start();
