/* Numbers that move: those a text lets readers drag, and what follows from them by the formulas that
   the build has held to the cells. Without this script all of them are plain text. */
(() => {
  "use strict";

  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const OPERATIONS = {
    "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b,
    "**": (a, b) => a ** b,
  };
  const DAY = 86400000;
  /* A drag over so many pixels goes from one end of a control to the other. */
  const TRAVEL = 240;
  const [SAME, LOG_STEP, MANY] = [1e-9, 1.1, 10];

  // As aicompute/words.py writes a number.
  function shown(value, digits = 3) {
    if (!Number.isFinite(value)) return "unbounded";
    const [sign, size] = [value < 0 ? "−" : "", Math.abs(value)];
    if (size === 0 || (Number.isInteger(size) && size < 1e7)) return sign + size.toLocaleString("en-US");
    const [mantissa, power] = size.toExponential(digits - 1).split("e");
    if (size < 1e-3 || size >= 1e7) {
      const raised = [...String(Number(power))].map((c) => (c === "-" ? "⁻" : SUPERSCRIPTS[c]));
      return `${sign}${mantissa}×10${raised.join("")}`;
    }
    const decimals = Math.max(digits - 1 - Number(power), 0);
    const text = Number(`${mantissa}e${power}`).toLocaleString("en-US",
      { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    return sign + (text.includes(".") && power >= digits - 2 ? text.replace(/\.?0+$/, "") : text);
  }

  function inWords(part, value, low, high) {
    const { form, unit = "", one = "" } = part.dataset;
    const needed = [1, 2].find((n) => Number(value.toExponential(n - 1)) === value) || 3;
    const digits = { stated: needed, rounded: 2 }[form] || Number(part.dataset.digits);
    const text = shown(value, digits);
    const range = form === "range" ? ` (${shown(low, digits)} to ${shown(high, digits)})` : "";
    return text + (text === "1" ? one : unit) + range;
  }

  /* A straight line through log2(pfs-days), with the interval that Student's t gives its slope. */
  function fit(points, t) {
    const n = points.length;
    if (!(t > 0)) return null;
    const x = points.map((p) => p.days);
    const y = points.map((p) => Math.log2(p.pfs_days));
    const mean = (list) => list.reduce((a, b) => a + b, 0) / n;
    const [mx, my] = [mean(x), mean(y)];
    const sxx = x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
    if (sxx === 0) return null;
    const slope = x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0) / sxx;
    const rest = y.reduce((sum, v, i) => sum + (v - my - slope * (x[i] - mx)) ** 2, 0);
    const half = t * Math.sqrt(rest / (n - 2) / sxx);
    return { slope, low: slope - half, high: slope + half, at: (day) => 2 ** (my + slope * (day - mx)) };
  }

  function doubling(line, daysPerMonth) {
    const months = (slope) => 1 / slope / daysPerMonth;
    return { value: months(line.slope), low: months(line.high),
      high: line.low > 0 ? months(line.low) : Infinity };
  }

  function worked(formula, values) {
    const stack = [];
    for (const step of formula.split(" ")) {
      const [name, known] = step.split("=");
      if (step === "log2") stack.push(Math.log2(stack.pop()));
      else if (step in OPERATIONS) stack.push(OPERATIONS[step](...stack.splice(-2)));
      else stack.push(known === undefined ? Number(step) : values.get(name) ?? Number(known));
    }
    return stack[0];
  }

  /* ---- What readers drag, and what follows ---- */

  class Numbers {
    constructor(drags) {
      this.values = new Map();  // of what has moved, by name
      this.drags = drags;
      this.follows = [...document.querySelectorAll("[data-follows]")];
      this.recorded = new Map([...drags, ...this.follows].map(
        (part) => [part, [part.textContent, part.title]]));
      this.said = document.createElement("span");
      this.said.className = "visually-hidden";
      this.said.setAttribute("role", "status");
      document.querySelector("main").append(this.said);
      drags.forEach((part) => this.control(part));
      for (const block of new Set(drags.map((part) => part.closest("p, li")))) this.resetFor(block);
    }

    control(part) {
      part.removeAttribute("href");
      part.classList.add("drag");
      part.tabIndex = 0;
      part.title = `${part.dataset.label}: drag, press the arrow keys, or type`;
      part.setAttribute("aria-label", part.dataset.label);
      for (const end of ["min", "max"]) part.setAttribute(`aria-value${end}`, Number(part.dataset[end]));
      part.setAttribute("role", "slider");
      this.write(part, Number(part.dataset.value));
      part.addEventListener("keydown", (event) => this.press(part, event));
      let from = null;
      part.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        event.preventDefault();
        part.focus();
        part.setPointerCapture(event.pointerId);
        from = { x: event.clientX, share: this.share(part), moved: false };
      });
      part.addEventListener("pointermove", (event) => {
        if (!from) return;
        from.moved = from.moved || Math.abs(event.clientX - from.x) > 3;
        if (from.moved) this.set(part, this.atShare(part, from.share + (event.clientX - from.x) / TRAVEL));
      });
      part.addEventListener("pointerup", () => {
        if (from && !from.moved) this.type(part, String(this.now(part)));
        from = null;
      });
      part.addEventListener("pointercancel", () => { from = null; });
    }

    now({ dataset }) { return this.values.get(dataset.drag) ?? Number(dataset.value); }

    share(part) {
      const [low, high] = [Number(part.dataset.min), Number(part.dataset.max)];
      return part.dataset.step === "log" ? Math.log(this.now(part) / low) / Math.log(high / low)
        : (this.now(part) - low) / (high - low);
    }

    atShare(part, share) {
      const [low, high] = [Number(part.dataset.min), Number(part.dataset.max)];
      const value = part.dataset.step === "log" ? low * (high / low) ** share
        : low + (high - low) * share;
      return this.snapped(part, value);
    }

    // Steps are counted from the recorded number, so that every way leads back to it.
    snapped({ dataset }, value) {
      if (dataset.step === "log") return Number(value.toPrecision(2));
      const [step, from] = [Number(dataset.step), Number(dataset.value)];
      return Number((from + Math.round((value - from) / step) * step).toPrecision(12));
    }

    press(part, event) {
      const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: MANY,
        PageDown: -MANY }[event.key];
      const end = { Home: part.dataset.min, End: part.dataset.max, Escape: part.dataset.value }[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^[\d.]$/.test(event.key)) this.type(part, event.key);
      else if (event.key === "Enter") this.type(part, String(this.now(part)));
      else if (end !== undefined) this.set(part, Number(end));
      else if (steps) {
        const now = this.now(part);
        this.set(part, this.snapped(part, part.dataset.step === "log" ? now * LOG_STEP ** steps
          : now + steps * Number(part.dataset.step)));
      } else return;
      event.preventDefault();
    }

    type(part, text) {
      const field = document.createElement("input");
      field.className = "drag-field";
      field.inputMode = "decimal";
      field.value = text;
      field.setAttribute("aria-label", part.dataset.label);
      const done = (take) => {
        if (part.hidden === false) return;
        part.hidden = false;
        const typed = Number(field.value.replace(/,/g, ""));
        field.remove();
        if (take && field.value.trim() && Number.isFinite(typed)) this.set(part, typed);
      };
      field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        done(event.key === "Enter");
        part.focus();
      });
      field.addEventListener("blur", () => done(true));
      part.after(field);
      part.hidden = true;
      field.focus();
      if (text.length > 1) field.select();
    }

    set({ dataset }, wanted) {
      const value = Math.min(Math.max(wanted, Number(dataset.min)), Number(dataset.max));
      if (value === Number(dataset.value)) this.values.delete(dataset.drag);
      else this.values.set(dataset.drag, value);
      this.update();
    }

    update() {
      for (const part of this.drags) this.write(part, this.now(part));
      for (const part of this.follows) {
        const { follows, formula, value: recorded } = part.dataset;
        if (formula === "fit") continue;
        const value = worked(formula, this.values);
        if (Math.abs(value / Number(recorded) - 1) < SAME) this.values.delete(follows);
        else this.values.set(follows, value);
        this.write(part, this.values.get(follows) ?? Number(recorded));
      }
      this.draw?.();
      for (const [block, button] of this.resets) {
        button.hidden = !this.drags.some((p) => block.contains(p) && this.values.has(p.dataset.drag));
      }
      clearTimeout(this.saying);
      this.saying = setTimeout(() => {
        this.said.textContent = this.follows.map((part) => part.textContent).join("; ");
      }, 800);
    }

    write(part, value, low, high) {
      const [text, title] = this.recorded.get(part);
      const moved = value !== Number(part.dataset.value);
      part.dataset.now = value;
      part.classList.toggle("moved", moved);
      part.textContent = moved ? inWords(part, value, low, high) : text;
      if (part.dataset.drag) {
        part.setAttribute("aria-valuenow", value);
        part.setAttribute("aria-valuetext", part.textContent);
      } else part.title = moved ? `${value}${part.dataset.unit || ""}; recorded: ${title}` : title;
    }

    /* The point of a chart that is one of these numbers, and the line through all its points. */
    join(live, view, meta) {
      const part = this.drags.find((drag) => drag.dataset.drag === meta.drags);
      const fits = this.follows.filter((follower) => follower.dataset.formula === "fit");
      const find = () => [...live.querySelectorAll(".mark-symbol path")].find(
        ({ __data__: item }) => item?.datum?.system_id === meta.id);
      if (!part || !find()) return;
      const rows = view.data("points");
      const lines = meta.lines.map((name) => [name, view.data(name)]);
      this.draw = async () => {
        const value = this.now(part);
        const moved = rows.map((r) => (r.system_id === meta.id ? { ...r, pfs_days: value } : r));
        const line = fit(moved.map((r) => ({ ...r, days: Date.parse(r.date) / DAY })), meta.t);
        const { value: months, low, high } = doubling(line, meta.days_per_month);
        const still = !this.values.has(meta.drags);
        for (const follower of fits) this.write(follower, still ? Number(follower.dataset.value) : months, low, high);
        const held = document.activeElement === find();
        view.data("points", moved);
        for (const [name, ends] of lines) {
          view.data(name, ends.map((r) => ({ ...r, pfs_days: line.at(Date.parse(r.date) / DAY) })));
        }
        await view.runAsync();
        window.bookCharts.makeReachable(live);
        const point = find();
        for (const { name, value: said } of part.attributes) {
          if (name.startsWith("aria-")) point.setAttribute(name, said);
        }
        point.setAttribute("role", "slider");
        point.setAttribute("aria-orientation", "vertical");
        if (held) point.focus();
      };
      const scale = view.scale("y");
      let from = null;
      live.addEventListener("pointerdown", (event) => {
        if (event.target !== find()) return;
        event.preventDefault();
        event.target.focus();
        live.setPointerCapture(event.pointerId);
        from = { y: event.clientY, at: scale(this.now(part)) };
      });
      live.addEventListener("pointermove", (event) => {
        if (!from) return;
        const svg = live.querySelector("svg");
        const down = (event.clientY - from.y) * svg.viewBox.baseVal.height / svg.clientHeight;
        this.set(part, this.snapped(part, scale.invert(from.at + down)));
      });
      for (const end of ["pointerup", "pointercancel"]) live.addEventListener(end, () => { from = null; });
      live.addEventListener("keydown", (event) => {
        if (event.target === find() && event.key !== "Enter" && !/^[\d.]$/.test(event.key)) this.press(part, event);
      });
      this.draw();
    }

    resets = new Map();

    resetFor(block) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "drag-reset";
      button.textContent = "Reset";
      button.hidden = true;
      button.addEventListener("click", () => {
        for (const part of this.drags) {
          if (block.contains(part)) this.values.delete(part.dataset.drag);
        }
        this.update();
        block.querySelector("[data-drag]").focus();
      });
      block.append(" ", button);
      this.resets.set(block, button);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const drags = [...document.querySelectorAll("a[data-drag]")];
    if (!drags.length) return;
    const page = new Numbers(drags);
    for (const chart of document.querySelectorAll(".chart")) {
      chart.addEventListener("chart-live", ({ detail: { view, meta } }) => {
        if (meta?.drags) page.join(chart.querySelector(".chart-live > div"), view, meta);
      });
    }
  });

  window.bookNumbers = { shown, fit, doubling, DAY };
})();
