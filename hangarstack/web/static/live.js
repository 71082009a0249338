// The live page: what the stream sends replaces what the server rendered, piece by piece.
import { line } from "./chart.js";
import { changes, flow, health, latency, ranked } from "./panels.js";

const root = document.querySelector("[data-live]");
const lamp = root.querySelector("[data-lamp]");
const state = root.querySelector("[data-state]");
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const shown = new Map();

function count(element, to) {
  const from = shown.get(element) ?? Number(element.textContent.replace(/\D/g, ""));
  shown.set(element, to);
  if (from === to) return;
  const holder = element.parentElement;
  holder.classList.remove("moved");
  void holder.offsetWidth;
  holder.classList.add("moved");
  if (still || Math.abs(to - from) < 2) {
    element.textContent = to.toLocaleString("en");
    return;
  }
  const begin = performance.now();
  const step = (now) => {
    if (shown.get(element) !== to) return;
    const done = Math.min(1, (now - begin) / 420);
    element.textContent = Math.round(from + (to - from) * done).toLocaleString("en");
    if (done < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

const show = {
  totals(totals) {
    for (const [key, value] of Object.entries(totals)) {
      const holder = root.querySelector(`[data-total="${key}"]`);
      if (!holder) continue;
      count(holder.querySelector("dd"), value);
      if (key === "dead_letters") holder.classList.toggle("bad", value > 0);
    }
  },
  per_minute(values) {
    if (!values.length) return;
    const peak = line(root.querySelector("[data-chart]"), values);
    root.querySelector("[data-chart-peak]").textContent = peak.toLocaleString("en");
    root.querySelector("[data-chart-latest]").textContent = values.at(-1).toLocaleString("en");
  },
  sessions(sessions) {
    for (const [key, value] of Object.entries(sessions)) {
      const place = root.querySelector(`[data-sessions] [data-key="${key}"]`);
      if (place) place.textContent = value.toLocaleString("en");
    }
  },
  flow: (rows) => flow(root.querySelector("[data-flow]"), rows),
  health: (rows) => health(root.querySelector("[data-health] tbody"), rows),
  latency: (rows) => latency(root.querySelector("[data-latency] tbody"), rows),
  changes: (rows) => changes(root.querySelector("[data-changes]"), rows),
};

function apply(picture) {
  for (const [key, value] of Object.entries(picture)) {
    const list = root.querySelector(`[data-ranked="${key}"]`);
    if (list) ranked(list, value);
    else show[key]?.(value);
  }
}

function tell(kind, text) {
  lamp.className = `lamp ${kind}`;
  if (state.textContent !== text) state.textContent = text;
}

function listen() {
  const stream = new EventSource(root.dataset.live);
  const hear = (event) => {
    tell("on", "Live");
    apply(JSON.parse(event.data));
  };
  stream.addEventListener("snapshot", hear);
  stream.addEventListener("change", hear);
  stream.addEventListener("open", () => tell("on", "Live"));
  stream.addEventListener("error", () => {
    tell("off", "Connection lost; trying again");
    // The browser gives up after an answer that is no stream; we do not.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 4000);
  });
  addEventListener("pagehide", () => stream.close());
}

addEventListener("pageshow", (event) => {
  if (event.persisted) listen();
});
listen();
