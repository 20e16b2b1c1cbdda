"use strict";
// Asks the browser for a passkey when a form with data-passkey ("get" or "create") is sent, and sends what it says.
// Everything that decides is the server's: which keys, which challenge, and whether the answer is right.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// What browsers without the JSON functions of WebAuthn level 3 need.
function readOptions(kind, options) {
  const native = kind === "create" ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  if (PublicKeyCredential[native]) return PublicKeyCredential[native](options);
  const named = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));
  const read = { ...options, challenge: bytes(options.challenge) };
  if (kind === "get") return { ...read, allowCredentials: named(options.allowCredentials) };
  const user = { ...options.user, id: bytes(options.user.id) };
  return { ...read, user, excludeCredentials: named(options.excludeCredentials) };
}

function written(credential) {
  if (credential.toJSON) return credential.toJSON();
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function fetchOptions(form) {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    body: new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value }),
    headers: { Accept: "application/json" },
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.detail || "The passkey cannot be asked for now. Load the page again.");
  return told;
}

async function ask(form) {
  const kind = form.dataset.passkey;
  const publicKey = readOptions(kind, await fetchOptions(form));
  const credential = await navigator.credentials[kind]({ publicKey });
  form.elements.credential.value = JSON.stringify(written(credential));
}

function sentence(error) {
  if (error.name === "NotAllowedError") return "No passkey was given. Try again, or take another way.";
  if (error.name === "InvalidStateError") return "This device already holds a passkey of your account.";
  return error.message;
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const alert = form.querySelector("[role=alert]");
    const button = form.querySelector("[type=submit]");
    if (!window.PublicKeyCredential) {
      alert.textContent = "This browser knows no passkeys, or the page was not opened by https.";
      button.disabled = true;
      return;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      alert.textContent = "";
      button.disabled = true;
      try {
        await ask(form);
        form.submit();
      } catch (error) {
        alert.textContent = sentence(error);
        button.disabled = false;
        button.focus();
      }
    });
  });
});
