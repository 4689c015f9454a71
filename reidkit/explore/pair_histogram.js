// The pair histogram's page: legend, axis, threshold line, tooltip, readout; what the mouse and the keys do.

const THROTTLE = 60;  // ms between two messages to Python while the line is dragged

function build() {
  const knob = make("span", { className: "knob" });
  const parts = {
    legend: make("div", { className: "legend" }),
    canvas: make("canvas", { ariaHidden: "true" }),
    line: make("div", { className: "line", role: "slider", tabIndex: 0, ariaLabel: "Threshold" }, knob),
    knob,
    tooltip: make("div", { className: "tooltip", hidden: true }),
    ticks: make("div", { className: "ticks faint" }),
    label: make("div", { className: "label faint" }),
    readout: make("p", { className: "readout" }),
  };
  parts.line.dataset.lmSuppressShortcuts = "";  // or JupyterLab takes the arrow keys for itself
  parts.plot = make("div", { className: "plot" }, parts.canvas, parts.line, parts.tooltip);
  parts.chart = make("div", { className: "chart" }, parts.legend, parts.plot, parts.ticks, parts.label, parts.readout);
  return parts;
}

function swatch(kind, ...text) {
  return make("span", {}, make("i", { className: `swatch ${kind}`, ariaHidden: "true" }), ...text);
}

function drawLegend(legend, view, behindName) {
  const entry = (layer, pair) => `${NAMES[pair]}: ${counted(sum(layer[pair]), "pair")}`;
  legend.replaceChildren(...PAIRS.map((pair) => swatch(pair, entry(view.counts, pair))),
    make("span", { className: "areas faint", textContent: "each area is 1" }));
  if (view.behind) {
    const both = PAIRS.map((pair) => `${whole.format(sum(view.behind[pair]))} ${NAMES[pair]}`).join(", ");
    legend.append(swatch("outlines", `outlines: ${behindName} (${both})`));
  }
}

function drawTicks(ticks, view) {
  const step = roundStep((48 * view.span) / view.pixels, 1e-6);
  const number = Math.floor(view.span / step + 1e-9) + 1;
  ticks.replaceChildren(...Array.from({ length: number }, (_, k) => {
    const tick = make("span", { textContent: (k * step).toFixed(places(step)) });
    tick.style.left = `${((k * step) / view.span) * 100}%`;
    return tick;
  }));
}

/** Half a pair is rounded up, and so is what only rounding errors keep from it. As in Python. */
const nearest = (pairs) => Math.floor(pairs + 0.5 + 1e-6);

/** What a threshold means, in numbers and in words. */
function read(view, threshold) {
  const near = Object.fromEntries(PAIRS.map((pair) => [pair, closer(view.counts[pair], view.width, threshold)]));
  const [tpr, fpr] = PAIRS.map((pair) => near[pair] / sum(view.counts[pair]));  // NaN without pairs, as in Python
  const share = (rate, name, short) => (Number.isNaN(rate) ? `no ${name} pairs` : `${percent(rate)} of ${name} pairs (${short})`);
  const text = `closer than ${threshold.toFixed(view.digits)}: ${share(tpr, "Pos", "TPR")}, ${share(fpr, "Neg", "FPR")}`
    + ` · ${whole.format(nearest(near.pos))} true, ${whole.format(nearest(near.neg))} false pairs`;
  return { tpr, fpr, text };
}

function describe(view, { k, pair }) {
  const range = edges(view, k).map((edge) => edge.toFixed(places(view.width))).join(" – ");
  const row = (each) => make("div", { className: each === pair ? "meant" : "" },
    swatch(each, `${NAMES[each]}: ${counted(view.bars[each][k], "pair")}`));
  const other = PAIRS.find((each) => each !== pair && view.bars[each][k] > 0);
  const lower = other && view.front[pair][k] <= view.front[other][k];
  const hint = pair ? `Click: these ${NAMES[pair]} pairs` : "";
  const more = other ? ` · point ${lower ? "higher" : "lower"} for the ${NAMES[other]} pairs` : "";
  return [make("b", { textContent: range }), ...PAIRS.map(row), make("div", { className: "hint faint", textContent: hint + more })];
}

