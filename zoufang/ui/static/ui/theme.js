// Runs before the first paint: the theme that was chosen, else the system's; and the mark that scripts run.
(function () {
  var root = document.documentElement;
  var chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch (error) { /* storage may be forbidden */ }
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    root.setAttribute("data-bs-theme", chosen || (dark.matches ? "dark" : "light"));
  }
  apply();
  dark.addEventListener("change", apply);
  root.classList.add("js");
  window.zoufangTheme = {
    toggle: function () {
      chosen = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
      try { localStorage.setItem("theme", chosen); } catch (error) { /* kept for this page only */ }
      apply();
      document.dispatchEvent(new CustomEvent("themechange"));
    }
  };
})();
