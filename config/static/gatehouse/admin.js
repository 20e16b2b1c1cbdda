"use strict";
// Without this script the menu is open and tables are tables: it only makes both fit a phone.
document.documentElement.classList.add("scripted");

function labelCells(table) {
  table.classList.add("stacked");
  const labels = Array.from(table.querySelectorAll("thead th"), (head) => head.textContent.trim());
  table.querySelectorAll("tbody tr").forEach((row) => {
    Array.from(row.cells).forEach((cell, position) => {
      if (row.cells.length === labels.length && labels[position]) cell.dataset.label = labels[position];
      cell.classList.toggle("nothing", cell.textContent.trim() === "-");
    });
  });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("#result_list, .tabular table, table.stacked").forEach(labelCells);

  document.querySelectorAll(".picture").forEach((picture) => {
    const chosen = picture.querySelector(".chosen");
    if (chosen) picture.scrollLeft = chosen.x.baseVal.value - (picture.clientWidth - chosen.width.baseVal.value) / 2;
  });

  document.querySelectorAll("button[data-copies]").forEach((button) => {
    const field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
    });
  });

  if (window.matchMedia("(max-width: 100rem)").matches) {
    // Where the filters stand above the list, only those that narrow it are open.
    document.querySelectorAll("#changelist-filter details").forEach((filter) => {
      filter.open = filter.querySelector("li.selected:not(:first-child)") !== null;
    });
  }

  const button = document.getElementById("menu-button");
  if (!button) return;
  const open = (state) => button.setAttribute("aria-expanded", String(state));
  button.addEventListener("click", () => open(button.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && button.getAttribute("aria-expanded") === "true") {
      open(false);
      button.focus();
    }
  });
});
