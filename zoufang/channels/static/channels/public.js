// Comforts of the citizens' pages. Each page works without this file.
"use strict";
(() => {
  // Fields that are asked only after one answer of another: data-only="name=value|value". Hidden ones are not sent.
  const form = document.querySelector("[data-say]");
  if (form) {
    const parts = Array.from(form.querySelectorAll("[data-only]"));
    const show = () => parts.forEach((part) => {
      const [name, value] = part.dataset.only.split("=");
      const chosen = form.querySelector(`[name="${name}"]:checked`);
      const wanted = Boolean(chosen) && value.split("|").includes(chosen.value);
      part.hidden = !wanted;
      part.querySelectorAll("input, select, textarea").forEach((field) => { field.disabled = !wanted; });
    });
    form.addEventListener("change", show);
    window.addEventListener("pageshow", show);
    show();
  }

  // A scanned receipt: the part behind # never reaches a server; it fills the form and leaves the address bar.
  const track = document.querySelector("[data-track]");
  if (track && location.hash.length > 1) {
    const [no, code] = location.hash.slice(1).split(".");
    history.replaceState(null, "", location.pathname);
    if (/^([A-Za-z]{2})?\d{6,14}$/.test(no) && /^[0-9A-Za-z]{28}$/.test(code || "")) {
      track.elements.no.value = no;
      track.elements.code.value = code.replace(/(.{4})(?=.)/g, "$1-");
      track.querySelector("button.btn-primary").focus();
    }
  }

  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copied]");
    if (copy) copy.querySelector("span").textContent = copy.dataset.copied;
  });
})();
