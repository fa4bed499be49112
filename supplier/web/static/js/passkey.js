// Passkeys: asks the server for options, the device for an answer, the server for its verdict.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function decoded(options) {
  const list = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));
  const ready = { ...options, challenge: bytes(options.challenge) };
  if (options.user) ready.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) ready.excludeCredentials = list(options.excludeCredentials);
  if (options.allowCredentials) ready.allowCredentials = list(options.allowCredentials);
  return ready;
}

function encoded(credential) {
  const { response } = credential;
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    answer.attestationObject = text(response.attestationObject);
    answer.transports = response.getTransports?.() ?? [];
  } else {
    answer.authenticatorData = text(response.authenticatorData);
    answer.signature = text(response.signature);
    answer.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response: answer,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function post(url, csrf, body) {
  const answer = await fetch(url, {
    method: "POST", credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error("refused"), { words: said.message ?? said.detail });
  return said;
}

async function run(block, more) {
  const { passkey, optionsUrl, finishUrl, csrf } = block.dataset;
  const publicKey = decoded(await post(optionsUrl, csrf, more));
  const credential = passkey === "create"
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  const said = await post(finishUrl, csrf, { ...more, credential: encoded(credential) });
  // Only our own pages: an address with another host is not followed.
  const next = new URL(said.redirect ?? location.href, location.href);
  if (next.origin === location.origin) location.assign(next);
}

document.querySelectorAll("[data-passkey]").forEach((block) => {
  if (!window.PublicKeyCredential) return;
  block.hidden = false;
  const button = block.querySelector("button"), status = block.querySelector("[data-passkey-status]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "";
    // A name for the key, when the page asks for one beside the button.
    const field = block.dataset.nameField && document.getElementById(block.dataset.nameField);
    try {
      await run(block, field ? { name: field.value } : {});
    } catch (error) {
      const cancelled = error.name === "NotAllowedError" || error.name === "AbortError";
      status.textContent = cancelled ? block.dataset.cancelled : error.words ?? block.dataset.failed;
      button.disabled = false;
    }
  });
});