function render({ model, el }) {
  const parts = build();
  let view = null, hovered = null, timer = null;

  const threshold = () => ranged(model.get("threshold"), 0, view.span);

  function paint() {
    if (!view) return;
    const at = threshold(), { tpr, fpr, text } = read(view, at);
    draw(parts.canvas, view, at, hovered);
    parts.line.style.left = `${(at / view.span) * 100}%`;
    parts.knob.textContent = at.toFixed(view.digits);
    parts.readout.textContent = text;
    Object.assign(parts.line, { ariaValueMin: 0, ariaValueMax: view.span, ariaValueNow: at, ariaValueText: text });
    Object.assign(root.dataset, { threshold: at, tpr, fpr });
  }

  function refresh() {
    parts.chart.hidden = !model.get("counts")?.byteLength;  // first: what is hidden has no width to measure
    empty.hidden = !parts.chart.hidden;
    empty.textContent = model.get("empty");
    parts.label.textContent = model.get("label");
    view = measure(model, parts.plot.clientWidth);
    root.dataset.drawn = view ? view.shown : 0;
    hover(null);
    if (!view) return;
    drawLegend(parts.legend, view, model.get("behind_name"));
    drawTicks(parts.ticks, view);
    paint();
  }

  function send() {
    clearTimeout(timer);
    timer = null;
    model.save_changes();
  }

  /** Move the line: at once here, every THROTTLE ms in Python. */
  function move(x) {
    if (!view) return;
    const fine = view.width / 10;
    model.set("threshold", Number(ranged(Math.round(x / fine) * fine, 0, view.span).toFixed(view.digits)));
    timer ??= setTimeout(send, THROTTLE);
  }

  const place = (event) => event.clientX - parts.plot.getBoundingClientRect().left;

  function drag(down) {
    const grip = (threshold() / view.span) * view.pixels - place(down);  // the line must not jump to the mouse
    const moved = (event) => view && move(((place(event) + grip) / view.pixels) * view.span);
    parts.line.setPointerCapture(down.pointerId);
    parts.line.addEventListener("pointermove", moved);
    parts.line.addEventListener("lostpointercapture", () => {
      parts.line.removeEventListener("pointermove", moved);
      if (timer) send();
    }, { once: true });
  }

  function key(event) {
    const { width, span } = view, step = event.shiftKey ? width / 10 : width, at = threshold();
    const to = { ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step,
      PageDown: at - 10 * width, PageUp: at + 10 * width, Home: 0, End: span }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  }

  /** The bar under the mouse; null over the line, which is not a bar. */
  function under(event) {
    if (!view || parts.line.contains(event.target)) return null;
    const k = ranged(Math.floor(place(event) / view.wide), 0, view.shown - 1);
    return { k, pair: meant(view, k, parts.plot.getBoundingClientRect().bottom - event.clientY) };
  }

  function hover(found) {
    hovered = found;
    parts.tooltip.hidden = !found;
    parts.plot.classList.toggle("hit", Boolean(found?.pair));
    if (!found) return;
    parts.tooltip.replaceChildren(...describe(view, found));
    const x = (found.k + 0.5) * view.wide, room = view.pixels - parts.tooltip.offsetWidth;
    const aside = x < view.pixels / 2 ? x + 14 : x - 14 - parts.tooltip.offsetWidth;
    parts.tooltip.style.left = `${ranged(aside, 0, Math.max(room, 0))}px`;
  }

  function click(event) {
    const found = under(event);
    if (!found?.pair) return;
    const [low, high] = edges(view, found.k), serial = (model.get("clicked").serial ?? 0) + 1;
    model.set("clicked", { pair: found.pair, low, high, serial });
    model.save_changes();
  }

  parts.line.addEventListener("pointerdown", drag);
  parts.line.addEventListener("keydown", key);
  parts.plot.addEventListener("pointermove", (event) => { hover(event.buttons ? null : under(event)); paint(); });
  parts.plot.addEventListener("pointerleave", () => { hover(null); paint(); });
  parts.plot.addEventListener("click", click);

  const empty = make("div", { className: "empty" });
  const { title, note, trouble, stop } = texts(model);
  const root = settle(el, "rk-pairs", title, parts.chart, empty, note, trouble);

  const sized = new ResizeObserver(refresh);
  sized.observe(parts.plot);
  const stops = [
    stop,
    follow(model, ["counts", "behind", "behind_name", "bin_width", "empty", "label"], refresh),
    follow(model, ["threshold"], paint),
    follow(model, ["clicked"], () => { root.dataset.clicked = JSON.stringify(model.get("clicked")); }),
  ];
  return () => {
    sized.disconnect();
    if (timer) send();
    stops.forEach((end) => end());
  };
}

export default { render };
