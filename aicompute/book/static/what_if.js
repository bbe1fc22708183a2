/* The live page: reads the controls, calculates every point, the fit and its numbers anew from the
   factors that the report put on the page, redraws the chart and writes the address. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  const { all, make, makeReachable, shown, fit, doubling } = window.book;
  const byId = (id) => document.getElementById(`live-${id}`);
  const form = byId("form");
  if (!form) return; // the script is loaded on every page
  const data = JSON.parse(byId("data").textContent);
  const controls = [...form.elements].filter((field) => field.name);
  const named = controls.filter((field) => field.name !== "system");
  const systems = controls.filter((field) => field.name === "system");
  const chart = document.querySelector("[data-chart=what_if]");
  const DAY = 86400000;
  let view = null;

  /* ---- The calculation ---- */

  // The sum of a system's phases, each multiplied by the assumptions it hangs on.
  function calculated(system, method, basis, setting) {
    const phases = data.calculations[system.id]?.[basis]?.[method];
    const factor = (phase, name) => (
      setting.utilization_from === "measured" && phase.measured || setting[name]);
    return phases?.reduce((sum, phase) => sum + phase.times.reduce(
      (product, name) => product * factor(phase, name), phase.pfs_days[setting.chip_rating]), 0);
  }

  function chosen(system, setting) {
    const published = system.published_by[setting.alphago_zero_estimate] ?? system.published;
    if (setting.values === "published") return published;
    const basis = setting.values === "replicated" ? "article" : "recount";
    const preferred = system[`${basis}_method`];
    const wanted = { method_1: 1, method_2: 2 }[setting.method] ?? preferred;
    return calculated(system, wanted, basis, setting) ?? calculated(system, preferred, basis, setting)
      ?? (setting.published_stands_in ? published : null);
  }

  function fitted(setting) {
    const [since, until] = [setting.since, setting.until].map((date) => Math.round(Date.parse(date) / DAY));
    let record = 0;
    return data.systems
      .map((system) => ({ ...system, pfs_days: chosen(system, setting) }))
      .filter(({ id, days, alphabet, pfs_days: value }) => (
        value !== null && days >= since && days <= until && !setting.without.includes(id)
        && !(setting.without_alphabet && alphabet)))
      .filter(({ pfs_days: value }) => {
        const sets = value > record;
        record = Math.max(record, value);
        return sets || !setting.record_setters_only;
      });
  }

  function results(setting) {
    const points = fitted(setting);
    const line = fit(points, data.t[points.length - 2]);
    const made = { points: { value: points.length } };
    if (points.length) {
      const [first] = points;
      const largest = points.reduce((a, b) => (b.pfs_days > a.pfs_days ? b : a));
      const months = (largest.days - first.days) / data.days_per_month;
      const factor = 2 ** (months / setting.moore_doubling_months);
      made.factor = { value: largest.pfs_days / first.pfs_days, note: `${first.name} to ${largest.name}` };
      made.moore = { value: factor, note: `over ${shown(months)} months` };
    }
    if (line) {
      const [value, low, high] = [line.slope, line.low, line.high].map(
        (slope) => 2 ** (slope * data.days_per_year));
      made.growth_per_year = { value, low, high };
      made.doubling_time_months = doubling(line, data.days_per_month);
    }
    return { points, line, made };
  }

  const report = results(data.settings);

  /* ---- Controls, address and command: all of them texts of one form ---- */

  // What a text says of an assumption; one that says nothing leaves it as it is in this report.
  function typed(name, text) {
    const before = data.settings[name];
    if (Array.isArray(before)) return text.split(",").filter(Boolean);
    if (typeof before === "boolean") return text === "true";
    if (typeof before === "number") return Number.isFinite(Number(text)) ? Number(text) : before;
    return text || before;
  }

  function read() {
    const known = data.systems.map(({ id }) => id);
    const setting = {
      // A system that is no longer on the page stays left out.
      without: [...systems.filter((box) => !box.checked).map((box) => box.value),
        ...data.settings.without.filter((id) => !known.includes(id))],
    };
    for (const { name, type, value, checked } of named) {
      setting[name] = typed(name, String(type === "checkbox" ? checked : value));
    }
    return setting;
  }

  function write(setting) {
    for (const box of systems) box.checked = !setting.without.includes(box.value);
    for (const field of named) {
      field[field.type === "checkbox" ? "checked" : "value"] = setting[field.name];
    }
  }

  function differing(setting, from) {
    return Object.keys(data.settings).filter((name) => String(setting[name]) !== String(from[name]));
  }

  function fromAddress() {
    const setting = { ...data.settings };
    for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
      if (Object.hasOwn(setting, name)) setting[name] = typed(name, text);
    }
    return setting;
  }

  function address(setting) {
    const parts = differing(setting, data.settings).map(
      (name) => `${name}=${encodeURIComponent(setting[name]).replaceAll("%2C", ",")}`);
    return parts.length ? `#${parts.join("&")}` : location.pathname + location.search;
  }

  function command(setting) {
    const set = differing(setting, data.defaults).map((name) => [name, setting[name]]);
    return ["aicompute build", ...[...set, ...Object.entries(data.also)].map(
      ([name, value]) => `--set ${name}=${value}`)].join(" ");
  }

  /* ---- The page ---- */

  const UNITS = { doubling_time_months: " months", growth_per_year: "×", factor: "×", moore: "×" };

  function sentence({ doubling_time_months: now }) {
    const before = report.made.doubling_time_months;
    if (!now || !before) return "Too few systems are left to draw a line through.";
    const [is, was, low, high] = [now.value, before.value, before.low, before.high].map(
      (months) => shown(months, 2));
    if (is === was) return `Compute doubles every ${is} months, as in this report (${low} to ${high}).`;
    if (!(now.value > 0 && now.value < Infinity)) return "Under this setting compute does not grow.";
    const pace = now.value > before.value ? "slower" : "faster";
    const where = now.value >= before.low && now.value <= before.high ? "within" : "outside";
    return `Compute doubles every ${is} months instead of ${was}: ${pace}, `
      + `${where} this report's range of ${low} to ${high}.`;
  }

  function showNumbers(made) {
    byId("sentence").textContent = sentence(made);
    for (const output of all("[data-result]")) {
      const name = output.dataset.result;
      const { value, low, high, note = "" } = made[name] ?? {};
      output.value = value ?? "";
      output.textContent = value === undefined ? "too few systems" : shown(value, 2) + (UNITS[name] ?? "");
      document.querySelector(`[data-note="${name}"]`).textContent = low === undefined
        ? note : `${shown(low, 2)} to ${shown(high, 2)}`;
    }
  }

  // Whether a control changes anything as the others stand; one that does not is put away.
  function acts({ name, type, value, checked, min, max, options }, setting) {
    const { without } = setting;
    const trace = (tried) => JSON.stringify(
      [fitted(tried).map((point) => [point.id, point.pfs_days]), tried.moore_doubling_months]);
    const tried = name === "system"
      ? [{ without: checked ? [...without, value] : without.filter((id) => id !== value) }]
      : { checkbox: [!checked], range: [Number(min), Number(max)],
        "select-one": [...(options ?? [])].map((option) => option.value) }[type]
        ?.map((other) => ({ [name]: other }));
    return !tried || tried.some((other) => trace({ ...setting, ...other }) !== trace(setting));
  }

  function showControls(setting) {
    const changed = differing(setting, data.settings);
    for (const field of controls) {
      const moved = field.name === "system"
        ? field.checked === data.settings.without.includes(field.value) : changed.includes(field.name);
      const control = field.closest(".live-control, .live-check");
      control.toggleAttribute("data-changed", moved);
      control.hidden = !moved && !acts(field, setting);
      const output = field.parentElement.querySelector("output");
      if (output) output.textContent = setting[field.name];
    }
    byId("hint").hidden = setting.values !== "published";
    byId("command").textContent = command(setting);
  }

  async function showChart({ points, line }, setting) {
    if (!view) return;
    // What stays on the page is this report's: where its points and their names were drawn.
    const before = new Map(view.data("baseline").map((row) => [row.id, row]));
    const rows = points.map(({ id, name, days, domain, pfs_days: value }) => ({
      label: name, align: "left", dx: 8, dy: 0, ...before.get(id), id, name, domain,
      date: days * DAY, pfs_days: value, shown: `${shown(value)} pfs-days`,
    }));
    const moves = rows.filter((row) => before.has(row.id))
      .map((row) => ({ ...row, before: before.get(row.id).pfs_days }))
      .filter((row) => row.before !== row.pfs_days);
    const [first, last] = [points[0], points.at(-1)];
    const ends = (valueOn) => (line ? [first.days, last.days] : []).map(
      (day) => ({ date: day * DAY, pfs_days: valueOn(day) }));
    const now = ends((day) => line.at(day));
    const moore = ends((day) => line.at(first.days)
      * 2 ** ((day - first.days) / data.days_per_month / setting.moore_doubling_months));
    const same = !moves.length && rows.length === before.size;
    view.data("now", rows).data("names", same ? rows : placed(rows, moves, [now, moore]))
      .data("moves", moves).data("now_line", now).data("moore_line", moore);
    await view.runAsync();
    makeReachable(chart);
  }

  /* ---- The names of points that moved, placed anew as aicompute/labels.py places them ---- */

  const [FONT, ROUNDS, RADIUS, OVERHANG, STRIP] = [11, 6, 6, 9, 8];

  // How much of a box the others cover, square pixels.
  function covered(box, others) {
    return others.reduce((sum, { left, right, top, bottom }) => (
      sum + Math.max(0, Math.min(box.right, right) - Math.max(box.left, left))
        * Math.max(0, Math.min(box.bottom, bottom) - Math.max(box.top, top))), 0);
  }

  function square(x, y, radius) {
    return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
  }

  // Squares along a line between two places.
  function strips([[x0, y0], [x1, y1]]) {
    const steps = Math.ceil(Math.hypot(x1 - x0, y1 - y0) / STRIP);
    return Array.from({ length: steps }, (_, step) => (step + 0.5) / steps).map(
      (share) => square(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, 3));
  }

  function standing(text, [x, y], [align, across, down, cost]) {
    const [dx, dy, length] = [across * FONT, down * FONT, data.label_character * FONT * text.length];
    const left = x + dx - { left: 0, right: length, center: length / 2 }[align];
    return { align, dx, dy, cost, left, right: left + length,
      top: y + dy - 0.6 * FONT, bottom: y + dy + 0.6 * FONT };
  }

  function placed(rows, moves, lines) {
    const [across, down] = [view.scale("x"), view.scale("y")];
    const [width, height] = [view.signal("width"), view.signal("height")];
    const at = ({ date, pfs_days: value }) => [across(date), down(value)];
    const frame = { left: 0, right: width + OVERHANG, top: 0, bottom: height };
    // A point beyond the axis is not drawn, and nor is its name.
    const seen = rows.filter((row) => at(row)[1] >= 0 && at(row)[1] <= height);
    const taken = [...seen.map((row) => square(...at(row), RADIUS)),
      ...moves.map((row) => square(across(row.date), down(row.before), RADIUS)),
      ...lines.filter((line) => line.length).flatMap((line) => strips(line.map(at)))];
    const places = seen.map((row) => data.label_places.map((place) => {
      const box = standing(row.label, at(row), place);
      const outside = (box.right - box.left) * (box.bottom - box.top) - covered(box, [frame]);
      return { ...box, cost: box.cost + 3 * outside + covered(box, taken) };
    }));
    const best = places.map(([first]) => first);
    for (let round = 0; round < ROUNDS; round += 1) {
      places.forEach((options, index) => {
        const others = best.filter((_, other) => other !== index);
        const costs = options.map((box) => box.cost + covered(box, others));
        best[index] = options[costs.indexOf(Math.min(...costs))];
      });
    }
    return best.map(({ align, dx, dy }, index) => ({ ...seen[index], align, dx, dy }));
  }

  /* ---- What the reader does ---- */

  function update() {
    const setting = read();
    const result = results(setting);
    showNumbers(result.made);
    showControls(setting);
    showChart(result, setting);
    return setting;
  }

  function moved() { history.replaceState(null, "", address(update())); }

  // Where a page may not copy, it says what there is to copy.
  async function copy(text, said) {
    const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
    byId("said").textContent = copied ? said : text;
  }

  form.addEventListener("input", moved);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    write(data.settings);
    moved();
  });
  byId("recounted").onclick = () => {
    form.elements.values.value = "recounted";
    moved();
  };
  byId("copy").onclick = () => copy(command(read()), "The command is copied.");
  byId("link").onclick = () => copy(location.href, "The address is copied.");
  chart.addEventListener("chart-live", ({ detail }) => {
    view = detail.view;
    update();
  });
  addEventListener("hashchange", start);
  start();

  function start() {
    write(fromAddress());
    update();
  }

  // The numbers and the chart stay in sight while a control beside or below them is moved.
  const figure = chart.closest("figure");
  const stage = make("div", { className: "live-stage" }, document.querySelector(".live-top"), chart);
  const board = make("div", { className: "live-board" }, stage, form);
  document.querySelector(".bd-article .cell").before(board, figure);
});
