// @ts-check
// The dialog that brings a newcomer in, invited by whoever is speaking or by nobody.

import { postJoin } from "./api.js";
import { byId, openDialog } from "./dom.js";

/** @import { Community } from "./types.js" */
/** @import { Strings } from "./strings.js" */

/** Control characters and the marks that turn the direction of text. */
const NOT_IN_NAMES = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const LONGEST = 32;

/** @param {string} name @param {Community} community @param {Strings} strings what is wrong with a name, or "" */
function faultOf(name, community, strings) {
  if (name === "") return strings.nameMissing;
  if ([...name].length > LONGEST || NOT_IN_NAMES.test(name)) return strings.nameBad;
  return community.members.some((member) => member.name === name) ? strings.nameTaken : "";
}

export class InviteDialog {
  /**
   * @param {() => { community: Community, speaker: string, strings: Strings }} scene
   * @param {(name: string, inviter: string | null) => void} onJoined
   */
  constructor(scene, onJoined) {
    this.scene = scene;
    this.onJoined = onJoined;
    this.dialog = /** @type {HTMLDialogElement} */ (byId("invite"));
    this.form = /** @type {HTMLFormElement} */ (byId("invite-form"));
    this.name = /** @type {HTMLInputElement} */ (byId("invite-name"));
    this.name.addEventListener("input", () => this.complain(""));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  open() {
    const { speaker, strings } = this.scene();
    this.form.reset();
    this.complain("");
    byId("invite-by-speaker").textContent = strings.bySpeaker(speaker);
    openDialog(this.dialog);
    this.name.focus();
  }

  /** @param {string} fault */
  complain(fault) {
    byId("invite-fault").textContent = fault;
    this.name.setAttribute("aria-invalid", String(fault !== ""));
  }

  async submit() {
    const { community, speaker, strings } = this.scene();
    const name = this.name.value.trim();
    const fault = faultOf(name, community, strings);
    this.complain(fault);
    if (fault !== "") return this.name.focus();
    const inviter = new FormData(this.form).get("by") === "speaker" ? speaker : null;
    const submit = /** @type {HTMLButtonElement} */ (this.form.querySelector("[type=submit]"));
    submit.disabled = true;
    try {
      await postJoin(community.slug, name, inviter);
      this.dialog.close();
      this.onJoined(name, inviter);
    } catch {
      this.complain(strings.joinFailed);
    } finally {
      submit.disabled = false;
    }
  }
}
