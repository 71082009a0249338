// One aircraft: the views of the last hour move on while somebody looks.
import { line } from "./chart.js";

const EVERY_MS = 4000;
const id = document.querySelector(".aircraft").dataset.aircraft;
const count = document.querySelector("[data-pulse-count]");
const chart = document.querySelector("[data-pulse-chart]");

async function refresh() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(`/api/v1/aircraft/${encodeURIComponent(id)}/pulse`);
    if (!answer.ok) return;
    const pulse = await answer.json();
    count.textContent = pulse.last_hour.toLocaleString("en");
    if (pulse.per_minute.length) line(chart, pulse.per_minute);
  } catch {
    // The page stays as it is until the site answers again.
  }
}

setInterval(refresh, EVERY_MS);
