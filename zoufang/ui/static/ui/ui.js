// What every page does beyond plain HTML: theme, toasts, confirmations, keys, form comforts. Everything works
// without it, only less comfortably.
"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const toasts = document.querySelector(".toasts");

  // Toasts: notices of the last request, and of htmx requests by the HX-Trigger "toast".
  function dress(note) {
    if (note.querySelector("button:not([data-undo])")) return;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", toasts.dataset.close);
    close.addEventListener("click", () => note.remove());
    note.append(close);
    // What can be undone stays longer: it is read first.
    const stays = note.querySelector("[data-undo]") ? 30000 : 8000;
    if (!note.classList.contains("tone-late")) setTimeout(() => note.remove(), stays);
  }
  function toast(text, tone) {
    const note = document.createElement("div");
    note.className = `toast-note tone-${tone || "done"}`;
    const words = document.createElement("span");
    words.textContent = text;
    note.append(words);
    toasts.append(note);
    dress(note);
  }
  if (toasts) {
    all(".toast-note", toasts).forEach(dress);
    document.body.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
    document.body.addEventListener("htmx:sendError", () => toast(toasts.dataset.offline, "late"));
    document.body.addEventListener("htmx:responseError", (event) => {
      if (!event.detail.xhr.getResponseHeader("HX-Trigger")) toast(toasts.dataset.failed, "late");
    });
  }

  // Confirmation: data-confirm on a submit button or link, hx-confirm for htmx.
  const confirmBox = document.getElementById("confirm");
  function ask(text, label) {
    const yes = confirmBox.querySelector("[value=yes]");
    document.getElementById("confirm-text").textContent = text;
    yes.textContent = label || yes.dataset.label;
    return new Promise((resolve) => {
      confirmBox.returnValue = "";
      confirmBox.addEventListener("close", () => resolve(confirmBox.returnValue === "yes"), { once: true });
      confirmBox.showModal();
    });
  }
  document.addEventListener("click", async (event) => {
    const asked = event.target.closest("[data-confirm]");
    if (!asked || !confirmBox || asked.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(asked.dataset.confirm, asked.dataset.confirmOk))) return asked.focus();
    asked.dataset.confirmed = "yes";
    asked.click();
    delete asked.dataset.confirmed;
  }, true);
  document.addEventListener("htmx:confirm", async (event) => {
    if (!event.detail.question || !confirmBox) return;
    event.preventDefault();
    if (await ask(event.detail.question, event.target.dataset.confirmOk)) event.detail.issueRequest(true);
  });

  // Forms: one submission at a time, counters, file names, the error summary first.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.classList.add("is-busy");
  });
  function arrive() {
    all("form[data-sent]").forEach((form) => delete form.dataset.sent);
    all(".is-busy").forEach((button) => button.classList.remove("is-busy"));
  }
  window.addEventListener("pageshow", arrive);
  document.addEventListener("htmx:afterRequest", arrive);

  function count(area) {
    const most = Number(area.dataset.counter);
    const counter = area.nextElementSibling;
    const written = Array.from(area.value.replace(/\r?\n/g, "\n")).length;
    counter.textContent = `${written} / ${most}`;
    counter.classList.toggle("is-over", written > most);
  }
  function names(input) {
    const list = input.nextElementSibling;
    list.replaceChildren(...Array.from(input.files, (file) => {
      const line = document.createElement("li");
      const size = file.size < 1048576 ? `${Math.ceil(file.size / 1024)} KB` : `${(file.size / 1048576).toFixed(1)} MB`;
      line.textContent = `${file.name} · ${size}`;
      return line;
    }));
  }
  const iso = (day) => {
    const two = (n) => String(n).padStart(2, "0");
    return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  };
  function periodShortcuts(box) {
    const [from, to] = all("input", box);
    const now = new Date();
    const spans = [
      [now.getMonth(), now.getMonth() + 1], [now.getMonth() - 1, now.getMonth()], [0, now.getMonth() + 1],
    ];
    const bar = document.createElement("span");
    bar.className = "period-shortcuts";
    (box.dataset.period || "").split("|").filter(Boolean).forEach((word, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = word;
      button.addEventListener("click", () => {
        from.value = iso(new Date(now.getFullYear(), spans[at][0], 1));
        to.value = iso(at === 1 ? new Date(now.getFullYear(), spans[at][1], 0) : now);
        to.dispatchEvent(new Event("change", { bubbles: true }));
      });
      bar.append(button);
    });
    box.after(bar);
  }
  // A table wider than its place scrolls within it; the others leave the page to scroll, heads stuck to its top.
  const wideFrames = new ResizeObserver((seen) => seen.forEach(({ target }) => {
    const table = target.firstElementChild;
    target.classList.toggle("is-wide", table !== null && table.scrollWidth > target.clientWidth + 1);
    if (target.classList.contains("is-wide")) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }));
  function furnish(root) {
    all("textarea[data-counter]", root).forEach((area) => {
      if (area.dataset.furnished) return;
      area.dataset.furnished = "yes";
      const counter = document.createElement("span");
      counter.className = "counter";
      area.after(counter);
      area.addEventListener("input", () => count(area));
      count(area);
    });
    all("input[data-file-names]", root).forEach((input) => {
      if (input.dataset.furnished) return;
      input.dataset.furnished = "yes";
      const list = document.createElement("ul");
      list.className = "file-names";
      list.setAttribute("aria-live", "polite");
      input.after(list);
      input.addEventListener("change", () => names(input));
    });
    all("[data-period]", root).forEach((box) => {
      if (box.dataset.furnished) return;
      box.dataset.furnished = "yes";
      periodShortcuts(box);
    });
    all(".rows-frame", root).forEach((frame) => wideFrames.observe(frame));
    const summary = root.querySelector("[data-autofocus]");
    if (summary) summary.focus();
    // At a desk, a form that is all the page is for has the cursor in what is still to be filled in.
    const form = root === document && !summary && matchMedia("(pointer: fine)").matches && root.querySelector("form[data-first]");
    if (form) {
      const empty = all("input:not([type=hidden], [type=file], [type=checkbox], [type=radio]), textarea, select", form)
        .find((one) => !one.value && one.offsetParent !== null && !one.closest("[hidden]"));
      if (empty) empty.focus({ preventScroll: true });
    }
  }
  furnish(document);
  document.addEventListener("htmx:load", (event) => furnish(event.detail.elt));

  // A long form that was typed in asks before it is left.
  let typed = null;
  document.addEventListener("input", (event) => {
    if (event.target.form && "guard" in event.target.form.dataset) typed = event.target.form;
  });
  document.addEventListener("submit", () => { typed = null; });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });

  // Small things.
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-theme-toggle]")) window.zoufangTheme.toggle();
    const filters = target.closest("[data-filters]");
    if (filters) filters.setAttribute("aria-expanded", String(filters.closest(".filters").classList.toggle("is-open")));
    if (target.closest("[data-back]") && history.length > 1 && document.referrer.startsWith(location.origin)) {
      event.preventDefault();
      history.back();
    }
    if (target.closest("[data-print]")) window.print();
    const copy = target.closest("[data-copy]");
    if (copy && navigator.clipboard) navigator.clipboard.writeText(copy.dataset.copy);
    all("details[data-dismiss][open]").forEach((open) => { if (!open.contains(target)) open.open = false; });
  });

  // Keys, wherever nothing is being typed.
  const keyBox = document.getElementById("keys");
  // Letters that act may be in the way of other software that listens to them: each browser may turn them off.
  const keysOn = () => localStorage.getItem("zoufang-keys") !== "off";
  const keySwitch = document.querySelector("[data-keys-on]");
  if (keySwitch) {
    keySwitch.checked = keysOn();
    keySwitch.addEventListener("change", () => localStorage.setItem("zoufang-keys", keySwitch.checked ? "on" : "off"));
  }
  const links = () => all(".rows-table tbody tr, [data-keys] > *").map((row) => row.querySelector("td.key a, a"))
    .filter(Boolean);
  function move(by) {
    const found = links();
    if (!found.length) return;
    const row = document.activeElement.closest("tr, [data-keys] > *");
    const at = row ? found.findIndex((link) => row.contains(link)) : -1;
    found[Math.min(found.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : found.length - 1) : at + by))].focus();
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typing && typing.form) {
      event.preventDefault();
      return typing.form.requestSubmit();
    }
    if (event.key === "Escape") {
      all("details[data-dismiss][open]").forEach((open) => { open.open = false; open.querySelector("summary").focus(); });
      return undefined;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return undefined;
    if (event.key === "?" && keyBox) return keyBox.showModal();
    if (!keysOn()) return undefined;
    const row = event.target.closest(".rows-table tbody tr");
    const down = { j: 1, k: -1, ArrowDown: row && 1, ArrowUp: row && -1 }[event.key];
    const page = { n: "next", p: "prev" }[event.key];
    if (event.key === "/") {
      const search = document.querySelector("input[type=search], .filters input, .filters select");
      if (!search) return undefined;
      event.preventDefault();
      const filters = search.closest(".filters");
      if (filters) filters.classList.add("is-open");
      search.focus();
    } else if (down) {
      event.preventDefault();
      move(down);
    } else if (event.key === "x") {
      event.target.dispatchEvent(new CustomEvent("rows:toggle", { bubbles: true }));
    } else if (page) {
      const link = document.querySelector(`a[rel=${page}]`);
      if (link) link.click();
    } else {
      const button = all("[data-key]").find((one) => one.dataset.key === event.key && !one.disabled);
      if (!button) return undefined;
      event.preventDefault();
      event.target.dispatchEvent(new CustomEvent("rows:mean", { bubbles: true }));
      button.click();
    }
    return undefined;
  });
})();
