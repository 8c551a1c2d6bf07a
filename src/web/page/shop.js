// @ts-check
// What the page knows of the shop: its communities, their rooms, which one is open and who is speaking
// there. The choice stands in the address (`#slug/name`), so two windows can speak as two members.
// Knows nothing of the screen or the network.

import { Room } from "./room.js";

/** @import { Community, Member, Message } from "./types.js" */

const SAME_DROP_MS = 10 * 60_000;

export class Shop {
  /** @param {Community[]} communities at least one */
  constructor(communities) {
    this.communities = communities;
    /** @type {Map<string, Room>} */
    this.rooms = new Map();
    /** @type {Map<string, string>} */
    this.speakers = new Map();
    /** Joined from this page, but not yet in the server's list. @type {Map<string, Member[]>} */
    this.newcomers = new Map();
    this.slug = communities[0].slug;
  }

  get community() {
    return this.communities.find(({ slug }) => slug === this.slug) ?? this.communities[0];
  }

  get room() {
    return this.roomOf(this.slug);
  }

  /** @param {string} slug */
  roomOf(slug) {
    const room = this.rooms.get(slug) ?? new Room(slug);
    this.rooms.set(slug, room);
    return room;
  }

  get speaker() {
    return this.speakerIn(this.community);
  }

  /** @param {Community} community who speaks there: as chosen, else the first who is not a leader */
  speakerIn(community) {
    const chosen = this.speakers.get(community.slug);
    if (chosen !== undefined && community.members.some(({ name }) => name === chosen)) return chosen;
    const first = community.members.find(({ role }) => role !== "leader") ?? community.members[0];
    return first?.name ?? "";
  }

  /** @returns {Member} */
  get speakingMember() {
    const { speaker } = this;
    return this.community.members.find(({ name }) => name === speaker) ?? { name: speaker, role: "member", invited_by: null };
  }

  /** @param {Community[]} communities a newer list, which may not yet know the latest newcomers */
  refresh(communities) {
    if (communities.length === 0) return;
    this.communities = communities;
    for (const community of communities) {
      const missing = (this.newcomers.get(community.slug) ?? []).filter(({ name }) => !community.members.some((member) => member.name === name));
      this.newcomers.set(community.slug, missing);
      community.members.push(...missing);
    }
  }

  /** @param {string} slug @param {Member} member */
  addNewcomer(slug, member) {
    const community = this.communities.find((one) => one.slug === slug);
    if (!community || community.members.some(({ name }) => name === member.name)) return;
    community.members.push(member);
    this.newcomers.set(slug, [...(this.newcomers.get(slug) ?? []), member]);
  }

  /** @param {Message[]} messages whether they tell of somebody the list of members lacks */
  hasStrangers(messages) {
    const names = new Set(this.community.members.map(({ name }) => name));
    return messages.some((message) => message.system || (!message.bot && !names.has(message.from)));
  }

  /**
   * The first code of the newest drop, for the quick phrases. A drop may be several posts in a row.
   * @param {(text: string) => string | null} read
   */
  firstOfferCode(read) {
    const posts = this.room.messages.filter(({ bot, image }) => bot && image !== null);
    const newestAt = Date.parse(posts.at(-1)?.at ?? "");
    const drop = posts.filter(({ at }) => newestAt - Date.parse(at) < SAME_DROP_MS);
    return drop.map(({ text }) => read(text)).find((code) => code !== null) ?? "A1";
  }

  readAddress() {
    const [slug, name] = location.hash.slice(1).split("/").map(decode);
    const community = this.communities.find((one) => one.slug === slug);
    if (!community) return;
    this.slug = community.slug;
    if (name) this.speakers.set(community.slug, name);
  }

  writeAddress() {
    history.replaceState(null, "", `#${encodeURIComponent(this.slug)}/${encodeURIComponent(this.speaker)}`);
  }
}

/** @param {string} part an address typed by hand may hold a stray % */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
