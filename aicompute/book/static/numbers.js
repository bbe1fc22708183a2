/* Numbers that move: those a text lets readers drag, and what follows from them by the formulas that
   the build has held to the cells. Without this script all of them are plain text. */
(() => {
  "use strict";

  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const OPERATIONS = {
    "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b,
    "**": (a, b) => a ** b,
  };
  const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
  const DAY = 86400000;
  // A step for every so many pixels of a drag; the factor between two steps of one that has no width.
  const [TRAVEL, LOG_STEP, SAME] = [5, 1.1, 1e-9];

  // As aicompute/words.py writes a number.
  function shown(value, digits = 3) {
    if (!Number.isFinite(value)) return "unbounded";
    const [sign, size] = [value < 0 ? "−" : "", Math.abs(value)];
    if (size === 0 || (Number.isInteger(size) && size < 1e7)) return sign + size.toLocaleString("en-US");
    const [mantissa, power] = size.toExponential(digits - 1).split("e");
    if (size < 1e-3 || size >= 1e7) {
      const raised = [...String(Number(power))].map((c) => SUPERSCRIPTS[c] ?? "⁻");
      return `${sign}${mantissa}×10${raised.join("")}`;
    }
    return sign + Number(`${mantissa}e${power}`).toLocaleString("en-US", {
      minimumSignificantDigits: power >= digits - 2 ? 1 : digits, maximumSignificantDigits: digits,
    });
  }

  function inWords({ dataset }, value, low, high) {
    const { form, unit = "", one = "" } = dataset;
    const needed = [1, 2].find((n) => Number(value.toPrecision(n)) === value) ?? 3;
    const digits = { stated: needed, rounded: 2 }[form] ?? Number(dataset.digits);
    const text = shown(value, digits);
    const range = form === "range" ? ` (${shown(low, digits)} to ${shown(high, digits)})` : "";
    return text + (text === "1" ? one : unit) + range;
  }

  /* A straight line through log2(pfs-days), with the interval that Student's t gives its slope. */
  function fit(points, t) {
    const sum = (term) => points.reduce((total, point) => total + term(point), 0);
    const log = ({ pfs_days: value }) => Math.log2(value);
    const n = points.length;
    const [x, y] = [sum((p) => p.days) / n, sum(log) / n];
    const spread = sum((p) => (p.days - x) ** 2);
    if (!(t > 0) || spread === 0) return null;
    const slope = sum((p) => (p.days - x) * (log(p) - y)) / spread;
    const rest = sum((p) => (log(p) - y - slope * (p.days - x)) ** 2);
    const half = t * Math.sqrt(rest / (n - 2) / spread);
    return { slope, low: slope - half, high: slope + half, at: (day) => 2 ** (y + slope * (day - x)) };
  }

  // In months, with its interval.
  function doubling({ slope, low, high }, daysPerMonth) {
    const months = (rate) => 1 / rate / daysPerMonth;
    return { value: months(slope), low: months(high), high: low > 0 ? months(low) : Infinity };
  }

  // The result of a formula in postfix form, whose names stand there with their recorded values.
  function worked(formula, values) {
    const stack = [];
    for (const step of formula.split(" ")) {
      const [name, known] = step.split("=");
      if (step === "log2") stack.push(Math.log2(stack.pop()));
      else if (step in OPERATIONS) stack.push(OPERATIONS[step](...stack.splice(-2)));
      else stack.push(values.get(name) ?? Number(known ?? step));
    }
    return stack[0];
  }

  // Steps are counted from the recorded number, so that every way leads back to it.
  function further({ dataset }, value, steps = 0) {
    if (dataset.step === "log") return Number((value * LOG_STEP ** steps).toPrecision(2));
    const [step, from] = [Number(dataset.step), Number(dataset.value)];
    return Number((from + (Math.round((value - from) / step) + steps) * step).toPrecision(12));
  }

  // Hands on from what value a pointer began, and how far it has gone, or that it stayed.
  function whileDragged(part, begin, moved, tapped = () => {}) {
    let from = null;
    part.addEventListener("pointerdown", (event) => {
      const value = begin(event.target);
      if (event.button || value === null) return;
      event.preventDefault();
      event.target.focus();
      part.setPointerCapture(event.pointerId);
      from = { value, x: event.clientX, y: event.clientY, far: false };
    });
    part.addEventListener("pointermove", (event) => {
      if (!from) return;
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      from.far ||= Math.hypot(x, y) > 3;
      if (from.far) moved(from.value, x, y);
    });
    part.addEventListener("pointerup", () => {
      if (from && !from.far) tapped();
      from = null;
    });
    part.addEventListener("pointercancel", () => { from = null; });
  }

  /* ---- What readers drag, and what follows ---- */

  class Numbers {
    values = new Map();  // of what has moved, by name
    said = book.make("span", { className: "visually-hidden", role: "status" });

    constructor(drags) {
      this.drags = drags;
      this.follows = book.all("[data-follows]");
      this.recorded = new Map([...drags, ...this.follows].map(
        (part) => [part, { text: part.textContent, title: part.title }]));
      document.querySelector("main").append(this.said);
      for (const part of drags) this.control(part);
      const blocks = new Set(drags.map((part) => part.closest("p, li")));
      this.resets = [...blocks].map((block) => this.resetIn(block));
    }

    control(part) {
      const { label, min, max, value } = part.dataset;
      part.removeAttribute("href");
      part.classList.add("drag");
      Object.assign(part, {
        role: "slider", tabIndex: 0, title: `${label}: drag, press the arrow keys, or type`,
        ariaLabel: label, ariaValueMin: Number(min), ariaValueMax: Number(max),
      });
      this.write(part, Number(value));
      part.addEventListener("keydown", (event) => this.press(part, event));
      whileDragged(part, () => this.now(part),
        (from, x) => this.set(part, further(part, from, Math.round(x / TRAVEL))),
        () => this.type(part, String(this.now(part))));
    }

    resetIn(block) {
      const reset = () => {
        this.values.clear();
        this.update();
        block.querySelector("[data-drag]").focus();
      };
      const given = { className: "drag-reset", hidden: true, onclick: reset };
      const button = book.make("button", given, "Reset");
      block.append(" ", button);
      return button;
    }

    now({ dataset }) { return this.values.get(dataset.drag) ?? Number(dataset.value); }

    press(part, event) {
      const { min, max, value } = part.dataset;
      const [steps, end] = [KEYS[event.key], { Home: min, End: max, Escape: value }[event.key]];
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^[\d.]$/.test(event.key)) this.type(part, event.key);
      else if (event.key === "Enter") this.type(part, String(this.now(part)));
      else if (end) this.set(part, Number(end));
      else if (steps) this.set(part, further(part, this.now(part), steps));
      else return;
      event.preventDefault();
    }

    // A field in the number's place; what is typed counts with Enter, or when the field is left.
    type(part, text) {
      const field = book.make("input", {
        className: "drag-field", inputMode: "decimal", value: text, ariaLabel: part.dataset.label,
      });
      const done = (taken) => {
        if (!part.hidden) return;
        part.hidden = false;
        const typed = Number(taken.replaceAll(",", "").trim() || NaN);
        field.remove();
        if (Number.isFinite(typed)) this.set(part, typed);
      };
      field.onblur = () => done(field.value);
      field.onkeydown = ({ key }) => {
        if (key !== "Enter" && key !== "Escape") return;
        done(key === "Enter" ? field.value : "");
        part.focus();
      };
      part.after(field);
      part.hidden = true;
      field.focus();
      if (text.length > 1) field.select();
    }

    set(part, wanted) {
      const { drag, min, max, value } = part.dataset;
      this.values.set(drag, Math.min(Math.max(wanted, Number(min)), Number(max)));
      if (this.now(part) === Number(value)) this.values.delete(drag);
      this.update();
    }

    update() {
      for (const part of this.drags) this.write(part, this.now(part));
      for (const part of this.follows.filter(({ dataset }) => dataset.formula !== "fit")) {
        const { follows, formula, value: recorded } = part.dataset;
        const value = worked(formula, this.values);
        if (Math.abs(value / Number(recorded) - 1) < SAME) this.values.delete(follows);
        else this.values.set(follows, value);
        this.write(part, this.values.get(follows) ?? Number(recorded));
      }
      this.draw?.();
      for (const button of this.resets) button.hidden = !this.values.size;
      clearTimeout(this.saying);
      this.saying = setTimeout(() => {
        this.said.textContent = this.follows.map((part) => part.textContent).join("; ");
      }, 800);
    }

    write(part, value, low, high) {
      const { text, title } = this.recorded.get(part);
      const moved = value !== Number(part.dataset.value);
      part.dataset.now = value;
      part.classList.toggle("moved", moved);
      part.textContent = moved ? inWords(part, value, low, high) : text;
      if (part.dataset.drag) Object.assign(part, { ariaValueNow: value, ariaValueText: part.textContent });
      else part.title = moved ? `${value}${part.dataset.unit ?? ""}; recorded: ${title}` : title;
    }

    /* The point of a chart that is one of these numbers, and the line through all its points. */
    join(live, view, { drags, id, lines, t, days_per_month: daysPerMonth }) {
      const part = this.drags.find(({ dataset }) => dataset.drag === drags);
      const find = () => book.all(".mark-symbol path", live).find(
        (path) => path.__data__?.datum?.system_id === id);
      if (!part || !find()) return;
      const fits = this.follows.filter(({ dataset }) => dataset.formula === "fit");
      const [rows, scale] = [view.data("points"), view.scale("y")];
      const recorded = lines.map((name) => [name, view.data(name)]);
      const dayOf = ({ date }) => Date.parse(date) / DAY;
      this.draw = async () => {
        const value = this.now(part);
        const moved = rows.map((row) => (row.system_id === id ? { ...row, pfs_days: value } : row));
        const line = fit(moved.map((row) => ({ ...row, days: dayOf(row) })), t);
        const { value: months, low, high } = doubling(line, daysPerMonth);
        for (const follower of fits) {
          const still = !this.values.has(drags);
          this.write(follower, still ? Number(follower.dataset.value) : months, low, high);
        }
        const held = document.activeElement === find();
        view.data("points", moved);
        for (const [name, ends] of recorded) {
          view.data(name, ends.map((end) => ({ ...end, pfs_days: line.at(dayOf(end)) })));
        }
        await view.runAsync();
        book.makeReachable(live);
        const { ariaLabel, ariaValueMin, ariaValueMax, ariaValueNow, ariaValueText } = part;
        const point = Object.assign(find(), { role: "slider", ariaOrientation: "vertical" },
          { ariaLabel, ariaValueMin, ariaValueMax, ariaValueNow, ariaValueText });
        if (held) point.focus();
      };
      const from = (target) => (target === find() ? scale(this.now(part)) : null);
      whileDragged(live, from, (start, _, y) => {
        const svg = live.querySelector("svg");
        const down = y * svg.viewBox.baseVal.height / svg.clientHeight;
        this.set(part, further(part, scale.invert(start + down)));
      });
      live.addEventListener("keydown", (event) => {
        const typed = /^(Enter|[\d.])$/.test(event.key);
        if (event.target === find() && !typed) this.press(part, event);
      });
      this.draw();
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const drags = book.all("a[data-drag]");
    if (!drags.length) return;
    const page = new Numbers(drags);
    for (const chart of book.all(".chart")) {
      chart.addEventListener("chart-live", ({ detail: { view, meta } }) => {
        if (meta?.drags) page.join(chart.querySelector(".chart-live > div"), view, meta);
      });
    }
  });

  window.book = Object.assign(window.book ?? {}, { shown, fit, doubling });
})();
