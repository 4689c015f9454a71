// What both widgets need. A plain module: no library, no build step, nothing loaded from elsewhere.

/** Make an element: make("p", {className: "note"}, "text", child, ...). */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * Run `update` now, and once after every change of the named traits; returns what stops it.
 * One message may set many traits, and each is told of by itself: they are answered together.
 */
function follow(model, names, update) {
  let waiting = false, stopped = false;
  const changed = () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => { waiting = false; if (!stopped) update(); });
  };
  for (const name of names) model.on(`change:${name}`, changed);
  update();
  return () => {
    stopped = true;
    for (const name of names) model.off(`change:${name}`, changed);
  };
}

/** The texts that both widgets have. Each takes no room while it is empty; `stop` ends following them. */
function texts(model) {
  const elements = {
    title: make("h4"),
    note: make("p", { className: "faint" }),
    trouble: make("pre", { className: "trouble", role: "alert" }),
  };
  const stops = Object.entries(elements).map(([name, element]) => follow(model, [name], () => {
    element.textContent = model.get(name);
    element.hidden = !model.get(name);
  }));
  return { ...elements, stop: () => stops.forEach((stop) => stop()) };
}

/** The widget's element in its place on the page. */
function settle(el, kind, ...children) {
  const root = make("div", { className: `rk ${kind}` }, ...children);
  el.classList.add("rk-host");
  el.append(root);
  return root;
}

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** "1 pair", "1,234 pairs". */
function counted(number, noun) {
  return `${whole.format(number)} ${noun}${Math.round(number) === 1 ? "" : "s"}`;
}
