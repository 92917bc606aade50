// Comforts of the page on which posters are chosen: it works without this file.
"use strict";
(() => {
  document.querySelectorAll("[data-submits]").forEach((form) => {
    form.addEventListener("change", () => form.requestSubmit());
  });
  document.querySelectorAll("[data-all] fieldset").forEach((group) => {
    const boxes = Array.from(group.querySelectorAll("input[type=checkbox]"));
    if (boxes.length < 2) return;
    const all = document.createElement("button");
    all.type = "button";
    all.className = "btn btn-quiet";
    all.textContent = group.closest("[data-all]").dataset.all;
    all.addEventListener("click", () => {
      const wanted = boxes.some((box) => !box.checked);
      boxes.forEach((box) => { box.checked = wanted; });
    });
    group.querySelector("legend").append(all);
  });
})();
