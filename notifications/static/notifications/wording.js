// The preview of a wording follows what is typed. Without this script its button shows it.
"use strict";

for (const form of document.querySelectorAll("form[data-live]")) {
  const show = form.querySelector("[data-show]");
  let waiting = 0;
  const refresh = () => form.requestSubmit(show);
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 400);
  });
  refresh();
}

for (const ways of document.querySelectorAll(".preview .ways")) {
  const frame = ways.closest(".preview").querySelector("iframe");
  ways.hidden = false;
  ways.addEventListener("change", (event) => {
    const { preview } = event.target.dataset;
    if (preview === "phone") frame.classList.toggle("phone", event.target.checked);
    // A form sends its own choice along.
    else if (!ways.closest("form")) frame.src = event.target.checked ? "preview/?dark=on" : "preview/";
  });
}
