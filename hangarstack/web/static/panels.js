// The panels of the live page, built as the server's templates build them; text only, never markup.
const SVG = "http://www.w3.org/2000/svg";
const PAGES = {
  "": "Arrival",
  "/": "Catalogue",
  "/aircraft/<id>": "Aircraft",
  "/aircraft/<id>/edit": "Editing",
  "/compare": "Compare",
  "/analytics": "Analytics",
  "/contracts": "Contracts",
  "/contracts/<name>": "A contract",
};

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  if (text !== "") made.textContent = text;
  if (className) made.className = className;
  return made;
}

function link(address, text) {
  const made = element("a", text);
  made.href = address;
  return made;
}

function bar(share) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "bar");
  svg.setAttribute("viewBox", "0 0 100 4");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, width] of [["bar-track", 100], ["bar-fill", share]]) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", name);
    rect.setAttribute("width", String(width));
    rect.setAttribute("height", "4");
    svg.append(rect);
  }
  return svg;
}

function list(holder, rows, name, empty) {
  if (!rows.length) return holder.replaceChildren(element("p", empty, "empty"));
  const greatest = Math.max(...rows.map((row) => row.value)) || 1;
  const ordered = element("ol", "", "ranked");
  for (const row of rows) {
    const item = element("li");
    const label = element("span", "", "ranked-name");
    label.append(name(row));
    item.append(label, element("span", row.value.toLocaleString("en"), "ranked-value"));
    item.append(bar(Math.round((1000 * row.value) / greatest) / 10));
    ordered.append(item);
  }
  holder.replaceChildren(ordered);
}

function row(head, cells) {
  const made = element("tr");
  const th = element("th", head);
  th.scope = "row";
  made.append(th, ...cells.map((cell) => {
    const td = element("td");
    td.append(cell);
    return td;
  }));
  return made;
}

function table(body, rows) {
  if (rows.length) return body.replaceChildren(...rows);
  const made = element("tr");
  const cell = element("td", body.dataset.empty, "empty");
  cell.colSpan = 4;
  made.append(cell);
  body.replaceChildren(made);
}

export function ranked(holder, rows) {
  const searched = "linked" in holder.dataset;
  const name = (one) => {
    if (one.id) return link(`/aircraft/${encodeURIComponent(one.id)}`, one.name);
    return searched ? link(`/?${new URLSearchParams({ q: one.name })}`, one.name) : one.name;
  };
  list(holder, rows, name, holder.dataset.empty);
}

export function flow(holder, rows) {
  const page = (template) => PAGES[template] ?? template;
  list(holder, rows, (one) => `${page(one.from)} → ${page(one.to)}`, "Nobody has moved yet.");
}

export function health(body, rows) {
  table(body, rows.map((one) => row(one.component, [
    element("span", one.state, `state ${one.state}${one.part ? "" : " guest"}`), String(one.instances), String(one.errors),
  ])));
}

export function latency(body, rows) {
  const ms = (value) => (value === null ? "no events" : value.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
  table(body, rows.map((one) => row(one.service, [
    ms(one.p50_ms), ms(one.p99_ms), one.events.toLocaleString("en"),
  ])));
}

export function changes(holder, rows) {
  if (!rows.length) return holder.replaceChildren(element("li", holder.dataset.empty, "empty"));
  holder.replaceChildren(...rows.map((one) => {
    const item = element("li");
    const what = one.fields.join(", ") || one.operation;
    const at = one.at.slice(0, 16).replace("T", " ");
    item.append(link(`/aircraft/${encodeURIComponent(one.id)}`, one.name), " ",
      element("small", `version ${one.version}, ${what}, ${at} UTC`));
    return item;
  }));
}
