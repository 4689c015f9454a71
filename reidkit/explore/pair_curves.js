// The pair histogram's numbers and curves: from counts to bars on a canvas. Nothing here knows of events.

const PAIRS = ["pos", "neg"];
const NAMES = { pos: "Pos", neg: "Neg" };
const COLOURS = { pos: "#0072B2", neg: "#D55E00" };
const NARROWEST = 3;  // px: bins are joined until the mouse can hit one
const EASY = 14;      // px above the axis in which a low bar can be hit as well
const RARE = 1.5;     // px: even a single pair must be seen

const sum = (counts) => counts.reduce((total, count) => total + count, 0);
const ranged = (x, low, high) => Math.min(Math.max(x, low), high);

/** The numbers of the bins. Bytes lie anywhere in their message; a Float64Array needs its own copy. */
function readCounts(view) {
  if (!view?.byteLength) return null;
  const all = new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  return { pos: all.slice(0, all.length / 2), neg: all.slice(all.length / 2) };
}

/** How many lie below x; inside the bin that x cuts they are taken to lie evenly. As in Python. */
function closer(counts, width, x) {
  const bins = ranged(x / width, 0, counts.length), cut = Math.floor(bins);
  return sum(counts.subarray(0, cut)) + (bins - cut) * (counts[cut] ?? 0);
}

/** Into how few bars B bins are drawn: wide enough for the mouse, and not finer than few pairs tell. */
function joined(counts, pixels) {
  const bins = counts.pos.length, pairs = PAIRS.map((pair) => sum(counts[pair])).filter(Boolean);
  const most = Math.min(pixels / NARROWEST, Math.max(40, 4 * Math.cbrt(Math.min(...pairs))));
  let each = 1;
  while (each < bins && (bins % each || bins / each > most)) each++;
  return each;
}

/** The counts of `each` neighbouring bins together. */
function join(counts, each) {
  return Float64Array.from({ length: counts.length / each }, (_, k) => sum(counts.subarray(k * each, (k + 1) * each)));
}

/** Heights, in pixels, of bars whose area is 1. */
function heights(counts, perDensity, width) {
  const total = sum(counts) * width;
  return counts.map((count) => (count ? Math.max(RARE, (count / total) * perDensity) : 0));
}

/** The outline of bars that stand side by side; where there are none, nothing is drawn. */
function outline(bars, wide, floor) {
  const path = new Path2D();
  bars.forEach((high, k) => {
    if (!high) return;
    if (!bars[k - 1]) path.moveTo(k * wide, floor);
    path.lineTo(k * wide, floor - high);
    path.lineTo((k + 1) * wide, floor - high);
    if (!bars[k + 1]) path.lineTo((k + 1) * wide, floor);
  });
  return path;
}

/** Steps of 1, 2 or 5 times a power of ten, at least 48 pixels apart. */
function tickStep(span, pixels) {
  const least = (48 * span) / pixels, ten = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].find((times) => times * ten >= least) * ten;
}

/** A share in per cent. What is not quite nothing, or not quite all, must not be rounded to it. */
function percent(share) {
  const value = 100 * share;
  if (value > 0 && value < 0.001) return "< 0.001 %";
  if (value < 100 && value > 99.95) return "> 99.9 %";
  return value > 0 && value < 1 ? `${Number(value.toPrecision(2))} %` : `${value.toFixed(1)} %`;
}

/** Everything that is drawn, from the state of the model and the room there is. */
function measure(model, pixels, high) {
  const counts = readCounts(model.get("counts"));
  if (!counts || pixels <= 0) return null;
  const width = model.get("bin_width"), bins = counts.pos.length, span = bins * width;
  const each = joined(counts, pixels), shown = bins / each, behind = readCounts(model.get("behind"));
  const layers = [counts, ...(behind ? [behind] : [])].map((layer) => ({
    pos: join(layer.pos, each), neg: join(layer.neg, each),
  }));
  const tallest = Math.max(...layers.flatMap((layer) => PAIRS.map((pair) =>
    Math.max(...layer[pair]) / (sum(layer[pair]) * width * each || 1))));
  const [front, back] = layers.map((layer) => Object.fromEntries(PAIRS.map((pair) =>
    [pair, heights(layer[pair], (high - 6) / (tallest || 1), width * each)])));
  const digits = ranged(Math.ceil(-Math.log10(width / 10) - 1e-9), 0, 6);
  return { counts, behind, width, span, shown, digits, front, back, joined: layers[0], wide: pixels / shown, pixels, high };
}

/** The bar that the mouse means: the lower one of those it is on; above both, the taller one. */
function meant(view, k, up) {
  const there = PAIRS.filter((pair) => view.joined[pair][k] > 0);
  const byHeight = there.sort((a, b) => view.front[a][k] - view.front[b][k]);
  return byHeight.find((pair) => up <= Math.max(view.front[pair][k], EASY)) ?? byHeight.at(-1);
}

function draw(canvas, view, threshold, hovered) {
  const sharp = window.devicePixelRatio || 1, pen = canvas.getContext("2d");
  [canvas.width, canvas.height] = [view.pixels * sharp, view.high * sharp];
  pen.scale(sharp, sharp);
  const line = (threshold / view.span) * view.pixels;
  for (const pair of PAIRS) {
    const path = outline(view.front[pair], view.wide, view.high);
    pen.fillStyle = pen.strokeStyle = COLOURS[pair];
    for (const [from, to, strength] of [[0, line, 0.6], [line, view.pixels, 0.28]]) {
      pen.save();
      pen.beginPath();
      pen.rect(from, 0, to - from, view.high);
      pen.clip();
      pen.globalAlpha = strength;
      pen.fill(path);
      pen.restore();
    }
    pen.lineWidth = 1.25;
    if (!view.back) pen.stroke(path);
  }
  if (view.back) drawBehind(pen, view);
  if (hovered?.pair) {
    const { k, pair } = hovered, tall = view.front[pair][k];
    pen.fillStyle = COLOURS[pair];
    pen.fillRect(k * view.wide, view.high - tall, view.wide, tall);
  }
}

function drawBehind(pen, view) {
  pen.lineWidth = 1.75;
  for (const pair of PAIRS) {
    pen.strokeStyle = COLOURS[pair];
    pen.stroke(outline(view.back[pair], view.wide, view.high));
  }
}
