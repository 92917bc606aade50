// Rows that are marked, and the bar of what may be done with all of them. Works on plain checkboxes and one form;
// without this file the bar is always there.
"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const picks = () => all("input[name=pick]");
  let last = null;

  function bar() { return document.getElementById("bulk"); }
  function tell() {
    const form = bar();
    if (!form) return;
    const boxes = picks();
    const marked = boxes.filter((box) => box.checked).length;
    const everything = form.querySelector("[name=all]");
    const whole = Boolean(everything && everything.checked);
    const words = form.querySelector(".bulk-count");
    const text = marked ? words.dataset.words.replace("{n}", marked) : words.dataset.none;
    if (words.textContent !== text) words.textContent = text;
    words.hidden = whole;
    form.classList.toggle("is-on", whole || marked > 0);
    boxes.forEach((box) => {
      box.disabled = whole;
      box.closest("tr").classList.toggle("is-picked", whole || box.checked);
    });
    const head = document.querySelector("[data-pick-all]");
    if (head) {
      head.checked = marked > 0 && marked === boxes.length;
      head.indeterminate = marked > 0 && marked < boxes.length;
    }
    // "All that match" is offered once the whole page is marked, or is chosen already.
    const offer = form.querySelector(".bulk-all");
    if (offer) offer.hidden = !whole && marked < boxes.length;
  }
  function mark(box, checked) {
    box.checked = checked;
    last = box;
    tell();
  }
  // What zoufang's keys ask for: mark or unmark the row that has the focus.
  document.addEventListener("rows:toggle", (event) => {
    const row = event.target.closest("tr");
    const box = row && row.querySelector("input[name=pick]");
    if (box) mark(box, !box.checked);
  });
  // A step by its letter, with nothing marked: the row that has the focus is meant.
  document.addEventListener("rows:mean", (event) => {
    const row = event.target.closest("tr");
    const box = row && row.querySelector("input[name=pick]");
    if (box && !picks().some((one) => one.checked)) mark(box, true);
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=pick]");
    if (!box) return;
    const boxes = picks();
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && last && from >= 0) boxes.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    last = box;
    tell();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) picks().forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-pick-all], #bulk [name=all], input[name=pick]")) tell();
  });
  // What opens a page of its own may be pressed again; a page that the browser kept has its marks still.
  document.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.formTarget === "_blank") {
      setTimeout(() => {
        delete event.target.dataset.sent;
        event.submitter.classList.remove("is-busy");
      });
    }
  });
  window.addEventListener("pageshow", tell);
  document.addEventListener("htmx:load", tell);
  tell();
})();
