// The pair histogram's numbers and curves: from counts to bars on a canvas. Nothing here knows of events.

const PAIRS = ["pos", "neg"];
const NAMES = { pos: "Pos", neg: "Neg" };
const COLOURS = { pos: "#0072B2", neg: "#D55E00" };
const HIGH = 190;     // px, of the curves
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

/** How many bins make one bar: wide enough for the mouse, and not finer than so few pairs can tell. */
function binsOfBar(counts, pixels) {
  const bins = counts.pos.length, fewest = Math.min(...PAIRS.map((pair) => sum(counts[pair]) || Infinity));
  const bars = Math.min(pixels / NARROWEST, Math.max(40, 4 * Math.cbrt(fewest)));
  return roundStep(bins / bars, 1);
}

/** The smallest of 1, 2, 5, 10, 20, ... times `unit` that is not below `least`. */
function roundStep(least, unit) {
  let ten = unit;
  while (10 * ten < least) ten *= 10;
  return [1, 2, 5, 10].find((times) => times * ten >= least) * ten;
}

/** How many decimal places it takes to write x. */
function places(x) {
  return [0, 1, 2, 3, 4].find((digits) => Math.abs(Number(x.toFixed(digits)) - x) < 1e-9) ?? 5;
}

/** The counts of `each` neighbouring bins together; the last bar may hold fewer bins. */
function join(counts, each) {
  const bars = Math.ceil(counts.length / each);
  return Float64Array.from({ length: bars }, (_, k) => sum(counts.subarray(k * each, (k + 1) * each)));
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

/** A share in per cent. What is not quite nothing, or not quite all, must not be rounded to it. */
function percent(share) {
  const value = 100 * share;
  if (value > 0 && value < 0.001) return "< 0.001 %";
  if (value < 100 && value > 99.95) return "> 99.9 %";
  return value > 0 && value < 1 ? `${Number(value.toPrecision(2))} %` : `${value.toFixed(1)} %`;
}

/** Everything that is drawn, from the state of the model and the room there is; null without bins or room. */
function measure(model, pixels) {
  const counts = readCounts(model.get("counts")), behind = readCounts(model.get("behind"));
  if (!counts || pixels <= 0) return null;
  const width = model.get("bin_width"), bins = counts.pos.length, each = binsOfBar(counts, pixels);
  const layers = (behind ? [counts, behind] : [counts]).map((layer) => ({
    pos: join(layer.pos, each), neg: join(layer.neg, each),
  }));
  const density = (bars) => Math.max(...bars) / (sum(bars) * width * each || 1);
  const tallest = Math.max(...layers.flatMap((layer) => [density(layer.pos), density(layer.neg)])) || 1;
  const [front, back] = layers.map((layer) => ({
    pos: heights(layer.pos, (HIGH - 6) / tallest, width * each), neg: heights(layer.neg, (HIGH - 6) / tallest, width * each),
  }));
  return {
    counts, behind, width, bins, each, front, back, pixels,
    span: bins * width, bars: layers[0], shown: Math.ceil(bins / each), wide: (pixels / bins) * each,
    digits: places(width / 10),
  };
}

/** Low and high edge of a bar. Divided last, so that 57 of 200 bins up to 2 are 0.57 and not 0.5700000000000001. */
function edges(view, k) {
  return [k, k + 1].map((edge) => (Math.min(edge * view.each, view.bins) * view.span) / view.bins);
}

/** The bar that the mouse means: the lower one of those it is on; above both, the taller one. */
function meant(view, k, up) {
  const there = PAIRS.filter((pair) => view.bars[pair][k] > 0);
  const byHeight = there.sort((a, b) => view.front[a][k] - view.front[b][k]);
  return byHeight.find((pair) => up <= Math.max(view.front[pair][k], EASY)) ?? byHeight.at(-1);
}

/** Fill the bars between two places. */
function fill(pen, path, from, to, strength) {
  pen.save();
  pen.beginPath();
  pen.rect(from, 0, to - from, HIGH);
  pen.clip();
  pen.globalAlpha = strength;
  pen.fill(path);
  pen.restore();
}

/** Draw it all. What is filled darkly, left of the threshold, is the share that is closer: the areas are 1. */
function draw(canvas, view, threshold, hovered) {
  const sharp = window.devicePixelRatio || 1, pen = canvas.getContext("2d");
  [canvas.width, canvas.height] = [view.pixels * sharp, HIGH * sharp];
  pen.scale(sharp, sharp);
  const line = (threshold / view.span) * view.pixels;
  for (const pair of PAIRS) {
    const path = outline(view.front[pair], view.wide, HIGH);
    pen.fillStyle = pen.strokeStyle = COLOURS[pair];
    fill(pen, path, 0, line, 0.6);
    fill(pen, path, line, view.pixels, 0.28);
    if (!view.back) pen.stroke(path);  // an outline would be taken for one of those behind
  }
  pen.lineWidth = 1.75;
  for (const pair of view.back ? PAIRS : []) {
    pen.strokeStyle = COLOURS[pair];
    pen.stroke(outline(view.back[pair], view.wide, HIGH));
  }
  if (!hovered?.pair) return;
  const tall = view.front[hovered.pair][hovered.k];
  pen.fillStyle = COLOURS[hovered.pair];
  pen.fillRect(hovered.k * view.wide, HIGH - tall, view.wide, tall);
}
