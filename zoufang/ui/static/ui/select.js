// A long select that can be searched: a text box with a list (ARIA combobox) over the native select, which keeps the
// value and works alone without scripts. Single selects of fewer than 9 options stay as they are; data-plain keeps any.
"use strict";
(() => {
  const MOST = 100;
  let made = 0;

  function choices(select) {
    return Array.from(select.options).map((option, at) => ({
      at,
      option,
      text: option.textContent.trim(),
      group: option.parentElement.tagName === "OPTGROUP" ? option.parentElement.label : "",
    }));
  }

  function enhance(select) {
    if (select.dataset.combo || "plain" in select.dataset || select.size > 1) return;
    if (select.options.length < 9 && !select.multiple) return;
    select.dataset.combo = "yes";
    const many = select.multiple;
    const id = `combo-${made++}`;
    const box = document.createElement("div");
    box.className = "combo";
    const input = document.createElement("input");
    input.className = `form-select${select.classList.contains("is-invalid") ? " is-invalid" : ""}`;
    input.type = "text";
    input.autocomplete = "off";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", id);
    for (const name of ["aria-describedby", "aria-invalid", "aria-label"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    input.required = select.required;
    select.required = false;
    input.disabled = select.disabled;
    const list = document.createElement("ul");
    list.id = id;
    list.className = "combo-list";
    list.setAttribute("role", "listbox");
    list.hidden = true;
    const picked = document.createElement("ul");
    picked.className = "combo-picked";
    const label = select.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (select.id) {
      input.id = select.id;
      select.id = `${select.id}-native`;
    }
    if (label) list.setAttribute("aria-label", label.textContent.trim());
    select.hidden = true;
    select.before(box);
    if (many) box.append(picked);
    box.append(input, list, select);
    let found = [];
    let at = -1;

    function show() {
      if (many) {
        input.value = "";
        picked.replaceChildren(...choices(select).filter((one) => one.option.selected).map((one) => {
          const line = document.createElement("li");
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = `${one.text} ×`;
          button.addEventListener("click", () => { one.option.selected = false; changed(); input.focus(); });
          line.append(button);
          return line;
        }));
        if (input.required || select.dataset.needed) {
          select.dataset.needed = "yes";
          input.required = select.selectedOptions.length === 0;
        }
        return;
      }
      const option = select.selectedOptions[0];
      input.value = option && option.value ? option.textContent.trim() : "";
      input.placeholder = option && !option.value ? option.textContent.trim() : "";
    }
    function changed() {
      show();
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function close() {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function open(wanted) {
      const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
      found = choices(select).filter((one) => !one.option.disabled && (!many || !one.option.selected)
        && (one.option.value || !words.length)
        && words.every((word) => `${one.group} ${one.text}`.toLowerCase().includes(word)));
      let group = "";
      const lines = [];
      found = found.slice(0, MOST);
      found.forEach((one, n) => {
        if (one.group && one.group !== group) {
          const head = document.createElement("li");
          head.className = "combo-group";
          head.setAttribute("role", "presentation");
          head.textContent = group = one.group;
          lines.push(head);
        }
        const line = document.createElement("li");
        line.id = `${id}-${n}`;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", String(one.option.selected));
        line.textContent = one.text || "—";
        line.addEventListener("mousedown", (event) => { event.preventDefault(); choose(n); });
        lines.push(line);
      });
      if (!lines.length) {
        const none = document.createElement("li");
        none.className = "combo-none";
        none.textContent = "∅";
        lines.push(none);
      }
      list.replaceChildren(...lines);
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      const chosen = found.findIndex((one) => one.option.selected);
      point(words.length ? 0 : chosen);
    }
    function point(n) {
      at = Math.max(-1, Math.min(found.length - 1, n));
      Array.from(list.querySelectorAll("[role=option]")).forEach((line, i) => {
        line.classList.toggle("is-at", i === at);
        if (i === at) {
          line.scrollIntoView({ block: "nearest" });
          input.setAttribute("aria-activedescendant", line.id);
        }
      });
    }
    function choose(n) {
      if (!found[n]) return;
      if (many) found[n].option.selected = true;
      else select.selectedIndex = found[n].at;
      close();
      changed();
    }
    input.addEventListener("focus", () => { if (!many) input.select(); });
    input.addEventListener("click", () => { if (list.hidden) open(""); });
    input.addEventListener("input", (event) => { event.stopPropagation(); open(input.value); });
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("blur", () => {
      if (!many && !input.value.trim() && Array.from(select.options).some((one) => !one.value) && select.value) {
        select.value = "";
        changed();
      }
      close();
      show();
    });
    input.addEventListener("keydown", (event) => {
      const down = event.key === "ArrowDown";
      if (down || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open("");
        else point(at + (down ? 1 : -1));
      } else if (event.key === "Enter" && !list.hidden && !event.ctrlKey) {
        event.preventDefault();
        choose(at);
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        close();
        show();
      } else if (event.key === "Backspace" && many && !input.value && select.selectedOptions.length) {
        select.selectedOptions[select.selectedOptions.length - 1].selected = false;
        changed();
      }
    });
    if (select.form) select.form.addEventListener("reset", () => setTimeout(show));
    select.addEventListener("refresh", show);
    show();
  }

  const start = (root) => root.querySelectorAll("select").forEach(enhance);
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));
})();
