// Before anything is drawn: dark or light as chosen, else as the system has it, so that nothing flashes.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("tesela-scheme");
  } catch {
    chosen = null;
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
