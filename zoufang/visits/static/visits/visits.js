// Comforts of the visit page: more opinion rows, a stepper, the prefilled line in words. The page works without it.
"use strict";
(() => {
  const form = document.querySelector("form[data-visit]");
  if (!form) return;
  // A page that comes back from the browser's memory still bears the uid of the visit that was sent: fetch a new one.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  const list = form.querySelector("[data-opinions]");
  const pattern = form.querySelector("[data-opinion-template]");
  const total = form.querySelector("input[name=opinions-TOTAL_FORMS]");
  const add = form.querySelector("[data-add-opinion]");
  const rows = () => Array.from(list.querySelectorAll("[data-opinion]"));

  function renumber() {
    rows().forEach((row, at) => {
      row.querySelector("[data-number]").textContent = String(at + 1);
      // Which of the rows asks what was said already.
      row.querySelector("[data-said]").setAttribute("hx-vals", JSON.stringify({ prefix: `opinions-${at}` }));
      for (const name of ["name", "id", "for", "aria-describedby", "aria-controls"]) {
        row.querySelectorAll(`[${name}]`).forEach((part) => {
          part.setAttribute(name, part.getAttribute(name).replace(/opinions-(\d+|__prefix__)-/g, `opinions-${at}-`));
        });
      }
    });
    total.value = String(rows().length);
    add.hidden = rows().length >= Number(list.dataset.most);
    rows().forEach((row) => { row.querySelector("[data-remove-opinion]").hidden = false; });
  }
  function complaintsOnly(row) {
    const kind = row.querySelector("select[name$=-kind]");
    const box = row.querySelector("[data-complaint]");
    const show = () => {
      box.hidden = kind.value !== "COMPLAINT";
      if (box.hidden) box.querySelectorAll("select").forEach((select) => { select.value = ""; });
    };
    kind.addEventListener("change", show);
    if (!box.querySelector(".field-error")) show();
  }
  add.addEventListener("click", () => {
    list.append(pattern.content.cloneNode(true));
    renumber();
    const row = rows().at(-1);
    if (window.htmx) window.htmx.process(row);
    row.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: row } }));
    complaintsOnly(row);
    row.querySelector("textarea, input:not([type=hidden])").focus();
  });
  list.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-remove-opinion]");
    if (!asked) return;
    asked.closest("[data-opinion]").remove();
    renumber();
    add.focus();
  });
  rows().forEach(complaintsOnly);
  renumber();

  // What the link would choose on a new page is chosen on this one, where something may have been typed already.
  const again = form.querySelector("[data-last-time]");
  if (again) {
    again.addEventListener("click", (event) => {
      event.preventDefault();
      new URLSearchParams(again.search).forEach((value, name) => {
        const option = form.querySelector(`input[name=${CSS.escape(name)}][value="${CSS.escape(value)}"]`);
        if (!option) return;
        option.checked = true;
        const more = option.closest("details");
        if (more) more.open = true;
      });
    });
  }

  form.querySelectorAll("[data-stepper]").forEach((box) => {
    const input = box.querySelector("input");
    box.querySelectorAll("[data-step]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        const least = Number(input.min) || 1;
        input.value = String(Math.max(least, (Number(input.value) || 0) + Number(button.dataset.step)));
      });
    });
  });

  const line = form.querySelector("[data-prefilled]");
  const box = line.closest("details");
  function tell() {
    const when = form.querySelector("[name=visited_at]").value.replace("T", " ");
    const unit = form.querySelector("select[name=unit]");
    const names = Array.from(form.querySelectorAll("[name=officers]:checked"), (one) => one.parentElement.textContent.trim());
    const chosen = unit.selectedOptions[0];
    line.textContent = [when, chosen ? chosen.textContent.trim() : "", names.join("、")].filter(Boolean).join(" · ");
  }
  box.addEventListener("change", tell);
  document.addEventListener("htmx:afterSettle", tell);
  tell();
})();
