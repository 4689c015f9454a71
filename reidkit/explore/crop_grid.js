// The crop grid's page: cards under headings, a bar to leaf through them, clicks, marks and keys.

// Never colour alone: each tone has a symbol, and a word for those who listen.
const TONES = {
  plain: ["", ""], pos: ["✓", "Pos"], neg: ["✗", "Neg"], outlier: ["○", "outlier"],
};

function build() {
  const button = (text, label) => make("button", { type: "button", textContent: text, ariaLabel: label, title: label });
  const parts = {
    range: make("span", { className: "range" }),
    previous: button("‹", "Previous page"),
    next: button("›", "Next page"),
    unmark: button("", "Unmark all cards"),
    hint: make("span", { className: "hint faint", textContent: "Ctrl- or Shift-click marks" }),
    size: make("input", { type: "range", min: 40, max: 256, step: 4 }),
    scroll: make("div", { className: "scroll", role: "listbox", ariaMultiSelectable: "true", ariaLabel: "Crops" }),
  };
  parts.scroll.dataset.lmSuppressShortcuts = "";  // or JupyterLab takes the arrow keys for itself
  parts.bar = make("div", { className: "bar" }, parts.previous, parts.range, parts.next, parts.unmark, parts.hint,
    make("label", { className: "faint" }, "Size ", parts.size));
  return parts;
}

/** A picture from bytes; its address holds the bytes in memory until it is revoked. */
function picture(bytes, part, alt) {
  const src = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
  const image = make("img", { src, alt, draggable: false });
  image.dataset.part = part;
  return image;
}

function makeCard(card, index) {
  const [symbol, word] = TONES[card.tone], pair = card.images.length > 1;
  const alt = (part) => [card.caption, word, pair ? `crop ${part + 1} of 2` : ""].filter(Boolean).join(", ");
  const pictures = card.images.map((bytes, part) => picture(bytes, part, alt(part)));
  const frame = make("div", { className: "frame" }, ...pictures);
  if (symbol) frame.append(make("span", { className: "symbol", textContent: symbol, ariaHidden: "true" }));
  const caption = make("div", { className: "caption", textContent: card.caption });
  const element = make("div", { className: `card ${card.tone}`, role: "option", tabIndex: -1, title: card.title || card.caption }, frame, caption);
  element.dataset.index = index;
  return element;
}

/** The cards under their headings. */
function makeGroups(cards, first) {
  const groups = [];
  cards.forEach((card, k) => {
    if (!k || card.group !== cards[k - 1].group) {
      const heading = make("h5", { textContent: card.group, hidden: !card.group });
      const wrap = make("div", { className: "wrap" });
      groups.push(make("div", { className: "group", role: "group", ariaLabel: card.group || "Crops" }, heading, wrap));
    }
    groups.at(-1).lastChild.append(makeCard(card, first + k));
  });
  return groups;
}

/** The marks after a click with a key held: Ctrl turns one over, Shift adds all from the last one to here. */
function marksAfter(marks, index, last, range) {
  const after = new Set(marks);
  if (range && last !== null) {
    for (let k = Math.min(last, index); k <= Math.max(last, index); k++) after.add(k);
  } else if (!after.delete(index)) after.add(index);
  return [...after].sort((a, b) => a - b);
}

