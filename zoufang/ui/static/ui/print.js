// The button of a print page.
"use strict";
document.querySelector("[data-print]").addEventListener("click", () => window.print());
