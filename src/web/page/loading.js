// @ts-check
// The screen before the chat: waits for the server to be up and its first drop to be delivered, and
// says in plain words what it is waiting for.

import { ApiError, fetchCommunities } from "./api.js";
import { byId } from "./dom.js";
import { stringsFor } from "./strings.js";

/** @import { Community } from "./types.js" */

const AGAIN_MS = 700;

/** @returns {Promise<Community[]>} the communities, at least one, however long it takes */
export async function awaitCommunities() {
  const strings = stringsFor(navigator.language);
  say(strings.loading, strings.loadingNote);
  for (;;) {
    try {
      const communities = await fetchCommunities();
      if (communities.length > 0) return communities;
      say(strings.empty, "");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401 || error.status === 403) say(strings.denied, strings.deniedNote);
      else if (error.status === 503) say(strings.loading, strings.loadingNote);
      else say(strings.unreachable, strings.unreachableNote);
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** @param {string} title @param {string} note only when changed, so that a screen reader says it once */
function say(title, note) {
  if (byId("loading-title").textContent === title) return;
  byId("loading-title").textContent = title;
  byId("loading-note").textContent = note;
}

/** Shows the chat instead. */
export function endLoading() {
  byId("loading").hidden = true;
  byId("app").hidden = false;
}
