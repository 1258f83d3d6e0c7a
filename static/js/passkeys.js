/* Asks the device for a passkey: a new one (data-passkey="create") or one it has ("get"). What to ask
   for stands in the page, or at the address that data-options names. The answer goes out with the
   form; where there is none, the words beside the button are shown. */
import "../mfa/js/webauthn-json.js";

const { create, get } = window.webauthnJSON;

const optionsOf = async ({ dataset }) => {
  if (!dataset.options) return JSON.parse(document.getElementById("passkey-options").textContent);
  const response = await fetch(dataset.options, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
};

// Kept by the device and opened by its owner, so that it does without a password.
const asPasskey = (options) => ({
  publicKey: {
    ...options.publicKey,
    authenticatorSelection: {
      ...options.publicKey.authenticatorSelection,
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    },
  },
});

const ask = async (form) => {
  const options = await optionsOf(form);
  return form.dataset.passkey === "create"
    ? create(asPasskey(options.creation_options))
    : get(options.request_options);
};

for (const form of document.querySelectorAll("[data-passkey]")) form.hidden = false;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-passkey]")) return;
  event.preventDefault();
  const failed = form.querySelector("[data-passkey-failed]");
  const button = event.submitter ?? form.querySelector("button");
  failed.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    form.elements.credential.value = JSON.stringify(await ask(form));
    form.submit();
  } catch {
    failed.hidden = false;
  }
  button.removeAttribute("aria-busy");
});
