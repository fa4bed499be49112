// Shows what the supplier will read for the reason that is chosen.

document.querySelectorAll("[data-letters]").forEach((box) => {
  const form = box.closest("form");
  form?.addEventListener("change", (event) => {
    if (!event.target.matches("input[type=radio][name=reason]")) return;
    box.querySelectorAll("[data-letter]").forEach((letter) => {
      letter.hidden = letter.dataset.letter !== event.target.value;
    });
  });
});
