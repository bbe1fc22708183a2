/* What every page does beyond being read: the colour mode, tips, live charts, tables that sort and
   filter. A page is complete without it. */
(() => {
  "use strict";

  // The theme asks for a mode; it is set here before the page is drawn, so that nothing flashes.
  const root = document.documentElement;
  root.classList.add("js");
  root.dataset.mode ||= "auto";
  if (root.dataset.mode === "auto") {
    root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  // Paper is light, whatever the screen was: code and tables have their colours by mode.
  let shown = "";
  addEventListener("beforeprint", () => { [shown, root.dataset.theme] = [root.dataset.theme, "light"]; });
  addEventListener("afterprint", () => { root.dataset.theme = shown; });
  // From disk a browser refuses to fetch the text around a hit: search shows the titles alone.
  if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS === "object") {
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  function make(tag, given = {}, ...children) {
    const made = Object.assign(document.createElement(tag), given);
    made.append(...children);
    return made;
  }

  /* ---- Tips: numbers, terms and dots say more as they are pointed at, focused or tapped ---- */

  const TELLING = "a.number, a.term, .chart-live path";
  const tip = make("div", { className: "chart-tip", role: "tooltip", id: "chart-tip", hidden: true });
  let [told, pointer, before, touched, hiding] = [null, null, null, false, 0];

  // Of a drawn mark, the item that Vega keeps on its element.
  function wordsOf(part) {
    const tooltip = part.__data__?.tooltip;
    if (!tooltip) return part.dataset.tip;
    const rows = Object.entries(tooltip).filter(([, text]) => text !== "" && text !== "null");
    return make("dl", {}, ...rows.flatMap(
      ([name, text]) => [make("dt", {}, name), make("dd", {}, text)]));
  }

  function partAt({ target }) {
    const part = target.closest?.(TELLING);
    return part && (!part.ownerSVGElement || part.__data__?.tooltip) ? part : null;
  }

  function hideTip() {
    clearTimeout(hiding);
    told?.removeAttribute("aria-describedby");
    told = null;
    tip.hidden = true;
  }

  // Beside the pointer on a chart, else right under what the tip is about.
  function tell(part, at = null) {
    if (!part) return;
    clearTimeout(hiding);
    if (part !== told) hideTip();
    if (part.title) {  // else the browser would show it a second time
      part.dataset.tip = part.title;
      part.removeAttribute("title");
    }
    [told, pointer] = [part, at];
    part.setAttribute("aria-describedby", tip.id);
    place();
  }

  function place() {
    const box = pointer ?? told?.getClientRects()[0];
    if (!told || !box || box.bottom < 0 || box.top > innerHeight) {
      hideTip();
      return;
    }
    tip.replaceChildren(wordsOf(told));
    tip.hidden = false;
    const room = tip.getBoundingClientRect();
    const below = box.bottom + room.height < innerHeight;
    tip.style.left = `${Math.max(6, Math.min(box.right, innerWidth - room.width - 6))}px`;
    tip.style.top = `${below ? box.bottom : Math.max(0, box.top - room.height)}px`;
  }

  function startTips() {
    const on = (kind, act) => document.addEventListener(kind, act, true);
    document.body.append(tip);
    on("pointerover", (event) => {
      const [part, { clientX: x, clientY: y }] = [partAt(event), event];
      if (event.target === tip) clearTimeout(hiding);
      else if (event.pointerType === "mouse") {
        tell(part, part?.ownerSVGElement ? new DOMRect(x, y - 14, 14, 28) : null);
      }
    });
    on("pointerout", () => {
      if (told !== document.activeElement) hiding = setTimeout(hideTip, 250);
    });
    on("pointerdown", (event) => {
      [before, touched] = [told, event.pointerType !== "mouse"];
      if (!partAt(event)) hideTip();
    });
    on("focusin", (event) => tell(partAt(event)));
    on("focusout", hideTip);
    on("keydown", (event) => {
      touched = false;
      if (event.key === "Escape") hideTip();
      const address = event.target.__data__?.href;
      if (event.key === "Enter" && address) location.href = address;
    });
    // A first tap tells, a second one follows the link.
    on("click", (event) => {
      const part = partAt(event);
      if (!touched || !part || part === before || part.matches(".drag, [role=slider]")) return;
      event.preventDefault();
      event.stopPropagation();
      tell(part);
    });
    addEventListener("scroll", place, { passive: true });
  }

  /* ---- Charts ---- */

  function makeReachable(live) {
    // Vega calls a mark without an item a symbol, which then has nothing to say.
    for (const mark of all('.role-mark[role="graphics-symbol"]:empty', live)) {
      Object.assign(mark, { role: null, ariaRoleDescription: null });
    }
    for (const path of all(".mark-symbol.role-mark path", live)) {
      const { tooltip, href, description } = path.__data__ ?? {};
      if (tooltip) {
        Object.assign(path, {
          role: href ? "link" : "img",
          tabIndex: 0,
          ariaLabel: description || Object.values(tooltip).slice(0, 3).join(", "),
          ariaRoleDescription: null,
        });
      }
    }
  }

  class Chart {
    view = 0;
    drawn = "";

    constructor(element) {
      const part = (selector) => element.querySelector(selector);
      this.element = element;
      this.specs = JSON.parse(part(".chart-spec").textContent);
      this.live = part(".chart-live");
      Object.assign(this.live, { role: "group", ariaLabel: part(".chart-drawing").ariaLabel });
      this.buttons = all(".chart-switch button", element);
      this.buttons.forEach((button, view) => { button.onclick = () => this.goTo(view); });
      element.nextElementSibling.querySelector(".as-png").onclick = () => this.save();
      const steps = this.buttons.length && element.closest("section").querySelector("ol.steps");
      if (steps) this.addSteps(steps);
      new ResizeObserver(() => this.draw()).observe(element);
    }

    // What is said of each view goes by under the chart, which shows the view of what is read.
    addSteps(list) {
      this.steps = [...list.children];
      this.element.after(list);
      const onward = () => this.goTo((this.view + 1) % this.buttons.length);
      this.buttons[0].parentElement.append(make("button", { onclick: onward }, "Next ›"));
      const reading = new IntersectionObserver((seen) => {
        const step = seen.find((entry) => entry.isIntersecting)?.target;
        if (step) this.switchTo(this.steps.indexOf(step));
      }, { rootMargin: "-90% 0px -9% 0px" });
      for (const step of this.steps) reading.observe(step);
      this.switchTo(0);
    }

    goTo(view) {
      this.switchTo(view);
      const step = this.steps?.[view];
      if (!step) return;
      const top = parseFloat(getComputedStyle(this.element).top);
      step.style.scrollMarginTop = `${this.element.offsetHeight + top + 8}px`;
      step.scrollIntoView();
    }

    switchTo(view) {
      this.view = view;
      this.buttons.forEach((button, at) => { button.ariaPressed = String(at === view); });
      this.steps?.forEach((step, at) => step.toggleAttribute("data-current", at === view));
      this.draw();
    }

    async draw() {
      const width = this.element.clientWidth;
      const wanted = (this.buttons.length ? `${this.view}_` : "") + (width < 560 ? "narrow" : "wide");
      if (wanted === this.drawn || !width) return;
      this.drawn = wanted;
      const target = make("div");
      const made = await vegaEmbed(target, structuredClone(this.specs[wanted]), {
        renderer: "svg", actions: false, defaultStyle: false, hover: false, tooltip: () => {},
      });
      if (wanted !== this.drawn) {
        made.finalize();
        return;
      }
      this.made?.finalize();
      this.made = made;
      target.querySelector("svg").role = null;
      this.live.replaceChildren(target);
      this.live.hidden = false;
      this.element.dataset.live = wanted;
      makeReachable(this.live);
      const detail = { view: made.view, meta: this.specs[wanted].usermeta };
      this.element.dispatchEvent(new CustomEvent("chart-live", { detail }));
    }

    // In the colours that are shown, which a picture cannot look up, with twice the dots.
    async save() {
      const colour = (name) => {
        tip.style.color = `var(${name})`;
        return getComputedStyle(tip).color;
      };
      const spec = JSON.stringify({ ...this.specs[this.drawn], background: "var(--chart-paper)" })
        .replace(/var\((--[\w-]+)\)/g, (_, name) => colour(name));
      tip.style.color = "";
      const { view } = await vegaEmbed(make("div"), JSON.parse(spec), { actions: false });
      const href = await view.toImageURL("png", 2);
      make("a", { href, download: `${this.element.dataset.chart}.png` }).click();
    }
  }

  /* ---- Tables ---- */

  const AROUND = ".table-scroll, .pst-scrollable-table-container";
  const LONG = 10;

  function sortable(table) {
    const [body, heads] = [table.tBodies[0], [...table.tHead.rows[0].cells]];
    for (const head of heads.filter((cell) => cell.textContent.trim())) {
      const sort = () => {
        const order = head.ariaSort === "ascending" ? "descending" : "ascending";
        for (const other of heads) other.ariaSort = null;
        head.ariaSort = order;
        body.append(...sorted([...body.rows], head.cellIndex, order === "ascending" ? 1 : -1));
      };
      head.append(make("button", { className: "sort", onclick: sort }, ...head.childNodes));
    }
  }

  function sorted(rows, column, sign) {
    const valueOf = ({ cells }) => (
      cells[column].querySelector("data")?.value ?? cells[column].textContent.trim());
    const missing = (value) => ["", "–", "nan"].includes(value);
    return rows.sort((one, other) => {
      const [a, b] = [valueOf(one), valueOf(other)];
      // What is missing stands last in both orders; texts have no difference as numbers have.
      return missing(a) - missing(b) || sign * (a - b || a.localeCompare(b, "en"));
    });
  }

  // A field for words, and a choice for each column of few values that the table names.
  function filterable(table) {
    const [rows, heads] = [[...table.tBodies[0].rows], [...table.tHead.rows[0].cells]];
    const textOf = (row, head) => row.cells[head.cellIndex].textContent;
    const field = make("input", { type: "search", placeholder: "words in a row" });
    const count = make("output");
    const few = heads.filter((head) => table.classList.contains(`facet-${head.cellIndex}`));
    const chosen = few.map((head) => {
      const values = [...new Set(rows.map((row) => textOf(row, head)))].sort();
      const options = values.map((value) => new Option(value, value));
      return { head, select: make("select", {}, new Option("all", ""), ...options) };
    });
    const apply = () => {
      const words = field.value.toLowerCase().split(/\s+/);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word))
          || chosen.some(({ head, select }) => select.value && select.value !== textOf(row, head));
      }
      const shown = rows.filter((row) => !row.hidden).length;
      count.textContent = shown < rows.length ? `${shown} of ${rows.length}` : `${rows.length} rows`;
    };
    const selects = chosen.map(
      ({ head, select }) => make("label", {}, `${head.textContent.trim()} `, select));
    table.closest(AROUND).before(
      make("div", { className: "table-filter", role: "search", oninput: apply },
        make("label", {}, "Filter ", field), ...selects, count));
    apply();
  }

  // A long table shows its first rows, as it is sorted, and all of them at a click or a search.
  function foldable(table) {
    const { length } = table.tBodies[0].rows;
    if (length <= LONG) return;
    const around = table.closest(AROUND);
    const unfold = () => {
      table.classList.remove("folded");
      button.remove();
    };
    const button = make("button", { className: "all-rows", onclick: unfold }, `All ${length} rows`);
    around.previousElementSibling?.addEventListener("input", unfold);
    around.after(button);
    table.classList.add("folded");
  }

  document.addEventListener("DOMContentLoaded", () => {
    // The theme leaves the title and the search beside the text outside every landmark.
    const aside = document.querySelector(".bd-sidebar-primary");
    Object.assign(aside, { role: "complementary", ariaLabel: "Title, search and contents" });
    for (const fold of all("summary", aside)) fold.ariaLabel = "Pages of this part";
    for (const table of all("table.sortable")) {
      filterable(table);
      sortable(table);
    }
    all("table.table").forEach(foldable);
    // What scrolls sideways can be scrolled by keys, too.
    const wide = all(".cell_output .text_html").filter((box) => box.scrollWidth > box.clientWidth);
    const said = { tabIndex: 0, role: "group", ariaLabel: "A table that is wider than the page" };
    for (const box of wide) Object.assign(box, said);
    startTips();
    if (typeof vegaEmbed === "function") all(".chart").forEach((element) => new Chart(element));
  });

  window.book = Object.assign(window.book ?? {}, { all, make, makeReachable });
})();
