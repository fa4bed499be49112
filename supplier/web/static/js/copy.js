// Copies a text; the button shows itself only where that is possible.

document.querySelectorAll("[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const word = button.querySelector("[data-copy-word]");
    const before = word.textContent, label = button.getAttribute("aria-label");
    word.textContent = button.dataset.copied;
    word.setAttribute("role", "status");
    button.removeAttribute("aria-label");
    setTimeout(() => {
      word.textContent = before;
      word.removeAttribute("role");
      if (label) button.setAttribute("aria-label", label);
    }, 2000);
  });
});
