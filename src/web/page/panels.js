// @ts-check
// The two side panels. On a wide screen they simply stand there; on a narrow one each opens over the
// chat, keeps the focus inside and gives it back when it closes.

import { byId } from "./dom.js";

const NARROW = matchMedia("(max-width: 899px)");

/** @type {HTMLElement | null} */
let open = null;
/** @type {Element | null} */
let opener = null;

export const isNarrow = () => NARROW.matches;

/** @param {string} id opens a panel over the chat; does nothing where it is always visible */
export function openPanel(id) {
  if (!isNarrow()) return;
  open = byId(id);
  opener = document.activeElement;
  settle();
  open.querySelector("button")?.focus();
}

export function closePanels() {
  if (!open) return;
  open = null;
  settle();
  if (opener instanceof HTMLElement) opener.focus();
}

/** Makes what is hidden or covered unreachable for keyboard and screen reader alike. */
function settle() {
  if (!isNarrow()) open = null;
  for (const panel of document.querySelectorAll(".panel")) {
    panel.classList.toggle("open", panel === open);
    panel.toggleAttribute("inert", isNarrow() && panel !== open);
  }
  byId("main").toggleAttribute("inert", open !== null);
  byId("backdrop").hidden = open === null;
}

/** Wires the buttons; called once. */
export function startPanels() {
  byId("open-rooms").addEventListener("click", () => openPanel("rooms-panel"));
  byId("open-people").addEventListener("click", () => openPanel("people-panel"));
  byId("backdrop").addEventListener("click", closePanels);
  for (const button of document.querySelectorAll("[data-close-panel]")) button.addEventListener("click", closePanels);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) closePanels();
  });
  NARROW.addEventListener("change", settle);
  settle();
}
