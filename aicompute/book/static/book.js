/* What the pages do beyond being read: the colour mode, live charts, tables that sort and filter.
   Every page is complete without it. */
(() => {
  "use strict";

  // The theme asks for a mode; it is set here before the page is drawn, so that nothing flashes.
  const root = document.documentElement;
  root.classList.add("js");
  const stored = root.dataset.mode || "auto";
  root.dataset.mode = stored;
  if (stored === "auto") {
    root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  // From disk a browser refuses to fetch the text around a hit: search shows the titles alone.
  if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS === "object") {
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }

  /* ---- Charts ---- */

  const tip = document.createElement("div");
  tip.className = "chart-tip";
  tip.setAttribute("role", "tooltip");
  tip.id = "chart-tip";
  tip.hidden = true;

  function showTip(value, x, y) {
    const list = document.createElement("dl");
    for (const [name, text] of Object.entries(value)) {
      if (text === "" || text === "null") continue;
      const head = document.createElement("dt");
      const cell = document.createElement("dd");
      head.textContent = name;
      cell.textContent = text;
      list.append(head, cell);
    }
    tip.replaceChildren(list);
    tip.hidden = false;
    const room = tip.getBoundingClientRect();
    const right = x + 14 + room.width < innerWidth;
    tip.style.left = `${Math.max(6, right ? x + 14 : x - 14 - room.width)}px`;
    tip.style.top = `${Math.max(6, Math.min(y + 14, innerHeight - room.height - 6))}px`;
  }

  function hideTip() { tip.hidden = true; }

  function onPoint(handler, event, item, value) {
    if (value && typeof value === "object") showTip(value, event.clientX, event.clientY);
    else hideTip();
  }

  function makeReachable(live) {
    // Vega calls a mark without an item a symbol, which then has nothing to say.
    for (const mark of live.querySelectorAll('.role-mark[role="graphics-symbol"]:empty')) {
      mark.removeAttribute("role");
      mark.removeAttribute("aria-roledescription");
    }
    // Vega keeps on each element the item it draws: its tooltip, and the page it leads to.
    for (const path of live.querySelectorAll(".mark-symbol.role-mark path")) {
      const item = path.__data__;
      if (!item || !item.tooltip) continue;
      path.setAttribute("tabindex", "0");
      path.setAttribute("role", item.href ? "link" : "img");
      path.removeAttribute("aria-roledescription");
      const said = item.description || Object.values(item.tooltip).slice(0, 3).join(", ");
      path.setAttribute("aria-label", said);
    }
  }

  function listen(live) {
    live.addEventListener("focusin", (event) => {
      const item = event.target.__data__;
      if (!item || !item.tooltip) return;
      const box = event.target.getBoundingClientRect();
      showTip(item.tooltip, box.right, box.bottom);
    });
    live.addEventListener("focusout", hideTip);
    live.addEventListener("keydown", (event) => {
      const item = event.target.__data__;
      if (event.key === "Escape") hideTip();
      if (event.key === "Enter" && item && item.href) location.href = item.href;
    });
  }

  class Chart {
    constructor(element) {
      this.element = element;
      this.specs = JSON.parse(element.querySelector(".chart-spec").textContent);
      this.live = element.querySelector(".chart-live");
      this.live.setAttribute("role", "group");
      this.live.setAttribute("aria-label",
        element.querySelector(".chart-drawing").getAttribute("aria-label"));
      this.view = 0;
      this.buttons = [...element.querySelectorAll(".chart-switch button")];
      this.drawn = "";
      listen(this.live);
      this.buttons.forEach((button, view) => {
        button.addEventListener("click", () => this.switchTo(view));
      });
      if (this.buttons.length) this.addSteps(element.closest("section").querySelector("ol.steps"));
    }

    // What is said of each view, and a button that goes through them one after another.
    addSteps(list) {
      if (!list) return;
      this.steps = [...list.children];
      const next = document.createElement("button");
      next.textContent = "Next ›";
      next.addEventListener("click", () => this.switchTo((this.view + 1) % this.buttons.length));
      this.buttons[0].parentElement.append(next);
      list.setAttribute("aria-live", "polite");
      this.switchTo(0);
    }

    switchTo(view) {
      this.view = view;
      this.buttons.forEach((b, index) => b.setAttribute("aria-pressed", String(index === view)));
      this.steps?.forEach((step, index) => step.toggleAttribute("data-current", index === view));
      return this.draw();
    }

    room() { return this.element.clientWidth < 560 ? "narrow" : "wide"; }

    // In the colours that are shown, which a picture cannot look up, with twice the dots.
    async save() {
      const style = getComputedStyle(this.element);
      const colour = (name) => style.getPropertyValue(name).trim();
      const spec = JSON.parse(JSON.stringify(this.specs[this.drawn])
        .replace(/var\((--[\w-]+)\)/g, (_, name) => colour(name)));
      const made = await vegaEmbed(document.createElement("div"),
        { ...spec, background: colour("--chart-paper") }, { actions: false });
      const link = document.createElement("a");
      link.href = await made.view.toImageURL("png", 2);
      link.download = `${this.element.dataset.chart}.png`;
      link.click();
    }

    async draw() {
      const wanted = (this.buttons.length ? `${this.view}_` : "") + this.room();
      if (wanted === this.drawn || !this.element.clientWidth) return;
      this.drawn = wanted;
      const target = document.createElement("div");
      const made = await vegaEmbed(target, structuredClone(this.specs[wanted]), {
        renderer: "svg", actions: false, defaultStyle: false, tooltip: onPoint, hover: false,
      });
      if (wanted !== this.drawn) { made.finalize(); return; }
      if (this.made) this.made.finalize();
      this.made = made;
      target.querySelector("svg").removeAttribute("role");
      this.live.replaceChildren(target);
      this.live.hidden = false;
      this.element.dataset.live = wanted;
      makeReachable(this.live);
      this.element.dispatchEvent(new CustomEvent("chart-live",
        { detail: { view: made.view, meta: this.specs[wanted].usermeta } }));
    }
  }

  function startCharts() {
    const elements = document.querySelectorAll(".chart");
    if (!elements.length || typeof vegaEmbed !== "function") return;
    document.body.append(tip);
    const charts = new Map([...elements].map((element) => [element, new Chart(element)]));
    const observer = new ResizeObserver((changes) => {
      for (const change of changes) charts.get(change.target).draw();
    });
    for (const element of elements) observer.observe(element);
    addEventListener("scroll", hideTip, { passive: true });
    for (const button of document.querySelectorAll(".as-png")) {
      const chart = charts.get(button.closest(".chart-data").previousElementSibling);
      button.addEventListener("click", () => chart.save());
    }
  }

  /* ---- Tables ---- */

  const AROUND = ".table-scroll, .pst-scrollable-table-container";

  // What scrolls sideways can be scrolled by keys, too.
  function makeScrollable(box) {
    if (box.scrollWidth <= box.clientWidth) return;
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "A table that is wider than the page");
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (!head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        body.append(...sorted([...body.rows], column, down));
      });
    });
  }

  function sorted(rows, column, down) {
    const key = (row) => {
      const cell = row.cells[column];
      const number = cell.querySelector("data");
      return number ? Number(number.value) : cell.textContent.trim();
    };
    const missing = (value) => value === "" || value === "–" || Number.isNaN(value);
    return rows.sort((one, other) => {
      const [a, b] = [key(one), key(other)];
      if (missing(a) || missing(b)) return missing(a) - missing(b);  // always last
      const order = typeof a === "number" && typeof b === "number"
        ? a - b : String(a).localeCompare(String(b), "en");
      return down ? -order : order;
    });
  }

  function filterable(table) {
    const rows = [...table.tBodies[0].rows];
    const line = document.createElement("div");
    line.className = "table-filter";
    line.setAttribute("role", "search");
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = "words in a row";
    const count = document.createElement("output");
    const chosen = facets(table, rows);
    line.append(labelled("Filter", input), ...chosen.map((facet) => facet.label), count);
    table.closest(AROUND).before(line);
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        row.hidden = !words.every((word) => texts.get(row).includes(word))
          || !chosen.every((facet) => facet.takes(row));
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = shown < rows.length ? `${shown} of ${rows.length}` : `${rows.length} rows`;
    };
    line.addEventListener("input", apply);
    apply();
  }

  function facets(table, rows) {
    return [...table.tHead.rows[0].cells].filter(
      (head) => table.classList.contains(`facet-${head.cellIndex}`),
    ).map((head) => {
      const column = head.cellIndex;
      const values = [...new Set(rows.map((row) => row.cells[column].textContent))].sort();
      const select = document.createElement("select");
      select.append(new Option("all", ""), ...values.map((value) => new Option(value, value)));
      const takes = (row) => !select.value || row.cells[column].textContent === select.value;
      return { label: labelled(head.textContent.trim(), select), takes };
    });
  }

  function labelled(words, control) {
    const label = document.createElement("label");
    label.append(`${words} `, control);
    return label;
  }

  document.addEventListener("DOMContentLoaded", () => {
    // The theme leaves the title and the search beside the text outside every landmark.
    const aside = document.querySelector(".bd-sidebar-primary");
    aside.setAttribute("role", "complementary");
    aside.setAttribute("aria-label", "Title, search and contents");
    for (const fold of aside.querySelectorAll("summary")) {
      fold.setAttribute("aria-label", "Pages of this part");
    }
    for (const table of document.querySelectorAll("table.sortable")) {
      sortable(table);
      filterable(table);
    }
    document.querySelector(".btn-notebook-button")?.setAttribute("download", "");
    document.querySelectorAll(".cell_output .text_html").forEach(makeScrollable);
    startCharts();
  });

  window.bookCharts = { makeReachable };
})();
