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

  const make = (tag, given = {}) => Object.assign(document.createElement(tag), given);
  const tip = make("div", { className: "chart-tip", role: "tooltip", id: "chart-tip", hidden: true });

  function fillTip(value) {
    const list = make("dl");
    for (const [name, text] of Object.entries(value)) {
      if (text === "" || text === "null") continue;
      list.append(make("dt", { textContent: name }), make("dd", { textContent: text }));
    }
    tip.replaceChildren(typeof value === "string" ? value : list);
    tip.hidden = false;
  }

  function showTip(value, x, y) {
    fillTip(value);
    const room = tip.getBoundingClientRect();
    const right = x + 14 + room.width < innerWidth;
    tip.style.left = `${Math.max(6, right ? x + 14 : x - 14 - room.width)}px`;
    tip.style.top = `${Math.max(6, Math.min(y + 14, innerHeight - room.height - 6))}px`;
  }

  function onPoint(handler, event, item, value) {
    if (told) return;
    if (value && typeof value === "object") showTip(value, event.clientX, event.clientY);
    else tip.hidden = true;
  }

  /* Numbers, terms and dots say more as they are pointed at, focused or tapped; Escape hides it. */

  const DOT = ".chart-live path[tabindex]";
  let [told, before, touched, hiding] = [null, null, false, 0];

  function hideTip() {
    clearTimeout(hiding);
    told?.removeAttribute("aria-describedby");
    told = null;
    tip.hidden = true;
  }

  function tell(part) {
    if (part) clearTimeout(hiding);
    if (!part || part === told) return;
    hideTip();
    if (part.title) {  // else the browser would show it a second time
      part.dataset.tip = part.title;
      part.removeAttribute("title");
    }
    told = part;
    part.setAttribute("aria-describedby", tip.id);
    place();
  }

  // Right under what it is about, also as that scrolls.
  function place() {
    const box = told?.getClientRects()[0];
    if (!box || box.bottom < 0 || box.top > innerHeight) hideTip();
    else if (told.matches(DOT)) showTip(told.__data__.tooltip, box.right, box.bottom);
    else {
      fillTip(told.dataset.tip);
      const room = tip.getBoundingClientRect();
      const below = box.bottom + room.height < innerHeight;
      tip.style.left = `${Math.max(6, Math.min(box.left, innerWidth - room.width - 6))}px`;
      tip.style.top = `${below ? box.bottom : Math.max(0, box.top - room.height)}px`;
    }
  }

  function startTips() {
    const TELLING = `a.number, a.term, ${DOT}`;
    const at = ({ target }) => target.closest?.(TELLING);
    const on = (kind, act) => document.addEventListener(kind, act, true);
    document.body.append(tip);
    on("pointerover", (event) => {
      if (event.target === tip) clearTimeout(hiding);
      else if (event.pointerType === "mouse" && !at(event)?.matches(DOT)) tell(at(event));
    });
    on("pointerout", () => { if (told !== document.activeElement) hiding = setTimeout(hideTip, 250); });
    on("pointerdown", (event) => {
      [before, touched] = [told, event.pointerType !== "mouse"];
      if (!at(event)) hideTip();
    });
    on("focusin", (event) => tell(at(event)));
    on("focusout", hideTip);
    on("keydown", (event) => {
      touched = false;
      if (event.key === "Escape") hideTip();
      const item = event.target.__data__;
      if (event.key === "Enter" && item?.href) location.href = item.href;
    });
    // A first tap tells, a second one follows the link.
    on("click", (event) => {
      const part = at(event);
      if (!touched || !part || part === before || part.matches(".drag, [role=slider]")) return;
      event.preventDefault();
      event.stopPropagation();
      tell(part);
    });
    addEventListener("scroll", place, { passive: true });
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
      this.buttons.forEach((button, view) => {
        button.addEventListener("click", () => this.goTo(view));
      });
      if (this.buttons.length) this.addSteps(element.closest("section").querySelector("ol.steps"));
    }

    // What is said of each view goes by under the chart, which shows the view of what is read.
    addSteps(list) {
      if (!list) return;
      this.steps = [...list.children];
      this.element.after(list);
      const next = make("button", { textContent: "Next ›" });
      next.addEventListener("click", () => this.goTo((this.view + 1) % this.buttons.length));
      this.buttons[0].parentElement.append(next);
      const read = new IntersectionObserver((seen) => {
        const step = seen.find((entry) => entry.isIntersecting)?.target;
        if (step) this.switchTo(this.steps.indexOf(step));
      }, { rootMargin: "-90% 0px -9% 0px" });
      for (const step of this.steps) read.observe(step);
      this.switchTo(0);
    }

    goTo(view) {
      this.switchTo(view);
      const step = this.steps?.[view], { top } = getComputedStyle(this.element);
      if (step) step.style.scrollMarginTop = `${this.element.offsetHeight + parseFloat(top) + 8}px`;
      step?.scrollIntoView();
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
      const made = await vegaEmbed(make("div"),
        { ...spec, background: colour("--chart-paper") }, { actions: false });
      const href = await made.view.toImageURL("png", 2);
      make("a", { href, download: `${this.element.dataset.chart}.png` }).click();
    }

    async draw() {
      const wanted = (this.buttons.length ? `${this.view}_` : "") + this.room();
      if (wanted === this.drawn || !this.element.clientWidth) return;
      this.drawn = wanted;
      const target = make("div");
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
    const saves = [...document.querySelectorAll(".as-png")].map(
      (button) => [button, button.closest(".chart-data").previousElementSibling]);
    const charts = new Map([...elements].map((element) => [element, new Chart(element)]));
    const observer = new ResizeObserver((changes) => {
      for (const change of changes) charts.get(change.target).draw();
    });
    for (const element of elements) observer.observe(element);
    for (const [button, element] of saves) {
      button.addEventListener("click", () => charts.get(element).save());
    }
  }

  /* ---- Tables ---- */

  const AROUND = ".table-scroll, .pst-scrollable-table-container";
  const LONG = 10;

  // What scrolls sideways can be scrolled by keys, too.
  function makeScrollable(box) {
    if (box.scrollWidth <= box.clientWidth) return;
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "A table that is wider than the page");
  }

  // A long table shows its first rows, as it is sorted, and all of them at a click or a search.
  function foldable(table) {
    const { rows } = table.tBodies[0];
    if (rows.length <= LONG) return;
    const unfold = () => { table.classList.remove("folded"); button.remove(); };
    const button = make("button", { className: "all-rows", textContent: `All ${rows.length} rows`, onclick: unfold });
    table.closest(AROUND).previousElementSibling?.addEventListener("input", unfold);
    table.closest(AROUND).after(button);
    table.classList.add("folded");
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (!head.textContent.trim()) return;
      const button = make("button", { type: "button", className: "sort" });
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
    const line = make("div", { className: "table-filter", role: "search" });
    const input = make("input", { type: "search", placeholder: "words in a row" });
    const count = make("output");
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
      const select = make("select");
      select.append(new Option("all", ""), ...values.map((value) => new Option(value, value)));
      const takes = (row) => !select.value || row.cells[column].textContent === select.value;
      return { label: labelled(head.textContent.trim(), select), takes };
    });
  }

  function labelled(words, control) {
    const label = make("label");
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
    document.querySelectorAll("table.table").forEach(foldable);
    document.querySelectorAll(".cell_output .text_html").forEach(makeScrollable);
    startTips();
    startCharts();
  });

  window.bookCharts = { makeReachable };
})();
