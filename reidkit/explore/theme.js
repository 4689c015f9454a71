// Tells the kernel whether the page is dark: a canvas that is painted by others cannot look for itself.

const isDark = () => {
  const light = document.body.dataset.jpThemeLight; // JupyterLab's and Voilà's word for it
  return light === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : light === "false";
};

function render({ model, el }) {
  el.style.display = "none";
  const tell = () => {
    if (model.get("dark") === isDark()) return;
    model.set("dark", isDark());
    model.save_changes();
  };
  tell();
  const watcher = new MutationObserver(tell);
  watcher.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  return () => watcher.disconnect();
}

export default { render };
