// What the visitor has put aside to compare; kept for the tab.
const KEY = "compare";
const MOST = 4;

const load = () => {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => one?.id && one?.name).slice(0, MOST) : [];
  } catch {
    return [];
  }
};

export function tray(added) {
  const holder = document.querySelector("[data-tray]");
  if (!holder) return;
  let kept = load();

  const show = () => {
    holder.querySelector("ul").replaceChildren(...kept.map((one) => {
      const item = document.createElement("li");
      item.textContent = one.name;
      return item;
    }));
    holder.querySelector("a").href = `/compare?ids=${kept.map((one) => encodeURIComponent(one.id)).join(",")}`;
    holder.hidden = kept.length === 0;
    for (const button of document.querySelectorAll("[data-compare]")) {
      const on = kept.some((one) => one.id === button.dataset.compare);
      button.hidden = false;
      button.setAttribute("aria-pressed", String(on));
      button.textContent = on ? "✓ Compare" : "+ Compare";
      button.disabled = !on && kept.length >= MOST;
    }
  };
  const keep = (next) => {
    kept = next;
    try {
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // Storage is off: the tray lasts as long as the page.
    }
    show();
  };

  for (const button of document.querySelectorAll("[data-compare]")) {
    button.addEventListener("click", () => {
      const { compare: id, name } = button.dataset;
      const there = kept.some((one) => one.id === id);
      keep(there ? kept.filter((one) => one.id !== id) : [...kept, { id, name }]);
      if (!there) added(id);
    });
  }
  holder.querySelector("button").addEventListener("click", () => keep([]));
  show();
}
