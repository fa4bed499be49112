// What the page says about papers is out of date once new ones were judged on it: when every card has
// its verdict, the pieces marked data-follow="name" are taken from a fresh copy of the same page.

// The duties are judged a moment after the paper: look now, and twice again.
const LOOKS = [400, 2500, 6000];
let timers = [];

const cards = document.getElementById("cards");
const pieces = () => [...document.querySelectorAll("[data-follow]")];

function unsettled() {
  return cards.querySelector("[data-refresh-url], [data-sending-progress]:not([hidden])") !== null;
}

function plan() {
  timers.forEach(clearTimeout);
  timers = unsettled() ? [] : LOOKS.map((wait) => setTimeout(look, wait));
}

async function look() {
  if (unsettled()) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    // Signed out or away: the page stays as it is, the next click tells.
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    pieces().forEach((piece) => {
      // Nothing moves under somebody's finger.
      if (piece.contains(document.activeElement)) return;
      const found = fresh.querySelector(`[data-follow="${piece.dataset.follow}"]`);
      if (found && found.textContent !== piece.textContent) piece.replaceWith(found);
    });
  } catch { /* offline: the cards themselves were answered */ }
}

if (cards && pieces().length) {
  new MutationObserver(plan).observe(cards, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"] });
}
