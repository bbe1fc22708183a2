/* The live page: reads the controls, calculates every point, the fit and its numbers anew from the
   factors that the report put on the page, redraws the chart and writes the address. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  const { shown, fit, doubling } = window.bookNumbers;
  const given = document.getElementById("live-data");
  if (!given) return; // the script is loaded on every page
  const data = JSON.parse(given.textContent);
  const form = document.getElementById("live-form");
  const names = Object.keys(data.settings);
  const isNumber = (name) => typeof data.settings[name] === "number";
  let view = null;

  /* ---- The calculation ---- */

  function valueOf(system, method, basis, setting) {
    const phases = ((data.calculations[system.id] || {})[basis] || {})[method];
    if (!phases) return null;
    return phases.reduce((sum, phase) => sum + phase.times.reduce(
      (product, name) => product * (setting.utilization_from === "measured" && phase.measured
        || setting[name]), phase.pfs_days[setting.chip_rating]), 0);
  }

  function published(system, setting) {
    const other = system.published_by[setting.alphago_zero_estimate];
    return other === undefined ? system.published : other;
  }

  function calculated(system, setting) {
    const basis = setting.values === "replicated" ? "article" : "recount";
    const preferred = system[`${basis}_method`];
    if (preferred === null) return null;
    const wanted = { method_1: 1, method_2: 2 }[setting.method] || preferred;
    const found = valueOf(system, wanted, basis, setting);
    return found === null ? valueOf(system, preferred, basis, setting) : found;
  }

  function chosen(system, setting) {
    if (setting.values === "published") return published(system, setting);
    const value = calculated(system, setting);
    return value === null && setting.published_stands_in ? published(system, setting) : value;
  }

  function fitted(setting) {
    const [since, until] = [daysOf(setting.since), daysOf(setting.until)];
    let record = 0;
    return data.systems
      .map((system) => ({ ...system, pfs_days: chosen(system, setting) }))
      .filter((s) => s.pfs_days !== null && s.days >= since && s.days <= until
        && !setting.without.includes(s.id) && !(setting.without_alphabet && s.alphabet))
      .filter((s) => {
        const sets = s.pfs_days > record;
        record = Math.max(record, s.pfs_days);
        return sets || !setting.record_setters_only;
      });
  }

  function results(setting) {
    const points = fitted(setting);
    const line = fit(points, data.t[points.length - 2]);
    const made = { points: { value: points.length } };
    if (points.length) {
      const first = points[0];
      const largest = points.reduce((a, b) => (b.pfs_days > a.pfs_days ? b : a));
      const months = (largest.days - first.days) / data.days_per_month;
      made.factor = { value: largest.pfs_days / first.pfs_days,
        note: `${first.name} to ${largest.name}` };
      made.moore = { value: 2 ** (months / setting.moore_doubling_months),
        note: `over ${shown(months)} months` };
    }
    if (line) {
      const growth = (slope) => 2 ** (slope * data.days_per_year);
      made.doubling_time_months = doubling(line, data.days_per_month);
      made.growth_per_year = { value: growth(line.slope), low: growth(line.low),
        high: growth(line.high) };
    }
    return { points, line, made };
  }

  function daysOf(date) { return Math.round(Date.parse(date) / 86400000); }

  const UNITS = { doubling_time_months: " months", growth_per_year: "×", factor: "×", moore: "×", points: "" };

  function asText(value) {
    if (Array.isArray(value)) return value.join(",");
    return String(value);
  }

  /* ---- Controls, address and command ---- */

  function read() {
    const setting = { without: [] };
    for (const field of form.elements) {
      if (field.name === "system") {
        if (!field.checked) setting.without.push(field.value);
      } else if (field.type === "checkbox") setting[field.name] = field.checked;
      else if (field.name) setting[field.name] = isNumber(field.name) ? Number(field.value) : field.value;
    }
    for (const name of ["since", "until"]) setting[name] = setting[name] || data.settings[name];
    // A system that is no longer on the page stays left out.
    const known = data.systems.map((system) => system.id);
    setting.without.push(...data.settings.without.filter((id) => !known.includes(id)));
    return setting;
  }

  function write(setting) {
    for (const field of form.elements) {
      if (field.name === "system") field.checked = !setting.without.includes(field.value);
      else if (field.type === "checkbox") field.checked = setting[field.name];
      else if (field.name) field.value = setting[field.name];
    }
  }

  function differing(setting, from) {
    return names.filter((name) => asText(setting[name]) !== asText(from[name]));
  }

  function fromAddress() {
    const setting = structuredClone(data.settings);
    for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
      if (!names.includes(name)) continue;
      const before = data.settings[name];
      if (Array.isArray(before)) setting[name] = text.split(",").filter(Boolean);
      else if (typeof before === "boolean") setting[name] = text === "true";
      else if (isNumber(name)) setting[name] = Number.isFinite(Number(text)) ? Number(text) : before;
      else setting[name] = text;
    }
    return setting;
  }

  function address(setting) {
    const parts = differing(setting, data.settings)
      .map((name) => `${name}=${encodeURIComponent(asText(setting[name])).replace(/%2C/g, ",")}`);
    return parts.length ? `#${parts.join("&")}` : location.pathname + location.search;
  }

  function command(setting) {
    const set = differing(setting, data.defaults).map((name) => [name, asText(setting[name])]);
    const all = [...set, ...Object.entries(data.also).map(([name, value]) => [name, asText(value)])];
    return ["aicompute build", ...all.map(([name, text]) => `--set ${name}=${text}`)].join(" ");
  }

  /* ---- The page ---- */

  const report = results(data.settings);

  // The numbers and the chart stay in sight while a control beside or below them is moved.
  function board() {
    const figure = document.querySelector("[data-chart=what_if]").closest("figure");
    const [whole, stage] = ["live-board", "live-stage"].map(
      (className) => Object.assign(document.createElement("div"), { className }));
    stage.append(document.querySelector(".live-top"), figure.querySelector(".chart"));
    whole.append(stage, form);
    document.querySelector(".bd-article .cell").before(whole, figure);
  }

  function sentence({ doubling_time_months: now }) {
    const before = report.made.doubling_time_months;
    if (!now || !before) return "Too few systems are left to draw a line through.";
    const [is, was, low, high] = [now.value, before.value, before.low, before.high].map((v) => shown(v, 2));
    if (is === was) return `Compute doubles every ${is} months, as in this report (${low} to ${high}).`;
    if (!(now.value > 0 && now.value < Infinity)) return "Under this setting compute does not grow.";
    const inside = now.value >= before.low && now.value <= before.high;
    return `Compute doubles every ${is} months instead of ${was}: ${now.value > before.value ? "slower" : "faster"}, `
      + `${inside ? "within" : "outside"} this report's range of ${low} to ${high}.`;
  }

  // Whether a control changes anything as the others stand; one that does not is put away.
  function acts(field, setting) {
    const trace = (s) => JSON.stringify([fitted(s).map((p) => [p.id, p.pfs_days]), s.moore_doubling_months]);
    const { name, value, type } = field;
    const others = { date: [data.settings.since, data.settings.until], range: [field.min, field.max].map(Number),
      checkbox: [!field.checked], "select-one": [...(field.options || [])].map((o) => o.value) }[type];
    const tried = name === "system"
      ? [{ ...setting, without: field.checked ? [...setting.without, value]
        : setting.without.filter((id) => id !== value) }]
      : others.map((other) => ({ ...setting, [name]: other }));
    return type === "date" || tried.some((s) => trace(s) !== trace(setting));
  }

  function showNumbers(made) {
    document.getElementById("live-sentence").textContent = sentence(made);
    for (const output of document.querySelectorAll("[data-result]")) {
      const name = output.dataset.result;
      const result = made[name];
      output.value = result ? String(result.value) : "";
      output.textContent = result ? shown(result.value, 2) + UNITS[name] : "too few systems";
      const range = result && result.low !== undefined
        ? `${shown(result.low, 2)} to ${shown(result.high, 2)}` : "";
      document.querySelector(`[data-note="${name}"]`).textContent = range || (result || {}).note || "";
    }
  }

  function showControls(setting) {
    const changed = new Set(differing(setting, data.settings));
    for (const field of form.elements) {
      if (!field.name) continue;
      const moved = field.name === "system"
        ? field.checked === data.settings.without.includes(field.value) : changed.has(field.name);
      const control = field.closest(".live-control, .live-check");
      control.toggleAttribute("data-changed", moved);
      control.hidden = !moved && !acts(field, setting);
      const output = field.parentElement.querySelector("output");
      if (output) output.textContent = asText(setting[field.name]);
    }
    document.getElementById("live-hint").hidden = setting.values !== "published";
    document.getElementById("live-command").textContent = command(setting);
  }

  function showChart({ points, line }, setting) {
    if (!view) return;
    // What stays on the page is this report's: where its points and their names were drawn.
    const before = new Map(view.data("baseline").map((row) => [row.id, row]));
    const nowhere = { align: "left", dx: 8, dy: 0 };
    const rows = points.map((p) => {
      const { label, align, dx, dy } = before.get(p.id) || { ...nowhere, label: p.name };
      return { id: p.id, name: p.name, label, align, dx, dy, date: p.days * 86400000,
        pfs_days: p.pfs_days, domain: p.domain, shown: `${shown(p.pfs_days)} pfs-days` };
    });
    const moves = rows.filter((row) => before.has(row.id))
      .map((row) => ({ ...row, before: before.get(row.id).pfs_days }))
      .filter((row) => row.before !== row.pfs_days);
    const fitted = line ? ends(points, (day) => line.at(day)) : [];
    const moore = line ? ends(points, (day) => line.at(points[0].days)
      * 2 ** ((day - points[0].days) / data.days_per_month / setting.moore_doubling_months)) : [];
    const same = !moves.length && rows.length === before.size;
    const names = same ? rows : named(rows, moves, [fitted, moore]);
    view.data("now", rows).data("names", names).data("moves", moves).data("now_line", fitted)
      .data("moore_line", moore).runAsync()
      .then(() => bookCharts.makeReachable(document.querySelector("[data-chart=what_if]")));
  }

  function ends(points, valueOn) {
    return [points[0].days, points[points.length - 1].days]
      .map((day) => ({ date: day * 86400000, pfs_days: valueOn(day) }));
  }

  /* ---- The names of points that moved, placed anew as aicompute/labels.py places them ---- */

  const [FONT, ROUNDS, RADIUS, OVERHANG, STRIP] = [11, 6, 7, 9, 8];

  function overlap(a, b) {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    return across > 0 && down > 0 ? across * down : 0;
  }

  function around(x, y, radius) {
    return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
  }

  function strips(line, at) {
    if (line.length < 2) return [];
    const [[x0, y0], [x1, y1]] = line.map(at);
    const steps = Math.max(1, Math.round(Math.hypot(x1 - x0, y1 - y0) / STRIP));
    return Array.from({ length: steps }, (_, step) => around(
      x0 + (x1 - x0) * (step + 0.5) / steps, y0 + (y1 - y0) * (step + 0.5) / steps, 3));
  }

  function standing(text, x, y, [align, stepsX, stepsY, cost]) {
    const [dx, dy] = [stepsX * FONT, stepsY * FONT];
    const length = data.label_character * FONT * text.length;
    const left = x + dx - { left: 0, right: length, center: length / 2 }[align];
    const middle = y + dy;
    return { align, dx, dy, cost, left, right: left + length,
      top: middle - 0.6 * FONT, bottom: middle + 0.6 * FONT };
  }

  function named(rows, moves, lines) {
    const [across, down] = [view.scale("x"), view.scale("y")];
    const [width, height] = [view.signal("width"), view.signal("height")];
    const at = (row) => [across(row.date), down(row.pfs_days)];
    // A point beyond the axis is not drawn, and nor is its name.
    const seen = rows.filter((row) => at(row)[1] >= 0 && at(row)[1] <= height);
    const marks = seen.map((row) => around(...at(row), RADIUS));
    const taken = [...lines.flatMap((line) => strips(line, at)),
      ...moves.map((row) => around(across(row.date), down(row.before), RADIUS))];
    const frame = { left: 0, right: width + OVERHANG, top: 0, bottom: height };
    const places = seen.map((row, index) => data.label_places.map((place) => {
      const box = standing(row.label, ...at(row), place);
      const outside = (box.right - box.left) * (box.bottom - box.top) - overlap(box, frame);
      const others = [...taken, ...marks.filter((_, other) => other !== index)];
      box.cost += 3 * outside + others.reduce((sum, other) => sum + overlap(box, other), 0);
      return box;
    }));
    const chosen = places.map((options) => options[0]);
    for (let round = 0; round < ROUNDS; round += 1) {
      places.forEach((options, index) => {
        const costs = options.map((box) => box.cost + chosen.reduce(
          (sum, other, of) => sum + (of === index ? 0 : overlap(box, other)), 0));
        chosen[index] = options[costs.indexOf(Math.min(...costs))];
      });
    }
    return seen.map((row, index) => {
      const { align, dx, dy } = chosen[index];
      return { ...row, align, dx, dy };
    });
  }

  function update({ writeAddress = true } = {}) {
    const setting = read();
    const result = results(setting);
    showNumbers(result.made);
    showControls(setting);
    showChart(result, setting);
    if (writeAddress) history.replaceState(null, "", address(setting));
  }

  function say(text) { document.getElementById("live-said").textContent = text; }

  function copy(text, said) {
    if (!navigator.clipboard) { say(text); return; }
    navigator.clipboard.writeText(text).then(() => say(said), () => say(text));
  }

  form.addEventListener("input", () => update());
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    write(data.settings);
    update();
  });
  document.getElementById("live-recounted").addEventListener("click", () => {
    form.elements.values.value = "recounted";
    update();
  });
  document.getElementById("live-copy").addEventListener("click",
    () => copy(command(read()), "The command is copied."));
  document.getElementById("live-link").addEventListener("click",
    () => copy(location.href, "The address is copied."));
  addEventListener("hashchange", () => { write(fromAddress()); update({ writeAddress: false }); });
  for (const chart of document.querySelectorAll("[data-chart=what_if]")) {
    chart.addEventListener("chart-live", (event) => { view = event.detail.view; update({ writeAddress: false }); });
  }
  board();
  write(fromAddress());
  update({ writeAddress: false });
});
