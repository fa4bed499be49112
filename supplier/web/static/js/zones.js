// A field and its place on the page light each other up: by pointer, by focus, by press.

const viewer = document.querySelector("[data-zones]");

const lines = (number) => document.querySelectorAll(`[data-zone-for="${CSS.escape(number)}"]`);
const zones = (number) => document.querySelectorAll(`[data-zone="${CSS.escape(number)}"]`);
const numberOf = (element) => {
  const found = element?.closest?.("[data-zone], [data-zone-for]");
  return found ? found.dataset.zone ?? found.dataset.zoneFor : "";
};

function light(number) {
  document.querySelectorAll(".is-lit").forEach((element) => element.classList.remove("is-lit"));
  viewer?.classList.toggle("v-zones-lit", Boolean(number) && zones(number).length > 0);
  if (!number) return;
  [...lines(number), ...zones(number)].forEach((element) => element.classList.add("is-lit"));
}

if (viewer) {
  document.addEventListener("pointerover", (event) => light(numberOf(event.target) || numberOf(document.activeElement)));
  document.addEventListener("focusin", (event) => light(numberOf(event.target)));
  document.addEventListener("click", (event) => {
    const number = numberOf(event.target);
    if (!number) return;
    const onPage = event.target.closest("[data-zone]");
    if (onPage) lines(number)[0]?.focus();
    else zones(number)[0]?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "smooth" });
  });
  document.querySelectorAll("[data-zoom]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const zoomed = viewer.classList.toggle("is-zoomed");
      button.setAttribute("aria-pressed", String(zoomed));
    });
  });
}
