// The wall screen keeps itself up to date. While the server is away it keeps the last numbers and says of when they are.
"use strict";
(() => {
  const away = document.getElementById("away");
  const seconds = Number(document.getElementById("wall").dataset.seconds);
  const PATIENCE = 20000, IDLE = 4000;

  function complain(words) {
    away.textContent = words.replace("{at}", document.getElementById("at").textContent);
    away.hidden = false;
  }

  async function refresh() {
    const given = new AbortController();
    const late = setTimeout(() => given.abort(), PATIENCE);
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: given.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const wall = page.getElementById("wall");
      if (answer.ok && wall) {
        document.getElementById("wall").replaceWith(wall);
        away.hidden = true;
      } else {
        complain(answer.redirected || answer.status === 403 ? away.dataset.signedOut : away.dataset.away);
      }
    } catch {
      complain(away.dataset.away);
    }
    clearTimeout(late);
    setTimeout(refresh, seconds * 1000);
  }
  setTimeout(refresh, seconds * 1000);

  // Tools and pointer show while somebody moves the mouse or uses the keyboard.
  let idle;
  function stir() {
    document.documentElement.classList.remove("is-idle");
    clearTimeout(idle);
    idle = setTimeout(() => document.documentElement.classList.add("is-idle"), IDLE);
  }
  ["mousemove", "touchstart", "keydown"].forEach((kind) => document.addEventListener(kind, stir, { passive: true }));
  stir();

  const button = document.querySelector("[data-full-screen]");
  if (!document.documentElement.requestFullscreen) button.hidden = true;
  button.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  });
})();