function render({ model, el }) {
  const parts = build();
  const cards = () => [...parts.scroll.querySelectorAll(".card")];
  let last = null;    // the card that Shift marks from
  let wanted = null;  // the page that was asked for and is still on its way

  function forget() {
    parts.scroll.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    parts.scroll.replaceChildren();
  }

  function refresh() {
    const focused = parts.scroll.contains(document.activeElement);
    forget();
    parts.scroll.append(...makeGroups(model.get("cards"), model.get("first")));
    parts.scroll.scrollTop = 0;
    [last, wanted] = [null, null];
    reach(cards()[0], focused);
    root.dataset.shown = model.get("cards").length;
    mark();
    light();
  }

  function leaf() {
    const [count, first, page] = ["count", "first", "page"].map((name) => model.get(name));
    const stop = Math.min(first + model.get("per_page"), count);
    parts.range.textContent = `${whole.format(first + 1)}–${whole.format(stop)} of ${whole.format(count)}`;
    parts.previous.hidden = parts.next.hidden = count <= model.get("per_page");
    parts.previous.disabled = first === 0;
    parts.next.disabled = stop >= count;
    parts.bar.hidden = parts.scroll.hidden = !count;
    empty.hidden = Boolean(count);
    empty.textContent = model.get("message");
    root.dataset.page = page;
  }

  function mark() {
    const marks = new Set(model.get("marked"));
    cards().forEach((card) => { card.ariaSelected = String(marks.has(Number(card.dataset.index))); });
    parts.unmark.hidden = !marks.size;
    parts.hint.hidden = Boolean(marks.size);
    parts.unmark.textContent = `★ ${whole.format(marks.size)} marked ✕`;
    root.dataset.marked = JSON.stringify([...marks]);
  }

  function light() {
    const clicked = model.get("clicked");
    cards().forEach((card) => { card.classList.toggle("clicked", Number(card.dataset.index) === clicked.index); });
    root.dataset.clicked = JSON.stringify(clicked);
  }

  /** Only one card is reached with the Tab key; the arrow keys lead on from there. */
  function reach(card, focus = true) {
    if (!card) return;
    cards().forEach((other) => { other.tabIndex = other === card ? 0 : -1; });
    if (focus) card.focus();
  }

  function turn(by) {
    wanted = Math.max(0, (wanted ?? model.get("page")) + by);
    model.send({ page: wanted });
  }

  function set(name, value) {
    model.set(name, value);
    model.save_changes();
  }

  function choose(card, part, { toggle, range }) {
    const index = Number(card.dataset.index);
    if (toggle || range) set("marked", marksAfter(model.get("marked"), index, last, range));
    else set("clicked", { index, part, serial: (model.get("clicked").serial ?? 0) + 1 });
    last = index;
    reach(card);
  }

  function click(event) {
    const card = event.target.closest(".card");
    const part = Number(event.target.dataset.part ?? 0);
    if (card) choose(card, part, { toggle: event.ctrlKey || event.metaKey, range: event.shiftKey });
  }

  function key(event) {
    const all = cards(), at = all.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || (to === undefined && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    if (to !== undefined) reach(all[to]);
    else choose(all[at], 0, { toggle: event.key === " ", range: false });
  }

  parts.previous.addEventListener("click", () => turn(-1));
  parts.next.addEventListener("click", () => turn(1));
  parts.unmark.addEventListener("click", () => set("marked", []));
  parts.size.addEventListener("input", () => root.style.setProperty("--size", `${parts.size.value}px`));
  parts.size.addEventListener("change", () => set("size", Number(parts.size.value)));
  parts.scroll.addEventListener("click", click);
  parts.scroll.addEventListener("keydown", key);

  const empty = make("div", { className: "empty" });
  const { title, note, trouble, stop } = texts(model);
  const root = settle(el, "rk-crops", title, parts.bar, parts.scroll, empty, note, trouble);

  const stops = [
    stop,
    follow(model, ["cards", "first"], refresh),
    follow(model, ["count", "first", "page", "per_page", "message"], leaf),
    follow(model, ["marked"], mark),
    follow(model, ["clicked"], light),
    follow(model, ["busy"], () => { root.ariaBusy = String(model.get("busy")); if (!model.get("busy")) wanted = null; }),
    follow(model, ["size"], () => { parts.size.value = model.get("size"); root.style.setProperty("--size", `${model.get("size")}px`); }),
    follow(model, ["height"], () => { parts.scroll.style.height = `${model.get("height")}px`; }),
  ];
  return () => {
    stops.forEach((end) => end());
    forget();
  };
}

export default { render };
