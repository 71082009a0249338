// On every page: units, suggestions while typing, the compare tray, and the report of how long a page was looked at.
import { suggest } from "./suggest.js";
import { tray } from "./tray.js";

const page = document.body.dataset.page;
const aircraft = document.querySelector("[data-aircraft]")?.dataset.aircraft;

export function report(action, more = {}) {
  if (!page || !navigator.sendBeacon) return;
  const body = JSON.stringify({ action, page, ...more });
  navigator.sendBeacon("/api/v1/activity", new Blob([body], { type: "application/json" }));
}

function units() {
  const choices = document.querySelectorAll("[data-units-choice]");
  for (const choice of choices) {
    choice.addEventListener("click", (event) => {
      // Figures that were entered are converted by the server.
      if (document.querySelector(".range")) return;
      event.preventDefault();
      const system = choice.dataset.unitsChoice;
      document.documentElement.dataset.units = system;
      document.cookie = `units=${system}; path=/; max-age=31536000; samesite=lax`;
      for (const one of choices) one.toggleAttribute("aria-current", false);
      choice.setAttribute("aria-current", "true");
    });
  }
}

function dwell() {
  let visible = 0;
  let since = document.visibilityState === "visible" ? performance.now() : null;
  let told = false;
  const pause = () => {
    if (since !== null) visible += performance.now() - since;
    since = null;
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") since = performance.now();
    else pause();
  });
  addEventListener("pagehide", () => {
    pause();
    if (told) return;
    told = true;
    const onAircraft = page.startsWith("/aircraft/") && aircraft ? { aircraft_id: aircraft } : {};
    report("LEAVE", { dwell_ms: Math.min(Math.round(visible), 86400000), ...onAircraft });
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    visible = 0;
    since = performance.now();
    told = false;
  });
}

function shortcuts() {
  addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = document.querySelector("[data-suggest] input");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

units();
dwell();
shortcuts();
for (const holder of document.querySelectorAll("[data-suggest]")) suggest(holder);
tray((id) => report("COMPARE", { aircraft_id: id }));
