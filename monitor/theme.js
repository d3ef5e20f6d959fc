// Before the first paint, so that nothing flashes: the remembered theme, and that there are scripts.
(() => {
  const root = document.documentElement;
  root.classList.remove("no-js");
  try {
    const theme = localStorage.getItem("chard-theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be forbidden: the system's theme then.
  }
})();
