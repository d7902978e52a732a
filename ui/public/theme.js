// Runs before the first paint, so that the page never flashes in the wrong colours. The switch is in src/shell/theme.ts.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("polylogue-theme");
  } catch {
    // Storage is forbidden here: the system's choice it is.
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
