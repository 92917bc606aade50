// Typing sheets back: the cursor goes where the hands expect it. The page works without this file.
"use strict";
(() => {
  const form = document.querySelector("[data-typing]");
  if (!form) return;
  const number = form.elements.sheet;
  // A scanner types the number and a line break, as a hand does: on to what was written, never off with half a sheet.
  number.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    form.elements.content.focus();
  });
  const about = form.querySelector("[data-complaint]");
  const show = () => {
    const chosen = form.querySelector("[name=kind]:checked");
    const wanted = Boolean(chosen) && chosen.value === "COMPLAINT";
    about.hidden = !wanted;
    about.querySelectorAll("input, select").forEach((field) => { field.disabled = !wanted; });
  };
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
  const wrong = form.querySelector(".has-error input, .has-error textarea");
  (wrong || number).focus();
})();
