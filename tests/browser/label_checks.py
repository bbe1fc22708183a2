"""What hides the words of the charts on an open page, how small they are, and whose they seem."""

#: Every fault as a text: words on words, on a dot or on a line; a label nearer to another dot.
FAULTS = """() => [...document.querySelectorAll('.chart-live svg')].flatMap(svg => {
  const of = svg.closest('.chart').dataset.chart, slack = 1.5;
  const seen = part => part.getClientRects().length && part.getAttribute('opacity') !== '0'
    && part.closest('[opacity="0"]') === null;
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const box = part => {
    // A line of text is taller than its letters.
    const { left, right, top, bottom } = part.getBoundingClientRect();
    const spare = part.tagName === 'text' ? 3 : 0;
    return { left, right, top: top + spare, bottom: bottom - spare };
  };
  const within = (a, x, y, room = 0) => Math.min(
    a.right - x + room, x + room - a.left, a.bottom - y + room, y + room - a.top) > slack;
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > slack;
  const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent && seen(t))
    .map(part => ({ part, words: part.textContent, box: box(part) }));
  const marks = kind => [...svg.querySelectorAll(`.mark-${kind}.role-mark > *`)].filter(seen);
  const dots = marks('symbol').map(part => ({ part, item: part.__data__, box: box(part) }));
  const middle = ({ box: b }) => [(b.left + b.right) / 2, (b.top + b.bottom) / 2];
  // Places along what is drawn, 3 pixels apart.
  const drawn = ['line', 'rule', 'rect'].flatMap(marks).filter(part =>
    part.getAttribute('stroke') && part.getAttribute('stroke') !== 'none'
    && part.getTotalLength() > 0).flatMap(part => {
    const at = part.getScreenCTM(), long = part.getTotalLength();
    return Array.from({ length: Math.ceil(long / 3) + 1 }, (_, n) =>
      part.getPointAtLength(Math.min(3 * n, long)).matrixTransform(at));
  });
  const gap = ({ box: b }, [x, y]) => Math.hypot(
    Math.max(b.left - x, x - b.right, 0), Math.max(b.top - y, y - b.bottom, 0));
  return texts.flatMap((text, index) => {
    const { words, box: b, part } = text, item = part.__data__;
    const own = item?.mark && dots.find(({ item: dot }) => dot.mark.group === item.mark.group
      && Math.hypot(dot.x - item.x, dot.y - item.y) < 0.5);
    const near = own ? dots.filter(dot => dot.item.mark.group === item.mark.group) : [];
    return [
      ...texts.slice(index + 1).filter(other => meet(b, other.box))
        .map(other => `on "${other.words}"`),
      ...dots.filter(dot => within(b, ...middle(dot), 0.4 * (dot.box.right - dot.box.left)))
        .map(dot => `on the dot ${dot.item.datum.name || dot.item.datum.label || ''}`),
      ...drawn.some(({ x, y }) => within(b, x, y)) ? ['on a line'] : [],
      ...near.filter(dot => gap(text, middle(dot)) < gap(text, middle(own)) - 5 * scale)
        .map(dot => `nearer to ${dot.item.datum.name || dot.item.datum.label}`),
      ...parseFloat(getComputedStyle(part).fontSize) * scale < 11.99 ? ['too small'] : [],
    ].map(fault => `${of}: "${words}" ${fault}`);
  });
})"""
