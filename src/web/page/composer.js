// @ts-check
// The box to type in, the quick phrases above it, and the picture of who is speaking beside it.
// Hands finished texts to its owner; sending them is the outbox's.

import { avatar } from "./avatars.js";
import { byId, el, reconcile } from "./dom.js";

/** @import { Member } from "./types.js" */
/** @import { Strings } from "./strings.js" */

/** A phrase to send, or to begin with when more must be typed. @typedef {{ text: string, isStart?: boolean }} Phrase */

/** @param {Member} member @param {string} code @param {Strings} strings @returns {Phrase[]} */
function phrasesFor(member, code, { say }) {
  const order = { text: `${code}${say.order}` };
  if (member.role === "leader") return [{ text: say.summary }, { text: say.unpaid }, { text: say.paid, isStart: true }, { text: say.menu }, order, { text: say.checkIn }];
  return [order, { text: say.checkIn }, { text: say.orders }, { text: say.balance }, { text: say.invite }, { text: say.menu }];
}

export class Composer {
  /** @param {(text: string) => void} onSend @param {() => void} onSpeaker */
  constructor(onSend, onSpeaker) {
    this.onSend = onSend;
    this.text = /** @type {HTMLTextAreaElement} */ (byId("text"));
    this.button = /** @type {HTMLButtonElement} */ (byId("send"));
    this.text.addEventListener("input", () => this.fit());
    this.text.addEventListener("keydown", (event) => this.noteKey(event));
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    byId("speaker").addEventListener("click", onSpeaker);
  }

  /** @param {Member} member @param {string} code @param {Strings} strings */
  show(member, code, strings) {
    this.text.placeholder = strings.messageHint(member.name);
    const speaker = byId("speaker");
    reconcile(speaker, [member.name], (name) => name, (name) => el("span", {}, avatar(name)));
    speaker.setAttribute("aria-label", strings.speakingAs(member.name));
    speaker.title = strings.speakingAs(member.name);
    reconcile(byId("phrases"), phrasesFor(member, code, strings), (phrase) => phrase, (phrase) => this.chip(phrase));
  }

  /** @param {Phrase} phrase */
  chip({ text, isStart }) {
    const button = el("button", { type: "button", class: "phrase" }, isStart ? `${text}…` : text);
    button.addEventListener("click", () => (isStart ? this.insert(text) : this.onSend(text)));
    return button;
  }

  /** @param {KeyboardEvent} event Enter sends, unless an input method is still composing (229 in Safari) */
  noteKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.text.value.trim();
    if (text === "") return;
    this.text.value = "";
    this.fit();
    this.onSend(text);
    this.text.focus();
  }

  /** @param {string} words puts words where the cursor is */
  insert(words) {
    this.text.setRangeText(words, this.text.selectionStart, this.text.selectionEnd, "end");
    this.fit();
    this.text.focus();
  }

  /** Grows with the text, up to what chat.css allows. */
  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
    this.button.disabled = this.text.value.trim() === "";
  }
}
