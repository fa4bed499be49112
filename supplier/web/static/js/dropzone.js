// Many files at once: drop or choose them; each is sent by itself and its card tells how it goes.
// The server answers with the card of the paper, which refresh.js then keeps fresh.

const AT_ONCE = 2;

document.querySelectorAll("form[data-dropzone]").forEach(setUp);

function setUp(form) {
  const cards = document.getElementById(form.dataset.cards);
  const template = form.querySelector("[data-card-template]");
  if (!cards || !template) return;
  const queue = [];
  let running = 0;

  form.classList.add("v-drop-live");
  form.querySelectorAll("[data-with-script]").forEach((element) => { element.hidden = false; });
  form.querySelector("[type=file][required]").required = false;
  cards.setAttribute("aria-live", "polite");

  const take = (files) => {
    [...files].forEach((file) => {
      const card = template.content.firstElementChild.cloneNode(true);
      card.querySelector("[data-sending-name]").textContent = file.name;
      card.querySelector("[data-sending-size]").textContent = size(file.size);
      cards.prepend(card);
      const reveal = cards.closest("[data-cards-sheet][hidden]");
      if (reveal) reveal.hidden = false;
      add({ file, card });
    });
  };
  const add = (job) => {
    const limit = Number(form.dataset.maxBytes);
    if (limit && job.file.size > limit) {
      fail(job, job.card.dataset.tooBig.replace("%s", String(Math.floor(limit / 1048576))), false);
      return;
    }
    queue.push(job);
    next();
  };
  const next = () => {
    while (running < AT_ONCE && queue.length) {
      running += 1;
      send(form, queue.shift(), add).finally(() => { running -= 1; next(); });
    }
  };

  const takeChosen = (input) => {
    if (!input.files.length) return;
    take(input.files);
    input.value = "";
  };
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-drop-input]")) takeChosen(event.target);
  });
  // On a slow line a file can be chosen before this script arrives; a page gone back to keeps its choice.
  form.querySelectorAll("[data-drop-input]").forEach(takeChosen);
  form.addEventListener("submit", (event) => event.preventDefault());
  listenToDrops(form, take);

  // Leaving while bytes travel would lose them: the browser asks first.
  addEventListener("beforeunload", (event) => { if (running || queue.length) event.preventDefault(); });
}

function listenToDrops(form, take) {
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  // The whole window takes files: a near miss must not make the browser open the paper instead.
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    form.classList.add("v-drop-over");
  });
  addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (!depth) form.classList.remove("v-drop-over");
  });
  addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    form.classList.remove("v-drop-over");
    take(event.dataTransfer.files);
  });
}

function send(form, job, again) {
  const { file, card } = job;
  const bar = card.querySelector("[data-sending-progress]");
  const data = new FormData();
  form.querySelectorAll("input[type=hidden]").forEach((input) => data.append(input.name, input.value));
  data.append(form.querySelector("[type=file][name]").name, file, file.name);

  return new Promise((resolve) => {
    // fetch() cannot tell how much has gone; XMLHttpRequest can.
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Fragment", "cards");
    request.setRequestHeader("Accept", "text/html");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = Math.round((event.loaded / event.total) * 100);
    });
    request.upload.addEventListener("load", () => bar.removeAttribute("value"));
    request.addEventListener("load", () => {
      const answered = pieces(request);
      if (answered.length) card.replaceWith(...answered);
      else fail(job, card.dataset.refused, true, again);
      resolve();
    });
    request.addEventListener("error", () => { fail(job, card.dataset.offline, true, again); resolve(); });
    request.addEventListener("abort", () => resolve());
    request.send(data);
  });
}

// Only cards are taken: an error page or a sign-in page is not one.
function pieces(request) {
  const type = request.getResponseHeader("Content-Type") || "";
  if (!type.startsWith("text/html")) return [];
  const body = new DOMParser().parseFromString(request.responseText, "text/html").body;
  return [...body.children].filter((element) => element.matches("article.v-paper"));
}

function fail(job, words, retry, again) {
  const { card } = job;
  const error = card.querySelector("[data-sending-error]");
  const chip = card.querySelector(".v-chip");
  error.textContent = words;
  error.hidden = false;
  if (chip) chip.hidden = true;
  card.querySelector("[data-sending-progress]").hidden = true;
  const button = card.querySelector("[data-sending-retry]");
  button.hidden = !retry;
  if (!retry || !again) return;
  button.addEventListener("click", () => {
    error.hidden = true;
    button.hidden = true;
    if (chip) chip.hidden = false;
    const bar = card.querySelector("[data-sending-progress]");
    bar.hidden = false;
    bar.value = 0;
    again(job);
  }, { once: true });
}

function size(bytes) {
  const unit = bytes < 1048576 ? "kilobyte" : "megabyte";
  const amount = bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) : bytes / 1048576;
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1,
  }).format(amount);
}
